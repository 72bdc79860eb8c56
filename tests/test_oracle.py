"""The flights queries equal polars, value by value."""

import polars as pl
import pytest

from harness import Kernel, NOTEBOOKS, quoted
from oracle import SAMPLE, assert_equal, read

@pytest.fixture(scope="module")
def tables():
    return {name: read(f"{name}.csv{suffix}") for name, suffix in (("flights", ".zip"), ("airlines", ""), ("weather", ""), ("airports", ""), ("planes", ""))}


@pytest.fixture(scope="module")
def cells():
    with Kernel(cwd=NOTEBOOKS) as kernel:
        kernel.run(
            'flights := Read("data/flights.csv.zip")\n'
            'airlines := Read("data/airlines.csv")\n'
            'weather := Read("data/weather.csv")\n'
            'airports := Read("data/airports.csv")\n'
            'planes := Read("data/planes.csv")'
        ).ok()
        yield kernel


c = pl.col
QUERIES = [
    # name, Go, polars; rows are compared in order where the query sorts by a key without ties
    ("scan", "flights", lambda t: t["flights"]),
    ("projection", 'flights.Select("carrier", "dest", "dep_delay")', lambda t: t["flights"].select("carrier", "dest", "dep_delay")),
    ("filter text", 'flights.Filter("dep_delay > 60 && carrier == \\"UA\\"")', lambda t: t["flights"].filter((c("dep_delay") > 60) & (c("carrier") == "UA"))),
    ("filter calls", 'flights.Filter(Col("dep_delay").Gt(60).And(Col("carrier").Eq("UA")))', lambda t: t["flights"].filter((c("dep_delay") > 60) & (c("carrier") == "UA"))),
    ("nulls", 'flights.Filter("is_null(dep_time)")', lambda t: t["flights"].filter(c("dep_time").is_null())),
    ("not and or", 'flights.Filter("!(origin == \\"JFK\\" || dep_delay <= 300)")', lambda t: t["flights"].filter(~((c("origin") == "JFK") | (c("dep_delay") <= 300)))),
    ("head", "flights.Head(100)", lambda t: t["flights"].head(100)),
    ("tail", "flights.Tail(100)", lambda t: t["flights"].tail(100)),
    (
        "aggregate",
        'flights.GroupBy("carrier").Agg(Count().As("n"), Count("arr_delay").As("arrived"), Sum("distance").As("miles"), Mean("dep_delay").As("mean"), Min("dep_delay").As("low"), Max("dep_delay").As("high"), Col("dep_delay").Std().As("std"), Col("dest").CountDistinct().As("dests")).Sort("carrier")',
        lambda t: t["flights"].group_by("carrier").agg(pl.len().alias("n"), c("arr_delay").count().alias("arrived"), c("distance").sum().alias("miles"), c("dep_delay").mean().alias("mean"), c("dep_delay").min().alias("low"), c("dep_delay").max().alias("high"), c("dep_delay").std().alias("std"), c("dest").n_unique().alias("dests")).sort("carrier"),
    ),
    (
        "first and last",
        'flights.GroupBy("origin", "month").Agg(Col("flight").First().As("first"), Col("tailnum").Last().As("last")).Sort("origin", "month")',
        lambda t: t["flights"].group_by("origin", "month").agg(c("flight").first().alias("first"), c("tailnum").last().alias("last")).sort("origin", "month"),
    ),
    (
        "spread and quantiles",
        'flights.GroupBy("carrier", "month").Agg(Col("dep_delay").Median(), frame.Quantile("arr_delay", 0.9), Col("distance").Quantile(0.25).As("near"), frame.Var("dep_delay"), Col("dep_delay").VarPop(), Col("air_time").StdPop()).Sort("carrier", "month")',
        lambda t: t["flights"].group_by("carrier", "month").agg(c("dep_delay").median().alias("dep_delay_median"), c("arr_delay").quantile(0.9, "linear").alias("arr_delay_q90"), c("distance").quantile(0.25, "linear").alias("near"), c("dep_delay").var().alias("dep_delay_var"), c("dep_delay").var(ddof=0).alias("dep_delay_var_pop"), c("air_time").std(ddof=0).alias("air_time_std_pop")).sort("carrier", "month"),
    ),
    (
        "pairs and truths",
        'flights.GroupBy("carrier").Agg(frame.Corr("dep_delay", "arr_delay"), "cov(distance, air_time) as c", "any(dep_delay > 300) as any", "all(arr_delay < 500) as all").Sort("carrier")',
        lambda t: t["flights"].group_by("carrier").agg(pl.corr("dep_delay", "arr_delay").alias("dep_delay_arr_delay_corr"), pl.cov("distance", "air_time").alias("c"), (c("dep_delay") > 300).any().alias("any"), (c("arr_delay") < 500).all().alias("all")).sort("carrier"),
    ),
    (
        "top of groups",
        'flights.Select("carrier", "distance", "month", "day", "flight").GroupBy("carrier").Head(2, Desc("distance"), "month", "day", "flight").Sort("carrier", Desc("distance"), "month", "day", "flight")',
        lambda t: t["flights"].select("carrier", "distance", "month", "day", "flight").sort("carrier", "distance", "month", "day", "flight", descending=[False, True, False, False, False]).group_by("carrier", maintain_order=True).head(2).select("carrier", "distance", "month", "day", "flight"),
    ),
    (
        "null keys",
        'flights.GroupBy("tailnum").Agg(Count().As("n"), Mean("arr_delay").As("mean"))',
        lambda t: t["flights"].group_by("tailnum").agg(pl.len().alias("n"), c("arr_delay").mean().alias("mean")),
    ),
    (
        "whole table",
        'flights.Agg(Count().As("n"), Sum("air_time").As("s"), Mean("arr_delay").As("m"))',
        lambda t: t["flights"].select(pl.len().alias("n"), c("air_time").sum().alias("s"), c("arr_delay").mean().alias("m")),
    ),
    (
        "join",
        'flights.Join(airlines, "carrier").Select("carrier", "flight", "tailnum", "name", "time_hour")',
        lambda t: t["flights"].join(t["airlines"], on="carrier", maintain_order="left").select("carrier", "flight", "tailnum", "name", "time_hour"),
    ),
    (
        "left join",
        'flights.Select("tailnum", "flight", "day").Join(planes.Select("tailnum", "seats", "manufacturer"), "tailnum", "left")',
        lambda t: t["flights"].select("tailnum", "flight", "day").join(t["planes"].select("tailnum", "seats", "manufacturer"), on="tailnum", how="left", maintain_order="left"),
    ),
    (
        "join two keys",
        'flights.Join(weather.Select("origin", "time_hour", "visib", "precip"), []string{"origin", "time_hour"}).GroupBy("origin").Agg(Count().As("n"), Mean("visib").As("v"), Sum("precip").As("p")).Sort("origin")',
        lambda t: t["flights"].join(t["weather"].select("origin", "time_hour", "visib", "precip"), on=["origin", "time_hour"]).group_by("origin").agg(pl.len().alias("n"), c("visib").mean().alias("v"), c("precip").sum().alias("p")).sort("origin"),
    ),
    (
        "join other names",
        'flights.Join(airports, frame.On("dest", "faa")).GroupBy("tzone").Agg(Count().As("n")).Sort("tzone")',
        lambda t: t["flights"].join(t["airports"], left_on="dest", right_on="faa").group_by("tzone").agg(pl.len().alias("n")).sort("tzone", nulls_last=True),
    ),
    (
        "right join",
        'flights.Head(2000).Select("tailnum", "flight").Join(planes.Select("tailnum", "seats"), "tailnum", "right")',
        lambda t: t["flights"].head(2000).select("tailnum", "flight").join(t["planes"].select("tailnum", "seats"), on="tailnum", how="right", maintain_order="right_left").select("tailnum", "flight", "seats"),
    ),
    (
        "full join",
        'flights.Head(2000).Select("tailnum", "flight").Join(planes.Select("tailnum", "seats"), "tailnum", "full").Sort("tailnum", "flight", "seats")',
        lambda t: t["flights"].head(2000).select("tailnum", "flight").join(t["planes"].select("tailnum", "seats"), on="tailnum", how="full", coalesce=True).sort("tailnum", "flight", "seats", nulls_last=True),
    ),
    (
        "semi join",
        'flights.Select("tailnum", "flight").Join(planes.Filter("seats > 300"), "tailnum", "semi")',
        lambda t: t["flights"].select("tailnum", "flight").join(t["planes"].filter(c("seats") > 300), on="tailnum", how="semi", maintain_order="left"),
    ),
    (
        "anti join",
        'flights.Select("tailnum", "flight").Join(planes, "tailnum", "anti")',
        lambda t: t["flights"].select("tailnum", "flight").join(t["planes"], on="tailnum", how="anti", maintain_order="left"),
    ),
    (
        "cross join",
        'airlines.Join(airlines.Head(3), nil, "cross")',
        lambda t: t["airlines"].join(t["airlines"].head(3), how="cross", maintain_order="left_right"),
    ),
    (
        "join on expressions and a condition",
        'flights.Join(airports.Select("faa", "lat", "alt"), frame.On("lower(dest)", Col("faa").Lower()).Where("alt > distance")).Select("dest", "distance", "alt")',
        lambda t: t["flights"].join(t["airports"].select("faa", "lat", "alt"), left_on="dest", right_on="faa", maintain_order="left").filter(c("alt") > c("distance")).select("dest", "distance", "alt"),
    ),
    (
        "join on a condition alone",
        'airports.Select("faa", "lat").Join(airports.Select("faa", "lat"), frame.Where("lat + 20 < lat_right")).Sort("faa", "faa_right")',
        lambda t: t["airports"].select("faa", "lat").join_where(t["airports"].select("faa", "lat"), c("lat") + 20 < c("lat_right")).sort("faa", "faa_right"),
    ),
    (
        "join as of",
        'flights.Select("origin", "flight", "time_hour").JoinAsOf(weather.Select("origin", "time_hour", "temp"), "time_hour", frame.Same("origin"), frame.Within(3*time.Hour)).Select("origin", "flight", "time_hour", "temp").Sort("time_hour", "origin", "flight", "temp")',
        lambda t: t["flights"].select("origin", "flight", "time_hour").sort("time_hour").join_asof(t["weather"].select("origin", "time_hour", "temp").sort("time_hour"), on="time_hour", by="origin", tolerance="3h", check_sortedness=False).select("origin", "flight", "time_hour", "temp").sort("time_hour", "origin", "flight", "temp", nulls_last=True),
    ),
    (
        "sort",
        'flights.Select("dep_delay", "carrier", "flight", "month", "day", "origin", "dest", "sched_dep_time").Sort(Desc("dep_delay"), "carrier", "flight", "month", "day", "origin", "dest", "sched_dep_time")',
        lambda t: t["flights"].select("dep_delay", "carrier", "flight", "month", "day", "origin", "dest", "sched_dep_time").sort("dep_delay", "carrier", "flight", "month", "day", "origin", "dest", "sched_dep_time", descending=[True] + [False] * 7, nulls_last=True),
    ),
    (
        "top k",
        'flights.Select("distance", "month", "day", "flight").Sort(Desc("distance"), "month", "day", "flight").Head(20)',
        lambda t: t["flights"].select("distance", "month", "day", "flight").sort("distance", "month", "day", "flight", descending=[True, False, False, False]).head(20),
    ),
    (
        "column from text",
        'flights.WithColumn("mph", "distance / (air_time / 60)").Select("flight", "mph")',
        lambda t: t["flights"].select("flight", (c("distance") / (c("air_time") / 60)).alias("mph")),
    ),
    (
        "when",
        'flights.WithColumn("band", When("dep_delay > 60").Then("late").When("dep_delay > 0").Then("behind").Otherwise("fine")).GroupBy("band").Agg(Count().As("n")).Sort("band")',
        lambda t: t["flights"].with_columns(band=pl.when(c("dep_delay") > 60).then(pl.lit("late")).when(c("dep_delay") > 0).then(pl.lit("behind")).otherwise(pl.lit("fine"))).group_by("band").agg(pl.len().alias("n")).sort("band"),
    ),
    ("distinct", 'flights.Select("origin", "dest").Distinct().Sort("origin", "dest")', lambda t: t["flights"].select("origin", "dest").unique().sort("origin", "dest")),
    (
        "drop and rename",
        'airlines.Rename("name", "airline").WithColumn("upper", Col("airline").Upper()).Drop("carrier")',
        lambda t: t["airlines"].select(c("name").alias("airline"), c("name").str.to_uppercase().alias("upper")),
    ),
    (
        "strings",
        'planes.Filter(Col("manufacturer").StartsWith("AIR").And(Col("model").Contains("32"))).Select("tailnum", "model")',
        lambda t: t["planes"].filter(c("manufacturer").str.starts_with("AIR") & c("model").str.contains("32", literal=True)).select("tailnum", "model"),
    ),
    (
        "time parts",
        'weather.WithColumn("h", Col("time_hour").Hour()).GroupBy("h").Agg(Count().As("n")).Sort("h")',
        lambda t: t["weather"].with_columns(h=c("time_hour").dt.hour().cast(pl.Int64)).group_by("h").agg(pl.len().alias("n")).sort("h"),
    ),
]
UNORDERED = {"null keys"}


@pytest.mark.parametrize("suffix", ["parquet", "csv"])
@pytest.mark.parametrize("go, polars", [q[1:] for q in QUERIES], ids=[q[0] for q in QUERIES])
def test_flights(cells, tables, tmp_path, request, go, polars, suffix):
    path = tmp_path / f"out.{suffix}"
    cells.run(f"frameUnderTest := {go}\nframeUnderTest.Write({quoted(path)})").ok()
    want = polars(tables)
    if suffix == "parquet":
        got = pl.read_parquet(path)
    else:
        known = {n: d for n, d in want.schema.items() if not d.is_temporal()}
        got = pl.read_csv(path, null_values=[""], schema_overrides=known, try_parse_dates=True, infer_schema_length=SAMPLE)
    name = request.node.callspec.id.rsplit("-", 1)[0]
    assert_equal(got, want, ordered=not any(u in request.node.callspec.id for u in UNORDERED), name=name)
