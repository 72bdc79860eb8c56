"""The engines as the benchmark drives them, all alike: load, run, first, digest. A peer is a process of peer.py, ours a kernel."""

from __future__ import annotations

import json
import os
import pathlib
import re
import subprocess
import sys
import time

from digest import digest
from harness import OUT, Kernel, quoted
from meter import Meter
from ops import Op

HERE = pathlib.Path(__file__).resolve().parent
TIMEOUT = 1200


class Failed(Exception):
    """An engine gave no answer; missing where it has no such operation."""

    def __init__(self, text: str, missing: bool = False):
        super().__init__(text)
        self.missing = missing


def comparison(op: Op, names: dict) -> dict:
    return {
        "inexact": list(op.inexact),
        "order": [names[c] for c in op.order],
        "sums": list(op.sums),
    }


class Peer:
    def __init__(self, name: str, threads: int, python: str = sys.executable):
        self.name = name
        self.log = open(OUT / f"bench-{name}.log", "a")  # noqa: SIM115
        self.process = subprocess.Popen(
            [python, HERE / "peer.py", name, str(threads)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
            env={**os.environ, "POLARS_MAX_THREADS": str(threads), "OMP_NUM_THREADS": str(threads)},
        )

    @property
    def pid(self) -> int:
        return self.process.pid

    def meter(self) -> Meter:
        return Meter(self.pid, shared=self.name == "modin")

    def call(self, do: str, **arguments) -> dict:
        self.process.stdin.write(json.dumps({"do": do, **arguments}) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise Failed(f"{self.name}: the process ended with {self.process.wait()}")
        answer = json.loads(line)
        if "error" in answer:
            raise Failed(f"{self.name}: {answer['error']}")
        return answer

    def load(self, files: dict, memory: bool):
        self.call("load", files={name: str(path) for name, path in files.items()}, memory=memory)

    def run(self, op: Op, names: dict) -> float:
        return self.call("run", op=op.name, names=names)["seconds"]

    def first(self, op: Op, names: dict) -> float | None:
        """None where the rows come all at once, at the end."""
        return self.call("first", op=op.name, names=names)["seconds"]

    def digest(self, op: Op, names: dict) -> dict:
        return self.call("digest", **comparison(op, names))

    def close(self):
        # What is still running in it is of no use to anybody.
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()
        self.log.close()


MISSING = re.compile(r"undefined|has no field or method|unknown function")


class Rivulet:
    name = "rivulet"

    def __init__(self, threads: int, env: dict | None = None):
        self.kernel = Kernel(env={"GOMAXPROCS": str(threads), **(env or {})})
        self.tables = {}
        self.cell('import ("context"; "fmt"; "runtime"; "time")\nvar (\n\tbegan time.Time\n\tanswer *frame.Frame\n\terr error\n)')

    @property
    def pid(self) -> int:
        return self.kernel.pid

    def meter(self) -> Meter:
        return Meter(self.pid)

    def cell(self, code: str) -> str:
        cell = self.kernel.run(code, timeout=TIMEOUT)
        if cell.error is not None:
            text = re.sub(r"\x1b\[[0-9;]*m", "", cell.error_text)
            raise Failed(f"rivulet: {text[:500]}", missing=MISSING.search(text) is not None)
        return cell.stdout

    def load(self, files: dict, memory: bool):
        for name, path in files.items():
            if memory:
                self.cell(f"{name}, err := Read({quoted(path)}).Collect()\nif err != nil {{\n\tpanic(err)\n}}")
            self.tables[name] = name if memory else f"Read({quoted(path)})"

    def query(self, op: Op, names: dict) -> str:
        return op.go.format_map({**names, **self.tables})

    def forget(self):
        """Gives the last answer back. The cell that assigns a variable holds what was in it until it has ended."""
        self.cell("answer = nil")
        self.cell("runtime.GC()")

    def run(self, op: Op, names: dict) -> float:
        self.forget()
        lines = ["began = time.Now()", f"answer, err = {self.query(op, names)}.Collect()", "fmt.Print(time.Since(began).Seconds())"]
        return float(self.cell("\n".join([*lines, "if err != nil {\n\tpanic(err)\n}"])))

    def stream(self, op: Op, names: dict) -> float:
        """Seconds until the answer has passed by, of which nothing is kept."""
        self.forget()
        lines = [
            "began = time.Now()",
            f"for record, err := range {self.query(op, names)}.Records(context.Background()) {{",
            "\tif err != nil {\n\t\tpanic(err)\n\t}",
            "\trecord.Release()\n}",
            "fmt.Print(time.Since(began).Seconds())",
        ]
        return float(self.cell("\n".join(lines)))

    def first(self, op: Op, names: dict) -> float:
        """Seconds from the request of a cell that shows the frame to the first table with rows, as a notebook gets it."""
        self.forget()
        rows = []
        began = time.monotonic()

        def on_message(message):
            if "<td" in message["content"].get("data", {}).get("text/html", "") and not rows:
                rows.append(time.monotonic() - began)
                self.kernel.manager.interrupt_kernel()

        self.kernel.run(self.query(op, names), timeout=TIMEOUT, on_message=on_message)
        if not rows:
            raise Failed("rivulet: a frame was shown without rows")
        return rows[0]

    def digest(self, op: Op, names: dict) -> dict:
        path = OUT / "answer.arrow"
        self.cell(f"if err := answer.Write({quoted(path)}); err != nil {{\n\tpanic(err)\n}}")
        return read_digest(path, op, names)

    def close(self):
        self.kernel.close()


def read_digest(path: pathlib.Path, op: Op, names: dict) -> dict:
    import polars as pl

    answer = digest(pl.read_ipc(path), **comparison(op, names))
    path.unlink()
    return answer
