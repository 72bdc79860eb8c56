"""Parquet files of pyarrow, DuckDB and polars, over types, encodings, codecs, page versions and nulls, are read as pyarrow reads them."""

import datetime
import decimal
import random
import string

import duckdb
import numpy
import polars as pl
import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet as pq
import pytest

from harness import SOAK, rivulet

EPOCH = datetime.datetime(1970, 1, 1)
ALPHABETS = ["ab", string.printable, "aé€😀 "]


def texts(r: random.Random) -> list[str]:
    alphabet, longest = r.choice(ALPHABETS), r.choice([3, 12, 16, 40, 300])
    return ["".join(r.choices(alphabet, k=r.randrange(longest + 1))) for _ in range(r.choice([1, 5, 300]))]


def digits(r: random.Random, precision: int) -> decimal.Decimal:
    return decimal.Decimal(r.randrange(-(10**precision) + 1, 10**precision)).scaleb(-2)


def integers(low: int, high: int):
    def make(r: random.Random):
        few, narrow = r.random() < 0.4, r.random() < 0.3
        pool = [r.randint(low, high) for _ in range(r.choice([1, 2, 100]))]
        base = r.randint(low, high)
        return lambda: r.choice(pool) if few else min(max(base + r.randrange(-9, 10), low), high) if narrow else r.randint(low, high)

    return make


def of(values):
    """Values of a list, made by values."""

    def make(r: random.Random):
        pool = values(r)
        return lambda: r.choice(pool)

    return make


def moments(scale: int):
    def make(r: random.Random):
        spread = r.choice([1000, 4 * 10**9])
        return lambda: r.randrange(-spread // 4, spread) * scale + r.randrange(scale)

    return make


# Arrow types, how their values are made, and their encodings beside plain and dictionaries.
DELTA, STREAMS, LENGTHS, SHARED = "DELTA_BINARY_PACKED", "BYTE_STREAM_SPLIT", "DELTA_LENGTH_BYTE_ARRAY", "DELTA_BYTE_ARRAY"
KINDS = {
    "truth": (pa.bool_(), of(lambda r: r.choice([[True, False], [True], [True, True, True, False]])), ["RLE"]),
    **{f"int{w}": (getattr(pa, f"int{w}")(), integers(-(2 ** (w - 1)), 2 ** (w - 1) - 1), [DELTA, STREAMS]) for w in (8, 16, 32, 64)},
    **{f"uint{w}": (getattr(pa, f"uint{w}")(), integers(0, 2**w - 1), [DELTA, STREAMS]) for w in (8, 16, 32, 64)},
    "half": (pa.float16(), of(lambda r: [numpy.float16(r.gauss(0, 100)) for _ in range(200)]), [STREAMS]),
    "single": (pa.float32(), of(lambda r: [r.gauss(0, 1e10) for _ in range(r.choice([3, 2000]))]), [STREAMS]),
    "double": (pa.float64(), of(lambda r: [r.gauss(0, 1) * 10 ** r.randrange(-300, 300) for _ in range(r.choice([3, 5000]))]), [STREAMS]),
    "text": (pa.string(), of(texts), [LENGTHS, SHARED]),
    "large": (pa.large_string(), of(texts), [LENGTHS, SHARED]),
    "words": (pa.dictionary(pa.int32(), pa.string()), of(texts), []),
    "bytes": (pa.binary(), of(lambda r: [r.randbytes(r.randrange(40)) for _ in range(r.choice([1, 500]))]), [LENGTHS, SHARED]),
    "fixed": (pa.binary(7), of(lambda r: [r.randbytes(7) for _ in range(r.choice([1, 500]))]), [SHARED, STREAMS]),
    "small_decimal": (pa.decimal128(7, 2), of(lambda r: [digits(r, 7) for _ in range(300)]), []),
    "decimal": (pa.decimal128(17, 2), of(lambda r: [digits(r, 17) for _ in range(300)]), []),
    "large_decimal": (pa.decimal128(38, 2), of(lambda r: [digits(r, 38) for _ in range(300)]), []),
    "date": (pa.date32(), integers(-100_000, 100_000), [DELTA]),
    "milli": (pa.timestamp("ms"), moments(1), [DELTA, STREAMS]),
    "micro": (pa.timestamp("us", "UTC"), moments(1000), [DELTA]),
    "nano": (pa.timestamp("ns", "Europe/Berlin"), moments(10**9), [DELTA]),
    "span": (pa.duration("us"), moments(1000), [DELTA]),
}


def column(r: random.Random, kind: str, rows: int) -> pa.Array:
    type_, make, _ = KINDS[kind]
    value = make(r)
    share = r.choice([0, 0, 0.02, 0.5, 0.98, 1])
    runs = r.random() < 0.3
    values = []
    while len(values) < rows:
        n = min(r.randrange(1, 3000) if runs else 1, rows - len(values))
        null = r.random() < share
        v = value()
        values += [None] * n if null else [v] * n if r.random() < 0.5 else [value() for _ in range(n)]
    if kind in ("date", "milli", "micro", "nano", "span"):
        return pa.array(values, pa.int32() if kind == "date" else pa.int64()).cast(type_)
    return pa.array(values, type_)


def nested(r: random.Random, rows: int) -> dict[str, pa.Array]:
    """Lists and structs, with nulls at every depth and lists without items."""

    def some(value, share=r.choice([0, 0.1, 0.6])):
        return None if r.random() < share else value

    def items():
        return [some(r.randrange(100)) for _ in range(r.choice([0, 1, 1, 3]))]

    def record():
        return {"n": some(r.randrange(5)), "t": some(r.choice(["a", "", "€"])), "l": some(items())}

    types = {
        "list": pa.list_(pa.int64()),
        "texts": pa.list_(pa.string()),
        "lists": pa.list_(pa.list_(pa.int64())),
        "struct": pa.struct({"n": pa.int64(), "t": pa.string(), "l": pa.list_(pa.int64())}),
        "structs": pa.list_(pa.struct({"n": pa.int64(), "t": pa.string(), "l": pa.list_(pa.int64())})),
    }
    make = {
        "list": items,
        "texts": lambda: [some(r.choice(["", "aé", "long text of some words"])) for _ in items()],
        "lists": lambda: [some(items()) for _ in items()],
        "struct": record,
        "structs": lambda: [some(record()) for _ in items()],
    }
    chosen = r.sample(list(types), 2)
    return {kind: pa.array([some(make[kind]()) for _ in range(rows)], types[kind]) for kind in chosen}


def table(r: random.Random) -> pa.Table:
    rows = r.choice([1, 7, 1000, 5000, 5000, 70_000])
    kinds = r.sample(list(KINDS), 4 if rows > 5000 else 10)
    columns = {kind: column(r, kind, rows) for kind in kinds}
    if rows <= 5000 and r.random() < 0.5:
        columns |= nested(r, rows)
    fields = [pa.field(k, c.type, nullable=c.null_count > 0 or r.random() < 0.7) for k, c in columns.items()]
    return pa.table(list(columns.values()), schema=pa.schema(fields))


def write_pyarrow(path, r: random.Random, t: pa.Table):
    encodings = {k: r.choice(["PLAIN", *KINDS[k][2]]) for k in t.column_names if r.random() < 0.6 and k in KINDS and k != "words"}
    old = r.random() < 0.1  # timestamps of 96 bits
    if old:
        encodings = {k: v for k, v in encodings.items() if k not in ("milli", "micro", "nano")}
    writer = pq.ParquetWriter(
        path,
        t.schema,
        version=r.choice(["1.0", "2.4", "2.6"]) if "nano" not in t.column_names else "2.6",
        compression={k: r.choice(["none", "snappy", "gzip", "brotli", "lz4", "zstd"]) for k in t.column_names},
        use_dictionary=[k for k in t.column_names if k not in encodings and k != "truth"],
        column_encoding=encodings or None,
        data_page_version=r.choice(["1.0", "2.0"]),
        data_page_size=r.choice([200, 4096, 1 << 20]),
        dictionary_pagesize_limit=r.choice([100, 1 << 20]),
        write_page_index=r.random() < 0.5,
        write_page_checksum=r.random() < 0.5,
        store_decimal_as_integer=r.random() < 0.5,
        use_deprecated_int96_timestamps=old,
        store_schema=r.random() < 0.8,
    )
    with writer:
        step = r.choice([t.num_rows, t.num_rows // 3 + 1])
        for at in range(0, t.num_rows, step):
            if r.random() < 0.2:
                writer.write_table(t.slice(0, 0))  # an empty row group
            writer.write_table(t.slice(at, step))


def write_duckdb(path, r: random.Random, t: pa.Table):
    t = t.drop_columns([k for k in t.column_names if k in ("half", "span")])
    if not t.column_names:
        t = pa.table({"n": [1, None, 3]})
    connection = duckdb.connect()
    connection.register("t", t)
    codec = r.choice(["uncompressed", "snappy", "gzip", "zstd", "brotli", "lz4_raw"])
    connection.sql(f"COPY (SELECT * FROM t) TO '{path}' (FORMAT parquet, COMPRESSION {codec}, PARQUET_VERSION {r.choice(['V1', 'V2'])}, ROW_GROUP_SIZE {r.choice([2048, 122880])})")


def write_polars(path, r: random.Random, t: pa.Table):
    t = t.drop_columns([k for k in t.column_names if k in ("half", "fixed")])
    frame = pl.from_arrow(t) if t.column_names else pl.DataFrame({"n": [1, None, 3]})
    frame.write_parquet(
        path,
        compression=r.choice(["uncompressed", "snappy", "gzip", "zstd", "brotli", "lz4"]),
        row_group_size=r.choice([None, 1000]),
        data_page_size=r.choice([None, 1000]),
        statistics=r.random() < 0.5,
    )


def canonical(t: pa.Table) -> pa.Table:
    """A table in the types that frames have."""
    columns = []
    for c in t.columns:
        kind = c.type
        if pa.types.is_dictionary(kind):
            c = c.cast(kind.value_type)
            kind = c.type
        if pa.types.is_integer(kind) and kind != pa.uint64():
            c = c.cast(pa.int64())
        elif pa.types.is_floating(kind):
            c = c.cast(pa.float32()).cast(pa.float64()) if kind == pa.float16() else c.cast(pa.float64())
        elif pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
            c = c.cast(pa.string())
        elif pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind) or pa.types.is_binary_view(kind):
            c = c.cast(pa.binary())
        columns.append(c.combine_chunks())
    return pa.table(columns, names=t.column_names)


def expected(path) -> pa.Table:
    try:
        return pq.ParquetFile(path).read()
    except OSError:  # pyarrow does not read compressed pages without values, as DuckDB writes them
        return duckdb.sql(f"SELECT * FROM '{path}'").to_arrow_table()


def assert_same(name: str, got: pa.Table, want: pa.Table):
    assert got.column_names == want.column_names, name
    assert got.num_rows == want.num_rows, name
    for column_name, a, b in zip(got.column_names, got.columns, want.columns):
        where = f"{name}, {column_name}: {a.type}, {b.type}"
        if pa.types.is_timestamp(b.type):
            a, b = (c.cast(pa.timestamp("ns", c.type.tz)).cast(pa.int64()) for c in (a, b))
        if pa.types.is_nested(b.type):  # whose lists have items of several names
            assert a.to_pylist() == b.to_pylist(), where
            continue
        assert a.type == b.type, where
        assert a.combine_chunks().equals(b.combine_chunks()), where


@pytest.mark.parametrize("first", range(0, 600 if SOAK else 80, 40))
def test_read_as_pyarrow_does(tmp_path, first):
    writers = {"pyarrow": write_pyarrow, "duckdb": write_duckdb, "polars": write_polars}
    cells = ["// %%", "func check(err error) { if err != nil { panic(err) } }", "// %%"]
    names = []
    for seed in range(first, first + 40):
        r = random.Random(seed)
        writer = ["pyarrow", "pyarrow", "duckdb", "polars"][seed % 4]
        names.append(f"{writer}{seed}")
        writers[writer](str(tmp_path / f"{names[-1]}.parquet"), r, table(r))
        cells.append(f'check(Read("{names[-1]}.parquet").Write("{names[-1]}.arrow"))')
    (tmp_path / "read.go").write_text("\n".join(cells) + "\n")
    done = rivulet("exec", "read.go", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    for name in names:
        want = canonical(expected(tmp_path / f"{name}.parquet"))
        assert_same(name, pa.ipc.open_file(tmp_path / f"{name}.arrow").read_all(), want)
