package main

import "github.com/rivulet-go/rivulet/frame"

// q05 is the local supplier volume.
func q05(t tables) *frame.Frame {
	nations := t.nation.Join(t.region.Filter(`r_name == "ASIA"`), frame.On("n_regionkey", "r_regionkey"), "semi")
	suppliers := t.supplier.Join(nations, frame.On("s_nationkey", "n_nationkey")).Select("s_suppkey", "s_nationkey", "n_name")
	orders := t.orders.
		Filter(`o_orderdate >= "1994-01-01" && o_orderdate < "1995-01-01"`).
		Join(t.customer, frame.On("o_custkey", "c_custkey"))
	return t.lineitem.
		Join(orders, frame.On("l_orderkey", "o_orderkey")).
		Join(suppliers, frame.On("l_suppkey", "s_suppkey").And("c_nationkey", "s_nationkey")).
		GroupBy("n_name").
		Agg(`sum(l_extendedprice * (1 - l_discount)) as revenue`).
		Sort(frame.Desc("revenue"))
}
