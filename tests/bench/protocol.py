"""What a kernel costs before anybody computes: its start, a cell's way there and back, prints, memory; beside ipykernel."""

from __future__ import annotations

import contextlib
import os
import pathlib
import socket
import statistics
import time

from jupyter_client.manager import KernelManager

from harness import descendants

STARTS, TRIPS, PRINTS = 10, 300, 100_000
# The goals, in the unit of the figure.
GOALS = {"start": 150, "first": None, "trip": 3, "sum": None, "prints": 1000, "rest": 60, "used": None}
NAMES = {
    "start": "start to the first idle, ms",
    "first": "start to the first result, ms",
    "trip": "round trip of an empty cell, ms",
    "sum": "round trip of 1 + 1, ms",
    "prints": f"{PRINTS:,} prints in one cell, ms",
    "rest": "memory at rest after an empty cell (PSS), MB",
    "used": "memory at rest after all of these, MB",
}
CELLS = {
    "rivulet": f'import "fmt"\nfor i := range {PRINTS} {{\n\tfmt.Println(i)\n}}',
    "python3": f"for i in range({PRINTS}):\n    print(i)",
}


class Started:
    """A kernel that has been idle. Its client connects as soon as it listens: a client's own way of trying again would be
    measured otherwise."""

    def __init__(self, name: str):
        self.manager = KernelManager(kernel_name=name)
        self.began = time.perf_counter()
        self.manager.start_kernel(env={**os.environ, "RIVULET_HISTORY": "off", "IPYTHONDIR": "/nonexistent"})
        for port in (self.manager.iopub_port, self.manager.shell_port):
            while True:
                with socket.socket() as probe:
                    if probe.connect_ex((self.manager.ip, port)) == 0:
                        break
                time.sleep(0.001)
        self.client = self.manager.client()
        self.client.start_channels(hb=False, stdin=False)
        # What is published before the subscription has arrived is lost.
        self.client.kernel_info()
        while not self.client.iopub_channel.socket.poll(10):
            self.client.kernel_info()
        self.idle(self.client.kernel_info())

    def close(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)

    def idle(self, request: str) -> str:
        """Waits for the reply and the idle status of a request; gives the text that it printed."""
        text = []
        while True:
            message = self.client.get_iopub_msg(timeout=120)
            if message["parent_header"].get("msg_id") != request:
                continue
            if message["msg_type"] == "stream":
                text.append(message["content"]["text"])
            if message["msg_type"] == "error":
                raise RuntimeError(message["content"]["evalue"])
            if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
                break
        while self.client.get_shell_msg(timeout=120)["parent_header"].get("msg_id") != request:
            pass
        return "".join(text)

    def run(self, code: str) -> tuple[float, str]:
        """Milliseconds and what was printed."""
        start = time.perf_counter()
        text = self.idle(self.client.execute(code))
        return (time.perf_counter() - start) * 1000, text

    def pss(self) -> float:
        """Megabytes of the kernel and all below it; a page that several processes share counts in parts."""
        total = 0
        for pid in (self.manager.provisioner.pid, *descendants(self.manager.provisioner.pid)):
            with contextlib.suppress(OSError):
                for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                    if line.startswith("Pss:"):
                        total += int(line.split()[1]) * 1024
        return total / 1e6


def start(name: str) -> dict:
    """One start: until it is idle, until a first result is there, and what it holds then."""
    kernel = Started(name)
    try:
        figures = {"start": (time.perf_counter() - kernel.began) * 1000}
        kernel.run("1 + 1")
        figures["first"] = (time.perf_counter() - kernel.began) * 1000
    finally:
        kernel.close()
    return figures


def at_work(name: str) -> dict:
    kernel = Started(name)
    try:
        kernel.run("")
        time.sleep(3)
        figures = {"rest": kernel.pss()}
        figures["trip"] = statistics.median(kernel.run("")[0] for _ in range(TRIPS))
        figures["sum"] = statistics.median(kernel.run("1 + 1")[0] for _ in range(TRIPS))
        took, text = kernel.run(CELLS[name])
        assert text == "".join(f"{i}\n" for i in range(PRINTS)), f"{len(text)} characters of the prints came"
        figures["prints"] = min([took, *(kernel.run(CELLS[name])[0] for _ in range(2))])
        time.sleep(3)
        figures["used"] = kernel.pss()
    finally:
        kernel.close()
    return figures


def report() -> dict:
    print("\nThe kernel, all processes of it, beside ipykernel: the medians of several, of the prints the best of three\n")
    figures = {}
    for name in CELLS:
        starts = [start(name) for _ in range(STARTS)]
        figures[name] = {key: statistics.median(s[key] for s in starts) for key in starts[0]} | at_work(name)
    print(f"{'':46}{'rivulet':>10}{'ipykernel':>12}{'goal':>8}")
    for key, goal in GOALS.items():
        ours, theirs = figures["rivulet"][key], figures["python3"][key]
        note = "  over the goal" if goal is not None and ours > goal else ""
        print(f"{NAMES[key]:46}{ours:10.1f}{theirs:12.1f}{goal or '':>8}{note}")
    return figures
