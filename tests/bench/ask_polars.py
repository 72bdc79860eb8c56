"""The questions of ops.py for polars: functions of the tables, as lazy frames, and the names of the columns."""

from __future__ import annotations

import polars as pl
from polars import col


def grouped(keys: str, *aggregates):
    """aggregates are functions of the names."""
    return lambda t, c: t.x.group_by(*(c[k] for k in keys.split())).agg(*(f(c) for f in aggregates))


def total(column: str, name: str):
    return lambda c: col(c[column]).sum().alias(name)


def mean(column: str, name: str):
    return lambda c: col(c[column]).mean().alias(name)


def joined(other: str, key: str, how: str = "inner"):
    return lambda t, c: t.x.join(getattr(t, other), on=c[key], how=how)


def ordered(*keys: str):
    return lambda t, c: t.x.sort(*(c[k] for k in keys), nulls_last=True)


QUERIES = {
    "q1": grouped("id1", total("v1", "r1")),
    "q2": grouped("id1 id2", total("v1", "r1")),
    "q3": grouped("id3", total("v1", "r1"), mean("v3", "r2")),
    "q4": grouped("id4", mean("v1", "r1"), mean("v2", "r2"), mean("v3", "r3")),
    "q5": grouped("id6", total("v1", "r1"), total("v2", "r2"), total("v3", "r3")),
    "q6": grouped("id4 id5", lambda c: col(c["v3"]).median().alias("r1"), lambda c: col(c["v3"]).std().alias("r2")),
    "q7": grouped("id3", lambda c: (col(c["v1"]).max() - col(c["v2"]).min()).alias("r1")),
    "q8": lambda t, c: t.x.drop_nulls(c["v3"]).group_by(c["id6"]).agg(col(c["v3"]).top_k(2)).explode(c["v3"]),
    "q9": grouped("id2 id4", lambda c: (pl.corr(c["v1"], c["v2"]) ** 2).alias("r1")),
    "q10": grouped("id1 id2 id3 id4 id5 id6", total("v3", "r1"), lambda c: pl.len().alias("r2")),
    "j1": joined("small", "id1"),
    "j2": joined("medium", "id2"),
    "j3": joined("medium", "id2", "left"),
    "j4": joined("medium", "id5"),
    "j5": joined("big", "id3"),
    "sort float": ordered("v3"),
    "sort int": ordered("id6"),
    "sort string": ordered("id3"),
    "sort keys": ordered("id1", "id2", "v3"),
    "filter": lambda t, c: t.x.filter((col(c["v1"]) >= 3) & (col(c["v3"]) > 50)).with_columns(r1=col(c["v3"]) * col(c["v2"])),
    "expression": lambda t, c: (
        t.x.select(e=col(c["v1"]) * 2 + col(c["v3"])).filter(col("e") > 50).select(pl.len().alias("r1"), col("e").sum().alias("r2"))
    ),
    "read": lambda t, c: t.x,
    "columns": lambda t, c: t.x.select(c["id3"], c["v1"], c["v3"]),
    "numbers": lambda t, c: t.x.select(*(c[k] for k in ("id4", "id5", "id6", "v1", "v2", "v3"))),
    "per cent": lambda t, c: t.x.filter(col(c["id4"]) == 42),
    "stretch": lambda t, c: t.x.filter((col(c["id6"]) >= c["low"]) & (col(c["id6"]) < c["high"])),
}
