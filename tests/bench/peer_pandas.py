"""pandas, and Modin on Ray, as peers; only on request, Modin needs: pip install "modin[ray]"."""

from __future__ import annotations

import gc
import importlib
import os
import time
import types

from ask_pandas import QUERIES


class Engine:
    def __init__(self, mode: str, threads: int):
        self.modin, self.answer = mode.startswith("modin"), None
        if self.modin:
            os.environ |= {"MODIN_ENGINE": "ray", "MODIN_CPUS": str(threads)}
            importlib.import_module("ray").init(address="local", num_cpus=threads, include_dashboard=False, log_to_driver=False)
        self.pandas = importlib.import_module(mode)

    def load(self, files: dict, memory: bool):
        self.memory, self.files = memory, files
        if memory:
            self.tables = self.read()
        return {}

    def read(self):
        return types.SimpleNamespace(**{name: self.wait(self.pandas.read_csv(path)) for name, path in self.files.items()})

    def wait(self, frame):
        """Modin's calls return before their work is done."""
        if self.modin and hasattr(frame, "_query_compiler"):
            frame._query_compiler.execute()
        return frame

    def run(self, op: str, names: dict):
        self.answer = None
        gc.collect()
        began = time.perf_counter()
        self.answer = self.wait(QUERIES[op](self.tables if self.memory else self.read(), names))
        return {"seconds": time.perf_counter() - began}

    def first(self, op: str, names: dict):
        return {"seconds": None}  # all rows come at once

    def digest(self, **how):
        import polars as pl
        from digest import digest

        answer = self.answer
        if isinstance(answer, dict):
            return digest(pl.DataFrame({name: [value] for name, value in answer.items()}), **how)
        if self.modin:
            answer = answer.modin.to_pandas()
        frame = pl.from_pandas(answer.reset_index(drop=True))
        # pandas has floats where integers are null.
        whole = [c for c in frame.columns if frame[c].dtype.is_float() and c not in how["inexact"]]
        whole = [c for c in whole if frame[c].null_count() and (frame[c].drop_nulls() % 1 == 0).all()]
        return digest(frame.with_columns(pl.col(whole).cast(pl.Int64)), **how)
