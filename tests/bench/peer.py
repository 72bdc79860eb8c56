"""One query on one peer in a process of its own: peer.py ENGINE QUERY X R. Prints a JSON line: seconds, rows, sum."""

import json
import pathlib
import sys
import time

from queries import QUERIES


def polars(name: str, x: str, r: str, streaming: bool):
    import polars as pl

    began = time.monotonic()

    def table(path):
        scan = pl.scan_csv(path)
        return scan if streaming else scan.collect().lazy()

    plan = QUERIES[name][1](pl, table(x), table(r) if name == "join" else None)
    row = plan.collect(engine="streaming" if streaming else "in-memory").row(0)
    return time.monotonic() - began, row


def duckdb(name: str, x: str, r: str, _: bool):
    import duckdb

    connection = duckdb.connect()
    began = time.monotonic()
    for table, path in (("x", x), ("r", r)):
        connection.execute(f"CREATE VIEW {table} AS SELECT * FROM read_csv('{path}', header = true)")
    row = connection.execute(QUERIES[name][2]).fetchone()
    return time.monotonic() - began, row


ENGINES = {"polars": (polars, False), "polars-streaming": (polars, True), "duckdb": (duckdb, True)}

if __name__ == "__main__":
    engine, name, x, r = sys.argv[1:]
    run, streaming = ENGINES[engine]
    seconds, row = run(name, x, r, streaming)
    # The parent reads the peak while this process waits: it must not end before.
    print(json.dumps({"seconds": seconds, "rows": row[0], "sum": float(row[1])}), flush=True)
    sys.stdin.read()
