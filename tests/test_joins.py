"""Joins of random frames equal DuckDB's: every kind, over keys of every sort, with conditions, and where the budget makes them spill."""

import math
import random

import duckdb
import polars as pl
import pytest

from harness import quoted, rivulet

WORDS = ["", "a", "b", "ä", "日本", "a\x00b", "🙂", "x" * 300, "x" * 299 + "y", "sixteen bytes so", "sixteen bytes so!"]
FLOATS = [0.0, -0.0, math.nan, -math.nan, math.inf, -math.inf, 1.5, 5e-324, -2.0]
COLUMNS = ["k", "s", "f", "x", "t", "n"]


def frame(seed: int, rows: int, distinct: int, skew: bool) -> pl.DataFrame:
    r = random.Random(seed)

    def some(value):
        return None if r.random() < 0.08 else value

    def key():
        return 1 if skew and r.random() < 0.5 else r.randrange(distinct) - 3

    return pl.DataFrame(
        {
            "k": [some(key()) for _ in range(rows)],
            "s": [some(r.choice(WORDS) + (str(r.randrange(distinct)) if distinct > 50 else "")) for _ in range(rows)],
            "f": [some(r.choice(FLOATS) if distinct <= 50 else float(key())) for _ in range(rows)],
            "x": [some(r.randrange(100)) for _ in range(rows)],
            "t": [None if i % 13 == 5 else t for i, t in enumerate(r.sample(range(10 * rows + 1), rows))],
            "n": list(range(rows)),
        },
        schema={"k": pl.Int64, "s": pl.String, "f": pl.Float64, "x": pl.Int64, "t": pl.Int64, "n": pl.Int64},
    )


KEYS = [["k"], ["s"], ["f"], ["k", "s"], ["f", "k", "s"]]


def pair_sql(kind: str, keys: list, where: str = "") -> str:
    """where is of l and r."""
    on = " AND ".join([f"l.{k} = r.{k}" for k in keys] + ([where] if where else []))
    if kind in ("semi", "anti"):
        return f"SELECT * FROM l WHERE {'NOT ' if kind == 'anti' else ''}EXISTS (SELECT 1 FROM r WHERE {on})"
    own = [f"CASE WHEN l.n IS NULL THEN r.{c} ELSE l.{c} END AS {c}" if c in keys else f"l.{c}" for c in COLUMNS]
    others = [f"r.{c} AS {c}_right" for c in COLUMNS if c not in keys]
    return f"SELECT {', '.join(own + others)} FROM l {kind.upper()} JOIN r ON {on}"


def queries(keys: list) -> list[tuple[str, str]]:
    """Go and SQL."""
    names = "[]string{" + ", ".join(f'"{k}"' for k in keys) + "}"
    on = f'frame.On("{keys[0]}", "{keys[0]}")' + "".join(f'.And("{k}", "{k}")' for k in keys[1:])
    out = []
    for kind in ("inner", "left", "right", "full", "semi", "anti"):
        out.append((f'l.Join(r, {names}, "{kind}")', pair_sql(kind, keys)))
        out.append((f'l.Join(r, {on}.Where("x < x_right"), "{kind}")', pair_sql(kind, keys, "l.x < r.x")))
    return out


def other_queries() -> list[tuple[str, str]]:
    every = "l.*, " + ", ".join(f"r.{c} AS {c}_right" for c in COLUMNS)
    asof = "l.*, " + ", ".join(f"r.{c} AS {c}_right" for c in COLUMNS if c not in "ks")
    out = [
        ('l.Head(40).Join(r.Head(50), nil, "cross")', f"SELECT {every} FROM (FROM l LIMIT 40) l CROSS JOIN (FROM r LIMIT 50) r"),
        ('l.Join(r, frame.On("k + 1", "k"))', f"SELECT {every} FROM l JOIN r ON l.k + 1 = r.k"),
        ('l.Join(r, frame.On(Col("k").Mul(2), "k"), "left")', f"SELECT {every} FROM l LEFT JOIN r ON l.k * 2 = r.k"),
        ('l.Join(r, frame.On("k + 1", "k"), "right")', f"SELECT {every} FROM l RIGHT JOIN r ON l.k + 1 = r.k"),
        ('l.Join(r, frame.On("k + 1", "k").Where("x < x_right"), "full")', f"SELECT {every} FROM l FULL JOIN r ON l.k + 1 = r.k AND l.x < r.x"),
        (
            'l.Join(r, frame.On("k", Col("k").Add(1)), "full")',
            f"SELECT CASE WHEN l.n IS NULL THEN r.k + 1 ELSE l.k END AS k, {every.replace('l.*', 'l.s, l.f, l.x, l.t, l.n')} FROM l FULL JOIN r ON l.k = r.k + 1",
        ),
        ('l.Join(r, frame.On("k % 5", "k"), "anti")', "SELECT * FROM l WHERE NOT EXISTS (SELECT 1 FROM r WHERE l.k % 5 = r.k)"),
        (
            'l.Head(200).Join(r.Head(200), frame.Where("t < t_right && x > x_right"), "left")',
            f"SELECT {every} FROM (FROM l LIMIT 200) l LEFT JOIN (FROM r LIMIT 200) r ON l.t < r.t AND l.x > r.x",
        ),
    ]
    intervals = [("t >= t_right && t < t_right + 30", "l.t >= r.t AND l.t < r.t + 30"), ("between(x, x_right, n_right) && t != t_right", "l.x BETWEEN r.x AND r.n AND l.t <> r.t")]
    for kind in ("inner", "left", "right", "full", "semi", "anti"):
        for go, sql in intervals:
            out.append((f'l.Head(400).Join(r.Head(500), frame.Where("{go}"), "{kind}")', pair_sql(kind, [], sql).replace(" l ", " (FROM l LIMIT 400) l ").replace(" r ", " (FROM r LIMIT 500) r ")))
    for direction, compare in (("backward", ">="), ("forward", "<=")):
        out.append(
            (
                f'l.JoinAsOf(r, "t", frame.Same([]string{{"k", "s"}}), frame.Direction("{direction}"))',
                f"SELECT {asof} FROM l ASOF LEFT JOIN r ON l.k = r.k AND l.s = r.s AND l.t {compare} r.t",
            )
        )
    return out


def plain(table: pl.DataFrame) -> pl.DataFrame:
    """The rows in the order of their values, with one zero."""
    return table.with_columns(pl.col(pl.Float64) + 0.0).sort(table.columns)


def difference(got: pl.DataFrame, want: pl.DataFrame) -> str:
    if got.schema != want.schema:
        return f"{got.schema}, DuckDB has {want.schema}"
    if got.height != want.height:
        return f"{got.height} rows, DuckDB has {want.height}"
    got, want = plain(got), plain(want)
    for column in got.columns:
        same = got[column].eq_missing(want[column])
        if not same.all():
            row = same.arg_min()
            return f"row {row} is {got.row(row)}, DuckDB has {want.row(row)}"
    return ""


# rows of the left and of the right, distinct keys, whether half of the rows have one of them, memory
CASES = [
    (0, 40, 20, False, "1GiB"),
    (300, 0, 20, False, "1GiB"),
    (1, 1, 1, False, "1GiB"),
    (500, 700, 40, False, "1GiB"),
    (200, 300, 40, True, "1GiB"),
    (3000, 4000, 5000, False, "1GiB"),
    (20_000, 40_000, 30_000, False, "1MiB"),
    (100, 20_000, 20_000, True, "1MiB"),
]


@pytest.mark.parametrize("left, right, distinct, skew, memory", CASES)
def test_joins_equal_duckdb(tmp_path, left, right, distinct, skew, memory):
    tables = {"l": frame(1, left, distinct, skew), "r": frame(2, right, distinct, skew)}
    connection = duckdb.connect()
    program = []
    for name, table in tables.items():
        table.write_parquet(tmp_path / f"{name}.parquet")
        connection.execute(f"CREATE TABLE {name} AS SELECT * FROM read_parquet('{tmp_path / name}.parquet')")
        program.append(f"{name} := Read({quoted(tmp_path / f'{name}.parquet')})")
    # Floats and short words have few values: the larger frames would have too many pairs.
    asked = [q for keys in KEYS if distinct <= 50 or "k" in keys and not skew or keys == ["k", "s"] for q in queries(keys)] + other_queries()
    for i, (go, _) in enumerate(asked):
        program.append(f"if err := ({go}).Write({quoted(tmp_path / f'{i}.parquet')}); err != nil {{\n\tpanic({quoted(go)} + err.Error())\n}}")
    source = tmp_path / "joins.go"
    source.write_text("// %%\n" + "\n// %%\n".join(program) + "\n")
    done = rivulet("exec", source, env={"RIVULET_MEMORY": memory})
    assert done.returncode == 0, done.stdout + done.stderr
    for i, (go, sql) in enumerate(asked):
        problem = difference(pl.read_parquet(tmp_path / f"{i}.parquet"), connection.sql(sql).pl())
        assert not problem, f"{go}: {problem}"
