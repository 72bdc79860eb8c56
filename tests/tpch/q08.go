package main

import "github.com/rivulet-go/rivulet/frame"

// q08 is the share of a national market.
func q08(t tables) *frame.Frame {
	nations := t.nation.Join(t.region.Filter(`r_name == "AMERICA"`), frame.On("n_regionkey", "r_regionkey"), "semi")
	customers := t.customer.Join(nations, frame.On("c_nationkey", "n_nationkey"), "semi")
	orders := t.orders.
		Filter(`between(o_orderdate, "1995-01-01", "1996-12-31")`).
		Join(customers, frame.On("o_custkey", "c_custkey"), "semi")
	suppliers := t.supplier.
		Join(t.nation, frame.On("s_nationkey", "n_nationkey")).
		Select("s_suppkey", "n_name as nation")
	return t.lineitem.
		Join(t.part.Filter(`p_type == "ECONOMY ANODIZED STEEL"`), frame.On("l_partkey", "p_partkey"), "semi").
		Join(orders, frame.On("l_orderkey", "o_orderkey")).
		Join(suppliers, frame.On("l_suppkey", "s_suppkey")).
		Select("year(o_orderdate) as o_year", "l_extendedprice * (1 - l_discount) as volume", "nation").
		GroupBy("o_year").
		Agg(`sum(when(nation == "BRAZIL", volume, 0)) / sum(volume) as mkt_share`).
		Sort("o_year")
}
