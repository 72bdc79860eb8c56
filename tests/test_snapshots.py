"""A long query refines in the open, and every state is exactly the result over the bytes that it names."""

import math
import re
import time

import numpy as np
import polars as pl
import pytest

from generate import g1
from harness import SOAK, Kernel, quoted
from oracle import merged, read_span

SECONDS = 5.0
ROWS = 10_000_000 if SOAK else 1_000_000
# A function in Go makes the query long on few rows.
STEPS = """func steps(n int64) int64 {
	count := int64(0)
	for ; n > 1; count++ {
		if n%2 == 0 {
			n /= 2
		} else {
			n = 3*n + 1
		}
	}
	return count
}"""
QUERY = """Read({path}).
	Map("steps", func(id6 int64) int64 {{ return steps(id6) }}).
	WithColumn("z", "sqrt(v3) * log(v3 + 1) + pow(v3, 0.3)").
	GroupBy("id4").
	Agg(Count().As("n"), Sum("v1").As("s"), Mean("z").As("z"), Col("id3").CountDistinct().As("d"), Max("v3").As("high"), Sum("steps").As("steps")).
	Sort("id4")"""


def steps(most: int) -> np.ndarray:
    """What the cell's function gives for 0 to most."""
    numbers, counts = np.arange(most + 1), np.zeros(most + 1, np.int64)
    while (long := numbers > 1).any():
        counts += long
        numbers = np.where(long, np.where(numbers % 2 == 0, numbers // 2, 3 * numbers + 1), numbers)
    return counts


def reference(frame: pl.DataFrame) -> pl.DataFrame:
    v3, id6 = pl.col("v3"), frame["id6"].to_numpy()
    return (
        frame.with_columns(z=v3.sqrt() * (v3 + 1).log() + v3.pow(0.3), steps=pl.Series(steps(id6.max())[id6]))
        .group_by("id4")
        .agg(
            pl.len().alias("n"),
            pl.col("v1").sum().alias("s"),
            pl.col("z").mean(),
            pl.col("id3").n_unique().alias("d"),
            v3.max().alias("high"),
            pl.col("steps").sum(),
        )
        .sort("id4")
    )


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """The messages of a query of at least SECONDS; the file grows until the query takes as long, nothing else slows it."""
    folder = tmp_path_factory.mktemp("snapshots")
    rows = ROWS
    with Kernel(cwd=folder) as kernel:
        kernel.run(STEPS).ok()
        while True:
            path = g1(folder / f"g1-{rows}.csv", rows)
            began = time.monotonic()
            cell = kernel.run(QUERY.format(path=quoted(path)), timeout=240).ok()
            took = time.monotonic() - began
            if took >= SECONDS:
                yield path, cell, took
                return
            path.unlink()
            rows = int(rows * max(1.3, SECONDS * 1.2 / took))


def progressive(cell):
    shown = [d for d in cell.displays if d.facts]
    assert shown, f"no display says what it covers: {[d.kind for d in cell.displays]}"
    return shown


def covered(display, path) -> list:
    spans = []
    for name, start, end in display.facts["covered"]:
        assert name == str(path) or str(path).endswith(name), f"{name} is not the input"
        spans.append((start, end if (start, end) != (0, 0) else path.stat().st_size))
    return merged(spans)


def table_rows(display, columns: int) -> list[list[str]]:
    """The cells of the HTML table that is shown."""
    html = display.data.get("text/html", "")
    found = []
    for row in re.findall(r"<tr.*?</tr>", html, re.S):
        cells = [re.sub(r"<[^>]+>", "", c).strip() for c in re.findall(r"<td.*?</td>", row, re.S)]
        if len(cells) >= columns:
            found.append(cells[-columns:])
    return found


def test_at_least_five_under_one_id(recorded):
    _, cell, took = recorded
    shown = progressive(cell)
    assert len({d.display_id for d in shown}) == 1 and shown[0].display_id
    assert len(shown) >= 5, f"{len(shown)} snapshots in {took:.1f} s"
    assert shown[0].kind in ("display_data", "execute_result")
    assert {d.kind for d in shown[1:]} == {"update_display_data"}
    assert [d.facts["final"] for d in shown] == [False] * (len(shown) - 1) + [True]
    assert shown[0].at < took / 3, f"first state after {shown[0].at:.2f} of {took:.2f} s"


def test_at_most_four_a_second(recorded):
    _, cell, _ = recorded
    times = [d.at for d in progressive(cell)]
    for i, start in enumerate(times):
        # The final state may come at once.
        within = [t for t in times[i:-1] if t < start + 1]
        assert len(within) <= 5, f"{len(within)} updates within a second"


def test_covered_rows_rise(recorded):
    path, cell, _ = recorded
    sizes = [sum(end - start for start, end in covered(d, path)) for d in progressive(cell) if d.facts["covered"]]
    assert all(a < b for a, b in zip(sizes[:-1], sizes[1:-1])), sizes
    header = len(path.open("rb").readline())
    assert sizes[-1] == path.stat().st_size - header


def test_each_equals_polars_on_its_bytes(recorded):
    path, cell, _ = recorded
    shown = [d for d in progressive(cell) if d.facts["covered"]]
    assert len(shown) >= 5
    step = 1 if SOAK else max(1, len(shown) // 8)
    chosen = sorted({*range(0, len(shown), step), len(shown) - 1})
    for index in chosen:
        display = shown[index]
        parts = [read_span(path, a, b, columns=["id3", "id4", "id6", "v1", "v3"]) for a, b in covered(display, path)]
        want = reference(pl.concat(parts))
        assert display.facts["rows"] == want.height
        got = table_rows(display, len(want.columns))
        assert got, f"no table in snapshot {index}"
        compare(index, got, want)


def compare(index: int, got: list[list[str]], want: pl.DataFrame):
    by_key = {int(number(r[0])): r for r in got}
    compared = 0
    for theirs in want.iter_rows():
        mine = by_key.get(theirs[0])
        if mine is None:
            continue
        compared += 1
        for column, (text, value) in enumerate(zip(mine, theirs)):
            shown = number(text)
            if isinstance(value, float):
                # As many digits as are shown.
                digits = len(text.partition(".")[2].partition("e")[0])
                assert math.isclose(shown, value, rel_tol=1e-9, abs_tol=0.51 * 10**-digits), (index, column, text, value)
            else:
                assert shown == value, (index, want.columns[column], text, value)
    assert compared >= min(10, want.height), f"only {compared} rows of snapshot {index} can be compared"


def number(text: str) -> float:
    return float(re.sub(r"[,\s]", "", text))
