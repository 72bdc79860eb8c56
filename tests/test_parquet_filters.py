"""Filters of Parquet files, whose parts are left out by statistics, page index and bloom filters, give the rows that filters of frames in memory give."""

import inspect
import json
import math
import random
import re

import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet as pq

from harness import SOAK, rivulet
from test_parquet import KINDS, assert_same, column, write_duckdb, write_polars, write_pyarrow

COMPARED = [k for k in KINDS if k not in ("truth", "half", "bytes", "fixed", "span")]
BLOOM = "bloom_filter_options" in inspect.signature(pq.ParquetWriter.__init__).parameters


def table(r: random.Random) -> pa.Table:
    rows = r.choice([1, 500, 5000, 20_000])
    kinds = r.sample(COMPARED, 5)
    t = pa.table({kind: column(r, kind, rows) for kind in kinds} | {"row": pa.array(range(rows), pa.int64())})
    if r.random() < 0.5 and "words" not in kinds:
        t = t.sort_by(r.choice(kinds))
    if "double" in kinds and r.random() < 0.5:  # what bounds can't hold
        at = t.column_names.index("double")
        values = [r.choice([math.nan, -0.0, 0.0, math.inf]) if r.random() < 0.1 else v for v in t.column(at).to_pylist()]
        t = t.set_column(at, "double", pa.array(values, pa.float64()))
    return t


def literal(r: random.Random, t: pa.Table, kind: str) -> str | None:
    values = [v for v in t.column(kind).to_pylist()[: 50 if r.random() < 0.3 else None] if v is not None]
    if not values:
        return None
    v = r.choice(values)
    if kind in ("text", "large", "words"):
        return json.dumps(v + r.choice(["", "", "a", "~"]) if r.random() < 0.9 else "", ensure_ascii=False)
    if kind == "date":
        return f'"{v.isoformat()}"' if 1 <= v.year <= 9999 else None
    if kind in ("milli", "micro", "nano"):
        return f'"{v.strftime("%Y-%m-%d %H:%M:%S")}"' if 1700 <= v.year <= 2200 else None
    if kind in ("single", "double"):
        v = float(v)
        return None if math.isnan(v) or math.isinf(v) else repr(r.choice([v, v + 1, 0.0]))
    if "decimal" in kind:
        return str(float(v))
    v += r.choice([0, 0, 1, -1])
    return str(v) if -(2**63) < v < 2**63 and not (kind.startswith("uint") and v < 0) else None


def predicate(r: random.Random, t: pa.Table, depth: int = 0) -> str:
    if depth == 0 and r.random() < 0.3:
        low = r.randrange(t.num_rows)
        return f"between(row, {low}, {low + r.choice([1, 30, 300])}) && ({predicate(r, t, 1)})"
    if depth < 2 and r.random() < 0.5:
        left, right = predicate(r, t, depth + 1), predicate(r, t, depth + 1)
        return r.choice([f"({left} && {right})", f"({left} || {right})", f"!({left})"])
    kind = r.choice(t.column_names[:-1])
    values = [literal(r, t, kind) for _ in range(3)]
    if None in values or r.random() < 0.1:
        return r.choice([f"is_null({kind})", f"is_not_null({kind})"])
    form = r.randrange(10)
    if form == 0:
        return f"is_in({kind}, {', '.join(values)})"
    if form == 1:
        return f"between({kind}, {values[0]}, {values[1]})"
    if form == 2 and kind in ("text", "large", "words"):
        return f"starts_with({kind}, {values[0]})"
    op = r.choice(["<", "<=", ">", ">=", "==", "==", "!="])
    return f"{kind} {op} {values[0]}" if r.random() < 0.9 else f"{values[0]} {op} {kind}"


def write(path: str, r: random.Random, t: pa.Table, writer: str):
    if writer == "duckdb":
        write_duckdb(path, r, t)
    elif writer == "polars":
        write_polars(path, r, t)
    elif r.random() < 0.4:
        write_pyarrow(path, r, t)
    else:  # many pages, of which bounds are known
        bloom = {"bloom_filter_options": {k: True for k in t.column_names if k not in ("words",)}} if BLOOM and r.random() < 0.5 else {}
        pq.write_table(t, path, row_group_size=r.choice([300, 3000, 100_000]), data_page_size=200, write_batch_size=64, write_page_index=True, **bloom)


def test_same_rows_with_and_without(tmp_path):
    cells = [
        "// %%",
        'import "fmt"',
        "// %%",
        "func check(err error) { if err != nil { panic(err) } }",
        "// %%",
        """func both(name, predicate, out string) {
	fmt.Println(Read(name).Filter(predicate).Explain())
	check(Read(name).Filter(predicate).Write(out + "-file.arrow"))
	held, err := Read(name).Collect()
	check(err)
	check(held.Filter(predicate).Write(out + "-held.arrow"))
}""",
        "// %%",
    ]
    names = []
    for seed in range(400 if SOAK else 24):
        r = random.Random(seed)
        t = table(r)
        name = f"{['pyarrow', 'duckdb', 'pyarrow', 'polars'][seed % 4]}{seed}"
        write(str(tmp_path / f"{name}.parquet"), r, t, name.rstrip("0123456789"))
        for number in range(3):
            names.append(f"{name}-{number}")
            cells.append(f"both({json.dumps(name + '.parquet')}, {json.dumps(predicate(r, t), ensure_ascii=False)}, {json.dumps(names[-1])})")
    (tmp_path / "read.go").write_text("\n".join(cells) + "\n")
    done = rivulet("exec", "read.go", cwd=tmp_path)
    assert done.returncode == 0, done.stderr + done.stdout[-2000:]
    kept = 0
    for name in names:
        got, want = (pa.ipc.open_file(tmp_path / f"{name}-{how}.arrow").read_all() for how in ("file", "held"))
        if "double" in want.column_names:  # as bits: NaN differs from itself
            at = want.column_names.index("double")
            got, want = (t.set_column(at, "double", t.column(at).combine_chunks().view(pa.int64())) for t in (got, want))
        assert_same(name, got, want)
        kept += want.num_rows
    assert kept > 0
    groups = [tuple(map(int, g)) for g in re.findall(r"row groups (\d+) of (\d+)", done.stdout)]
    pages = [tuple(map(int, g)) for g in re.findall(r"pages (\d+) of (\d+)", done.stdout)]
    assert sum(left for left, _ in groups) < sum(total for _, total in groups) * 0.9
    assert sum(left for left, _ in pages) < sum(total for _, total in pages) * 0.95
