"""The files that every engine reads: H2O's tables as they are, under other names, from another seed, and with nulls."""

from __future__ import annotations

import pathlib
import shutil
from dataclasses import dataclass

import generate

# The tables of a set, by the names that queries have for them.
SETS = {"g1": ["x"], "j1": ["x", "small", "medium", "big"]}
COLUMNS = ["id1", "id2", "id3", "id4", "id5", "id6", "v1", "v2", "v3"]
OTHER = ["shop", "town", "customer", "aisle", "shelf", "article", "pieces", "boxes", "price"]


@dataclass(frozen=True)
class Variant:
    name: str
    seed: int = 108
    nulls: float = 0
    columns: tuple = tuple(COLUMNS)

    @property
    def names(self) -> dict[str, str]:
        return dict(zip(COLUMNS, self.columns))


BASE = Variant("base")
VARIANTS = [Variant("names", columns=tuple(OTHER)), Variant("seed", seed=2024), Variant("nulls", nulls=0.02)]


def files(folder: pathlib.Path, rows: int, variant: Variant, kind: str) -> dict[str, pathlib.Path]:
    """The CSV files of a set, made where they are missing."""
    paths = {name: folder / f"{kind}-{rows}-{variant.name}-{name}.csv" for name in SETS[kind]}
    if all(p.exists() for p in paths.values()):
        return paths
    print(f"  making {kind} of {rows:,} rows, {variant.name} ...", flush=True)
    if variant.columns != BASE.columns:
        for name, source in files(folder, rows, BASE, kind).items():
            renamed(source, paths[name], variant.names)
    elif kind == "g1":
        generate.g1(paths["x"], rows, seed=variant.seed, nulls=variant.nulls)
    else:
        generate.j1(paths, rows, seed=variant.seed, nulls=variant.nulls)
    return paths


def renamed(source: pathlib.Path, target: pathlib.Path, names: dict[str, str]):
    partial = target.with_suffix(".partial")
    with open(source, "rb") as old, open(partial, "wb") as new:
        header = old.readline().decode().strip().split(",")
        new.write((",".join(names[c.strip('"')] for c in header) + "\n").encode())
        shutil.copyfileobj(old, new, 1 << 20)
    partial.rename(target)


def remember(paths: dict[str, pathlib.Path]):
    """Reads the files once, so that everyone finds them in the page cache."""
    for path in paths.values():
        with open(path, "rb", buffering=0) as file:
            while file.read(1 << 24):
                pass
