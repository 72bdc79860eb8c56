"""With a budget far below the data, sort, join and aggregate spill and are still right."""

import polars as pl
import pytest

from generate import g1, keys
from harness import SOAK, Kernel, quoted
from oracle import assert_equal

# The whole size is the soak's; the everyday sample keeps the ratio of data to budget.
ROWS, MANY, BUDGET = (10_000_000, 1_000_000, "64MiB") if SOAK else (2_000_000, 200_000, "16MiB")


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("memory")
    return g1(folder / "g1.csv", ROWS, many=MANY), keys(folder / "keys.csv", MANY)


@pytest.fixture(scope="module")
def small(data):
    with Kernel(env={"RIVULET_MEMORY": BUDGET}) as kernel:
        yield kernel


QUERIES = {
    "sort": (
        'Read({left}).Select("id6", "v3", "id3").Sort("v3", "id6", "id3")',
        lambda l, r: l.select("id6", "v3", "id3").sort("v3", "id6", "id3"),
        True,
    ),
    "join": (
        'Read({left}).Select("id6", "id3", "v3").Join(Read({right}), "id6")',
        lambda l, r: l.select("id6", "id3", "v3").join(r, on="id6"),
        False,
    ),
    "aggregate": (
        'Read({left}).GroupBy("id3").Agg(Count().As("n"), Sum("v1").As("s"), Mean("v3").As("m"), Max("v2").As("high"))',
        lambda l, r: l.group_by("id3").agg(
            pl.len().alias("n"), pl.col("v1").sum().alias("s"), pl.col("v3").mean().alias("m"), pl.col("v2").max().alias("high")
        ),
        False,
    ),
}


@pytest.mark.parametrize("name", QUERIES)
@pytest.mark.timeout(600)
def test_spills_and_equals_polars(small, data, tmp_path, name):
    go, polars, ordered = QUERIES[name]
    left, right = data
    out = tmp_path / "out.parquet"
    before = spilled(small)
    small.run(go.format(left=quoted(left), right=quoted(right)) + f".Write({quoted(out)})", timeout=500).ok()
    assert spilled(small) > before, "nothing was spilled: the test does not test"
    want = polars(pl.read_csv(left), pl.read_csv(right))
    got = pl.read_parquet(out)
    if not ordered:
        got, want = got.sort(got.columns), want.sort(want.columns)
    # Strict equality where floats are not sums; the mean may differ in the last digits.
    if name == "aggregate":
        assert_equal(got, want, ordered=True, name=name)
    else:
        assert got.equals(want.cast(dict(got.schema))), name


def spilled(kernel) -> int:
    return int(kernel.run("frame.SpilledBytes()").ok().text)
