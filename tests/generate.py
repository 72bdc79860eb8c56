"""Seeded tables on disk, made in blocks, so that the generator holds little: generate.py is for tests and benchmarks.

The columns and their cardinalities are those of H2O's db-benchmark. G1: id1..id3 text, id4..id6 integers, v1, v2 integers, v3
float. J1: id1..id3 integers, id4..id6 the same as text, v1 or v2 float; of the keys of a table nine in ten are in the other one.
"""

from __future__ import annotations

import pathlib

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc
from pyarrow import compute

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


def punched(table: pa.Table, share: float, random: np.random.Generator) -> pa.Table:
    """The table with that share of every column null."""
    if not share:
        return table
    columns = [nulled(random.random(len(table)) < share, column) for column in table.columns]
    return pa.table(columns, names=table.column_names)


def nulled(missing: np.ndarray, column: pa.ChunkedArray) -> pa.ChunkedArray:
    return compute.if_else(pa.array(missing), pa.scalar(None, column.type), column)


def write(path: pathlib.Path, tables) -> pathlib.Path:
    """Writes tables of one schema one below the other; the file has its name when it is whole."""
    partial = path.with_suffix(".partial")
    with open(partial, "wb") as file:
        for number, table in enumerate(tables):
            pc.write_csv(table, file, pc.WriteOptions(include_header=number == 0, quoting_style="none"))
    partial.rename(path)
    return path


def g1(path: pathlib.Path, rows: int, groups: int = 100, many: int | None = None, seed: int = 108, nulls: float = 0) -> pathlib.Path:
    """Writes a CSV of rows with groups values of id1 and many of id3 and id6 (rows / groups if not given)."""
    random = np.random.Generator(np.random.PCG64(seed))
    many = many or max(rows // groups, 1)
    blocks = (block(min(BLOCK, rows - start), groups, many, random) for start in range(0, rows, BLOCK))
    return write(path, (punched(b, nulls, random) for b in blocks))


def shared_keys(count: int, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """The keys of the left and of the right table: count each, nine in ten of them in both."""
    keys = random.permutation(np.arange(1, count * 11 // 10 + 1))
    common = count * 9 // 10
    return keys[:count], np.concatenate([keys[:common], keys[count : count + count - common]])


def drawn(keys: np.ndarray, rows: int, random: np.random.Generator) -> np.ndarray:
    """Draws of keys, each at least once where there are rows enough."""
    if rows <= len(keys):
        return random.permutation(keys)[:rows]
    return random.permutation(np.concatenate([keys, random.choice(keys, rows - len(keys))]))


def j1(paths: dict[str, pathlib.Path], rows: int, seed: int = 108, nulls: float = 0):
    """Writes the tables that a join needs: x and big of rows, medium of a thousandth, small of a millionth; at least 10."""
    random = np.random.Generator(np.random.PCG64(seed))
    counts = {"small": max(rows // 1_000_000, 10), "medium": max(rows // 1_000, 10), "big": rows}
    sides = [shared_keys(count, random) for count in counts.values()]
    for name, keys, value in [("x", 3, "v1"), ("small", 1, "v2"), ("medium", 2, "v2"), ("big", 3, "v2")]:
        count = counts.get(name, rows)
        ids = [drawn(side[name != "x"], count, random) for side in sides[:keys]]
        values = np.round(random.uniform(0, 100, count), 6)
        write(paths[name], (punched(joinable(ids, value, values, at), nulls, random) for at in range(0, count, BLOCK)))


def joinable(ids: list[np.ndarray], value: str, values: np.ndarray, at: int) -> pa.Table:
    part = slice(at, at + BLOCK)
    columns = {f"id{number}": keys[part] for number, keys in enumerate(ids, 1)}
    columns |= {f"id{number}": labels(keys[part], "id%d") for number, keys in enumerate(ids, 4)}
    return pa.table({**columns, value: values[part]})


def keys(path: pathlib.Path, many: int, seed: int = 109) -> pathlib.Path:
    """Writes the other side of a join on id6: nine in ten of the keys, shuffled, each with a value and 100 letters."""
    random = np.random.Generator(np.random.PCG64(seed))
    chosen = random.permutation(np.arange(1, many + 1))[: many * 9 // 10]
    table = pa.table({"id6": chosen, "w": np.round(random.uniform(0, 100, len(chosen)), 6), "note": labels(chosen, "note%096d")})
    pc.write_csv(table, path)
    return path
