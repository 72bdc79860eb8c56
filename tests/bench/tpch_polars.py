"""TPC-H's queries as polars is asked them: each is a function of its lazy tables."""

from __future__ import annotations

from datetime import date

import polars as pl
from polars import col

VOLUME = col("l_extendedprice") * (1 - col("l_discount"))


def during(column: str, start: date, end: date) -> pl.Expr:
    return (col(column) >= start) & (col(column) < end)


def q01(t):
    return (
        t.lineitem.filter(col("l_shipdate") <= date(1998, 9, 2))
        .group_by("l_returnflag", "l_linestatus")
        .agg(
            sum_qty=col("l_quantity").sum(),
            sum_base_price=col("l_extendedprice").sum(),
            sum_disc_price=VOLUME.sum(),
            sum_charge=(VOLUME * (1 + col("l_tax"))).sum(),
            avg_qty=col("l_quantity").mean(),
            avg_price=col("l_extendedprice").mean(),
            avg_disc=col("l_discount").mean(),
            count_order=pl.len(),
        )
        .sort("l_returnflag", "l_linestatus")
    )


def q02(t):
    offers = (
        t.part.filter((col("p_size") == 15) & col("p_type").str.ends_with("BRASS"))
        .join(t.partsupp, left_on="p_partkey", right_on="ps_partkey")
        .join(t.supplier, left_on="ps_suppkey", right_on="s_suppkey")
        .join(t.nation, left_on="s_nationkey", right_on="n_nationkey")
        .join(t.region.filter(col("r_name") == "EUROPE"), left_on="n_regionkey", right_on="r_regionkey")
    )
    cheapest = offers.group_by("p_partkey").agg(col("ps_supplycost").min())
    return (
        offers.join(cheapest, on=["p_partkey", "ps_supplycost"])
        .select("s_acctbal", "s_name", "n_name", "p_partkey", "p_mfgr", "s_address", "s_phone", "s_comment")
        .sort("s_acctbal", "n_name", "s_name", "p_partkey", descending=[True, False, False, False])
        .head(100)
    )


def q03(t):
    day = date(1995, 3, 15)
    return (
        t.customer.filter(col("c_mktsegment") == "BUILDING")
        .join(t.orders.filter(col("o_orderdate") < day), left_on="c_custkey", right_on="o_custkey")
        .join(t.lineitem.filter(col("l_shipdate") > day), left_on="o_orderkey", right_on="l_orderkey")
        .group_by(col("o_orderkey").alias("l_orderkey"), "o_orderdate", "o_shippriority")
        .agg(revenue=VOLUME.sum())
        .select("l_orderkey", "revenue", "o_orderdate", "o_shippriority")
        .sort("revenue", "o_orderdate", descending=[True, False])
        .head(10)
    )


def q04(t):
    late = t.lineitem.filter(col("l_commitdate") < col("l_receiptdate"))
    return (
        t.orders.filter(during("o_orderdate", date(1993, 7, 1), date(1993, 10, 1)))
        .join(late, left_on="o_orderkey", right_on="l_orderkey", how="semi")
        .group_by("o_orderpriority")
        .agg(order_count=pl.len())
        .sort("o_orderpriority")
    )


def q05(t):
    return (
        t.region.filter(col("r_name") == "ASIA")
        .join(t.nation, left_on="r_regionkey", right_on="n_regionkey")
        .join(t.customer, left_on="n_nationkey", right_on="c_nationkey")
        .join(t.orders.filter(during("o_orderdate", date(1994, 1, 1), date(1995, 1, 1))), left_on="c_custkey", right_on="o_custkey")
        .join(t.lineitem, left_on="o_orderkey", right_on="l_orderkey")
        .join(t.supplier, left_on=["l_suppkey", "n_nationkey"], right_on=["s_suppkey", "s_nationkey"])
        .group_by("n_name")
        .agg(revenue=VOLUME.sum())
        .sort("revenue", descending=True)
    )


def q06(t):
    chosen = during("l_shipdate", date(1994, 1, 1), date(1995, 1, 1)) & col("l_discount").is_between(0.05, 0.07) & (col("l_quantity") < 24)
    return t.lineitem.filter(chosen).select(revenue=(col("l_extendedprice") * col("l_discount")).sum())


def q07(t):
    nations = t.nation.filter(col("n_name").is_in(["FRANCE", "GERMANY"]))
    return (
        t.lineitem.filter(col("l_shipdate").is_between(date(1995, 1, 1), date(1996, 12, 31)))
        .join(t.supplier, left_on="l_suppkey", right_on="s_suppkey")
        .join(nations.select("n_nationkey", supp_nation="n_name"), left_on="s_nationkey", right_on="n_nationkey")
        .join(t.orders, left_on="l_orderkey", right_on="o_orderkey")
        .join(t.customer, left_on="o_custkey", right_on="c_custkey")
        .join(nations.select("n_nationkey", cust_nation="n_name"), left_on="c_nationkey", right_on="n_nationkey")
        .filter(col("supp_nation") != col("cust_nation"))
        .group_by("supp_nation", "cust_nation", col("l_shipdate").dt.year().alias("l_year"))
        .agg(revenue=VOLUME.sum())
        .sort("supp_nation", "cust_nation", "l_year")
    )


def q08(t):
    return (
        t.part.filter(col("p_type") == "ECONOMY ANODIZED STEEL")
        .join(t.lineitem, left_on="p_partkey", right_on="l_partkey")
        .join(t.supplier, left_on="l_suppkey", right_on="s_suppkey")
        .join(t.orders.filter(col("o_orderdate").is_between(date(1995, 1, 1), date(1996, 12, 31))), left_on="l_orderkey", right_on="o_orderkey")
        .join(t.customer, left_on="o_custkey", right_on="c_custkey")
        .join(t.nation.select("n_nationkey", "n_regionkey"), left_on="c_nationkey", right_on="n_nationkey")
        .join(t.region.filter(col("r_name") == "AMERICA"), left_on="n_regionkey", right_on="r_regionkey")
        .join(t.nation.select("n_nationkey", nation="n_name"), left_on="s_nationkey", right_on="n_nationkey")
        .select(o_year=col("o_orderdate").dt.year(), volume=VOLUME.cast(pl.Float64), nation="nation")
        .group_by("o_year")
        .agg(mkt_share=pl.when(col("nation") == "BRAZIL").then("volume").otherwise(0).sum() / col("volume").sum())
        .sort("o_year")
    )


def q09(t):
    return (
        t.part.filter(col("p_name").str.contains("green", literal=True))
        .join(t.lineitem, left_on="p_partkey", right_on="l_partkey")
        .join(t.partsupp, left_on=["l_suppkey", "p_partkey"], right_on=["ps_suppkey", "ps_partkey"])
        .join(t.supplier, left_on="l_suppkey", right_on="s_suppkey")
        .join(t.orders, left_on="l_orderkey", right_on="o_orderkey")
        .join(t.nation, left_on="s_nationkey", right_on="n_nationkey")
        .group_by(col("n_name").alias("nation"), col("o_orderdate").dt.year().alias("o_year"))
        .agg(sum_profit=(VOLUME - col("ps_supplycost") * col("l_quantity")).sum())
        .sort("nation", "o_year", descending=[False, True])
    )


def q10(t):
    keys = ["c_custkey", "c_name", "c_acctbal", "c_phone", "n_name", "c_address", "c_comment"]
    return (
        t.customer.join(t.orders.filter(during("o_orderdate", date(1993, 10, 1), date(1994, 1, 1))), left_on="c_custkey", right_on="o_custkey")
        .join(t.lineitem.filter(col("l_returnflag") == "R"), left_on="o_orderkey", right_on="l_orderkey")
        .join(t.nation, left_on="c_nationkey", right_on="n_nationkey")
        .group_by(keys)
        .agg(revenue=VOLUME.sum())
        .select("c_custkey", "c_name", "revenue", "c_acctbal", "n_name", "c_address", "c_phone", "c_comment")
        .sort("revenue", descending=True)
        .head(20)
    )


def q11(t):
    german = t.partsupp.join(t.supplier, left_on="ps_suppkey", right_on="s_suppkey").join(
        t.nation.filter(col("n_name") == "GERMANY"), left_on="s_nationkey", right_on="n_nationkey"
    )
    worth = (col("ps_supplycost") * col("ps_availqty")).sum()
    return (
        german.group_by("ps_partkey")
        .agg(value=worth)
        .join(german.select(least=worth.cast(pl.Float64) * 0.0001), how="cross")
        .filter(col("value").cast(pl.Float64) > col("least"))
        .select("ps_partkey", "value")
        .sort("value", "ps_partkey", descending=[True, False])
    )


def q12(t):
    urgent = col("o_orderpriority").is_in(["1-URGENT", "2-HIGH"])
    return (
        t.lineitem.filter(
            col("l_shipmode").is_in(["MAIL", "SHIP"]),
            col("l_commitdate") < col("l_receiptdate"),
            col("l_shipdate") < col("l_commitdate"),
            during("l_receiptdate", date(1994, 1, 1), date(1995, 1, 1)),
        )
        .join(t.orders, left_on="l_orderkey", right_on="o_orderkey")
        .group_by("l_shipmode")
        .agg(high_line_count=urgent.sum(), low_line_count=(~urgent).sum())
        .sort("l_shipmode")
    )


def q13(t):
    plain = t.orders.filter(~col("o_comment").str.contains("special.*requests"))
    return (
        t.customer.join(plain, left_on="c_custkey", right_on="o_custkey", how="left")
        .group_by("c_custkey")
        .agg(c_count=col("o_orderkey").count())
        .group_by("c_count")
        .agg(custdist=pl.len())
        .sort("custdist", "c_count", descending=True)
    )


def q14(t):
    promoted = pl.when(col("p_type").str.starts_with("PROMO")).then(VOLUME).otherwise(0)
    return (
        t.lineitem.filter(during("l_shipdate", date(1995, 9, 1), date(1995, 10, 1)))
        .join(t.part, left_on="l_partkey", right_on="p_partkey")
        .select(promo_revenue=100 * promoted.cast(pl.Float64).sum() / VOLUME.cast(pl.Float64).sum())
    )


def q15(t):
    revenue = t.lineitem.filter(during("l_shipdate", date(1996, 1, 1), date(1996, 4, 1))).group_by("l_suppkey").agg(total_revenue=VOLUME.sum())
    return (
        t.supplier.join(revenue, left_on="s_suppkey", right_on="l_suppkey")
        .join(revenue.select(col("total_revenue").max()), on="total_revenue", how="semi")
        .select("s_suppkey", "s_name", "s_address", "s_phone", "total_revenue")
        .sort("s_suppkey")
    )


def q16(t):
    complained = t.supplier.filter(col("s_comment").str.contains("Customer.*Complaints"))
    return (
        t.part.filter(
            col("p_brand") != "Brand#45",
            ~col("p_type").str.starts_with("MEDIUM POLISHED"),
            col("p_size").is_in([49, 14, 23, 45, 19, 3, 36, 9]),
        )
        .join(t.partsupp, left_on="p_partkey", right_on="ps_partkey")
        .join(complained, left_on="ps_suppkey", right_on="s_suppkey", how="anti")
        .group_by("p_brand", "p_type", "p_size")
        .agg(supplier_cnt=col("ps_suppkey").n_unique())
        .sort("supplier_cnt", "p_brand", "p_type", "p_size", descending=[True, False, False, False])
    )


def q17(t):
    items = t.part.filter(col("p_brand") == "Brand#23", col("p_container") == "MED BOX").join(t.lineitem, left_on="p_partkey", right_on="l_partkey")
    small = items.group_by("p_partkey").agg(small=0.2 * col("l_quantity").mean().cast(pl.Float64))
    return (
        items.join(small, on="p_partkey")
        .filter(col("l_quantity").cast(pl.Float64) < col("small"))
        .select(avg_yearly=col("l_extendedprice").sum().cast(pl.Float64) / 7)
    )


def q18(t):
    large = t.lineitem.group_by("l_orderkey").agg(sum_qty=col("l_quantity").sum()).filter(col("sum_qty") > 300)
    return (
        t.orders.join(large, left_on="o_orderkey", right_on="l_orderkey")
        .join(t.customer, left_on="o_custkey", right_on="c_custkey")
        .select("c_name", col("o_custkey").alias("c_custkey"), "o_orderkey", "o_orderdate", "o_totalprice", "sum_qty")
        .sort("o_totalprice", "o_orderdate", descending=[True, False])
        .head(100)
    )


def q19(t):
    def kind(brand, containers, low, size):
        return (
            (col("p_brand") == brand)
            & col("p_container").is_in(containers)
            & col("l_quantity").is_between(low, low + 10)
            & col("p_size").is_between(1, size)
        )

    return (
        t.lineitem.filter(col("l_shipmode").is_in(["AIR", "AIR REG"]), col("l_shipinstruct") == "DELIVER IN PERSON")
        .join(t.part, left_on="l_partkey", right_on="p_partkey")
        .filter(
            kind("Brand#12", ["SM CASE", "SM BOX", "SM PACK", "SM PKG"], 1, 5)
            | kind("Brand#23", ["MED BAG", "MED BOX", "MED PKG", "MED PACK"], 10, 10)
            | kind("Brand#34", ["LG CASE", "LG BOX", "LG PACK", "LG PKG"], 20, 15)
        )
        .select(revenue=VOLUME.sum())
    )


def q20(t):
    forest = t.part.filter(col("p_name").str.starts_with("forest"))
    shipped = (
        t.lineitem.filter(during("l_shipdate", date(1994, 1, 1), date(1995, 1, 1)))
        .join(forest, left_on="l_partkey", right_on="p_partkey", how="semi")
        .group_by("l_partkey", "l_suppkey")
        .agg(half=0.5 * col("l_quantity").sum().cast(pl.Float64))
    )
    plenty = t.partsupp.join(shipped, left_on=["ps_partkey", "ps_suppkey"], right_on=["l_partkey", "l_suppkey"]).filter(col("ps_availqty") > col("half"))
    return (
        t.supplier.join(t.nation.filter(col("n_name") == "CANADA"), left_on="s_nationkey", right_on="n_nationkey", how="semi")
        .join(plenty, left_on="s_suppkey", right_on="ps_suppkey", how="semi")
        .select("s_name", "s_address")
        .sort("s_name")
    )


def q21(t):
    late = t.lineitem.filter(col("l_receiptdate") > col("l_commitdate"))
    shared = t.lineitem.group_by("l_orderkey").agg(suppliers=col("l_suppkey").n_unique()).filter(col("suppliers") > 1)
    alone = late.group_by("l_orderkey").agg(late=col("l_suppkey").n_unique()).filter(col("late") == 1)
    return (
        late.join(t.supplier, left_on="l_suppkey", right_on="s_suppkey")
        .join(t.nation.filter(col("n_name") == "SAUDI ARABIA"), left_on="s_nationkey", right_on="n_nationkey")
        .join(t.orders.filter(col("o_orderstatus") == "F"), left_on="l_orderkey", right_on="o_orderkey")
        .join(shared, on="l_orderkey", how="semi")
        .join(alone, on="l_orderkey", how="semi")
        .group_by("s_name")
        .agg(numwait=pl.len())
        .sort("numwait", "s_name", descending=[True, False])
        .head(100)
    )


def q22(t):
    customers = t.customer.with_columns(cntrycode=col("c_phone").str.slice(0, 2)).filter(col("cntrycode").is_in(["13", "31", "23", "29", "30", "18", "17"]))
    average = customers.filter(col("c_acctbal") > 0).select(average=col("c_acctbal").cast(pl.Float64).mean())
    return (
        customers.join(average, how="cross")
        .filter(col("c_acctbal").cast(pl.Float64) > col("average"))
        .join(t.orders, left_on="c_custkey", right_on="o_custkey", how="anti")
        .group_by("cntrycode")
        .agg(numcust=pl.len(), totacctbal=col("c_acctbal").sum())
        .sort("cntrycode")
    )
