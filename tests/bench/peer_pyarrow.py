"""pyarrow as a peer, which reads and writes Parquet files: an answer is a table."""

from __future__ import annotations

import gc
import time

import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq

COLUMNS = {"columns": ("id3", "v1", "v3"), "numbers": ("id4", "id5", "id6", "v1", "v2", "v3")}


class Engine:
    def __init__(self, mode: str, threads: int):
        pa.set_cpu_count(threads)
        pa.set_io_thread_count(threads)
        self.answer = None

    def load(self, files: dict, memory: bool):
        self.path = files["x"]
        if memory:
            self.table = pc.read_csv(self.path)
        return {}

    def write(self, path: str, codec: str):
        began = time.perf_counter()
        pq.write_table(self.table, path, compression=codec, compression_level=3 if codec == "zstd" else None)
        return {"seconds": time.perf_counter() - began}

    def run(self, op: str, names: dict):
        columns = [names[c] for c in COLUMNS[op]] if op in COLUMNS else None
        filters = None
        if op == "per cent":
            filters = [(names["id4"], "=", 42)]
        elif op == "stretch":
            filters = [(names["id6"], ">=", names["low"]), (names["id6"], "<", names["high"])]
        self.answer = None
        gc.collect()
        began = time.perf_counter()
        self.answer = pq.read_table(self.path, columns=columns, filters=filters)
        return {"seconds": time.perf_counter() - began}

    def first(self, op: str, names: dict):
        """All rows come at once."""
        return {"seconds": None}

    def digest(self, **how):
        import polars as pl
        from digest import digest

        return digest(pl.from_arrow(self.answer), **how)
