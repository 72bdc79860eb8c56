"""Window functions over random frames equal DuckDB's: every function, partition, order and frame, in memory and where the budget makes them spill."""

import math
import random

import duckdb
import polars as pl
import pytest

from harness import quoted, rivulet

WORDS = ["", "a", "b", "ä", "日本", "🙂", "x" * 40]
FLOATS = [0.0, -0.0, math.nan, math.inf, 1.5, -2.0, 0.25]


def frame(rows: int, distinct: int, skew: bool) -> pl.DataFrame:
    r = random.Random(rows + distinct)

    def some(value):
        return None if r.random() < 0.08 else value

    return pl.DataFrame(
        {
            "n": list(range(rows)),
            "k": [some(1 if skew and r.random() < 0.5 else r.randrange(distinct)) for _ in range(rows)],
            "s": [some(r.choice(WORDS)) for _ in range(rows)],
            "f": [some(r.choice(FLOATS)) for _ in range(rows)],
            "x": [some(r.randrange(-50, 50)) for _ in range(rows)],
            "t": [some(r.randrange(1 + rows // 2)) for _ in range(rows)],
            "d": [some(86_400_000_000 * r.randrange(400)) for _ in range(rows)],
        },
        schema={"n": pl.Int64, "k": pl.Int64, "s": pl.String, "f": pl.Float64, "x": pl.Int64, "t": pl.Int64, "d": pl.Int64},
    ).with_columns(pl.col("d").cast(pl.Datetime("us")))


# Go and SQL of a window. n makes the order total where the function needs that. DuckDB puts NaN first in a descending order, so
# that no order is descending by f.
PARTITIONS = [("", ""), ('"k"', "PARTITION BY k"), ('frame.By("s", "f")', "PARTITION BY s, f")]
TIES = [('frame.OrderBy("t")', "ORDER BY t NULLS LAST"), ('frame.OrderBy(Desc("x"), "s")', "ORDER BY x DESC NULLS LAST, s NULLS LAST"), ('frame.OrderBy("f")', "ORDER BY f NULLS LAST")]
TOTAL = [('frame.OrderBy("t", "n")', "ORDER BY t NULLS LAST, n"), ('frame.OrderBy(Desc("x"), "n")', "ORDER BY x DESC NULLS LAST, n")]
ROWS = [
    ("", ""),
    ("frame.RowsBetween(-6, 0)", "ROWS BETWEEN 6 PRECEDING AND CURRENT ROW"),
    ("frame.RowsBetween(frame.Unbounded, -1)", "ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING"),
    ("frame.RowsBetween(-1, frame.Unbounded)", "ROWS BETWEEN 1 PRECEDING AND UNBOUNDED FOLLOWING"),
    ("frame.RowsBetween(2, 4)", "ROWS BETWEEN 2 FOLLOWING AND 4 FOLLOWING"),
    ("frame.RowsBetween(frame.Unbounded, frame.Unbounded)", "ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING"),
]
RANGES = [
    ('frame.OrderBy("t")', "ORDER BY t NULLS LAST", "frame.RangeBetween(-3, 2)", "RANGE BETWEEN 3 PRECEDING AND 2 FOLLOWING"),
    ('frame.OrderBy(Desc("t"))', "ORDER BY t DESC NULLS LAST", "frame.RangeBetween(-9, -1)", "RANGE BETWEEN 9 PRECEDING AND 1 PRECEDING"),
    ('frame.OrderBy("d")', "ORDER BY d NULLS LAST", "frame.RangeBetween(-7*24*time.Hour, 0)", "RANGE BETWEEN INTERVAL 7 DAY PRECEDING AND CURRENT ROW"),
    ('frame.OrderBy("d")', "ORDER BY d NULLS LAST", "frame.RangeBetween(0, 36*time.Hour)", "RANGE BETWEEN CURRENT ROW AND INTERVAL 36 HOUR FOLLOWING"),
]
RANKS = [("Rank()", "rank()"), ("DenseRank()", "dense_rank()"), ("PercentRank()", "percent_rank()"), ("CumeDist()", "cume_dist()")]
PLACED = [
    ("RowNumber()", "row_number()"), ("Ntile(7)", "ntile(7)"), ('Lag("s", 1)', "lag(s, 1)"), ('Lead("x", 3, -1)', "lead(x, 3, -1)"),
    ('Lag("f", 2, 0.5)', "lag(f, 2, 0.5)"), ('Lead("d", 1)', "lead(d, 1)"),
]
VALUES = [('FirstValue("s")', "first_value(s)"), ('LastValue("x")', "last_value(x)"), ('NthValue("f", 2)', "nth_value(f, 2)")]
AGGREGATES = [
    ('Sum("x")', "sum(x)"), ('Mean("x")', "avg(x)"), ('Count("s")', "count(s)"), ("Count()", "count(*)"), ('Min("s")', "min(s)"), ('Max("f")', "max(f)"),
    ('Min("x")', "min(x)"), ('Max("d")', "max(d)"), ('Sum("f")', "sum(f)"), ('Std("x")', "stddev_samp(x)"),
]
WHOLE = [('CountDistinct("s")', "count(DISTINCT s)"), ('frame.Median("x")', "median(x)"), ('frame.Quantile("x", 0.9)', "quantile_cont(x, 0.9)")]
PREDECLARED = ("Sum", "Mean", "Min", "Max", "Count(")


def columns() -> list[tuple[str, str]]:
    out = []

    def add(function, window, *sql):
        go = function[0] if function[0].startswith((*PREDECLARED, "frame.")) else "frame." + function[0]
        parts = ", ".join(p for p in window if p)
        out.append((f"{go}.Over({parts})", f"{function[1]} OVER ({' '.join(sql)})"))

    for by, by_sql in PARTITIONS:
        for order, order_sql in TIES:
            for f in RANKS + AGGREGATES:
                add(f, (by, order), by_sql, order_sql)
        for order, order_sql in TOTAL:
            for f in PLACED:
                add(f, (by, order), by_sql, order_sql)
            for rows, rows_sql in ROWS:
                for f in VALUES + AGGREGATES:
                    add(f, (by, order, rows), by_sql, order_sql, rows_sql)
        for order, order_sql, span, span_sql in RANGES:
            for f in AGGREGATES:
                add(f, (by, order, span), by_sql, order_sql, span_sql)
        for f in AGGREGATES + WHOLE:
            add(f, (by,), by_sql)
    ignored = "last_value(f IGNORE NULLS) OVER (PARTITION BY k ORDER BY t NULLS LAST, n ROWS UNBOUNDED PRECEDING)"
    out.append(('Col("f").FillForward().Over("k", frame.OrderBy("t", "n"))', ignored))
    out.append(('Col("x").FillBackward().Over(frame.OrderBy("t", "n"))', "first_value(x IGNORE NULLS) OVER (ORDER BY t NULLS LAST, n ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING)"))
    out.append(('Col("x").Diff().Over("k", frame.OrderBy("n"))', "x - lag(x) OVER (PARTITION BY k ORDER BY n)"))
    out.append(('Col("x").Div(Sum("x")).Over("s")', "x / sum(x) OVER (PARTITION BY s)"))
    out.append(('Col("x").CumSum()', "sum(x) OVER (ORDER BY n ROWS UNBOUNDED PRECEDING)"))
    return out


def same(a, b) -> bool:
    if isinstance(a, float) and isinstance(b, float):
        return a == b or math.isnan(a) and math.isnan(b) or math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9)
    return a == b


@pytest.mark.parametrize("rows, distinct, skew, memory", [(0, 1, False, "1GiB"), (1, 1, False, "1GiB"), (700, 30, False, "1GiB"), (900, 300, True, "1GiB"), (30_000, 4000, True, "1MiB")])
def test_windows_equal_duckdb(tmp_path, rows, distinct, skew, memory):
    table = frame(rows, distinct, skew)
    table.write_parquet(tmp_path / "w.parquet")
    connection = duckdb.connect()
    connection.execute(f"CREATE TABLE w AS SELECT * FROM read_parquet('{tmp_path}/w.parquet')")
    asked = columns()
    if rows > 10_000:
        asked = [c for i, c in enumerate(asked) if i % 17 == 0] + asked[-5:]
    program = ['import "time"', "_ = time.Hour", f"w := Read({quoted(tmp_path / 'w.parquet')})"]
    for start in range(0, len(asked), 40):
        names = ", ".join(f'{go}.As("c{start + i}")' for i, (go, _) in enumerate(asked[start : start + 40]))
        program.append(f'if err := w.Select("n", {names}).Write({quoted(tmp_path / f"{start}.parquet")}); err != nil {{\n\tpanic(err)\n}}')
    if rows > 10_000:
        program.append('if frame.SpilledBytes() == 0 {\n\tpanic("nothing was spilled")\n}')
    source = tmp_path / "windows.go"
    source.write_text("// %%\n" + "\n// %%\n".join(program) + "\n")
    done = rivulet("exec", source, env={"RIVULET_MEMORY": memory})
    assert done.returncode == 0, done.stdout + done.stderr
    for start in range(0, len(asked), 40):
        got = pl.read_parquet(tmp_path / f"{start}.parquet")
        assert got["n"].to_list() == list(range(rows)), "the rows are in another order"
        for i, (go, sql) in enumerate(asked[start : start + 40]):
            want = connection.sql(f"SELECT {sql} AS c FROM w ORDER BY n").fetchall()
            mine = got[f"c{start + i}"].to_list()
            wrong = [(n, a, b[0]) for n, (a, b) in enumerate(zip(mine, want, strict=True)) if not same(a, b[0])]
            assert not wrong, f"{go}: row {wrong[0][0]} is {wrong[0][1]!r}, DuckDB has {wrong[0][2]!r} ({sql}); {len(wrong)} rows differ"
