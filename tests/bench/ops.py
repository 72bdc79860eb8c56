"""What is measured: H2O's group-by and join questions, sorts, a filter and an expression, and reading. In Go and SQL here; in
polars and pandas in files of their own, since only those processes may load them.

{x}, {small}, {medium}, {big} stand for the tables, {id1} and its like for columns. Results that are computed have the names r1, r2, r3.
"""

from __future__ import annotations

from dataclasses import dataclass

MEMORY, CSV = "memory", "csv"
# Parquet files compressed by snappy, and by zstd.
PARQUET, ZSTD = "parquet", "zstd"


@dataclass(frozen=True)
class Op:
    name: str
    kind: str  # the set of tables: g1, j1, or s1, which is g1 in the order of id6
    go: str
    sql: str
    sources: tuple = (MEMORY, CSV, PARQUET)
    tables: tuple = ("x",)
    # How the answer is compared: the columns by which its rows are ordered, those that differ in the last digits by the order
    # of addition, and those whose sum over nothing is null for some and 0 for others.
    order: tuple = ()
    inexact: tuple = ()
    sums: tuple = ()


def group(name: str, keys: str, go: str, sql: str, inexact: str = "", sums: str = "") -> Op:
    columns = keys.split()
    quoted = ", ".join(f'"{{{k}}}"' for k in columns)
    listed = ", ".join(f"{{{k}}}" for k in columns)
    return Op(
        name,
        "g1",
        f"{{x}}.GroupBy({quoted}).Agg({go})",
        f"SELECT {listed}, {sql} FROM {{x}} GROUP BY {listed}",
        inexact=tuple(inexact.split()),
        sums=tuple(sums.split()),
    )


def join(name: str, other: str, key: str, columns: str, kind: str = "inner") -> Op:
    """columns are those of the other table besides the key and the value."""
    how = ', "left"' if kind == "left" else ""
    right = "".join(f'r.{{{c}}} AS "{{{c}}}_right", ' for c in columns.split())
    return Op(
        name,
        "j1",
        f'{{x}}.Join({{{other}}}, "{{{key}}}"{how})',
        f"SELECT l.*, {right}r.{{v2}} FROM {{x}} l {kind.upper()} JOIN {{{other}}} r USING ({{{key}}})",
        tables=("x", other),
    )


def sort(name: str, *keys: str) -> Op:
    return Op(
        name,
        "g1",
        "{x}.Sort(" + ", ".join(f'"{{{k}}}"' for k in keys) + ")",
        "SELECT * FROM {x} ORDER BY " + ", ".join(f"{{{k}}} NULLS LAST" for k in keys),
        sources=(MEMORY, CSV) if keys == ("v3",) else (MEMORY,),
        order=keys,
    )


OPS = [
    group("q1", "id1", 'Sum("{v1}").As("r1")', "sum({v1}) r1", sums="r1"),
    group("q2", "id1 id2", 'Sum("{v1}").As("r1")', "sum({v1}) r1", sums="r1"),
    group("q3", "id3", 'Sum("{v1}").As("r1"), Mean("{v3}").As("r2")', "sum({v1}) r1, avg({v3}) r2", "r2", "r1"),
    group(
        "q4",
        "id4",
        'Mean("{v1}").As("r1"), Mean("{v2}").As("r2"), Mean("{v3}").As("r3")',
        "avg({v1}) r1, avg({v2}) r2, avg({v3}) r3",
        "r1 r2 r3",
    ),
    group(
        "q5",
        "id6",
        'Sum("{v1}").As("r1"), Sum("{v2}").As("r2"), Sum("{v3}").As("r3")',
        "sum({v1}) r1, sum({v2}) r2, sum({v3}) r3",
        "r3",
        "r1 r2 r3",
    ),
    group("q6", "id4 id5", 'frame.Median("{v3}").As("r1"), frame.Std("{v3}").As("r2")', "median({v3}) r1, stddev({v3}) r2", "r1 r2"),
    group("q7", "id3", 'Max("{v1}").Sub(Min("{v2}")).As("r1")', "max({v1}) - min({v2}) r1"),
    Op(
        "q8",
        "g1",
        '{x}.Filter(Col("{v3}").IsNotNull()).GroupBy("{id6}").Head(2, Desc("{v3}")).Select("{id6}", "{v3}")',
        "SELECT {id6}, unnest(max({v3}, 2)) {v3} FROM {x} GROUP BY {id6}",
    ),
    group("q9", "id2 id4", 'frame.Corr("{v1}", "{v2}").Pow(2).As("r1")', "corr({v1}, {v2}) ^ 2 r1", "r1"),
    group("q10", "id1 id2 id3 id4 id5 id6", 'Sum("{v3}").As("r1"), Count().As("r2")', "sum({v3}) r1, count(*) r2", "r1", "r1"),
    join("j1", "small", "id1", "id4"),
    join("j2", "medium", "id2", "id1 id4 id5"),
    join("j3", "medium", "id2", "id1 id4 id5", "left"),
    join("j4", "medium", "id5", "id1 id2 id4"),
    join("j5", "big", "id3", "id1 id2 id4 id5 id6"),
    sort("sort float", "v3"),
    sort("sort int", "id6"),
    sort("sort string", "id3"),
    sort("sort keys", "id1", "id2", "v3"),
    Op(
        "filter",
        "g1",
        '{x}.Filter("{v1} >= 3 && {v3} > 50").WithColumn("r1", "{v3} * {v2}")',
        "SELECT *, {v3} * {v2} r1 FROM {x} WHERE {v1} >= 3 AND {v3} > 50",
    ),
    Op(
        "expression",
        "g1",
        '{x}.Filter("{v1} * 2 + {v3} > 50").Agg(Count().As("r1"), "sum({v1} * 2 + {v3}) as r2")',
        "SELECT count(*) r1, sum({v1} * 2 + {v3}) r2 FROM {x} WHERE {v1} * 2 + {v3} > 50",
        inexact=("r2",),
    ),
    Op("read", "g1", "{x}", "SELECT * FROM {x}", sources=(CSV, PARQUET, ZSTD)),
    Op("columns", "g1", '{x}.Select("{id3}", "{v1}", "{v3}")', "SELECT {id3}, {v1}, {v3} FROM {x}", sources=(CSV, PARQUET, ZSTD)),
    Op(
        "numbers",
        "g1",
        '{x}.Select("{id4}", "{id5}", "{id6}", "{v1}", "{v2}", "{v3}")',
        "SELECT {id4}, {id5}, {id6}, {v1}, {v2}, {v3} FROM {x}",
        sources=(PARQUET, ZSTD),
    ),
    # One row in a hundred: of every page, and of one stretch of the file.
    Op("per cent", "g1", '{x}.Filter("{id4} == 42")', "SELECT * FROM {x} WHERE {id4} = 42", sources=(PARQUET, ZSTD)),
    Op(
        "stretch",
        "s1",
        '{x}.Filter("{id6} >= {low} && {id6} < {high}")',
        "SELECT * FROM {x} WHERE {id6} >= {low} AND {id6} < {high}",
        sources=(PARQUET, ZSTD),
    ),
]
BY_NAME = {op.name: op for op in OPS}
H2O = [op for op in OPS if op.name[0] in "qj" and op.name[1:].isdigit()]
