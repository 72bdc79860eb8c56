"""A client below jupyter_client: sockets of its own over a connection file, so that a test sees every message and can stop reading."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import time

import zmq
from jupyter_client.connect import write_connection_file
from jupyter_client.session import Session

from harness import BINARY, eventually


class Wire:
    """One client. Its identity is the front end's choice; "" leaves it to the kernel."""

    def __init__(self, connection_file: str | pathlib.Path, identity: bytes | None = None, subscribe: bool = True):
        facts = json.loads(pathlib.Path(connection_file).read_text())
        self.facts = facts
        self.session = Session(key=facts["key"].encode(), signature_scheme=facts["signature_scheme"])
        identity = self.session.bsession if identity is None else identity
        self.context = zmq.Context()
        self.shell = self.open(zmq.DEALER, "shell_port", identity)
        self.control = self.open(zmq.DEALER, "control_port", identity)
        self.stdin = self.open(zmq.DEALER, "stdin_port", identity)
        self.iopub = self.open(zmq.SUB, "iopub_port", b"")
        if subscribe:
            self.iopub.subscribe(b"")
            assert self.receive(self.iopub)["msg_type"] == "iopub_welcome"

    def open(self, kind: int, port: str, identity: bytes) -> zmq.Socket:
        socket = self.context.socket(kind)
        socket.linger = 0
        socket.rcvhwm = 0
        if identity:
            socket.identity = identity
        between = "-" if self.facts["transport"] == "ipc" else ":"
        socket.connect(f"{self.facts['transport']}://{self.facts['ip']}{between}{self.facts[port]}")
        return socket

    def __enter__(self) -> "Wire":
        return self

    def __exit__(self, *_):
        self.context.destroy(linger=0)

    def send(self, kind: str, content: dict, channel: str = "shell") -> str:
        message = self.session.msg(kind, content)
        self.session.send(getattr(self, channel), message)
        return message["header"]["msg_id"]

    def execute(self, code: str, **options) -> str:
        content = {"code": code, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": False}
        return self.send("execute_request", {**content, **options})

    def receive(self, socket: zmq.Socket, timeout: float = 60) -> dict:
        assert socket.poll(timeout * 1000), f"nothing came within {timeout} s"
        return self.session.deserialize(self.session.feed_identities(socket.recv_multipart())[1])

    def reply(self, request: str, channel: str = "shell", timeout: float = 60) -> dict:
        """The next message of a channel, which has to be the reply to a request."""
        message = self.receive(getattr(self, channel), timeout)
        assert message["parent_header"]["msg_id"] == request, message
        return message

    def ask(self, kind: str, content: dict, channel: str = "shell", timeout: float = 60) -> dict:
        return self.reply(self.send(kind, content, channel), channel, timeout)["content"]

    def published(self, request: str, timeout: float = 60) -> list[dict]:
        """Everything published for a request, from busy to idle; messages of others pass by."""
        found = []
        while True:
            message = self.receive(self.iopub, timeout)
            if message["parent_header"].get("msg_id") != request:
                continue
            found.append(message)
            if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
                return found

    def run(self, code: str, timeout: float = 60, **options) -> tuple[dict, list[dict]]:
        request = self.execute(code, **options)
        messages = self.published(request, timeout)
        return self.reply(request, timeout=timeout)["content"], messages


def printed(messages: list[dict], name: str = "stdout") -> str:
    return "".join(m["content"]["text"] for m in messages if m["msg_type"] == "stream" and m["content"]["name"] == name)


class Process:
    """A kernel that no manager starts or ends. Without an env of its own it keeps no history."""

    def __init__(self, folder: pathlib.Path, env: dict | None = None, **facts):
        self.file = folder / "connection.json"
        write_connection_file(str(self.file), **{"key": b"secret", **facts})
        self.log = folder / "log"
        env = env or {**os.environ, "RIVULET_HISTORY": "off"}
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen([BINARY, "kernel", "--connection-file", self.file], env=env, stderr=log)

    def __enter__(self) -> "Process":
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    def ended(self, timeout: float = 15) -> int:
        """The status of the process, which has to end by itself."""
        start = time.monotonic()
        eventually(lambda: self.process.poll() is not None, timeout=timeout, what="the kernel ends")
        assert time.monotonic() - start < timeout
        return self.process.returncode
