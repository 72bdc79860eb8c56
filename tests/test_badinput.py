"""Bad input: a clear error that names the file, the row, the column or the call, and nothing is left running."""

import gzip

import polars as pl
import pyarrow.parquet as pq
import pytest

from harness import Kernel, eventually

GOOD = "id,name,v\n" + "".join(f"{i},n{i},{i * 1.5}\n" for i in range(200_000))


def ragged(folder):
    (folder / "ragged.csv").write_text("a,b,c\n1,2,3\n4,5\n6,7,8\n")
    return "ragged.csv", ["ragged.csv", "line 3"]


def ragged_long(folder):
    (folder / "long.csv").write_text("a,b\n1,2\n4,5,6\n")
    return "long.csv", ["long.csv", "line 3"]


def missing(folder):
    return "missing.csv", ["missing.csv", "no such file"]


def no_match(folder):
    return "none-*.csv", ["none-*.csv"]


def empty(folder):
    (folder / "empty.csv").write_bytes(b"")
    return "empty.csv", ["empty.csv", "empty"]


def beyond_sample(folder):
    lines = GOOD.splitlines()
    lines[150_001] = "oops,n,1.5"
    (folder / "late.csv").write_text("\n".join(lines) + "\n")
    return "late.csv", ["late.csv", "line 150002", '"id"', "oops"]


def truncated_gzip(folder):
    whole = gzip.compress(GOOD.encode())
    (folder / "cut.csv.gz").write_bytes(whole[: len(whole) // 2])
    return "cut.csv.gz", ["cut.csv.gz"]


def broken_gzip(folder):
    (folder / "not.csv.gz").write_bytes(b"this is not gzip")
    return "not.csv.gz", ["not.csv.gz"]


def truncated_zip(folder):
    import io
    import zipfile

    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("cut.csv", GOOD)
    (folder / "cut.csv.zip").write_bytes(buffer.getvalue()[: len(buffer.getvalue()) // 2])
    return "cut.csv.zip", ["cut.csv.zip"]


def truncated_parquet(folder):
    frame = pl.DataFrame({"a": range(100_000), "b": [f"text {i}" for i in range(100_000)]})
    frame.write_parquet(folder / "whole.parquet", row_group_size=10_000)
    whole = (folder / "whole.parquet").read_bytes()
    (folder / "cut.parquet").write_bytes(whole[: len(whole) // 2])
    return "cut.parquet", ["cut.parquet"]


def corrupt_parquet(folder):
    """The footer is whole, a page's header is not. Damage inside a page that has no checksum, no reader can tell."""
    frame = pl.DataFrame({"a": range(100_000), "b": [f"text {i}" for i in range(100_000)]})
    frame.write_parquet(folder / "bad.parquet", row_group_size=10_000)
    pages = pq.read_metadata(folder / "bad.parquet").row_group(0).column(1)
    begin = pages.dictionary_page_offset or pages.data_page_offset
    whole = bytearray((folder / "bad.parquet").read_bytes())
    whole[begin : begin + 64] = bytes(64)
    (folder / "bad.parquet").write_bytes(whole)
    return "bad.parquet", ["bad.parquet"]


def bad_json(folder):
    (folder / "bad.ndjson").write_text('{"a": 1}\n{"a": \n')
    return "bad.ndjson", ["bad.ndjson"]


FILES = [
    missing, no_match, empty, ragged, ragged_long, beyond_sample, truncated_gzip, broken_gzip, truncated_zip,
    truncated_parquet, corrupt_parquet, bad_json,
]  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("bad")
    (path / "good.csv").write_text(GOOD)
    return path


@pytest.fixture(scope="module")
def cells(folder):
    with Kernel(cwd=folder) as kernel:
        kernel.run('import "runtime"\nRead("good.csv").GroupBy("name").Agg(Count())').ok()
        yield kernel


def goroutines(kernel) -> int:
    return int(kernel.run("runtime.NumGoroutine()").ok().text)


def check(kernel, code: str, named: list[str]):
    before = goroutines(kernel)
    text = kernel.run(code, timeout=60).error_text
    for what in named:
        assert what in text, f"{what} is not named in: {text}"
    assert "goroutine " not in text and "panic" not in text, text
    eventually(lambda: goroutines(kernel) <= before, what=f"back to {before} goroutines")


@pytest.mark.parametrize("action", ["shown", "collected", "written"])
@pytest.mark.parametrize("make", FILES, ids=lambda f: f.__name__)
def test_file(cells, folder, make, action):
    name, named = make(folder)
    query = f'Read("{name}")'
    if action == "collected":
        query = f"{query}.Collect()"
    elif action == "written":
        query = f'{query}.Write("out.parquet")'
    check(cells, query, named)
    assert not list(folder.glob("out.parquet*")), "a failed Write left a file"
    assert "good" in cells.run('Read("good.csv").Head(1)\n"good"').ok().text


CALLS = [
    ("unknown column in Select", 'Read("good.csv").Select("nme")', ["Select", "nme", "name"]),
    ("unknown column in Filter", 'Read("good.csv").Filter("vv > 1")', ["Filter", "vv"]),
    ("unknown column in GroupBy", 'Read("good.csv").GroupBy("x").Agg(Count())', ["GroupBy", "x"]),
    ("unknown column in Sort", 'Read("good.csv").Sort("x")', ["Sort", "x"]),
    ("unknown column in Join", 'Read("good.csv").Join(Read("good.csv"), "x")', ["Join", "x"]),
    ("type mismatch", 'Read("good.csv").Filter("name > 1")', ["Filter", "name"]),
    ("filter that is no condition", 'Read("good.csv").Filter("id + 1")', ["Filter"]),
    ("sum of text", 'Read("good.csv").Agg(Sum("name"))', ["Agg", "name"]),
    ("syntax", 'Read("good.csv").Filter("id > ")', ["Filter"]),
    ("unknown function", 'Read("good.csv").WithColumn("y", "frobnicate(id)")', ["WithColumn", "frobnicate"]),
    ("join of other types", 'Read("good.csv").Join(Read("good.csv").Rename("name", "key"), frame.On("id", "key"))', ["Join", "id", "key"]),
    ("columns of unequal length", 'frame.New(map[string]any{"a": []int{1}, "b": []int{1, 2}})', ["New"]),
    ("write to an unknown format", 'Read("good.csv").Write("x.docx")', ["Write", "x.docx"]),
    ("write to a missing folder", 'Read("good.csv").Write("no/such/x.csv")', ["no/such"]),
]


@pytest.mark.parametrize("code, named", [c[1:] for c in CALLS], ids=[c[0] for c in CALLS])
def test_call(cells, code, named):
    check(cells, code, named)
