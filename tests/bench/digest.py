"""What is compared of an answer: a few numbers that notice a value that differs, in which row it stands, and the order of rows.

Columns that are the same to the last bit everywhere go into a hash of each row; the sum of the hashes does not see the order. Columns
that may differ in their last digits are summed with a weight that comes from that hash, so that values that changed places are noticed. In those, NaN is as good as null: engines differ in what has no number.
"""

from __future__ import annotations

import math

import numpy as np
import polars as pl

SEED = 7


def digest(answer: pl.DataFrame, inexact: list[str], order: list[str], sums: list[str]) -> dict:
    frame = answer.select(plain(answer[name], name in sums, name in inexact) for name in answer.columns)
    exact = [c for c in frame.columns if c not in inexact]
    hashes = hashed(frame.select(exact)) if exact else np.zeros(len(frame), np.uint64)
    weights = (hashes >> np.uint64(40)).astype(np.float64) / (1 << 24) + 1
    out = {"rows": len(frame), "hash": int(hashes.sum(dtype=np.uint64)), "columns": {}}
    if order:
        places = np.arange(1, len(frame) + 1, dtype=np.uint64)
        out["order"] = int((hashed(frame.select(order)) * places).sum(dtype=np.uint64))
    for name in frame.columns:
        column = frame[name]
        facts = {"nulls": column.null_count(), "min": column.min(), "max": column.max()}
        if column.dtype == pl.Float64:
            facts["sum"] = column.fill_null(0).sum()
        if name in inexact:
            facts["weighted"] = float(np.dot(column.cast(pl.Float64).fill_null(0).to_numpy(), weights))
        out["columns"][name] = facts
    return out


def plain(column: pl.Series, summed: bool, computed: bool) -> pl.Series:
    """The column in one of the types that everybody has."""
    if column.dtype.is_integer() or column.dtype.is_decimal():
        column = column.cast(pl.Int64)
    elif column.dtype.is_float():
        column = column.cast(pl.Float64)
        column = column.fill_nan(None) if computed else column
    else:
        column = column.cast(pl.String)
    return column.fill_null(0) if summed else column


def hashed(frame: pl.DataFrame) -> np.ndarray:
    # Equal floats have equal hashes, whatever their sign of zero.
    return frame.with_columns(pl.col(pl.Float64) + 0.0).hash_rows(seed=SEED).to_numpy()


def difference(a: dict, b: dict) -> str:
    """The first thing in which two digests differ, "" where they are equal."""
    if list(a["columns"]) != list(b["columns"]):
        return f"columns {list(a['columns'])} and {list(b['columns'])}"
    if a["rows"] != b["rows"]:
        return f"{a['rows']} and {b['rows']} rows"
    for name, facts in a["columns"].items():
        other = b["columns"][name]
        for key, value in facts.items():
            if not same(value, other.get(key)):
                return f"column {name}: {key} {value} and {other.get(key)}"
    if a["hash"] != b["hash"]:
        return "values stand in other rows"
    if a.get("order") != b.get("order"):
        return "the rows have another order"
    return ""


def same(a, b) -> bool:
    if isinstance(a, float) and isinstance(b, float):
        return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9) or (math.isnan(a) and math.isnan(b))
    return a == b
