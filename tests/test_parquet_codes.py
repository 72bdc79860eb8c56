"""Texts of Parquet files are read as codes where all refer to dictionaries: every operator gives what it gives over the same rows as Arrow files."""

import random

import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet as pq

from harness import rivulet

WORDS = ["", "a", "aa", "é", "zebra", "a rather long text that no sixteen bytes hold", "b\u0000c"] + [f"w{i:03d}" for i in range(40)]

# Each over x and y; rows are compared without their order.
QUERIES = [
    "x",
    'x.Filter("k == \\"zebra\\" || n < 100")',
    'x.Filter("starts_with(k, \\"w0\\") && v != \\"a\\"")',
    'x.Filter("is_null(k)")',
    'x.GroupBy("k").Agg(Sum("n").As("s"), Count().As("c"))',
    'x.GroupBy("k", "v").Agg(Min("v").As("least"), frame.CountDistinct("v").As("d"), Count().As("c"))',
    'x.GroupBy("n", "k").Agg(Max("v").As("m"))',
    'x.Join(y, "k")',
    'x.Join(y, "k", "left")',
    'x.Join(y, "k", "full")',
    'x.Join(y.Distinct("k"), "k", "semi")',
    'x.Join(y, "k", "anti")',
    'x.Distinct("k").Join(x.Distinct("k", "v").Select("k", "v"), "k").Select("k", "v_right")',
    'x.Join(y.Select("k").Rename("k", "v"), "v").GroupBy("k").Agg(Count().As("c"))',
    'x.Sort("k", "v", "n").Head(50)',
    'x.Sort(Desc("v"), "n")',
    'x.Distinct("k", "v").Select("k", "v")',
    'x.GroupBy("k").Head(2, Desc("n"), "v").Select("k", "n")',
    'x.WithColumn("r", frame.RowNumber().Over("k", frame.OrderBy("n", "v"))).Select("k", "n", "r")',
    'x.WithColumn("u", "upper(k)").GroupBy("u").Agg(Count().As("c"))',
    'x.Select("k").Tail(20)',
]


def table(r: random.Random, rows: int, share: float) -> pa.Table:
    def words(few: int):
        return [None if r.random() < share else r.choice(WORDS[:few]) for _ in range(rows)]

    return pa.table({"k": pa.array(words(47), pa.string()), "v": pa.array(words(9), pa.string()), "n": pa.array([r.randrange(500) for _ in range(rows)], pa.int64())})


def test_same_as_arrow_files(tmp_path):
    r = random.Random(7)
    for name, rows in (("x", 30_000), ("y", 60)):
        for part in range(2):
            t = table(r, rows, 0.05 * part)
            pq.write_table(t, tmp_path / f"{name}{part}.parquet", row_group_size=3000, compression=r.choice(["snappy", "zstd"]))
            with pa.ipc.new_file(tmp_path / f"{name}{part}.arrow", t.schema) as out:
                out.write_table(t)
    cells = ["// %%", "func check(err error) { if err != nil { panic(err) } }"]
    for kind in ("parquet", "arrow"):
        cells += ["// %%", f'x := Read("x?.{kind}")\ny := Read("y?.{kind}")']
        cells += [f'// %%\ncheck({q}.Write("{kind}{i}.out.arrow"))' for i, q in enumerate(QUERIES)]
    (tmp_path / "read.go").write_text("\n".join(cells) + "\n")
    done = rivulet("exec", "read.go", cwd=tmp_path)
    assert done.returncode == 0, done.stderr + done.stdout[-2000:]
    for i, query in enumerate(QUERIES):
        got, want = (pa.ipc.open_file(tmp_path / f"{kind}{i}.out.arrow").read_all() for kind in ("parquet", "arrow"))
        assert got.schema == want.schema, query
        if "Sort" not in query and "Tail" not in query:
            got, want = (t.sort_by([(c, "ascending") for c in t.column_names]) for t in (got, want))
        assert got.num_rows > 0 and got.equals(want), query
