"""DuckDB as a peer: an answer is a table, as H2O's benchmark has it."""

from __future__ import annotations

import gc
import time

import duckdb
from ops import BY_NAME


class Engine:
    def __init__(self, mode: str, threads: int):
        self.connection = duckdb.connect()
        self.connection.execute(f"SET threads = {threads}")
        self.connection.execute("SET enable_progress_bar = false")
        # What is not sorted may come in any order: the faster way.
        self.connection.execute("SET preserve_insertion_order = false")

    def statement(self, query: str):
        """Runs a statement to its end: a later one must not wait for it."""
        self.connection.execute(query).fetchall()

    def load(self, files: dict, memory: bool):
        for name, path in files.items():
            kind = "TABLE" if memory else "VIEW"
            quoted = path.replace("'", "''")
            read = f"read_parquet('{quoted}')" if path.endswith(".parquet") else f"read_csv('{quoted}', header = true)"
            self.statement(f"CREATE {kind} t_{name} AS SELECT * FROM {read}")
        self.tables = {name: f"t_{name}" for name in files}
        return {}

    def write(self, path: str, codec: str):
        quoted, codec = path.replace("'", "''"), "uncompressed" if codec == "none" else codec
        began = time.perf_counter()
        self.statement(f"COPY t_x TO '{quoted}' (FORMAT parquet, COMPRESSION {codec})")
        return {"seconds": time.perf_counter() - began}

    def query(self, op: str, names: dict) -> str:
        return BY_NAME[op].sql.format_map({**names, **self.tables})

    def run(self, op: str, names: dict):
        self.statement("DROP TABLE IF EXISTS answer")
        gc.collect()
        query = "CREATE TABLE answer AS " + self.query(op, names)
        began = time.perf_counter()
        self.statement(query)
        return {"seconds": time.perf_counter() - began}

    def first(self, op: str, names: dict):
        self.statement("DROP TABLE IF EXISTS answer")
        query = self.query(op, names)
        began = time.perf_counter()
        self.connection.execute(query).fetchone()
        return {"seconds": time.perf_counter() - began}

    def digest(self, **how):
        import polars as pl
        from digest import digest

        # The table has its rows in order; only this setting reads them so.
        self.statement("SET preserve_insertion_order = true")
        answer = self.connection.sql("SELECT * FROM answer").to_arrow_table()
        self.statement("SET preserve_insertion_order = false")
        return digest(pl.from_arrow(answer), **how)
