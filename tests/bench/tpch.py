"""TPC-H from Parquet files: every query on every engine in a fresh process, with the peak of its memory. Answers are compared with DuckDB's."""

from __future__ import annotations

import contextlib
import math
import os
import pathlib
import statistics
import subprocess
import sys
from decimal import Decimal

from engines import TIMEOUT, Failed, Rivulet
from harness import OUT, quoted
from meter import Meter, cpu_seconds
from tpch_data import QUERIES, cell, generate

HERE = pathlib.Path(__file__).resolve().parent
RUNS = 3  # warm ones
ENGINES = ["rivulet", "polars", "polars-streaming", "duckdb"]  # that have all queries


class Ours:
    def __init__(self, threads: int, folder: pathlib.Path, query: str, answer: pathlib.Path):
        self.engine, self.query, self.answer = Rivulet(threads), query, answer
        for text in (cell("tables"), cell(query), f"all := open({quoted(folder)})"):
            self.engine.cell(text)

    @property
    def pid(self) -> int:
        return self.engine.pid

    def run(self) -> float:
        self.engine.forget()
        lines = ["began = time.Now()", f"answer, err = {self.query}(all).Collect()", "fmt.Print(time.Since(began).Seconds())"]
        return float(self.engine.cell("\n".join([*lines, "if err != nil {\n\tpanic(err)\n}"])))

    def finish(self):
        self.engine.cell(f"if err := answer.Write({quoted(self.answer)}); err != nil {{\n\tpanic(err)\n}}")

    def close(self):
        self.engine.close()


class Other:
    def __init__(self, name: str, threads: int, folder: pathlib.Path, query: str, answer: pathlib.Path):
        self.log = open(OUT / f"bench-{name}.log", "a")  # noqa: SIM115
        self.name = name
        self.process = subprocess.Popen(
            [sys.executable, HERE / "tpch_peer.py", name, str(threads), folder, query, answer],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
            env={**os.environ, "POLARS_MAX_THREADS": str(threads)},
        )

    @property
    def pid(self) -> int:
        return self.process.pid

    def run(self) -> float:
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise Failed(f"{self.name}: the process ended with {self.process.wait()}")
        return float(line)

    def finish(self):
        self.process.stdin.close()
        self.process.wait(timeout=TIMEOUT)

    def close(self):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()
        self.log.close()


def measured(name: str, threads: int, folder: pathlib.Path, query: str) -> tuple[dict, pathlib.Path]:
    answer = OUT / f"tpch-{name}.arrow"
    answer.unlink(missing_ok=True)
    made = Ours(threads, folder, query, answer) if name == "rivulet" else Other(name, threads, folder, query, answer)
    with contextlib.closing(made) as engine:
        with Meter(engine.pid) as meter:
            cold = engine.run()
        before, times = cpu_seconds(engine.pid), [engine.run() for _ in range(RUNS)]
        figures = {"cold": cold, "warm": statistics.median(times), "cpu": (cpu_seconds(engine.pid) - before) / RUNS, "peak": meter.peak_bytes}
        engine.finish()
    return figures, answer


def same(a, b) -> bool:
    """polars rounds a product of decimals to the digits of its operands, which others keep."""
    if isinstance(a, (float, Decimal)) or isinstance(b, (float, Decimal)):
        return a is not None and b is not None and math.isclose(a, b, rel_tol=1e-6)
    return a == b


def differs(got: pathlib.Path, want: pathlib.Path) -> bool:
    import polars as pl

    if not got.exists() or not want.exists():
        return True
    a, b = pl.read_ipc(got), pl.read_ipc(want)
    return a.columns != b.columns or a.height != b.height or any(not same(x, y) for c in b.columns for x, y in zip(a[c].to_list(), b[c].to_list()))


def ratio(line: dict, figure: str) -> float | None:
    """The best peer's figure over ours: above 1 we are ahead."""
    ours = line.get("rivulet", {}).get(figure)
    peers = [e[figure] for name, e in line.items() if name != "rivulet" and figure in e]
    return min(peers) / ours if ours and peers else None


def mean(ratios) -> float:
    known = [r for r in ratios if r]
    return statistics.geometric_mean(known) if known else math.nan


def report(setup, scale: str, only: list[str]) -> list[dict]:
    """A line for each query; setup is that of measure.py."""
    folder, lines = generate(setup.folder / f"tpch-{scale}", scale), []
    engines = [name for name in setup.engines if name in ENGINES]
    print(f"\nTPC-H, scale factor {scale}, from Parquet files, {setup.threads} threads. Seconds of a warm run, of processors, MB; ! another answer than DuckDB's.\n")
    print("query  " + "".join(f"{name:>30}" for name in engines) + "     x warm  x cpu")
    for query in only or QUERIES:
        line, answers, texts = {}, {}, []
        for name in engines:
            try:
                line[name], answers[name] = measured(name, setup.threads, folder, query)
            except (Failed, AssertionError) as failure:
                line[name] = {"error": str(failure)}
        for name in engines:
            e = line[name]
            if "error" in e:
                texts.append(f"{'-':>30}")
                continue
            e["differs"] = "duckdb" in answers and differs(answers[name], answers["duckdb"])
            texts.append(f"{e['warm']:11.3f}{e['cpu']:9.3f}{e['peak'] / 1e6:8.0f} {'!' if e['differs'] else ' '}")
        for path in answers.values():
            path.unlink(missing_ok=True)
        print(f"{query:7}" + "".join(texts) + f"{ratio(line, 'warm') or math.nan:11.2f}{ratio(line, 'cpu') or math.nan:7.2f}", flush=True)
        lines.append({"query": query, **line})
    for figure in ("warm", "cpu", "peak"):
        print(f"geometric mean of the best peer over ours, {figure}: {mean(ratio({k: v for k, v in x.items() if k != 'query'}, figure) for x in lines):.2f}")
    return lines
