"""Samples the memory of a process tree: private and shared pages, without mapped files."""

import threading

from harness import memory_bytes


class Meter:
    def __init__(self, pid: int, every_seconds: float = 0.02):
        self.pid, self.every, self.peak_bytes = pid, every_seconds, 0
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self.sample, daemon=True)

    def sample(self):
        while not self.stop.wait(self.every):
            self.peak_bytes = max(self.peak_bytes, memory_bytes(self.pid))

    def __enter__(self) -> "Meter":
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        self.thread.join()
