"""The same queries in Go, polars and SQL; each reads its files and gives a small checksum."""

from __future__ import annotations

# name: (Go; polars over x and r; SQL over x and r)
QUERIES = {
    "scan": (
        'Read({x}).Agg(Count().As("n"), Sum("v3").As("s"))',
        lambda pl, x, r: x.select(pl.len().alias("n"), pl.col("v3").sum().alias("s")),
        "SELECT count(*) n, sum(v3) s FROM x",
    ),
    "q1": (
        'Read({x}).GroupBy("id1").Agg(Sum("v1").As("v1")).Agg(Count().As("n"), Sum("v1").As("s"))',
        lambda pl, x, r: x.group_by("id1").agg(pl.col("v1").sum()).select(pl.len().alias("n"), pl.col("v1").sum().alias("s")),
        "SELECT count(*) n, sum(v1) s FROM (SELECT id1, sum(v1) v1 FROM x GROUP BY id1)",
    ),
    "q3": (
        'Read({x}).GroupBy("id3").Agg(Sum("v1").As("v1"), Mean("v3").As("v3")).Agg(Count().As("n"), Sum("v3").As("s"))',
        lambda pl, x, r: x.group_by("id3")
        .agg(pl.col("v1").sum(), pl.col("v3").mean())
        .select(pl.len().alias("n"), pl.col("v3").sum().alias("s")),
        "SELECT count(*) n, sum(v3) s FROM (SELECT id3, sum(v1) v1, avg(v3) v3 FROM x GROUP BY id3)",
    ),
    "filter+group": (
        'Read({x}).Filter("v1 >= 3 && v3 > 50").WithColumn("d", "v3 * v2").GroupBy("id4").Agg(Count().As("n"), Sum("d").As("d"))'
        '.Agg(Sum("n").As("n"), Sum("d").As("s"))',
        lambda pl, x, r: x.filter((pl.col("v1") >= 3) & (pl.col("v3") > 50))
        .with_columns(d=pl.col("v3") * pl.col("v2"))
        .group_by("id4")
        .agg(pl.len().alias("n"), pl.col("d").sum())
        .select(pl.col("n").sum(), pl.col("d").sum().alias("s")),
        "SELECT sum(n) n, sum(d) s FROM (SELECT id4, count(*) n, sum(v3 * v2) d FROM x WHERE v1 >= 3 AND v3 > 50 GROUP BY id4)",
    ),
    "sort": (
        'Read({x}).Select("v3", "id6").Sort("v3", "id6").WithColumn("w", "v3 * 2").Agg(Count().As("n"), Col("w").Last().As("s"))',
        lambda pl, x, r: x.select("v3", "id6")
        .sort("v3", "id6")
        .with_columns(w=pl.col("v3") * 2)
        .select(pl.len().alias("n"), pl.col("w").last().alias("s")),
        "SELECT count(*) n, max(w) s FROM (SELECT v3 * 2 w FROM (SELECT v3, id6, row_number() OVER (ORDER BY v3, id6) k FROM x))",
    ),
    "join": (
        'Read({x}).Select("id6", "v3").Join(Read({r}), "id6").Agg(Count().As("n"), Sum("w").As("s"))',
        lambda pl, x, r: x.select("id6", "v3").join(r, on="id6").select(pl.len().alias("n"), pl.col("w").sum().alias("s")),
        "SELECT count(*) n, sum(w) s FROM x JOIN r USING (id6)",
    ),
}
