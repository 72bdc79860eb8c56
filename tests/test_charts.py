"""Charts: their numbers against DuckDB and polars, their outputs' size, and how JupyterLab and nbconvert show them."""

import base64
import io
import json
import math
import re
import shutil

import duckdb
import nbformat
import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from nbconvert import HTMLExporter

from harness import DATA, OUT, quoted, rivulet
from lab import CURRENT, Browser
from test_clients import Terminal
from test_lab import write_notebook

VEGA = "application/vnd.vegalite.v5+json"
READ = 'flights := Read("data/flights.csv.zip")\nweather := Read("data/weather.csv")'
MOST = 200_000  # bytes of an output


@pytest.fixture(scope="module")
def flights(kernel, tmp_path_factory):
    kernel.run(READ).ok()
    path = tmp_path_factory.mktemp("charts") / "flights.csv"
    shutil.unpack_archive(DATA / "flights.csv.zip", path.parent)
    return pl.read_csv(path, null_values="NA", try_parse_dates=True, infer_schema_length=10_000)


def drawn(kernel, code: str):
    """The last state of a chart as a table, with its specification."""
    cell = kernel.run(code).ok()
    last = cell.displays[-1]
    assert last.facts["final"], last.facts
    size = len(json.dumps(last.data)) + len(json.dumps(last.metadata))
    assert size <= MOST, f"{size} bytes"
    png = base64.b64decode(last.data["image/png"])
    assert png.startswith(b"\x89PNG\r\n\x1a\n") and len(png) > 1000
    assert "text/html" not in last.data, "JupyterLab would show it in the chart's place"
    spec = last.data[VEGA]
    assert spec["$schema"].endswith("/vega-lite/v5.json")
    values = pl.read_csv(io.StringIO(spec["data"]["values"]), schema_overrides={"series": pl.String})
    return values, spec, cell


def same(left, right, tolerance=1e-9):
    assert len(left) == len(right), f"{len(left)} and {len(right)}"
    for a, b in zip(left, right):
        assert a == b or isinstance(a, float) and math.isclose(a, b, rel_tol=tolerance), f"{a} and {b}"


def test_bars(kernel, flights):
    values, spec, _ = drawn(kernel, 'flights.Plot().Bar("carrier", Mean("dep_delay"))')
    want = flights.group_by("carrier").agg(pl.col("dep_delay").mean().alias("y")).sort("y", descending=True)
    same(values["x"], want["carrier"])
    same(values["y"], want["y"])
    assert spec["encoding"]["y"]["title"] == "dep_delay_mean"
    values, spec, _ = drawn(kernel, 'flights.Plot().Bar("dest").Top(12)')
    want = flights.group_by("dest").len("y").sort("y", descending=True)
    same(values["y"], want["y"][:12])
    note = spec["title"]["text"][0]
    rest = int(want["y"][12:].sum())
    assert f"the 12 largest of {len(want)} bars" in note and f"{rest / 1000:.4g}k" in note, note
    values, _, _ = drawn(kernel, 'flights.Plot().Bar("month", "sum(distance)").Color("origin")')
    want = flights.group_by("month", "origin").agg(pl.col("distance").sum().alias("y")).sort("month", "origin")
    same(values["y"], want["y"])
    same(values["series"], want["origin"])


@pytest.mark.parametrize("column, bins", [("dep_delay", 40), ("dep_delay", 300), ("distance", 25), ("distance / 1000", 60), ("arr_delay", 7)])
def test_histogram(kernel, flights, column, bins):
    values, spec, _ = drawn(kernel, f'flights.Plot().Histogram("{column}").Bins({bins})')
    widths = (values["to"] - values["x"]).unique()
    assert max(widths) - min(widths) < 1e-9 * max(widths) and len(values) <= bins + 1
    edges = values["x"].to_list()
    x = flights.select(pl.sql_expr(column.replace("distance / 1000", "distance / 1000.0"))).to_series()
    counts = duckdb.sql(
        f"select floor(v / {widths[0]!r} + 1e-9) as bin, count(*) as y from (select x as v from x_) where v is not null group by bin order by bin",
        connection=connected(x),
    ).fetchall()
    same(values["y"], [n for _, n in counts])
    same([round(e / widths[0]) for e in edges], [round(b) for b, _ in counts])
    if missing := x.null_count():
        assert f"{missing:,} rows without" in spec["title"]["text"][0]


def connected(x: pl.Series):
    c = duckdb.connect()
    c.register("x_", pa.table({"x": x.to_arrow()}))
    return c


def test_lines(kernel, flights):
    values, spec, _ = drawn(kernel, 'flights.Plot().Line("date(time_hour)", Mean("arr_delay")).Color("origin")')
    # The column's times are in UTC.
    day = flights.with_columns(day=pl.col("time_hour").dt.date())
    want = day.group_by("origin", "day").agg(pl.col("arr_delay").mean().alias("y")).drop_nulls().sort("origin", "day")
    same(values["y"], want["y"])
    same(values["x"], [float(d) for d in want["day"].cast(pl.Datetime("ms")).dt.epoch("ms")])
    assert spec["encoding"]["x"]["type"] == "temporal" and spec["encoding"]["x"]["scale"]["type"] == "utc"


def test_zone(kernel, tmp_path):
    """Times are shown on the clock of their zone, across the change to daylight saving too."""
    utc = np.arange("2013-03-09T05:00", "2013-03-12T04:00", np.timedelta64(1, "h"), dtype="datetime64[h]").astype("datetime64[us]")
    table = pa.table({"t": pa.array(utc, pa.timestamp("us", "America/New_York")), "n": np.arange(len(utc))})
    pq.write_table(table, tmp_path / "zone.parquet")
    kernel.run(f"zoned := Read({quoted(tmp_path / 'zone.parquet')})").ok()
    clock = pl.from_arrow(table)["t"].dt.replace_time_zone(None).dt.epoch("ms")
    values, spec, _ = drawn(kernel, 'zoned.Plot().Line("t", "n")')
    # Two hours of a night are one on the clock of another: a line goes by the clock.
    assert sorted(zip(values["x"], values["y"])) == sorted(zip(map(float, clock), table["n"].to_pylist()))
    assert spec["encoding"]["x"]["title"] == "t (America/New_York)"
    values, _, _ = drawn(kernel, 'zoned.Plot().Histogram("t").Bins(4)')
    assert values["y"].sum() == len(utc)


def test_long_line(kernel, tmp_path):
    """Ten million rows: few points, the extremes of every pixel column among them, refined while they were read."""
    rows, width = 10_000_000, 560
    random = np.random.default_rng(7)
    x = np.sort(random.uniform(-5, 1000, rows))
    y = np.cumsum(random.normal(size=rows))
    y[random.integers(0, rows, 1000)] = np.nan
    pq.write_table(pa.table({"x": x, "y": y}), tmp_path / "long.parquet", compression="zstd", row_group_size=1 << 19)
    values, _, cell = drawn(kernel, f'Read({quoted(tmp_path / "long.parquet")}).Plot().Line("x", "y")')
    assert width < len(values) <= 4 * width
    place = np.minimum((x - x[0]) / (x[-1] - x[0]) * width, width - 1).astype(int)
    got = np.minimum((values["x"].to_numpy() - x[0]) / (x[-1] - x[0]) * width, width - 1).astype(int)
    finite = np.isfinite(y)
    for column in random.choice(width, 60, replace=False):
        of = y[finite & (place == column)]
        shown = values["y"].to_numpy()[got == column]
        same([min(shown), max(shown)], [min(of), max(of)], 1e-9)
    same([values["y"][0], values["y"][-1]], [y[0], y[-1]], 1e-9)
    states = [d for d in cell.displays if VEGA in d.data]
    assert len(states) >= 2, "it did not refine"
    assert "so far" in states[0].data["text/plain"] and all(len(json.dumps(d.data)) <= MOST for d in states)


def test_random(kernel, tmp_path):
    """Values that a chart has no place for, in columns of every type."""
    rows = 200_000
    random = np.random.default_rng(11)
    floats = random.lognormal(0, 2, rows)
    floats[::97] = np.nan
    floats[1::991] = np.inf
    gone = random.random(rows) < 0.05
    table = pa.table({
        "f": pa.array(floats, mask=gone),
        "i": pa.array(random.integers(-(10**15), 10**15, rows), mask=gone),
        "t": pa.array(random.integers(0, 10**6, rows) * 10**9, pa.timestamp("ns"), mask=gone),
        "d": pa.array(random.integers(0, 20_000, rows).astype(np.int32), pa.int32(), mask=gone).cast(pa.date32()),
        "w": pa.array(random.integers(0, 10**10, rows), pa.duration("us"), mask=gone),
    })  # fmt: skip
    pq.write_table(table, tmp_path / "odd.parquet")
    c = duckdb.connect()
    c.register("odd", table)
    kernel.run(f"odd := Read({quoted(tmp_path / 'odd.parquet')})").ok()
    for column, value, per in [("f", "f", 1), ("i", "i", 1), ("t", "epoch_ms(t)", 1), ("d", "epoch_ms(d)", 1), ("w", "epoch(w)", None)]:
        values, spec, _ = drawn(kernel, f'odd.Plot().Histogram("{column}")')
        if per is None:
            per = {"h": 3600, "min": 60, "s": 1}[re.search(r"\((\w+)\)", spec["encoding"]["x"]["title"])[1]]
        width = (values["to"][0] - values["x"][0]) * per
        want = c.sql(
            f"select floor(({value}) / {width!r} + 1e-9) as bin, count(*) from odd where isfinite({value}::double) group by bin order by bin"
        ).fetchall()
        same(values["y"], [n for _, n in want])
        left = rows - sum(n for _, n in want)
        assert f"{left:,} rows without a finite {column} left out" in spec["title"]["text"][0]


def test_errors_and_text(kernel, flights, tmp_path):
    for code, want in [
        ('flights.Plot().Bar("carier")', 'did you mean "carrier"?'),
        ('flights.Plot().Line("carrier")', 'Bar("carrier") has a bar for each value'),
        ('flights.Plot().Bar("carrier", "dep_delay")', 'Mean("dep_delay")'),
        ('flights.Plot().Bar("carrier").Color("dest")', 'more than 20 values'),
    ]:  # fmt: skip
        assert want in kernel.run(code).error_text
    file = tmp_path / "text.go"
    file.write_text(f'// %%\nRead({quoted(DATA / "flights.csv.zip")}).Plot().Bar("origin")\n')
    done = rivulet("exec", file)
    assert done.returncode == 0, done.stderr
    assert re.search(r"^EWR 120,835 █{40}$", done.stdout, re.M), done.stdout
    shown = kernel.run('display.Show("before", flights.Plot().Bar("origin"), "after")').ok()
    assert [d.data["text/plain"] for d in shown.displays if VEGA not in d.data][-1] == "after"


def test_console():
    with Terminal() as terminal:
        shown = terminal.run(1, f'Read({quoted(DATA / "flights.csv.zip")}).Plot().Bar("origin", Mean("dep_delay"))')
        assert re.search(r"EWR +15\.11 █{40}\n", shown) and re.search(r"LGA +10\.35 █+▍\n", shown), shown
        assert "336,776 rows read" in shown and shown.count("EWR") == 1, "one picture, when it is complete"


CHARTS = [
    'flights.Plot().Bar("carrier", Mean("dep_delay")).Title("Departure delay")',
    'flights.Plot().Bar("dest")',
    'flights.Plot().Bar("month", Mean("dep_delay")).Color("origin")',
    'flights.Plot().Line("date(time_hour)", Count()).Color("origin")',
    'flights.Filter("dep_delay < 120").Plot().Histogram("dep_delay").Color("origin")',
]


def test_lab(chromium, server):
    folder = server.folder / "charts"
    folder.mkdir()
    (folder / "data").symlink_to(DATA)
    book = folder / "charts.ipynb"
    write_notebook(book, READ, *CHARTS)
    # A chart that Vega could not read would be an error of the page.
    draws = "() => document.querySelectorAll('.vega-embed canvas, .vega-embed svg.marks').length"
    with Browser(chromium) as browser:
        panel = browser.notebook(server, "charts/charts.ipynb")
        warnings = []
        panel.page.on("console", lambda m: warnings.append(m.text) if m.type in ("error", "warning") and "ega" in m.text else None)
        panel.command("notebook:run-all-cells")
        panel.states_until_idle(90)
        panel.page.wait_for_function(f"() => ({draws})() === {len(CHARTS)}", timeout=30_000)
        inked = panel.page.evaluate(
            """() => [...document.querySelectorAll('.vega-embed canvas')].map(c => {
                const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
                let n = 0;
                for (let i = 0; i < d.length; i += 4) n += d[i + 3] > 0 && Math.max(d[i], d[i+1], d[i+2]) - Math.min(d[i], d[i+1], d[i+2]) > 60;
                return n;
            })"""
        )
        assert len(inked) == len(CHARTS) and all(n > 1500 for n in inked), f"pixels with a colour: {inked}"
        for number in range(len(CHARTS)):
            panel.page.locator(".vega-embed").nth(number).screenshot(path=str(OUT / f"chart-{number}.png"))
        assert not warnings, warnings
        panel.save()
        saved = nbformat.read(book, as_version=4)
        outputs = [o for c in saved.cells[1:] for o in c.outputs]
        assert len(outputs) == len(CHARTS) and all({VEGA, "image/png", "text/plain"} == set(o.data) for o in outputs)
        html, _ = HTMLExporter().from_notebook_node(saved)
        assert html.count('src="data:image/png;base64,') == len(CHARTS)
        # Written by another hand they are not trusted, and nothing has run: charts as they are, and of images alone.
        saved.cells.append(nbformat.v4.new_markdown_cell("changed"))
        nbformat.write(saved, folder / "again.ipynb")
        for output in outputs:
            del output.data[VEGA]
        nbformat.write(saved, folder / "images.ipynb")
        panel = browser.notebook(server, "charts/again.ipynb")
        panel.page.wait_for_function(f"() => ({draws})() >= 1", timeout=30_000)
        assert not panel.page.evaluate(f"() => {CURRENT}.content.widgets[1].model.trusted")
        panel = browser.notebook(server, "charts/images.ipynb")
        panel.page.wait_for_selector(".jp-OutputArea-output img", timeout=30_000)
        assert not panel.page.evaluate(f"() => {CURRENT}.content.widgets[1].model.trusted")
        size = panel.page.evaluate("() => { const i = document.querySelector('.jp-OutputArea-output img'); return [i.naturalWidth, i.width] }")
        assert size[0] > 600 and size[1] < size[0], f"natural and shown width: {size}"
        panel.shot(OUT / "chart-image.png")
