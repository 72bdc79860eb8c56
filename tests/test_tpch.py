"""The answers to TPC-H's queries, asked in cells over Parquet files, equal DuckDB's. SCALE is that of the data; tables.go says how a query is written."""

import math
import os

import duckdb
import polars as pl
import pytest

from harness import OUT, Kernel, quoted
from tpch_data import QUERIES, TABLES, cell, generate, sql

SCALE = os.environ.get("RIVULET_TPCH_SCALE", "0.02")


@pytest.fixture(scope="module")
def data():
    return generate(OUT / f"tpch-{SCALE}", SCALE)


@pytest.fixture(scope="module")
def peer(data):
    with duckdb.connect() as connection:
        for table in TABLES:
            connection.execute(f"CREATE VIEW {table} AS SELECT * FROM '{data}/{table}.parquet'")
        yield connection


@pytest.fixture(scope="module")
def session(data):
    with Kernel() as kernel:
        kernel.run(cell("tables")).ok()
        kernel.run(f"all := open({quoted(data)})").ok()
        yield kernel


def same(a, b) -> bool:
    if isinstance(a, float) or isinstance(b, float):
        return a is not None and b is not None and math.isclose(a, b, rel_tol=1e-9)
    return a == b


@pytest.mark.parametrize("query", QUERIES)
def test_answer(query, session, peer):
    session.run(cell(query)).ok()
    path = OUT / f"{query}.arrow"
    session.run(f"if err := {query}(all).Write({quoted(path)}); err != nil {{\n\tpanic(err)\n}}").ok()
    got, want = pl.read_ipc(path), peer.sql(sql(query)).pl()
    path.unlink()
    assert got.columns == want.columns
    assert got.height == want.height > 0
    for column in want.columns:
        wrong = [(i, a, b) for i, (a, b) in enumerate(zip(got[column].to_list(), want[column].to_list())) if not same(a, b)]
        assert not wrong, f"{column}: row {wrong[0][0]} is {wrong[0][1]!r}, DuckDB has {wrong[0][2]!r}; {len(wrong)} rows differ"


def test_queries_are_complete():
    assert QUERIES == [f"q{n:02}" for n in range(1, 23)]
