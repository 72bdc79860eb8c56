"""Samples the memory of a process tree: private and shared pages, without mapped files."""

from __future__ import annotations

import pathlib
import threading

from harness import descendants, memory_bytes, resident_bytes


def cpu_seconds(pid: int) -> float:
    """Processor time of the threads of pid and all below it that still live, finer than the clock ticks of /proc/PID/stat."""
    total = 0
    for process in [pid, *descendants(pid)]:
        for task in pathlib.Path(f"/proc/{process}/task").glob("*/schedstat"):
            try:
                total += int(task.read_text().split()[0])
            except (OSError, IndexError):
                continue
    return total / 1e9


class Meter:
    def __init__(self, pid: int, every_seconds: float = 0.02, shared: bool = False):
        self.pid, self.every, self.peak_bytes = pid, every_seconds, 0
        self.bytes = memory_bytes if shared else resident_bytes
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self.sample, daemon=True)

    def sample(self):
        while not self.stop.wait(self.every):
            self.peak_bytes = max(self.peak_bytes, self.bytes(self.pid))

    def __enter__(self) -> Meter:
        self.peak_bytes = self.bytes(self.pid)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        self.thread.join()
