"""Random plans on random frames, each as Go and as steps of SQL: DuckDB runs a step as soon as it is made, so that sizes stay small."""

from __future__ import annotations

import datetime
import decimal
import math
import random
from dataclasses import dataclass, field, replace

import duckdb
import polars as pl

WORDS = ["", "a", "b", "ab", "ä", "ÄÖ", "日本", "a\x00b", "🙂", "e\u0301", "NA", "null", '"', "x" * 300, "x" * 299 + "y", "sixteen bytes so", "sixteen bytes so!"]
WILD = [0.0, -0.0, math.nan, math.inf, -math.inf, 5e-324, 1.7e308, 1.5, -2.0]
BIG = [0, 1, -1, 2**63 - 1, -(2**63), 2**53, 2**53 + 1, 10**12]
FIRST_DAY = datetime.date(1969, 12, 1)
SCHEMA = {
    "i": pl.Int64, "k": pl.Int64, "big": pl.Int64, "u": pl.UInt64, "f": pl.Float64, "w": pl.Float64, "m": pl.Decimal(12, 2),
    "s": pl.String, "b": pl.Boolean, "d": pl.Date, "t": pl.Datetime("us"),
}
# What can be done with a column: int and float (multiples of a quarter) are computed with, exactly; others are only compared.
KINDS = {"i": "int", "k": "int", "big": "big", "u": "unsigned", "f": "float", "w": "wild", "m": "decimal", "s": "text", "b": "bool", "d": "date", "t": "time"}
INEXACT = "inexact"


def frame(r: random.Random, rows: int) -> pl.DataFrame:
    nulls, distinct, skew = r.choice([0, 0.05, 0.05, 0.3, 1]), r.choice([1, 5, 60, 60, 2000]), r.random() < 0.3
    values = {
        "i": lambda: r.randrange(-100, 100),
        "k": lambda: 1 if skew and r.random() < 0.5 else r.randrange(distinct) - distinct // 3,
        "big": lambda: r.choice(BIG),
        "u": lambda: r.choice([0, 1, 2**64 - 1, 2**63, 7]),
        "f": lambda: r.randrange(-400, 400) / 4 if r.random() > 0.05 else -0.0,
        "w": lambda: r.choice(WILD),
        "m": lambda: decimal.Decimal(r.randrange(-10_000, 10_000)) / 100,
        "s": lambda: r.choice(WORDS) + (str(r.randrange(distinct)) if distinct > 5 else ""),
        "b": lambda: r.random() < 0.5,
        "d": lambda: FIRST_DAY + datetime.timedelta(days=r.randrange(min(500, distinct))),
        "t": lambda: datetime.datetime(1969, 12, 31) + datetime.timedelta(seconds=1800 * r.randrange(distinct), microseconds=r.choice([0, 0, 1])),
    }
    nullable = {name: r.choice([0, nulls]) for name in values}
    columns = {name: [None if r.random() < nullable[name] else make() for _ in range(rows)] for name, make in values.items()}
    return pl.DataFrame(columns, schema=SCHEMA)


@dataclass(frozen=True)
class Plan:
    """go makes what the table has; kinds are those of its columns."""

    go: str
    table: str
    kinds: dict[str, str]
    rows: int
    steps: tuple[str, ...] = ()
    order: tuple[str, ...] = ()  # the columns by which the rows are sorted, from the last step

    def of(self, *kinds: str) -> list[str]:
        return [c for c, kind in self.kinds.items() if kind in kinds]

    @property
    def exact(self) -> list[str]:
        return [c for c, kind in self.kinds.items() if kind != INEXACT]


@dataclass
class Planner:
    r: random.Random
    connection: duckdb.DuckDBPyConnection
    sources: list[Plan]
    most_rows: int  # of what a step makes
    named: int = 0
    tables: list[str] = field(default_factory=list)

    def fresh(self) -> str:
        self.named += 1
        return f"x{self.named}"

    def some(self, items: list, least: int = 1, most: int = 3) -> list:
        return self.r.sample(items, min(len(items), self.r.randint(least, most)))

    def step(self, before: Plan, go: str, sql: str, kinds: dict[str, str], order: tuple[str, ...] = ()) -> Plan:
        """sql names the input {t}; a step that makes too many rows is left out."""
        table, sql = "t_" + self.fresh(), sql.replace("{t}", before.table)
        self.connection.execute(f"CREATE TEMP TABLE {table} AS FROM ({sql}) LIMIT {self.most_rows + 1}")
        self.tables.append(table)
        rows = self.connection.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0]
        if rows > self.most_rows:
            return before
        return Plan(go, table, kinds, rows, (*before.steps, f"{table}: {sql}"), order)

    def drop(self):
        for table in self.tables:
            self.connection.execute(f"DROP TABLE {table}")
        self.tables.clear()

    def grow(self, depth: int) -> Plan:
        plan = self.r.choice(self.sources)
        makers = [self.filter, self.filter, self.project, self.extend, self.aggregate, self.aggregate, self.join, self.join, self.join, self.distinct, self.top, self.group_top, self.ends, self.window, self.window, self.sort]
        for left in range(depth, 0, -1):
            for _ in range(4):
                made = self.r.choice(makers)(plan, left)
                # Of nothing comes nothing: some plans have to go that way, most are made to keep rows.
                if made is not plan and (made.rows > min(plan.rows, 5) or self.r.random() < 0.15):
                    plan = made
                    break
        return self.sort(plan, 0) if self.r.random() < 0.3 else plan

    # Expressions: Go text, SQL.

    def literal(self, plan: Plan, column: str) -> tuple[str, str] | None:
        """A value that the column has, as Go and as SQL."""
        row = self.connection.execute(f'SELECT {column} FROM {plan.table} WHERE {column} IS NOT NULL ORDER BY 1 LIMIT 1 OFFSET {self.r.randrange(max(1, plan.rows))}').fetchall()
        row = row or self.connection.execute(f"SELECT max({column}) FROM {plan.table}").fetchall()
        match row[0][0], plan.kinds[column]:
            case None, _:
                return None
            case value, "float" | "wild":
                return None if not math.isfinite(value) or abs(value) > 1e300 or 0 < abs(value) < 1e-300 else (repr(value), f"{value!r}::DOUBLE")
            case value, "text":
                if "\x00" in value or len(value) > 100:
                    return None
                return '"' + value.replace('"', '\\"') + '"', "'" + value.replace("'", "''") + "'"
            case value, "bool":
                return str(value).lower(), str(value).lower()
            case value, "date":
                return f'date("{value}")', f"DATE '{value}'"
            case value, "time":
                return f'timestamp("{value}")', f"TIMESTAMP '{value}'"
            case value, "int" | "big" if -(2**62) < value < 2**62:
                return (f"({value})", f"({value})::BIGINT")
        return None

    def predicate(self, plan: Plan, depth: int = 2) -> tuple[str, str]:
        r = self.r
        if depth and r.random() < 0.4:
            (a, x), (b, y) = self.predicate(plan, depth - 1), self.predicate(plan, depth - 1)
            go, sql = r.choice([("&&", "AND"), ("||", "OR")])
            return f"({a} {go} {b})", f"({x} {sql} {y})"
        if depth and r.random() < 0.15:
            a, x = self.predicate(plan, depth - 1)
            return f"!({a})", f"NOT ({x})"
        column = r.choice(plan.exact)
        others = [c for c in plan.of(plan.kinds[column]) if c != column]
        value = self.literal(plan, column)
        compare = r.choice([("<", "<"), ("<=", "<="), (">", ">"), (">=", ">="), ("==", "="), ("!=", "<>")])
        if others and r.random() < 0.3:
            other = r.choice(others)
            return f"{column} {compare[0]} {other}", f"{column} {compare[1]} {other}"
        if value is None or r.random() < 0.15:
            return r.choice([(f"is_null({column})", f"{column} IS NULL"), (f"is_not_null({column})", f"{column} IS NOT NULL")])
        again = self.literal(plan, column) or value
        if r.random() < 0.2:
            return f"between({column}, {value[0]}, {again[0]})", f"{column} BETWEEN {value[1]} AND {again[1]}"
        if r.random() < 0.2:
            return f"is_in({column}, {value[0]}, {again[0]})", f"{column} IN ({value[1]}, {again[1]})"
        if plan.kinds[column] == "text" and r.random() < 0.5:
            name = r.choice(["contains", "starts_with", "ends_with"])
            return f"{name}({column}, {value[0]})", f"{name}({column}, {value[1]})"
        return f"{column} {compare[0]} {value[0]}", f"{column} {compare[1]} {value[1]}"

    def scalar(self, plan: Plan) -> tuple[str, str, str]:
        """Go, SQL and the kind of what it gives."""
        r, choices = self.r, []
        for c in plan.of("int"):
            choices += [(f"{c} + 3", f"{c} + 3", "int"), (f"{c} * 2", f"{c} * 2", "int"), (f"{c} % 7", f"{c} % 7", "int"), (f"-{c}", f"-{c}", "int"), (f"abs({c})", f"abs({c})", "int")]
            choices += [(f"{c} / 4", f"{c} / 4.0::DOUBLE", INEXACT), (f"fill_null({c}, 9)", f"coalesce({c}, 9)", "int"), (f"float({c})", f"{c}::DOUBLE", "float")]
            choices += [(f"{c} + {o}", f"{c} + {o}", "int") for o in plan.of("int")]
            choices += [(f"{c} + {o}", f"{c} + {o}", "float") for o in plan.of("float")]
        for c in plan.of("float"):
            choices += [(f"{c} * 2", f"{c} * 2", "float"), (f"{c} - 0.25", f"{c} - 0.25::DOUBLE", "float"), (f"floor({c})", f"floor({c})", "float"), (f"greatest({c}, 0.0)", f"greatest({c}, 0.0::DOUBLE)", "float")]
        for c in plan.of("text"):
            choices += [(f"length({c})", f"length({c})", "int"), (f"lower({c})", f"lower({c})", "text"), (f"substr({c}, 1, 2)", f"CASE WHEN {c} IS NOT NULL THEN array_to_string(list_slice(regexp_extract_all({c}, '(?s).'), 2, 3), '') END", "text")]
            choices += [(f'replace({c}, "a", "日")', f"replace({c}, 'a', '日')", "text"), (f'coalesce({c}, "none")', f"coalesce({c}, 'none')", "text")]
        for c in plan.of("date", "time"):
            choices += [(f"year({c})", f"year({c})", "int"), (f"month({c})", f"month({c})", "int"), (f"day({c})", f"day({c})", "int")]
        choices += [(f"hour({c})", f"hour({c})", "int") for c in plan.of("time")]
        choices += [(f"is_null({c})", f"{c} IS NULL", "bool") for c in plan.exact]
        if r.random() < 0.3:
            return (*self.predicate(plan), "bool")
        go, sql, kind = r.choice(choices)
        if r.random() < 0.2:
            condition, condition_sql = self.predicate(plan, 1)
            if same := [c for c in plan.of(kind) if kind != INEXACT]:
                other = r.choice(same)
                return f"when({condition}, {go}, {other})", f"CASE WHEN {condition_sql} THEN {sql} ELSE {other} END", kind
        return go, cast(sql, kind), kind

    # Steps.

    def filter(self, plan: Plan, _: int) -> Plan:
        if not plan.exact:
            return plan
        go, sql = self.predicate(plan)
        return self.step(plan, f"{plan.go}.Filter(`{go}`)", f"SELECT * FROM {{t}} WHERE {sql}", plan.kinds)

    def project(self, plan: Plan, _: int) -> Plan:
        go, sql, kinds = [], [], {}
        for c in self.some(list(plan.kinds), 1, len(plan.kinds)):
            name = self.fresh() if self.r.random() < 0.3 else c
            go.append(f'"{c}"' if name == c else f'Col("{c}").As("{name}")')
            sql.append(f"{c} AS {name}")
            kinds[name] = plan.kinds[c]
        if plan.exact:
            text, text_sql, kind = self.scalar(plan)
            name = self.fresh()
            go.append(named(text, name))
            sql.append(f"{text_sql} AS {name}")
            kinds[name] = kind
        return self.step(plan, f"{plan.go}.Select({', '.join(go)})", f"SELECT {', '.join(sql)} FROM {{t}}", kinds)

    def extend(self, plan: Plan, _: int) -> Plan:
        if not plan.exact:
            return plan
        go, sql, kind = self.scalar(plan)
        name = self.fresh()
        return self.step(plan, f'{plan.go}.WithColumn("{name}", `{go}`)', f"SELECT *, {sql} AS {name} FROM {{t}}", {**plan.kinds, name: kind})

    def aggregates(self, plan: Plan) -> list[tuple[str, str, str]]:
        out = [("count()", "count(*)", "int")]
        for c, kind in plan.kinds.items():
            out.append((f"count({c})", f"count({c})", "int"))
            if kind == INEXACT:
                continue
            out.append((f"count_distinct({c})", f"count(DISTINCT {c})", "int"))
            out += [(f"min({c})", f"min({c})", kind), (f"max({c})", f"max({c})", kind)]
            if kind in ("int", "float"):
                out += [(f"sum({c})", f"sum({c})", kind), (f"mean({c})", f"avg({c})", INEXACT), (f"median({c})", f"median({c})", INEXACT)]
                out += [(f"quantile({c}, {q})", f"quantile_cont({c}, {q})", INEXACT) for q in (0, 0.1, 0.9)]
                out += [(f"{f}({c})", f"{g}({c})", INEXACT) for f, g in (("std", "stddev_samp"), ("var", "var_samp"), ("std_pop", "stddev_pop"), ("var_pop", "var_pop"))]
                out += [(f"{f}({c}, {o})", f"{g}({c}, {o})", INEXACT) for o in plan.of("int", "float") for f, g in (("cov", "covar_samp"), ("corr", "corr"))]
                out.append((f"sum({c}) / count()", f"sum({c})::DOUBLE / count(*)", INEXACT))
            if kind == "bool":
                out += [(f"any({c})", f"bool_or({c})", kind), (f"all({c})", f"bool_and({c})", kind), (f"sum({c})", f"sum({c}::INT)", "int")]
            if kind in ("date", "time"):
                out.append((f"median({c})", f"median({c})", "time"))
            if kind == "decimal":
                out.append((f"sum({c})", f"sum({c})", "decimal"))
        return out

    def aggregate(self, plan: Plan, _: int) -> Plan:
        keys = [(f'"{c}"', c, c, plan.kinds[c]) for c in self.some(plan.exact, self.r.random() < 0.9, 3)]
        if self.r.random() < 0.2 and plan.of("int"):
            c, name = self.r.choice(plan.of("int")), self.fresh()
            keys.append((f'Col("{c}").Mod(5).As("{name}")', f"{c} % 5", name, "int"))
        chosen = [(*a, self.fresh()) for a in self.some(self.aggregates(plan), 1, 9)]
        go = f"{plan.go}.GroupBy({', '.join(k[0] for k in keys)}).Agg({', '.join(named(a, name) for a, _, _, name in chosen)})"
        columns = [f"{k[1]} AS {k[2]}" for k in keys] + [f"{cast(sql, kind)} AS {name}" for _, sql, kind, name in chosen]
        grouped = "GROUP BY " + ", ".join(k[1] for k in keys) if keys else ""
        kinds = {k[2]: k[3] for k in keys} | {name: kind for _, _, kind, name in chosen}
        return self.step(plan, go, f"SELECT {', '.join(columns)} FROM {{t}} {grouped}", kinds)

    def join(self, plan: Plan, depth: int) -> Plan:
        r = self.r
        other = r.choice(self.sources)
        for _ in range(r.randrange(min(depth, 3))):
            other = r.choice([self.filter, self.project, self.aggregate, self.distinct])(other, 0)
        if r.random() < 0.7 or plan.kinds.keys() & other.kinds.keys():
            names = {c: self.fresh() for c in other.kinds}
            go = f"{other.go}.Rename({listed(c for pair in names.items() for c in pair)})"
            other = self.step(other, go, f"SELECT {', '.join(f'{a} AS {b}' for a, b in names.items())} FROM {{t}}", {names[c]: kind for c, kind in other.kinds.items()})
            if not other.kinds.keys().isdisjoint(plan.kinds):
                return plan
        pairs = [(a, b) for a in plan.exact for b in other.of(plan.kinds[a]) if plan.kinds[a] != "decimal"]
        if r.random() < 0.06 or not pairs:
            return self.cross(plan, other)
        chosen = {b: a for a, b in self.some(pairs, 1, 2)}
        on, equal, keys = [], [], {}
        for b, a in chosen.items():
            if plan.kinds[a] == "int" and r.random() < 0.15:
                on.append((f'"{a} + 1"', f'"{b}"'))
                equal.append(f"l.{a} + 1 = r.{b}")
                keys[b] = None
            elif a not in keys.values():
                on.append((f'"{a}"', f'"{b}"'))
                equal.append(f"l.{a} = r.{b}")
                keys[b] = a
        kind = r.choice(["inner", "left", "right", "full", "semi", "anti"])
        go_on = f"frame.On({', '.join(on[0])})" + "".join(f".And({', '.join(p)})" for p in on[1:])
        kept = [c for c in other.kinds if keys.get(c) is None]
        # The condition is on columns of the pairs; keys of the right are not among them.
        if r.random() < 0.4 and (where := self.pair_condition(plan, other, kept)):
            if r.random() < 0.3 and plan.rows * other.rows < 400_000:
                go_on, equal, keys, kept = "frame.Where(`", [where[1]], {}, list(other.kinds)
            else:
                go_on += ".Where(`"
                equal.append(where[1])
            go_on += where[0] + "`)"
        sql = self.pair_sql(plan, other, kind, {b: a for b, a in keys.items() if a}, kept, " AND ".join(equal))
        kinds = dict(plan.kinds) | ({} if kind in ("semi", "anti") else {c: other.kinds[c] for c in kept})
        joined = self.step(plan, f"{plan.go}.Join({other.go}, {go_on}, \"{kind}\")", sql, kinds)
        return replace(joined, steps=(*other.steps, *joined.steps))

    def pair_condition(self, plan: Plan, other: Plan, kept: list[str]) -> tuple[str, str] | None:
        """One to three comparisons of a column of each side."""
        kinds = {"int": "int", "float": "float", "date": "date", "time": "time", "wild": "wild", "unsigned": "unsigned"}
        pairs = [(a, b) for a in plan.of(*kinds) for b in kept if other.kinds[b] == plan.kinds[a]]
        if not pairs:
            return None
        go, sql = [], []
        for a, b in self.some(pairs):
            compare = self.r.choice(["<", "<=", ">", ">="])
            if self.r.random() < 0.5:
                go.append(f"{a} {compare} {b}")
                sql.append(f"l.{a} {compare} r.{b}")
            else:
                go.append(f"{b} {compare} {a}")
                sql.append(f"r.{b} {compare} l.{a}")
            if plan.kinds[a] == "int" and self.r.random() < 0.4:
                go.append(f"between({b}, {a} - 5, {a} + 2)")
                sql.append(f"r.{b} BETWEEN l.{a} - 5 AND l.{a} + 2")
        return " && ".join(go), " AND ".join(sql)

    def pair_sql(self, plan: Plan, other: Plan, kind: str, keys: dict[str, str], kept: list[str], on: str) -> str:
        left = f"(SELECT *, true AS here FROM {{t}}) l"
        if kind in ("semi", "anti"):
            return f"SELECT * FROM {{t}} l WHERE {'NOT ' if kind == 'anti' else ''}EXISTS (SELECT 1 FROM {other.table} r WHERE {on})"
        theirs = {a: b for b, a in keys.items()}
        own = [f"CASE WHEN l.here THEN l.{c} ELSE r.{theirs[c]} END AS {c}" if c in theirs else f"l.{c} AS {c}" for c in plan.kinds]
        return f"SELECT {', '.join(own + [f'r.{c} AS {c}' for c in kept])} FROM {left} {kind.upper()} JOIN {other.table} r ON {on}"

    def cross(self, plan: Plan, other: Plan) -> Plan:
        if plan.rows * other.rows > self.most_rows:
            return plan
        crossed = self.step(plan, f'{plan.go}.Join({other.go}, nil, "cross")', f"SELECT * FROM {{t}} CROSS JOIN {other.table}", {**plan.kinds, **other.kinds})
        return replace(crossed, steps=(*other.steps, *crossed.steps))

    def total(self, plan: Plan) -> tuple[str, str] | None:
        """An order that leaves only equal rows undecided."""
        if len(plan.exact) < len(plan.kinds):
            return None
        keys = self.some(list(plan.kinds), len(plan.kinds), len(plan.kinds))
        return self.keys(plan, [(c, self.r.random() < 0.4) for c in keys])

    def keys(self, plan: Plan, keys: list[tuple[str, bool]]) -> tuple[str, str]:
        """DuckDB takes NaN for the largest number, which comes first in a descending order; here it comes after all numbers."""
        go, sql = [], []
        for c, descending in keys:
            go.append(f'Desc("{c}")' if descending else f'"{c}"')
            nan = f"isnan({c}) NULLS LAST, " if plan.kinds[c] == "wild" else ""
            sql.append(f"{nan}{c} {'DESC' if descending else ''} NULLS LAST")
        return ", ".join(go), ", ".join(sql)

    def sort(self, plan: Plan, _: int) -> Plan:
        if not plan.exact:
            return plan
        by = self.some(plan.exact)
        go, sql = self.keys(plan, [(c, self.r.random() < 0.5) for c in by])
        return self.step(plan, f"{plan.go}.Sort({go})", f"SELECT * FROM {{t}} ORDER BY {sql}", plan.kinds, tuple(by))

    def distinct(self, plan: Plan, _: int) -> Plan:
        if not plan.exact:
            return plan
        columns = self.some(plan.exact)
        names = listed(columns)
        if self.r.random() < 0.5 or not (order := self.total(plan)):
            # Without an order, of the rows only the columns are known.
            return self.step(plan, f"{plan.go}.Select({names}).Distinct()", f"SELECT DISTINCT {', '.join(columns)} FROM {{t}}", {c: plan.kinds[c] for c in columns})
        return self.step(
            plan,
            f"{plan.go}.Sort({order[0]}).Distinct({names})",
            f"SELECT * FROM {{t}} QUALIFY row_number() OVER (PARTITION BY {', '.join(columns)} ORDER BY {order[1]}) = 1",
            plan.kinds,
        )

    def top(self, plan: Plan, _: int) -> Plan:
        if not (order := self.total(plan)):
            return plan
        n = self.r.choice([0, 1, 3, 50, 700])
        if self.r.random() < 0.7:
            return self.step(plan, f"{plan.go}.Sort({order[0]}).Head({n})", f"SELECT * FROM {{t}} ORDER BY {order[1]} LIMIT {n}", plan.kinds)
        sql = f"SELECT * FROM {{t}} QUALIFY row_number() OVER (ORDER BY {order[1]}) > (SELECT count(*) FROM {{t}}) - {n}"
        return self.step(plan, f"{plan.go}.Sort({order[0]}).Tail({n})", sql, plan.kinds)

    def group_top(self, plan: Plan, _: int) -> Plan:
        if not (order := self.total(plan)):
            return plan
        columns, n = self.some(plan.exact, 1, 2), self.r.choice([0, 1, 2, 5])
        names = listed(columns)
        sql = f"SELECT * FROM {{t}} QUALIFY row_number() OVER (PARTITION BY {', '.join(columns)} ORDER BY {order[1]}) <= {n}"
        return self.step(plan, f"{plan.go}.GroupBy({names}).Head({n}, {order[0]})", sql, plan.kinds)

    def ends(self, plan: Plan, _: int) -> Plan:
        """First and last of sorted rows."""
        if not (order := self.total(plan)):
            return plan
        keys, column = self.some(plan.exact, 1, 2), self.r.choice(plan.exact)
        first, last = self.fresh(), self.fresh()
        names = listed(keys)
        go = f'{plan.go}.Sort({order[0]}).GroupBy({names}).Agg({named(f"first({column})", first)}, {named(f"last({column})", last)})'
        sql = f"SELECT {', '.join(keys)}, first({column} ORDER BY {order[1]}) AS {first}, last({column} ORDER BY {order[1]}) AS {last} FROM {{t}} GROUP BY {', '.join(keys)}"
        kind = plan.kinds[column]
        return self.step(plan, go, sql, {c: plan.kinds[c] for c in keys} | {first: kind, last: kind})

    def window(self, plan: Plan, _: int) -> Plan:
        r = self.r
        if not plan.exact or plan.rows > self.most_rows // 2:
            return plan
        by = self.some(plan.exact, 0, 2)
        go_by = [f"by({', '.join(by)})"] if by else []
        sql_by = [f"PARTITION BY {', '.join(by)}"] if by else []
        total, name = self.total(plan), self.fresh()
        any_order = self.keys(plan, [(c, r.random() < 0.4) for c in self.some(plan.exact, 1, 2)])
        aggregates = [(a, s, k) for a, s, k in self.aggregates(plan) if a.startswith(("count(", "sum(", "mean(", "min(", "max(", "std(")) and "/" not in a]
        ranks = [("rank()", "rank()", "int"), ("dense_rank()", "dense_rank()", "int"), ("percent_rank()", "percent_rank()", INEXACT), ("cume_dist()", "cume_dist()", INEXACT)]
        column = r.choice(plan.exact)
        placed = [("row_number()", "row_number()", "int"), (f"lag({column}, 1)", f"lag({column}, 1)", plan.kinds[column]), (f"lead({column}, 2)", f"lead({column}, 2)", plan.kinds[column]), ("ntile(3)", "ntile(3)", "int")]
        placed += [(f"first_value({column})", f"first_value({column})", plan.kinds[column]), (f"nth_value({column}, 2)", f"nth_value({column}, 2)", plan.kinds[column])]
        pick = r.random()
        if pick < 0.3:
            (go, sql, kind), order, rows = r.choice(aggregates), None, None
        elif pick < 0.6 or not total:
            (go, sql, kind), order, rows = r.choice(ranks + aggregates), any_order, None
        else:
            rows = r.choice([None, ("-3, 0", "ROWS BETWEEN 3 PRECEDING AND CURRENT ROW"), ("unbounded, 1", "ROWS BETWEEN UNBOUNDED PRECEDING AND 1 FOLLOWING"), ("1, 4", "ROWS BETWEEN 1 FOLLOWING AND 4 FOLLOWING")])
            (go, sql, kind), order = r.choice(aggregates if rows else placed), total
        parts, sql_parts = list(go_by), list(sql_by)
        if order:
            parts.append(f"order_by({order[0].replace('Desc', 'desc').replace(chr(34), '')})")
            sql_parts.append(f"ORDER BY {order[1]}")
        if rows:
            parts.append(f"rows_between({rows[0]})")
            sql_parts.append(rows[1])
        over = f"{sql} OVER ({' '.join(sql_parts)})"
        return self.step(
            plan,
            f'{plan.go}.WithColumn("{name}", `over({", ".join([go, *parts])})`)',
            f"SELECT *, {cast(over, kind)} AS {name} FROM {{t}}",
            {**plan.kinds, name: kind},
        )


def listed(names) -> str:
    return ", ".join(f'"{name}"' for name in names)


def named(go: str, name: str) -> str:
    return f'`as({go}, "{name}")`'


def cast(sql: str, kind: str) -> str:
    """DuckDB widens sums and narrows parts of dates."""
    return {"int": f"({sql})::BIGINT", INEXACT: f"({sql})::DOUBLE"}.get(kind, sql)
