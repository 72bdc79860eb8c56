"""polars as a peer; POLARS_MAX_THREADS is set by who starts the process."""

from __future__ import annotations

import gc
import time
import types

import polars as pl
from ask_polars import QUERIES
from digest import digest


class Engine:
    def __init__(self, mode: str, threads: int):
        self.mode, self.answer = mode, None
        assert pl.thread_pool_size() == threads, f"polars has {pl.thread_pool_size()} threads"

    def load(self, files: dict, memory: bool):
        scan = {name: pl.scan_parquet(path) if path.endswith(".parquet") else pl.scan_csv(path) for name, path in files.items()}
        if memory:
            # One chunk a column, as polars is fastest.
            scan = {name: frame.collect().rechunk().lazy() for name, frame in scan.items()}
        self.tables = types.SimpleNamespace(**scan)
        return {}

    def write(self, path: str, codec: str):
        table = self.tables.x.collect()
        began = time.perf_counter()
        table.write_parquet(path, compression="uncompressed" if codec == "none" else codec, compression_level=3 if codec == "zstd" else None)
        return {"seconds": time.perf_counter() - began}

    def plan(self, op: str, names: dict):
        return QUERIES[op](self.tables, names)

    def run(self, op: str, names: dict):
        self.answer = None
        gc.collect()
        began = time.perf_counter()
        self.answer = self.plan(op, names).collect(engine=self.mode)
        return {"seconds": time.perf_counter() - began}

    def first(self, op: str, names: dict):
        """None where all rows come at once."""
        if self.mode != "streaming":
            return {"seconds": None}
        self.answer = None
        began = time.perf_counter()
        next(self.plan(op, names).collect_batches(maintain_order=True, engine="streaming"), None)
        return {"seconds": time.perf_counter() - began}

    def digest(self, **how):
        return digest(self.answer, **how)
