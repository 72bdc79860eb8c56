"""Seeded tables on disk, made in blocks, so that the generator holds little: generate.py is for tests and benchmarks.

The columns and their cardinalities are those of H2O's db-benchmark G1: id1..id3 text, id4..id6 integers, v1, v2 integers, v3 float.
"""

from __future__ import annotations

import pathlib

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc

BLOCK = 1_000_000


def labels(numbers: np.ndarray, form: str) -> pa.Array:
    distinct, index = np.unique(numbers, return_inverse=True)
    dictionary = pa.array([form % n for n in distinct])
    return pa.DictionaryArray.from_arrays(pa.array(index.astype(np.int32)), dictionary).cast(pa.string())


def block(rows: int, groups: int, many: int, random: np.random.Generator) -> pa.Table:
    return pa.table(
        {
            "id1": labels(random.integers(1, groups + 1, rows), "id%03d"),
            "id2": labels(random.integers(1, groups + 1, rows), "id%03d"),
            "id3": labels(random.integers(1, many + 1, rows), "id%010d"),
            "id4": random.integers(1, groups + 1, rows),
            "id5": random.integers(1, groups + 1, rows),
            "id6": random.integers(1, many + 1, rows),
            "v1": random.integers(1, 6, rows),
            "v2": random.integers(1, 16, rows),
            "v3": np.round(random.uniform(0, 100, rows), 6),
        }
    )


def g1(path: pathlib.Path, rows: int, groups: int = 100, many: int | None = None, seed: int = 108) -> pathlib.Path:
    """Writes a CSV of rows with groups values of id1 and many of id3 and id6 (rows / groups if not given)."""
    random = np.random.Generator(np.random.PCG64(seed))
    many = many or max(rows // groups, 1)
    partial = path.with_suffix(".partial")
    with open(partial, "wb") as file:
        for start in range(0, rows, BLOCK):
            table = block(min(BLOCK, rows - start), groups, many, random)
            options = pc.WriteOptions(include_header=start == 0, quoting_style="none")
            pc.write_csv(table, file, options)
    partial.rename(path)
    return path


def keys(path: pathlib.Path, many: int, seed: int = 109) -> pathlib.Path:
    """Writes the other side of a join on id6: nine in ten of the keys, shuffled, each with a value and 100 letters."""
    random = np.random.Generator(np.random.PCG64(seed))
    chosen = random.permutation(np.arange(1, many + 1))[: many * 9 // 10]
    table = pa.table({"id6": chosen, "w": np.round(random.uniform(0, 100, len(chosen)), 6), "note": labels(chosen, "note%096d")})
    pc.write_csv(table, path)
    return path
