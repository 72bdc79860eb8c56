package main

import "github.com/rivulet-go/rivulet/frame"

// q08 is the share of a national market.
func q08(t tables) *frame.Frame {
	american := t.region.Filter(`r_name == "AMERICA"`).
		Join(t.nation, frame.On("r_regionkey", "n_regionkey")).
		Join(t.customer, frame.On("n_nationkey", "c_nationkey")).
		Select("c_custkey")
	suppliers := t.supplier.
		Join(t.nation, frame.On("s_nationkey", "n_nationkey")).
		Select("s_suppkey", "n_name as nation")
	return t.part.Filter(`p_type == "ECONOMY ANODIZED STEEL"`).
		Join(t.lineitem, frame.On("p_partkey", "l_partkey")).
		Join(t.orders.Filter(`between(o_orderdate, "1995-01-01", "1996-12-31")`), frame.On("l_orderkey", "o_orderkey")).
		Join(american, frame.On("o_custkey", "c_custkey")).
		Join(suppliers, frame.On("l_suppkey", "s_suppkey")).
		Select("year(o_orderdate) as o_year", "l_extendedprice * (1 - l_discount) as volume", "nation").
		GroupBy("o_year").
		Agg(`sum(when(nation == "BRAZIL", volume, 0)) / sum(volume) as mkt_share`).
		Sort("o_year")
}
