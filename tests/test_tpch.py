"""The answers to TPC-H's queries, asked in cells over Parquet files, equal DuckDB's. SCALE is that of the data; tables.go says how a query is written."""

import math
import os
import pathlib
import re
import subprocess
import sys

import duckdb
import polars as pl
import pytest

from harness import OUT, ROOT, Kernel, quoted

QUERIES = sorted((ROOT / "tests" / "tpch").glob("q*.sql"))
TABLES = ["customer", "lineitem", "nation", "orders", "part", "partsupp", "region", "supplier"]
SCALE = os.environ.get("RIVULET_TPCH_SCALE", "0.02")


def generate(folder: pathlib.Path, scale: str) -> pathlib.Path:
    """The tables as Parquet files; those that are there stay."""
    if not all((folder / f"{table}.parquet").exists() for table in TABLES):
        tool = pathlib.Path(sys.executable).with_name("tpchgen-cli")
        subprocess.run([tool, "parquet", "-s", scale, "--overwrite", "--output-dir", folder], check=True, stdout=subprocess.DEVNULL)
    return folder


def cell(path: pathlib.Path) -> str:
    """A Go file as a cell takes it, which has package frame already."""
    return re.sub(r'^package .*\n\nimport .*\n', "", path.read_text())


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
        kernel.run(cell(ROOT / "tests" / "tpch" / "tables.go")).ok()
        kernel.run(f"all := open({quoted(data)})").ok()
        yield kernel


def same(a, b) -> bool:
    if isinstance(a, float) or isinstance(b, float):
        return a is not None and b is not None and math.isclose(a, b, rel_tol=1e-9)
    return a == b


@pytest.mark.parametrize("sql", QUERIES, ids=lambda path: path.stem)
def test_answer(sql, session, peer):
    session.run(cell(sql.with_suffix(".go"))).ok()
    path = OUT / f"{sql.stem}.arrow"
    session.run(f"if err := {sql.stem}(all).Write({quoted(path)}); err != nil {{\n\tpanic(err)\n}}").ok()
    got, want = pl.read_ipc(path), peer.sql(sql.read_text()).pl()
    path.unlink()
    assert got.columns == want.columns
    assert got.height == want.height > 0
    for column in want.columns:
        wrong = [(i, a, b) for i, (a, b) in enumerate(zip(got[column].to_list(), want[column].to_list())) if not same(a, b)]
        assert not wrong, f"{column}: row {wrong[0][0]} is {wrong[0][1]!r}, DuckDB has {wrong[0][2]!r}; {len(wrong)} rows differ"


def test_queries_are_complete():
    assert [path.stem for path in QUERIES] == [f"q{n:02}" for n in range(1, 23)]
