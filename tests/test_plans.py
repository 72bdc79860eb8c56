"""Random plans on random frames equal DuckDB's, value by value: some hundred others every day, ten thousand in make soak."""

import datetime
import os
import random
import re

import duckdb
import polars as pl
import pytest

from harness import SOAK, quoted, rivulet
from plans import INEXACT, KINDS, Plan, Planner, frame

PLANS = 25  # of a world: three frames in files
LARGE = 7  # every so many worlds has frames that do not fit its memory, and fewer plans
WORLDS = 460 if SOAK else 10
FIRST = 0 if SOAK else WORLDS * datetime.date.today().toordinal()
# The values of one group of a median or a quantile may be more than a world's memory holds.
TOO_LARGE = "the values of a group must be in memory at once"
# RIVULET_PLANS=seed runs one world again.
SEEDS = [int(os.environ["RIVULET_PLANS"])] if os.environ.get("RIVULET_PLANS") else range(FIRST, FIRST + WORLDS)


def sources(r: random.Random, folder, connection, sizes: list[int], collected: bool) -> tuple[list[Plan], list[str]]:
    """Frames as files of one or several splits, and the cells that read them, some of them into memory."""
    plans, cells = [], []
    for name in "abc":
        table = frame(r, r.choice(sizes))
        path = folder / f"{name}.{r.choice(['parquet', 'arrow'])}"
        # What the engine computes with wider types; dictionaries, views and their like.
        stored = table.with_columns(pl.col(c).cast(t) for c, t in (("s", pl.Categorical), ("i", pl.Int16), ("f", pl.Float32)) if r.random() < 0.3)
        if path.suffix == ".parquet":
            stored.write_parquet(path, row_group_size=r.choice([64, 100_000]))
        else:
            stored.write_ipc(path, record_batch_size=r.choice([64, 100_000]))
        connection.register("source", table.to_arrow())
        connection.execute(f"CREATE TABLE {name} AS SELECT * FROM source")
        if collected and r.random() < 0.7:
            cells.append(f"{name}, err := Read({quoted(path)}).Collect()\nif err != nil {{\n\tpanic(err)\n}}")
        else:
            cells.append(f"{name} := Read({quoted(path)})")
        plans.append(Plan(name, name, KINDS, table.height))
    return plans, cells


def plain(table: pl.DataFrame, plan: Plan) -> pl.DataFrame:
    """One order of rows, in which what was rounded decides last, and one zero."""
    table = table.with_columns(pl.col(pl.Float64) + 0.0)
    rounded = [(pl.col(c).round(9).round_sig_figs(7) + 0.0) for c in plan.kinds if c not in plan.exact]
    return table.sort(*plan.exact, *rounded, nulls_last=True)


def close(a: pl.Series, b: pl.Series) -> bool:
    if a.dtype != pl.Float64 or a.dtype != b.dtype:
        return False
    a, b = (s.replace(float("inf"), 1e308).replace(float("-inf"), -1e308).fill_nan(1e307) for s in (a, b))
    same_nulls = (a.is_null() == b.is_null()).all()
    return same_nulls and ((a - b).abs() <= 1e-9 * pl.Series([1.0]).append(a.abs()).max() * 1e-3 + 1e-9 * b.abs()).fill_null(True).all()


def difference(got: pl.DataFrame, want: pl.DataFrame, plan: Plan) -> str:
    if got.columns != want.columns:
        return f"columns {got.columns}, DuckDB has {want.columns}"
    if got.height != want.height:
        return f"{got.height} rows, DuckDB has {want.height}"
    # Rows that the keys do not tell apart may come in any order.
    for column in plan.order:
        if not (got[column].eq_missing(want[column])).all():
            return f"column {column} is in another order"
    got, want = plain(got, plan), plain(want, plan)
    for column, kind in plan.kinds.items():
        a, b = got[column], want[column]
        if a.dtype != b.dtype and pl.Decimal not in (a.dtype.base_type(), b.dtype.base_type()):
            return f"column {column} is {a.dtype}, DuckDB has {b.dtype}"
        if kind == INEXACT:
            if not close(a, b):
                row = next(i for i in range(a.len()) if not close(a[i : i + 1], b[i : i + 1]))
                return f"column {column}, row {row}: {a[row]!r}, DuckDB has {b[row]!r}"
        elif not (same := a.eq_missing(b)).all():
            row = same.arg_min()
            return f"column {column}, row {row}: {a[row]!r}, DuckDB has {b[row]!r}; {(~same).sum()} rows differ"
    return ""


@pytest.mark.parametrize("seed", SEEDS)
def test_plans_equal_duckdb(seed, tmp_path):
    r = random.Random(seed)
    connection = duckdb.connect(config={"threads": 1})
    large = seed % LARGE == 0
    collected = r.random() < 0.6
    memory = ("24MiB" if collected else "1MiB") if large else "1GiB" if collected else r.choice(["1GiB", "1MiB"])
    tables, cells = sources(r, tmp_path, connection, [300, 25_000, 40_000] if large else [0, 1, 7, 60, 60, 400, 400, 1500], collected)
    cells = ['import "fmt"\n' + "\n".join(cells)]
    made = []
    for i in range(PLANS // 5 if large else PLANS):
        planner = Planner(r, connection, tables, 60_000 if large else 4000)
        plan = planner.grow(r.randint(1, 6))
        made.append((plan, connection.sql(f"FROM {plan.table}").pl()))
        planner.drop()
        cells.append(f'if err := {plan.go}.Write({quoted(tmp_path / f"{i}.parquet")}); err != nil {{\n\tfmt.Println("plan {i}:", err)\n}}')
    source = tmp_path / "plans.go"
    source.write_text("// %%\n" + "\n// %%\n".join(cells) + "\n")
    done = rivulet("exec", source, env={"RIVULET_MEMORY": memory})
    said = done.stdout + done.stderr
    failed = {int(i): text for i, text in re.findall(r"^plan (\d+): (.*)$", said, re.MULTILINE)}
    wrong = []
    for i, (plan, want) in enumerate(made):
        path = tmp_path / f"{i}.parquet"
        if memory == "1MiB" and TOO_LARGE in failed.get(i, "") and want.height < 100 and re.search("median|quantile", plan.go):
            continue
        problem = failed.get(i) or ("no file" if not path.exists() else difference(pl.read_parquet(path), want, plan))
        if problem:
            wrong.append("\n".join([f"plan {i}: {problem}", plan.go, *plan.steps]))
    assert done.returncode == 0 and not wrong, f"RIVULET_PLANS={seed}, {len(wrong)} of {len(made)} plans\n" + "\n\n".join(wrong[:3]) + ("" if wrong else said)
