"""Nasty CSV files read as polars and DuckDB read them, and what is written reads back in both."""

import csv
import datetime
import random

import duckdb
import polars as pl

from harness import SOAK, rivulet

PIECES = ["a", "long text that fills words ", "", "NA", "ü😀", ",", ";", "\n", '"', '""', "'", " ", "#", "7", "-1.5", "\t", "x\ny"]


def value(kind: str, r: random.Random) -> str:
    if kind == "text":
        return "".join(r.choices(PIECES, k=r.randrange(4))) or "x"
    if r.random() < 0.1:
        return ""
    if kind == "int":
        return str(r.randrange(-(2**63), 2**63) >> r.randrange(64))
    if kind == "float":
        return repr(r.choice([r.gauss(0, 1), r.uniform(-1e18, 1e18), r.uniform(-1, 1) * 10 ** r.randrange(-300, 300), round(r.uniform(0, 100), 3)]))
    moment = datetime.datetime(1970, 1, 1) + datetime.timedelta(microseconds=r.randrange(-(10**15), 4 * 10**15))
    return str(moment.date()) if kind == "date" else moment.isoformat(sep=r.choice(" T"), timespec=r.choice(["seconds", "microseconds"]))


TYPES = {"text": pl.String, "int": pl.Int64, "float": pl.Float64, "date": pl.Date, "time": pl.Datetime("us")}
GO = {"text": "string", "int": "int", "float": "float", "date": "date", "time": "datetime"}
SQL = {"text": "VARCHAR", "int": "BIGINT", "float": "DOUBLE", "date": "DATE", "time": "TIMESTAMP"}


def write(path, seed: int) -> tuple[list, str]:
    """A file of random columns in a random dialect of the csv module; gives its columns' kinds and its delimiter."""
    r = random.Random(seed)
    kinds = [r.choice(list(TYPES)) for _ in range(r.randrange(2, 7))]
    delimiter = r.choice(",;\t|")
    with open(path, "w", newline="", encoding=r.choice(["utf-8", "utf-8-sig"])) as file:
        rows = csv.writer(file, delimiter=delimiter, quoting=r.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]), lineterminator=r.choice(["\n", "\r\n"]))
        rows.writerow([f"c{i}" for i in range(len(kinds))])
        for _ in range(r.choice([1, 20, 3000])):
            rows.writerow([value(kind, r) for kind in kinds])
    return kinds, delimiter


def test_read_as_polars_and_duckdb_do(tmp_path):
    files = {f"f{seed}": write(tmp_path / f"f{seed}.csv", seed) for seed in range(400 if SOAK else 40)}
    cells = ["// %%", "func check(err error) { if err != nil { panic(err) } }"]
    for name, (kinds, delimiter) in files.items():
        types = ", ".join(f'"c{i}": "{GO[kind]}"' for i, kind in enumerate(kinds))
        cells += [
            "// %%",
            f'{name} := Read("{name}.csv", frame.Delimiter({delimiter!r}), frame.NullWords(""), frame.Types(map[string]string{{{types}}}))',
            f'check({name}.Write("{name}.parquet"))',
            f'check({name}.Write("{name}.out.csv.gz", frame.NullWords("")))',
        ]
    (tmp_path / "read.go").write_text("\n".join(cells) + "\n")
    done = rivulet("exec", "read.go", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    for name, (kinds, delimiter) in files.items():
        got = pl.read_parquet(tmp_path / f"{name}.parquet")
        schema = {f"c{i}": TYPES[kind] for i, kind in enumerate(kinds)}
        text = pl.read_csv(tmp_path / f"{name}.csv", separator=delimiter, infer_schema=False, null_values="")
        want = text.with_columns(parsed(column, kind) for column, kind in zip(schema, kinds))
        assert got.rows() == want.rows(), name
        columns = ", ".join(f"'c{i}': '{SQL[kind]}'" for i, kind in enumerate(kinds))
        again = duckdb.sql(
            f"SELECT * FROM read_csv('{tmp_path / name}.out.csv.gz', delim = ',', quote = '\"', escape = '\"', header = true, columns = {{{columns}}})"
        ).fetchall()
        assert again == got.rows(), f"{name}, written"


def parsed(column: str, kind: str) -> pl.Expr:
    c = pl.col(column)
    match kind:
        case "int":
            return c.cast(pl.Int64)
        case "float":
            return c.cast(pl.Float64)
        case "date":
            return c.str.to_date()
        case "time":
            return pl.coalesce(c.str.replace("T", " ").str.to_datetime(f, strict=False, time_unit="us") for f in ("%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d %H:%M:%S"))
    return c
