"""What the tests share: the binary, a kernel with everything that it sends, and the process tree below it."""

from __future__ import annotations

import os
import pathlib
import queue
import subprocess
import time
from dataclasses import dataclass, field

from jupyter_client.manager import KernelManager

ROOT = pathlib.Path(__file__).resolve().parent.parent
BINARY = ROOT / "bin" / "rivulet"
NOTEBOOKS = ROOT / "notebooks"
DATA = NOTEBOOKS / "data"
OUT = ROOT / "tests" / "out"
SOAK = bool(os.environ.get("RIVULET_SOAK"))
TIMEOUT = 120


@dataclass
class Display:
    """One display_data, update_display_data or execute_result."""

    kind: str
    display_id: str | None
    data: dict
    metadata: dict
    at: float  # seconds since the request

    @property
    def facts(self) -> dict:
        """What a progressive result says about itself."""
        return self.metadata.get("rivulet", {})


@dataclass
class Cell:
    """One execution: its reply and everything published for it, in order."""

    reply: dict
    messages: list[dict] = field(default_factory=list)
    times: list[float] = field(default_factory=list)

    def stream(self, name: str) -> str:
        return "".join(
            m["content"]["text"]
            for m in self.messages
            if m["msg_type"] == "stream" and m["content"]["name"] == name
        )

    @property
    def stdout(self) -> str:
        return self.stream("stdout")

    @property
    def stderr(self) -> str:
        return self.stream("stderr")

    @property
    def error(self) -> dict | None:
        errors = [m["content"] for m in self.messages if m["msg_type"] == "error"]
        assert len(errors) <= 1, f"{len(errors)} errors published for one cell"
        return errors[0] if errors else None

    @property
    def error_text(self) -> str:
        assert self.error is not None, f"the cell did not fail: {self.text}"
        return f"{self.error['ename']}: {self.error['evalue']}\n" + "\n".join(self.error["traceback"])

    @property
    def displays(self) -> list[Display]:
        kinds = ("display_data", "update_display_data", "execute_result")
        return [
            Display(
                m["msg_type"],
                m["content"].get("transient", {}).get("display_id"),
                m["content"]["data"],
                m["content"]["metadata"],
                at,
            )
            for m, at in zip(self.messages, self.times)
            if m["msg_type"] in kinds
        ]

    @property
    def text(self) -> str:
        """The plain text of everything shown; of a display that was updated, the last state."""
        shown: dict = {}
        for number, display in enumerate(self.displays):
            shown[display.display_id or number] = display.data.get("text/plain", "")
        return self.stdout + "\n".join(shown.values())

    def ok(self) -> "Cell":
        assert self.error is None, self.error_text
        assert self.reply["content"]["status"] == "ok", self.reply["content"]
        return self


class Kernel:
    """A real kernel under a real client."""

    def __init__(self, env: dict | None = None, cwd: pathlib.Path | None = None, stderr=None, kernel_name: str = "rivulet"):
        self.manager = KernelManager(kernel_name=kernel_name)
        options = {"env": {**os.environ, **(env or {})}}
        if cwd is not None:
            options["cwd"] = str(cwd)
        if stderr is not None:
            options["stderr"] = stderr
        self.manager.start_kernel(**options)
        self.client = self.manager.client()
        self.client.start_channels()
        try:
            self.client.wait_for_ready(timeout=60)
        except RuntimeError:
            self.close()
            raise

    def __enter__(self) -> "Kernel":
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)

    @property
    def pid(self) -> int:
        return self.manager.provisioner.pid

    @property
    def session_pid(self) -> int:
        """The child that runs the cells."""
        children = [p for p in descendants(self.pid) if b"session" in command_line(p).split(b"\0")]
        assert len(children) == 1, f"{len(children)} sessions below the kernel"
        return children[0]

    def send(self, code: str, **options) -> tuple[str, float]:
        # A client that takes no input is not a terminal: displays are live, as in a notebook.
        options.setdefault("allow_stdin", False)
        return self.client.execute(code, **options), time.monotonic()

    def collect(self, sent: tuple[str, float], timeout: float = TIMEOUT, on_message=None) -> Cell:
        """Waits for the reply and the idle status; on_message sees every message as it comes."""
        msg_id, start = sent
        cell = Cell(reply={})
        deadline = start + timeout
        while True:
            try:
                message = self.client.get_iopub_msg(timeout=max(0.01, deadline - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"no idle after {timeout} s; so far: {cell.messages[-3:]}") from None
            if message["parent_header"].get("msg_id") != msg_id:
                continue
            if message["msg_type"] == "status":
                if message["content"]["execution_state"] == "idle":
                    break
                continue
            cell.messages.append(message)
            cell.times.append(time.monotonic() - start)
            if on_message is not None:
                on_message(message)
        while True:
            reply = self.client.get_shell_msg(timeout=max(0.01, deadline - time.monotonic()))
            if reply["parent_header"].get("msg_id") == msg_id:
                cell.reply = reply
                return cell

    def run(self, code: str, timeout: float = TIMEOUT, on_message=None, **options) -> Cell:
        return self.collect(self.send(code, **options), timeout, on_message)


def descendants(pid: int) -> list[int]:
    """All processes below pid."""
    below = []
    for task in pathlib.Path(f"/proc/{pid}/task").glob("*"):
        try:
            children = (task / "children").read_text().split()
        except OSError:
            continue
        for child in map(int, children):
            below += [child, *descendants(child)]
    return below


def command_line(pid: int) -> bytes:
    try:
        return pathlib.Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def cpu_seconds(pid: int) -> float:
    """Processor time of one process so far."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_bytes(pid: int) -> int:
    """Private and shared pages of pid and all below it, without mapped files."""
    return tree_bytes(pid, "smaps_rollup", ("Pss_Anon:", "Pss_Shmem:"))


def resident_bytes(pid: int) -> int:
    """As memory_bytes, but pages that two processes share count twice. It costs the process nothing, where going over the page
    table of gigabytes would stop its allocations."""
    return tree_bytes(pid, "status", ("RssAnon:", "RssShmem:"))


def tree_bytes(pid: int, file: str, fields: tuple[str, ...]) -> int:
    """What fields of a file in /proc say of pid and all below it."""
    total = 0
    for process in [pid, *descendants(pid)]:
        try:
            lines = pathlib.Path(f"/proc/{process}/{file}").read_text().splitlines()
        except OSError:
            continue
        for line in lines:
            if line.startswith(fields):
                total += int(line.split()[1]) * 1024
    return total


def eventually(check, timeout: float = 10.0, what: str = "condition"):
    """Polls until check gives something true."""
    deadline = time.monotonic() + timeout
    while True:
        value = check()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not after {timeout} s")
        time.sleep(0.05)


def rivulet(*args, cwd=None, env=None, timeout=TIMEOUT) -> subprocess.CompletedProcess:
    """Runs the binary and gives what it printed."""
    return subprocess.run(
        [str(BINARY), *map(str, args)],
        cwd=cwd,
        env={**os.environ, **(env or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout,
    )


def quoted(path) -> str:
    """A path as a Go string literal."""
    return '"' + str(path).replace("\\", "\\\\").replace('"', '\\"') + '"'
