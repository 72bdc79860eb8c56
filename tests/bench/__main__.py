"""Prints, side by side with polars and DuckDB on the same file in the same minutes: time to the first rows, to the first partial
result, peak memory, total times, a cell's round trip. Nothing is asserted."""

from __future__ import annotations

import argparse
import json
import math
import pathlib
import statistics
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE)]

import generate  # noqa: E402
from harness import ROOT, Kernel, quoted  # noqa: E402
from meter import Meter  # noqa: E402
from queries import QUERIES  # noqa: E402

PEERS = ["polars", "polars-streaming", "duckdb"]
MEBI = 1 << 20


def first_rows(kernel: Kernel, code: str) -> dict:
    """Seconds until a table with rows is on the wire, until the end, and the peak memory between."""
    with Meter(kernel.pid) as meter:
        began = time.monotonic()
        cell = kernel.run(code, timeout=600).ok()
        total = time.monotonic() - began
    with_rows = [d for d in cell.displays if "<td" in d.data.get("text/html", "")]
    return {
        "first": with_rows[0].at if with_rows else math.nan,
        "states": len(with_rows),
        "seconds": total,
        "peak": meter.peak_bytes,
    }


def ours(kernel: Kernel, name: str, x: pathlib.Path, r: pathlib.Path) -> dict:
    code = QUERIES[name][0].format(x=quoted(x), r=quoted(r))
    with Meter(kernel.pid) as meter:
        began = time.monotonic()
        kernel.run(f"answer, err := {code}.Collect()\nif err != nil {{\n\tpanic(err)\n}}", timeout=600).ok()
        seconds = time.monotonic() - began
    row = kernel.run('ns, _ := answer.Ints("n")\nss, _ := answer.Floats("s")\nfmt.Println(ns[0], ss[0])').ok().stdout.split()
    return {"seconds": seconds, "rows": int(row[0]), "sum": float(row[1]), "peak": meter.peak_bytes}


def theirs(engine: str, name: str, x: pathlib.Path, r: pathlib.Path) -> dict:
    process = subprocess.Popen(
        [sys.executable, HERE / "peer.py", engine, name, x, r],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with Meter(process.pid) as meter:
        line = process.stdout.readline()
    process.stdin.close()
    process.wait()
    return {**json.loads(line), "peak": meter.peak_bytes}


def streaming_figures(kernel: Kernel, x: pathlib.Path):
    print(f"\nOver {x.name}, {x.stat().st_size / 1e6:.0f} MB (goal in brackets):")
    scan = first_rows(kernel, f"Read({quoted(x)})")
    group = first_rows(kernel, f'Read({quoted(x)}).GroupBy("id1").Agg(Count().As("n"), Mean("v3").As("m"))')
    print(f"  first rows of a scan on the wire   {scan['first']:6.2f} s  (0.3)   whole {scan['seconds']:.2f} s, {scan['states']} states")
    print(f"  first partial result of GroupBy    {group['first']:6.2f} s  (1.0)   whole {group['seconds']:.2f} s, {group['states']} states")
    print(f"  peak memory of the scan            {scan['peak'] / 1e6:6.0f} MB (600)")
    print(f"  peak memory of the GroupBy         {group['peak'] / 1e6:6.0f} MB")


def round_trip(kernel: Kernel, count: int = 100):
    times = []
    for number in range(count):
        began = time.monotonic()
        kernel.run(f"{number} + 1").ok()
        times.append((time.monotonic() - began) * 1000)
    times.sort()
    print(f"\nA cell's round trip: median {statistics.median(times):.1f} ms, 95 % under {times[int(count * 0.95)]:.1f} ms")


def table(x: pathlib.Path, r: pathlib.Path, only: list[str]):
    print(f"\nFrom the CSV to the answer: seconds (peak MB)\n  {'':14}{'rivulet':>18}" + "".join(f"{p:>20}" for p in PEERS))
    for name in only or QUERIES:
        with Kernel() as kernel:
            kernel.run('import "fmt"').ok()
            mine = ours(kernel, name, x, r)
        line = f"  {name:14}{mine['seconds']:9.2f} ({mine['peak'] / MEBI:5.0f})"
        for peer in PEERS:
            other = theirs(peer, name, x, r)
            same = other["rows"] == mine["rows"] and math.isclose(other["sum"], mine["sum"], rel_tol=1e-6)
            line += f"{other['seconds']:11.2f} ({other['peak'] / MEBI:5.0f})" + (" " if same else "!")
        print(line, flush=True)
    print("  ! marks an answer that differs")


def main():
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--data", type=pathlib.Path, default=ROOT / "bench-data")
    parser.add_argument("--rows", type=int, default=10_000_000, help="about 50 bytes each")
    parser.add_argument("queries", nargs="*", help=", ".join(QUERIES))
    args = parser.parse_args()
    args.data.mkdir(parents=True, exist_ok=True)
    x, r = args.data / f"g1-{args.rows}.csv", args.data / f"keys-{args.rows}.csv"
    many = max(args.rows // 100, 1)
    if not x.exists():
        generate.g1(x, args.rows, many=many)
    if not r.exists():
        generate.keys(r, many)
    x.read_bytes()  # everyone finds the file in the page cache
    with Kernel() as kernel:
        round_trip(kernel)
        streaming_figures(kernel, x)
    table(x, r, args.queries)


if __name__ == "__main__":
    main()
