"""The engine beside its peers, on the same files in the same minutes: H2O's questions, sorts, filters and reading, cold and warm,
with the time to the first row and the peak memory; then with other names, another seed and nulls; twice the rows; a small budget;
what generators cost; TPC-H; the kernel beside ipykernel. Answers are compared. Nothing is asserted; the figures are also written to tests/out/bench.json."""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import pathlib
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE)]

PEERS = ["polars", "polars-streaming", "duckdb", "pyarrow"]


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--data", type=pathlib.Path, help="the folder of the files (bench-data)")
    parser.add_argument("--peers", default=",".join(PEERS), help="also pandas and modin")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--huge", action="store_true", help="ten times the rows as well, in the report on scaling")
    parser.add_argument("--parts", default="kernel,cell,base,variants,scaling,budget,generators,writes,tpch")
    parser.add_argument("--scale", default="1", help="the scale factor of TPC-H")
    parser.add_argument("--sources", default="memory,csv,parquet,zstd", help="zstd: Parquet files compressed by it, in place of snappy")
    parser.add_argument("--json", type=pathlib.Path, help="where the figures go (tests/out/bench.json)")
    parser.add_argument("ops", nargs="*", help="only these: q1, j5, 'sort int', tpch09, ...")
    return parser.parse_args()


def main():
    args = arguments()
    # Before polars is loaded: it checks the answers here, on no more threads than the engines have.
    os.environ["POLARS_MAX_THREADS"] = str(args.threads)
    from harness import OUT, ROOT
    from measure import Setup
    from report import Report

    folder = args.data or ROOT / "bench-data"
    folder.mkdir(parents=True, exist_ok=True)
    OUT.mkdir(parents=True, exist_ok=True)
    setup = Setup(folder.resolve(), args.rows, args.threads, [p for p in args.peers.split(",") if p])
    report = Report(setup, args.ops, args.sources.split(","), args.huge, args.scale)
    began = time.monotonic()
    target = args.json or OUT / "bench.json"
    try:
        for part in args.parts.split(","):
            getattr(report, part)()
    finally:
        report.results["seconds"] = time.monotonic() - began
        target.write_text(json.dumps(report.results, indent=1, default=dataclasses.asdict) + "\n")
    report.summary()
    print(f"\n{report.results['seconds'] / 60:.1f} minutes; figures in {target}")


if __name__ == "__main__":
    main()
