"""TPC-H's tables as files, and its queries as text: of cells and of SQL."""

from __future__ import annotations

import pathlib
import re
import subprocess
import sys

FOLDER = pathlib.Path(__file__).resolve().parent / "tpch"
TABLES = ["customer", "lineitem", "nation", "orders", "part", "partsupp", "region", "supplier"]
QUERIES = [path.stem for path in sorted(FOLDER.glob("q*.sql"))]


def generate(folder: pathlib.Path, scale: str) -> pathlib.Path:
    """The tables as Parquet files; those that are there stay."""
    if not all((folder / f"{table}.parquet").exists() for table in TABLES):
        tool = pathlib.Path(sys.executable).with_name("tpchgen-cli")
        subprocess.run([tool, "parquet", "-s", scale, "--overwrite", "--output-dir", folder], check=True, stdout=subprocess.DEVNULL)
    return folder


def cell(name: str) -> str:
    """A Go file as a cell takes it, which has package frame already."""
    return re.sub(r"^package .*\n\nimport .*\n", "", (FOLDER / f"{name}.go").read_text())


def sql(name: str) -> str:
    return (FOLDER / f"{name}.sql").read_text()
