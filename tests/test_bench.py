"""The benchmark measures what it says: answers are compared, and what differs is noticed."""

import pathlib
import sys

import polars as pl
import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent / "bench"))

import data  # noqa: E402
import measure  # noqa: E402
from digest import difference, digest  # noqa: E402
from ops import OPS  # noqa: E402

ANSWER = pl.DataFrame({"k": ["a", "b", "c", None], "n": [1, 2, 3, 4], "f": [0.5, None, 2.5, 3.5], "m": [1.0, 2.0, 3.0, None]})
N, F, M = pl.col("n"), pl.col("f"), pl.col("m")


def digested(answer: pl.DataFrame) -> dict:
    return digest(answer, inexact=["m"], order=["n"], sums=[])


@pytest.mark.parametrize(
    "changed",
    [
        ANSWER.head(3),
        ANSWER[[1, 0, 2, 3]],
        ANSWER.rename({"m": "mean"}),
        ANSWER.with_columns(pl.col("k").shift(1)),
        ANSWER.with_columns(f=F.reverse()),
        ANSWER.with_columns(m=pl.Series([2.0, 1.0, 3.0, None])),
        ANSWER.with_columns(m=M * 1.000001),
        ANSWER.with_columns(f=pl.Series([0.5, 0.0, 2.5, 3.5])),
        ANSWER.with_columns(n=pl.Series([1, 2, 3, 5])),
    ],
)
def test_digest_notices(changed):
    assert difference(digested(changed), digested(ANSWER))


def test_digest_passes_what_is_equal():
    same = ANSWER.with_columns(n=N.cast(pl.Int8), m=M * (1 + 1e-15))
    assert not difference(digested(same), digested(ANSWER))


@pytest.mark.parametrize("kind, source", sorted({(op.kind, source) for op in OPS for source in op.sources}))
def test_answers_agree(kind, source, tmp_path, monkeypatch):
    monkeypatch.setattr(measure, "MOST_RUNS", 1)
    setup = measure.Setup(tmp_path, 20_000, 2, ["polars", "duckdb", "pyarrow"])
    ops = [op for op in OPS if op.kind == kind and source in op.sources]
    for line in measure.together(setup, ops, source, data.VARIANTS[-1]):
        for name, figures in line.engines.items():
            assert "differs" not in figures, f"{line.op}: {name}: {figures['differs']}"
            assert "error" not in figures, f"{line.op}: {figures['error']}"
