"""All of H2O's questions from CSV under a budget of 1 GiB: they finish, how much memory they take, when the first rows appear."""

from __future__ import annotations

import contextlib

import data
from engines import Failed, Rivulet, read_digest
from harness import OUT, quoted
from measure import Setup
from ops import H2O, Op
from table import seconds

BUDGET, MOST_BYTES, FIRST_SECONDS = "1GiB", 1.5 * (1 << 30), 0.15


def report(setup: Setup, ops: list[Op]) -> list[dict]:
    print(f"\nUnder RIVULET_MEMORY={BUDGET}, from CSV into a file: seconds, peak at most 1536 MiB, first rows within {FIRST_SECONDS} s\n")
    print(f"  {'op':12}{'seconds':>10}{'peak MiB':>10}{'first':>10}")
    out = []
    for op in H2O:
        if op not in ops:
            continue
        row = {"op": op.name}
        try:
            row |= one(setup, op)
            marks = [" #" if row["peak"] > MOST_BYTES else "", " #" if row["first"] > FIRST_SECONDS else ""]
            print(
                f"  {op.name:12}{seconds(row['seconds']):>10}{row['peak'] / (1 << 20):>10.0f}{marks[0]}{seconds(row['first']):>10}{marks[1]}"
            )
        except Failed as failure:
            row["error"] = str(failure)
            print(f"  {op.name:12}    {' '.join(row['error'].split())[:100]}", flush=True)
        out.append(row)
    return out


def one(setup: Setup, op: Op) -> dict:
    files = setup.files(op, data.BASE)
    data.remember(files)
    path = OUT / "budget.arrow"
    with contextlib.closing(Rivulet(setup.threads, {"RIVULET_MEMORY": BUDGET})) as engine:
        engine.load(files, memory=False)
        write = f"if err := {engine.query(op, data.BASE.names)}.Write({quoted(path)}); err != nil {{\n\tpanic(err)\n}}"
        with engine.meter() as meter:
            took = float(engine.cell(f"began = time.Now()\n{write}\nfmt.Print(time.Since(began).Seconds())"))
        first = engine.first(op, data.BASE.names)
    answer = read_digest(path, op, data.BASE.names)
    return {"seconds": took, "peak": meter.peak_bytes, "first": first, "rows": answer["rows"], "hash": answer["hash"]}
