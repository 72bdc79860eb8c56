"""The questions of ops.py for pandas, and for Modin, which has its interface."""

from __future__ import annotations


def grouped(keys: str, **aggregates):
    """aggregates name the results: r1=("v1", "sum")."""

    def ask(t, c):
        groups = t.x.groupby([c[k] for k in keys.split()], sort=False, observed=True, dropna=False, as_index=False)
        return groups.agg(**{name: (c[column], how) for name, (column, how) in aggregates.items()})

    return ask


def joined(other: str, key: str, how: str = "inner"):
    def ask(t, c):
        # pandas pairs nulls with nulls, SQL does not.
        right = getattr(t, other).dropna(subset=[c[key]])
        return t.x.merge(right, on=c[key], how=how, suffixes=("", "_right"))

    return ask


def ordered(*keys: str):
    return lambda t, c: t.x.sort_values([c[k] for k in keys])


def range_of_group(t, c):
    high = grouped("id3", r1=("v1", "max"), low=("v2", "min"))(t, c)
    high["r1"] -= high["low"]
    return high.drop(columns="low")


def two_largest(t, c):
    x = t.x[[c["id6"], c["v3"]]].dropna(subset=[c["v3"]]).sort_values(c["v3"], ascending=False)
    return x.groupby(c["id6"], sort=False, dropna=False).head(2)


def correlation(t, c):
    a, b = c["v1"], c["v2"]
    x = t.x[[c["id2"], c["id4"], a, b]]
    both = x[a].notna() & x[b].notna()
    x = x.assign(n=both.astype("int64"), a=x[a].where(both), b=x[b].where(both))
    x = x.assign(ab=x["a"] * x["b"], aa=x["a"] * x["a"], bb=x["b"] * x["b"])
    keys = [c["id2"], c["id4"]]
    g = x.groupby(keys, sort=False, dropna=False, as_index=False)[["n", "a", "b", "ab", "aa", "bb"]].sum()
    top = g["n"] * g["ab"] - g["a"] * g["b"]
    bottom = (g["n"] * g["aa"] - g["a"] * g["a"]) * (g["n"] * g["bb"] - g["b"] * g["b"])
    return g[keys].assign(r1=top * top / bottom)


def filtered(t, c):
    kept = t.x[(t.x[c["v1"]] >= 3) & (t.x[c["v3"]] > 50)]
    return kept.assign(r1=kept[c["v3"]] * kept[c["v2"]])


def expression(t, c):
    e = t.x[c["v1"]] * 2 + t.x[c["v3"]]
    e = e[e > 50]
    return {"r1": len(e), "r2": e.sum()}


QUERIES = {
    "q1": grouped("id1", r1=("v1", "sum")),
    "q2": grouped("id1 id2", r1=("v1", "sum")),
    "q3": grouped("id3", r1=("v1", "sum"), r2=("v3", "mean")),
    "q4": grouped("id4", r1=("v1", "mean"), r2=("v2", "mean"), r3=("v3", "mean")),
    "q5": grouped("id6", r1=("v1", "sum"), r2=("v2", "sum"), r3=("v3", "sum")),
    "q6": grouped("id4 id5", r1=("v3", "median"), r2=("v3", "std")),
    "q7": range_of_group,
    "q8": two_largest,
    "q9": correlation,
    "q10": grouped("id1 id2 id3 id4 id5 id6", r1=("v3", "sum"), r2=("v3", "size")),
    "j1": joined("small", "id1"),
    "j2": joined("medium", "id2"),
    "j3": joined("medium", "id2", "left"),
    "j4": joined("medium", "id5"),
    "j5": joined("big", "id3"),
    "sort float": ordered("v3"),
    "sort int": ordered("id6"),
    "sort string": ordered("id3"),
    "sort keys": ordered("id1", "id2", "v3"),
    "filter": filtered,
    "expression": expression,
    "read": lambda t, c: t.x,
    "columns": lambda t, c: t.x[[c["id3"], c["v1"], c["v3"]]],
}
