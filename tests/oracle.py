"""polars as the independent engine: the same tables, and equality value by value."""

import io
import zipfile

import polars as pl

from harness import DATA

NULLS = ["", "NA", "N/A", "null", "NULL"]
SAMPLE = 5_000  # rows from which polars guesses types: of all rows, it takes half a minute; a value that is none of them is an error


def read(name: str) -> pl.DataFrame:
    file = DATA / name
    source = file
    if name.endswith(".zip"):
        with zipfile.ZipFile(file) as archive:
            source = archive.read(archive.namelist()[0])
    return pl.read_csv(source, null_values=NULLS, try_parse_dates=True, infer_schema_length=SAMPLE)


def assert_equal(got: pl.DataFrame, want: pl.DataFrame, ordered: bool, name: str = ""):
    assert got.columns == want.columns
    assert got.height == want.height, f"{name}: {got.height} rows, polars has {want.height}"
    if not ordered:
        got, want = (f.sort(f.columns, nulls_last=True) for f in (got, want))
    for column in want.columns:
        mine, theirs = got[column], want[column]
        if theirs.dtype.is_temporal():
            mine, theirs = (s.cast(pl.Datetime("us")) if s.dtype == pl.Date else s.dt.replace_time_zone(None).dt.cast_time_unit("us") for s in (mine, theirs))
        wrong = differing(mine, theirs)
        assert not wrong, f"{name}: column {column}, row {wrong[0]}: {mine[wrong[0]]!r}, polars has {theirs[wrong[0]]!r}; {len(wrong)} rows differ"


def differing(mine: pl.Series, theirs: pl.Series) -> list[int]:
    """The rows in which two columns differ; floats by more than the order of addition explains."""
    if mine.dtype.is_float() or theirs.dtype.is_float():
        a, b = mine.cast(pl.Float64), theirs.cast(pl.Float64)
        apart = (a - b).abs() > pl.select(pl.max_horizontal(a.abs() * 1e-9, b.abs() * 1e-9, pl.lit(1e-12))).to_series()
        apart = (a.ne_missing(b)) & (apart | a.is_null() | b.is_null() | ~a.is_finite() | ~b.is_finite())
        return apart.arg_true().to_list()
    if mine.dtype == theirs.dtype:
        return mine.ne_missing(theirs).arg_true().to_list()
    return [i for i, (a, b) in enumerate(zip(mine.to_list(), theirs.to_list())) if a != b]


def read_span(path, start: int, end: int, **options) -> pl.DataFrame:
    """Exactly the bytes [start, end) of a CSV, with the header of the file where the span does not hold it."""
    with open(path, "rb") as file:
        header = file.readline()
        file.seek(start)
        text = file.read(end - start)
    if start > 0:
        text = header + text
    return pl.read_csv(io.BytesIO(text), **options)


def merged(spans: list) -> list:
    """Spans of one input, sorted, neighbours joined; overlapping ones are an error."""
    joined: list = []
    for start, end in sorted(spans):
        if joined and start < joined[-1][1]:
            raise AssertionError(f"span [{start}, {end}) covers bytes twice: {spans}")
        if joined and start == joined[-1][1]:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined
