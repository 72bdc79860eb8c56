"""Clients: several at once, such as stop reading, such as have no name; transports, keys, and the ends of a kernel."""

import json
import os
import signal
import socket
import subprocess
import sys
import time

import pytest
import zmq

from harness import Kernel, descendants, eventually
from wire import Process, Wire, printed

FLOOD = 'import ("fmt"; "strings")\npad := strings.Repeat("x", 99)\nfor range 450_000 {\n\tfmt.Println(pad)\n}'


@pytest.fixture
def process(tmp_path):
    with Process(tmp_path) as kernel:
        yield kernel


def test_two_clients_get_their_own_replies(process):
    with Wire(process.file) as one, Wire(process.file) as two:
        requests = []
        for n in range(10):
            requests += [(one, n, one.execute(f"{n}")), (two, 100 + n, two.execute(f"{100 + n}"))]
        counts = [client.reply(request)["content"]["execution_count"] for client, _, request in requests]
        assert sorted(counts) == list(range(1, 21)), "a count was used twice"
        # Both see everything that is published, in the same order.
        seen = []
        for client in (one, two):
            order = []
            while len(order) < 20:
                message = client.receive(client.iopub)
                if message["msg_type"] == "execute_result":
                    order.append(message["content"]["data"]["text/plain"])
            seen.append(order)
        assert seen[0] == seen[1] and sorted(seen[0], key=int) == sorted((str(n) for _, n, _ in requests), key=int)


def test_a_question_goes_to_the_client_that_runs_the_cell(process):
    with Wire(process.file) as one, Wire(process.file) as two:
        request = two.execute('import "fmt"\nvar word string\nfmt.Scan(&word)\nfmt.Print(word)', allow_stdin=True)
        question = two.receive(two.stdin)
        assert not one.stdin.poll(0)
        # Another client's answer is no answer.
        one.session.send(one.stdin, "input_reply", {"value": "wrong"}, parent=question)
        two.session.send(two.stdin, "input_reply", {"value": "right"}, parent=question)
        assert printed(two.published(request)) == "right"


def test_clients_without_a_name(process):
    with Wire(process.file, identity=b"") as one, Wire(process.file, identity=b"") as two:
        first, second = one.execute("1"), two.execute("2")
        assert two.reply(second)["content"]["status"] == one.reply(first)["content"]["status"] == "ok"


def test_a_client_that_comes_again_under_its_name(process):
    with Wire(process.file, identity=b"same"):
        pass
    with Wire(process.file, identity=b"same") as again:
        assert again.run("1")[0]["status"] == "ok"


def test_a_subscriber_that_stops_reading_holds_up_nobody(process):
    """It is let go when its queue is full and it reads nothing for two seconds; the others get everything."""
    with Wire(process.file) as reader, Wire(process.file) as stalled:
        stalled.iopub.close()
        unread = stalled.context.socket(zmq.SUB)
        unread.linger, unread.rcvhwm, unread.rcvbuf = 0, 1, 4096
        unread.subscribe(b"")
        unread.connect(f"tcp://{reader.facts['ip']}:{reader.facts['iopub_port']}")
        reader.run("1")
        # More than is queued for one.
        for _ in range(2):
            reply, messages = reader.run(FLOOD, timeout=120)
            assert reply["status"] == "ok" and len(printed(messages)) == 45_000_000
        eventually(lambda: "stopped reading" in process.log.read_text(), timeout=5, what="a line in the log")
        assert reader.run("20 + 22")[0]["status"] == "ok"


def test_nothing_is_missing_after_the_welcome(process):
    with Wire(process.file) as wire:
        for n in range(30):
            with Wire(process.file, subscribe=False) as late:
                late.iopub.subscribe(b"")
                assert late.receive(late.iopub)["msg_type"] == "iopub_welcome"
                request = wire.execute(f"{n}")
                states = [m["content"].get("execution_state") for m in late.published(request)]
                assert states[0] == "busy" and states[-1] == "idle"
            wire.reply(request)


@pytest.mark.parametrize(
    "facts",
    [{"key": b""}, {"transport": "ipc", "ip": "a folder/with spaces/socket"}, {"ip": "127.0.0.2"}, {"ip": "::1"}],
    ids=["empty key", "ipc", "other loopback", "IPv6"],
)
def test_connections(tmp_path, facts):
    if facts.get("transport") == "ipc":
        (tmp_path / "a folder/with spaces").mkdir(parents=True)
        facts = {**facts, "ip": str(tmp_path / facts["ip"])}
    if facts.get("ip") == "::1":
        facts = {"ip": "::1", **ports_of_ipv6()}
    with Process(tmp_path, **facts) as kernel:
        eventually(lambda: kernel.process.poll() is not None or listens(kernel.file), what="the kernel listens")
        with IPv6(kernel.file) if facts.get("ip") == "::1" else Wire(kernel.file) as wire:
            reply, messages = wire.run("6 * 7")
            assert reply["status"] == "ok"
            assert wire.ask("shutdown_request", {"restart": False}, "control")["restart"] is False
        assert kernel.ended() == 0
    if facts.get("transport") == "ipc":
        assert not list((tmp_path / "a folder/with spaces").iterdir()), "sockets are left behind"


def ports_of_ipv6() -> dict:
    names = ("shell_port", "iopub_port", "stdin_port", "control_port", "hb_port")
    sockets = [socket.socket(socket.AF_INET6) for _ in names]
    for s in sockets:
        s.bind(("::1", 0))
    ports = {name: s.getsockname()[1] for name, s in zip(names, sockets)}
    for s in sockets:
        s.close()
    return ports


def listens(file) -> bool:
    facts = json.loads(file.read_text())
    if facts["transport"] == "ipc":
        return os.path.exists(f"{facts['ip']}-{facts['shell_port']}")
    try:
        socket.create_connection((facts["ip"], facts["shell_port"]), 1).close()
    except OSError:
        return False
    return True


class IPv6(Wire):
    def open(self, kind, port, identity):
        facts, self.facts = self.facts, {**self.facts, "ip": "[::1]"}
        try:
            self.context.ipv6 = True
            return super().open(kind, port, identity)
        finally:
            self.facts = facts


@pytest.mark.parametrize("channel", ["shell", "control"])
@pytest.mark.parametrize("restart", [False, True])
def test_shutdown(process, channel, restart):
    """The reply comes, and all that was printed before; the process ends with status 0 and leaves nothing."""
    with Wire(process.file) as wire:
        wire.run("1")
        below = descendants(process.process.pid)
        assert below
        request = wire.execute('import "fmt"\nfor i := range 20_000 {\n\tfmt.Println(i)\n}')
        if channel == "control":  # which would overtake it
            wire.reply(request)
        ends = wire.send("shutdown_request", {"restart": restart}, channel)
        assert printed(wire.published(request)) == "".join(f"{i}\n" for i in range(20_000))
        if channel == "shell":
            wire.reply(request)
        assert wire.reply(ends, channel)["content"] == {"status": "ok", "restart": restart}
        assert "shutdown_reply" in [m["msg_type"] for m in wire.published(ends)]
        assert process.ended() == 0
        eventually(lambda: not any(os.path.exists(f"/proc/{p}") for p in below), what="the session ends")


def busy(process) -> Wire:
    wire = Wire(process.file)
    wire.execute('import "fmt"\nfmt.Println("started")\nfor {\n}')
    while (message := wire.receive(wire.iopub))["msg_type"] != "stream":
        pass
    assert message["content"]["text"] == "started\n"
    return wire


@pytest.mark.parametrize("end", ["shutdown", "SIGTERM", "SIGKILL"])
def test_end_while_busy(process, end):
    with busy(process) as wire:
        below = descendants(process.process.pid)
        assert below
        began = time.monotonic()
        if end == "shutdown":
            wire.send("shutdown_request", {"restart": True}, "control")
        else:
            process.process.send_signal(getattr(signal, end))
        process.ended()
        assert time.monotonic() - began < 5
        eventually(lambda: not any(os.path.exists(f"/proc/{p}") for p in below), what="the session ends")


def test_end_with_the_parent(tmp_path):
    """A kernel whose starter dies without a word ends as well."""
    script = (
        "import os, sys, pathlib; sys.path.insert(0, sys.argv[1]); from wire import Process\n"
        "p = Process(pathlib.Path(sys.argv[2]), env={**os.environ, 'JPY_PARENT_PID': str(os.getpid())})\n"
        "print(p.process.pid, flush=True); sys.stdin.read()"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", script, os.path.dirname(__file__), tmp_path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        pid = int(parent.stdout.readline())
        with Wire(tmp_path / "connection.json") as wire:
            assert wire.run("1")[0]["status"] == "ok"
            parent.kill()
            parent.wait()
            eventually(lambda: not os.path.exists(f"/proc/{pid}") or zombie(pid), what="the kernel ends")
    finally:
        parent.kill()
        parent.wait()
        parent.stdin.close()
        parent.stdout.close()


def zombie(pid: int) -> bool:
    with open(f"/proc/{pid}/stat") as stat:
        return stat.read().rpartition(")")[2].split()[0] == "Z"


def test_restart_while_busy():
    with Kernel() as kernel:
        kernel.send('import "fmt"\nfmt.Println("started")\nfor {\n}')
        while kernel.client.get_iopub_msg(timeout=30)["msg_type"] != "stream":
            pass
        below = descendants(kernel.pid)
        kernel.client.stop_channels()
        kernel.manager.restart_kernel(now=False)
        kernel.client = kernel.manager.client()
        kernel.client.start_channels()
        kernel.client.wait_for_ready(timeout=60)
        assert kernel.run("1 + 1").ok().reply["content"]["execution_count"] == 1
        assert not any(os.path.exists(f"/proc/{p}") for p in below), "the old session goes on"
