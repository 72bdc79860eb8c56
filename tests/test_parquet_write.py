"""Parquet files that are written, of every type and with every option, are read by pyarrow, DuckDB and polars as what they were made of."""

import datetime
import math
import os
import random
import time

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.ipc
import pyarrow.parquet as pq
import pytest

from harness import SOAK, Kernel, eventually, quoted, rivulet
from test_parquet import KINDS, canonical, column, nested

SECONDS = pa.timestamp("s")


def made(r: random.Random) -> pa.Table:
    rows = r.choice([0, 1, 7, 1000, 5000, 70_000])
    columns = {kind: column(r, kind, rows) for kind in r.sample(list(KINDS), 3 if rows > 5000 else 8)}
    if rows <= 5000:
        columns |= nested(r, rows)
        columns["seconds"] = pa.array([r.choice([None, r.randrange(-(10**9), 10**10)]) for _ in range(rows)], pa.int64()).cast(SECONDS)
    return pa.table(columns)


def options(r: random.Random, names: list[str]) -> str:
    out = [""]
    if r.random() < 0.8:
        codec = r.choice(["snappy", "zstd", "gzip", "brotli", "lz4", "none"])
        level = f", {r.randrange(1, 7)}" if codec in ("zstd", "gzip", "brotli") and r.random() < 0.5 else ""
        out.append(f'frame.Compression("{codec}"{level})')
    if r.random() < 0.5:
        out.append(f"frame.RowGroupBytes({r.choice([1000, 50_000, 1 << 20])})")
    if r.random() < 0.5:
        out.append(f'frame.BloomFilter("{r.choice(names)}")')
    return ", ".join(out)


def engine(table: pa.Table, types) -> pa.Table:
    """The table in the types of frames; those that another one has not are numbers."""
    columns = []
    for c in canonical(table).columns:
        if pa.types.is_timestamp(c.type):  # in the unit that all have
            c = pc.cast(c, pa.timestamp("us", c.type.tz), safe=False).cast(pa.int64())
        elif pa.types.is_duration(c.type):
            c = c.cast(pa.int64())
        columns.append(c)
    return pa.table(columns, names=table.column_names)


def assert_equal(where: str, got: pa.Table, want: pa.Table):
    assert got.column_names == want.column_names, where
    assert got.num_rows == want.num_rows, where
    for name, a, b in zip(want.column_names, engine(got, want).columns, engine(want, want).columns):
        if pa.types.is_nested(b.type):
            assert a.to_pylist() == b.to_pylist(), f"{where}, {name}"
            continue
        if a.type != b.type:
            a = a.cast(b.type)
        assert a.combine_chunks().equals(b.combine_chunks()), f"{where}, {name}: {a.type}"


def write_all(tmp_path, cases: dict[str, tuple[pa.Table, str]]):
    """Has rivulet write a Parquet file of each table."""
    cells = ["// %%", "func check(err error) { if err != nil { panic(err) } }", "// %%"]
    for name, (table, how) in cases.items():
        with pa.ipc.new_file(tmp_path / f"{name}.arrow", table.schema) as file:
            step = max(table.num_rows // 3, 1)
            for at in range(0, table.num_rows, step):
                file.write_table(table.slice(at, step))
        cells.append(f'check(Read("{name}.arrow").Write("{name}.parquet"{how}))')
    (tmp_path / "write.go").write_text("\n".join(cells) + "\n")
    done = rivulet("exec", "write.go", cwd=tmp_path, timeout=1200)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("first", range(0, 400 if SOAK else 40, 20))
def test_everyone_reads_what_is_written(tmp_path, first):
    cases = {}
    for seed in range(first, first + 20):
        r = random.Random(seed)
        table = made(r)
        cases[f"t{seed}"] = (table, options(r, table.column_names))
    write_all(tmp_path, cases)
    for name, (table, how) in cases.items():
        path = tmp_path / f"{name}.parquet"
        where = f"{name}{how}"
        assert_equal(f"pyarrow, {where}", pq.ParquetFile(path).read(), table)
        assert_equal(f"polars, {where}", pl.read_parquet(path).to_arrow(), table)
        assert_equal(f"DuckDB, {where}", duckdb.sql(f"SELECT * FROM '{path}'").to_arrow_table(), table)
        check_statistics(where, path, table)


def check_statistics(where: str, path, table: pa.Table):
    """Minima and maxima of row groups are those of the values, or beyond them where they are not exact."""
    file = pq.ParquetFile(path)
    table, at = canonical(table), 0
    query = f"SELECT row_group_id, path_in_schema, min_is_exact, max_is_exact FROM parquet_metadata('{path}')"
    exact = {(g, name): (low, high) for g, name, low, high in duckdb.sql(query).fetchall()}
    for g in range(file.num_row_groups):
        group = file.metadata.row_group(g)
        for c in range(group.num_columns):
            chunk = group.column(c)
            stats = chunk.statistics
            values = table[chunk.path_in_schema].slice(at, group.num_rows) if "." not in chunk.path_in_schema else None
            if values is None or pa.types.is_nested(values.type):
                continue
            note = f"{where}: row group {g}, {chunk.path_in_schema}, {values.type}"
            assert stats.null_count == values.null_count, note
            values = values.drop_null()
            if pa.types.is_floating(values.type):
                values = values.filter(pc.invert(pc.is_nan(values)))
            if not stats.has_min_max:
                assert len(values) == 0, note
                continue
            if pa.types.is_timestamp(values.type) or pa.types.is_duration(values.type):
                continue  # by the queries below
            low, high = pc.min(values).as_py(), pc.max(values).as_py()
            if isinstance(low, (str, bytes)):
                if isinstance(low, str):
                    low, high = min(v.encode() for v in values.to_pylist()), max(v.encode() for v in values.to_pylist())
                least, most = (v.encode() if isinstance(v, str) else v for v in (stats.min, stats.max))
                assert least <= low and most >= high, note
                assert len(least) <= 64 and low.startswith(least), note
                assert exact[g, chunk.path_in_schema] == (least == low, most == high), note
            else:
                assert (stats.min, stats.max) == (low, high), note
            if isinstance(low, float):
                assert not math.isnan(stats.min) and not math.isnan(stats.max), note
                assert low != 0 or math.copysign(1, stats.min) < 0, note
                assert high != 0 or math.copysign(1, stats.max) > 0, note
        at += group.num_rows


@pytest.mark.parametrize("first", range(0, 60 if SOAK else 12, 6))
def test_nothing_that_is_asked_for_is_passed_over(tmp_path, first):
    """Who skips by statistics, page index and bloom filters finds as many rows as there are."""
    cases = {}
    for seed in range(first, first + 6):
        r = random.Random(seed + 1000)
        rows = r.choice([1000, 70_000])
        kinds = r.sample([k for k in KINDS if k not in ("half", "span", "nano", "truth")], 4)
        columns = {kind: column(r, kind, rows) for kind in kinds}
        if r.random() < 0.5:
            first = kinds[0]
            columns = {k: c.take(pc.sort_indices(columns[first])) for k, c in columns.items()}
        cases[f"t{seed}"] = (pa.table(columns), f', frame.RowGroupBytes(100_000), frame.BloomFilter("{kinds[0]}", "{kinds[1]}")')
    write_all(tmp_path, cases)
    for name, (table, _) in cases.items():
        path = tmp_path / f"{name}.parquet"
        frame, r = pl.from_arrow(canonical(table)), random.Random(name)
        connection = duckdb.connect()
        connection.register("t", canonical(table))
        for kind in frame.columns:
            values = frame[kind].drop_nulls().unique()
            for value in values.sample(min(len(values), 5), seed=1).to_list() if len(values) else []:
                for operator in ("=", "<", ">="):
                    count = f"SELECT count(*) FROM {{}} WHERE {kind} {operator} ?"
                    want = connection.execute(count.format("t"), [value]).fetchone()
                    got = connection.execute(count.format(f"'{path}'"), [value]).fetchone()
                    assert got == want, f"DuckDB, {name}: {kind} {operator} {value!r}"
                    condition = {"=": pl.col(kind) == value, "<": pl.col(kind) < value, ">=": pl.col(kind) >= value}[operator]
                    got = pl.scan_parquet(path).filter(condition).select(pl.len()).collect().item()
                    assert got == frame.filter(condition).height, f"polars, {name}: {kind} {operator} {value!r}"


def test_bloom_filters(tmp_path):
    rows = 50_000
    r = random.Random(3)
    table = pa.table({
        "n": pa.array([r.randrange(1 << 40) * 2 for _ in range(rows)]),
        "t": [f"text {r.randrange(1 << 40) * 2}" for _ in range(rows)],
        "d": pa.array([float(r.randrange(1 << 40) * 2) for _ in range(rows)]),
    })
    write_all(tmp_path, {"b": (table, ', frame.BloomFilter("n", "t", "d")')})
    path = tmp_path / "b.parquet"
    for name, other in [("n", lambda v: v + 1), ("t", lambda v: v + "x"), ("d", lambda v: v + 1)]:
        values = table[name].to_pylist()[:300]

        def excluded(value):
            kind = {"n": "BIGINT", "t": "VARCHAR", "d": "DOUBLE"}[name]
            literal = f"'{value}'::{kind}"
            query = f"SELECT bool_and(bloom_filter_excludes) FROM parquet_bloom_probe('{path}', '{name}', {literal})"
            return duckdb.sql(query).fetchall()[0][0]

        assert not any(excluded(v) for v in values), name
        assert sum(excluded(other(v)) for v in values) > 280, name


KEYS = {
    "text": pa.array(["a b", "x/y=z%", "é€", None, "plain", "..", "a+b&c?#", "tab\t", "ü", "Z"]),
    "int": pa.array([1, None, -3, 4, 5, 1, 1, 8, 9, 10]),
    "truth": pa.array([True, False, None, True, True, False, True, False, True, True]),
    "day": pa.array([datetime.date(2024, 2, k + 1) for k in range(9)] + [None]),
}


@pytest.mark.parametrize("keys", [["text"], ["int", "truth"], ["day"], ["text", "int", "truth", "day"]])
def test_partitions(tmp_path, keys):
    rows = 5000
    table = pa.table({**{k: c.take(pa.array([i % 10 for i in range(rows)])) for k, c in KEYS.items()}, "v": range(rows)})
    listed = ", ".join(f'"{k}"' for k in keys)
    (tmp_path / "p").mkdir()
    write_all(tmp_path, {"t": (table, "")})
    (tmp_path / "w.go").write_text(f'// %%\nerr := Read("t.arrow").Write("p", frame.PartitionBy({listed}), frame.RowGroupBytes(5000))\nif err != nil {{ panic(err) }}\n')
    done = rivulet("exec", "w.go", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    files = [p.relative_to(tmp_path / "p") for p in (tmp_path / "p").rglob("*.parquet")]
    assert len(files) == len({tuple(row[k] for k in keys) for row in table.select(keys).to_pylist()})
    want = pl.from_arrow(table)
    columns = want.columns
    frames = {
        "polars": pl.scan_parquet(tmp_path / "p" / "**" / "*.parquet", hive_partitioning=True, try_parse_hive_dates=True).collect(),
        "pyarrow": pl.from_arrow(pq.read_table(tmp_path / "p")),
        "DuckDB": pl.from_arrow(duckdb.sql(f"SELECT * FROM read_parquet('{tmp_path}/p/**/*.parquet', hive_partitioning = true)").to_arrow_table()),
    }
    for name, got in frames.items():
        for k in keys:
            if got[k].dtype == pl.Categorical or got[k].dtype == pl.Enum:
                got = got.with_columns(pl.col(k).cast(pl.String))
            if want[k].dtype == pl.Boolean and got[k].dtype == pl.String:
                got = got.with_columns(pl.col(k) == "true")
            got = got.with_columns(pl.col(k).cast(want[k].dtype) if want[k].dtype != pl.Date else pl.col(k).cast(pl.String).str.to_date(strict=False))
        assert got.select(columns).sort("v").equals(want.sort("v")), name


def test_a_write_that_fails_leaves_nothing(tmp_path):
    with Kernel(cwd=tmp_path) as kernel:
        kernel.run("var numbers []int\nfor i := range 500_000 {\n\tnumbers = append(numbers, i)\n}").ok()
        kernel.run('t := frame.New(map[string]any{"n": numbers})').ok()
        bad = 't.Map("m", func(n int) int {\n\tif n == 400_000 {\n\t\tpanic("no more")\n\t}\n\treturn n % 7\n})'
        for how in ("", ', frame.PartitionBy("m"), frame.RowGroupBytes(1000)'):
            cell = kernel.run(f'err := {bad}.Write("out.parquet"{how})\nerr.Error()')
            assert "no more" in cell.text, cell.text
            assert os.listdir(tmp_path) == []


def test_an_interrupted_write_leaves_nothing(tmp_path):
    with Kernel(cwd=tmp_path) as kernel:
        kernel.run("var numbers []int\nfor i := range 300_000 {\n\tnumbers = append(numbers, i)\n}").ok()
        kernel.run('t := frame.New(map[string]any{"n": numbers})\nbig := t.Join(t.WithColumn("n", "n % 100"), "n", "left")').ok()
        for how in ("", ', frame.PartitionBy("k")'):
            sent = kernel.send(f'big.WithColumn("k", "n % 100").Sort("n").Write("out.parquet"{how}, frame.Compression("brotli", 11))')
            deadline = time.monotonic() + 30
            while not os.listdir(tmp_path) and time.monotonic() < deadline:
                time.sleep(0.02)
            assert os.listdir(tmp_path), "the file was not begun"
            assert not (tmp_path / "out.parquet").exists()
            kernel.manager.interrupt_kernel()
            cell = kernel.collect(sent)
            assert cell.error is not None, cell.text
            # What is being compressed is compressed to its end.
            eventually(lambda: os.listdir(tmp_path) == [], timeout=30, what="the file is gone")
