"""Ten times the rows: how time and memory grow, from CSV, each run in a fresh process. The answers pass by, so that theirs is not
the memory that is seen."""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import math

import data
from engines import Failed, Rivulet
from measure import Setup
from ops import Op
from table import seconds

MOST = 2.2  # times the time for twice the rows


def report(setup: Setup, ops: list[Op], huge: bool) -> list[dict]:
    counts = [setup.rows // 10, setup.rows, *([setup.rows * 10] if huge else [])]
    print("\nTwice the rows cost at most 2.2 times the time; from CSV, seconds (peak MB)\n")
    print(f"  {'op':12}" + "".join(f"{count:>18,}" for count in counts) + "   for twice the rows")
    out = []
    for op in ops:
        row = {"op": op.name, "runs": []}
        try:
            for count in counts:
                row["runs"].append(one(dataclasses.replace(setup, rows=count), op))
        except Failed as failure:
            row["error"] = str(failure)
        out.append(row)
        print(line(row), flush=True)
    return out


def one(setup: Setup, op: Op) -> dict:
    files = setup.files(op, data.BASE)
    data.remember(files)
    with contextlib.closing(Rivulet(setup.threads)) as engine:
        engine.load(files, memory=False)
        with engine.meter() as meter:
            took = engine.stream(op, data.BASE.names)
    return {"rows": setup.rows, "seconds": took, "peak": meter.peak_bytes}


def line(row: dict) -> str:
    runs = row["runs"]
    text = f"  {row['op']:12}" + "".join(f"{seconds(r['seconds']):>10} ({r['peak'] / 1e6:5.0f})" for r in runs)
    row["doubling"] = [
        (b["seconds"] / a["seconds"]) ** (math.log(2) / math.log(b["rows"] / a["rows"])) for a, b in itertools.pairwise(runs)
    ]
    if "error" in row:
        return f"{text}   {' '.join(row['error'].split())[:80]}"
    return text + "   " + ", ".join(f"x{d:.2f}" + (" #" if d > MOST else "") for d in row["doubling"])
