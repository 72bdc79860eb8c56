"""A peer of tpch.py in a process of its own: tpch_peer.py ENGINE THREADS FOLDER QUERY ANSWER. Each line of input runs the query once and is
answered with its seconds; the answer of the last run is in the file ANSWER when the process has ended."""

from __future__ import annotations

import pathlib
import sys
import time
from types import SimpleNamespace

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent))

from tpch_data import TABLES, sql  # noqa: E402


def polars(engine: str, folder: pathlib.Path, query: str):
    import polars as pl
    import tpch_polars

    tables = SimpleNamespace(**{name: pl.scan_parquet(folder / f"{name}.parquet") for name in TABLES})
    return lambda: getattr(tpch_polars, query)(tables).collect(engine=engine)


def duckdb(threads: str, folder: pathlib.Path, query: str):
    import duckdb

    connection = duckdb.connect(config={"threads": threads})
    for name in TABLES:
        connection.execute(f"CREATE VIEW {name} AS SELECT * FROM '{folder}/{name}.parquet'")
    text = sql(query)
    return lambda: connection.sql(text).to_arrow_table()


def main(engine: str, threads: str, folder: str, query: str, answer: str):
    if engine == "duckdb":
        run = duckdb(threads, pathlib.Path(folder), query)
    else:
        run = polars("streaming" if engine == "polars-streaming" else "in-memory", pathlib.Path(folder), query)
    result = None
    for _ in sys.stdin:
        began = time.perf_counter()
        result = run()
        print(time.perf_counter() - began, flush=True)
    if result is not None:
        import polars as pl

        frame = result if isinstance(result, pl.DataFrame) else pl.from_arrow(result)
        frame.write_ipc(answer)


if __name__ == "__main__":
    main(*sys.argv[1:])
