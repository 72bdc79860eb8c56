"""A frame in memory written to a Parquet file: seconds, processor time, peak memory beyond the frame, and how large the file is."""

from __future__ import annotations

import contextlib
import os
import pathlib
import statistics

import data
from engines import Failed, Peer, Rivulet
from harness import OUT, quoted
from measure import Setup
from meter import cpu_seconds
from table import seconds

CODECS = ["snappy", "zstd", "none"]
RUNS = 3


def report(setup: Setup) -> list[dict]:
    engines = [e for e in setup.engines if e in ("rivulet", "polars", "duckdb", "pyarrow")]
    print(f"\nWriting {setup.rows:,} rows of nine columns to a Parquet file, as each does by default, zstd at level 3\n")
    print(f"  {'codec':8}{'':9}" + "".join(f"{name:>10}" for name in engines) + "  best/ours")
    out = []
    for codec in CODECS:
        row = {"codec": codec, "engines": {name: one(setup, name, codec) for name in engines}}
        out.append(row)
        print(lines(row), flush=True)
    return out


def one(setup: Setup, name: str, codec: str) -> dict:
    files = data.files(setup.folder, setup.rows, data.BASE, "g1")
    data.remember(files)
    path = OUT / f"written-{name}.parquet"
    try:
        with contextlib.closing(setup.start(name)) as engine:
            engine.load(files, memory=True)
            write(engine, path, codec)
            times, before = [], cpu_seconds(engine.pid)
            for _ in range(RUNS):
                times.append(write(engine, path, codec))
            cpu = (cpu_seconds(engine.pid) - before) / RUNS
            rest = engine.meter().bytes(engine.pid)
            with engine.meter() as meter:
                write(engine, path, codec)
        return {"seconds": statistics.median(times), "cpu": cpu, "memory": meter.peak_bytes - rest, "bytes": os.path.getsize(path)}
    except Failed as failure:
        return {"error": str(failure)}
    finally:
        path.unlink(missing_ok=True)


def write(engine: Rivulet | Peer, path: pathlib.Path, codec: str) -> float:
    if isinstance(engine, Peer):
        return engine.call("write", path=str(path), codec=codec)["seconds"]
    option = f'frame.Compression("{codec}"{", 3" if codec == "zstd" else ""})'
    lines = ["began = time.Now()", f"err = {engine.tables['x']}.Write({quoted(path)}, {option})", "fmt.Print(time.Since(began).Seconds())"]
    return float(engine.cell("\n".join([*lines, "if err != nil {\n\tpanic(err)\n}"])))


def lines(row: dict) -> str:
    figures = row["engines"]
    rows = []
    for number, (key, text) in enumerate({"seconds": seconds, "cpu": seconds, "memory": megabytes, "bytes": megabytes}.items()):
        label = {"memory": "MB", "bytes": "file MB"}.get(key, key)
        cells = "".join(f"{text(f.get(key)):>10}" for f in figures.values())
        others = [f[key] for name, f in figures.items() if name != "rivulet" and key in f]
        ours = figures["rivulet"].get(key)
        ratio = f"{min(others) / ours:>11.2f}" if others and ours else ""
        rows.append(f"  {row['codec'] if number == 0 else '':8}{label:9}{cells}{ratio}")
    rows += [f"    {name}: {f['error'][:120]}" for name, f in figures.items() if "error" in f]
    return "\n".join(rows)


def megabytes(value: float | None) -> str:
    return "-" if value is None else f"{value / 1e6:.0f}"
