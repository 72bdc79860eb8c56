package main

import "github.com/rivulet-go/rivulet/frame"

// q05 is the local supplier volume.
func q05(t tables) *frame.Frame {
	return t.region.Filter(`r_name == "ASIA"`).
		Join(t.nation, frame.On("r_regionkey", "n_regionkey")).
		Join(t.customer, frame.On("n_nationkey", "c_nationkey")).
		Join(t.orders.Filter(`o_orderdate >= "1994-01-01" && o_orderdate < "1995-01-01"`), frame.On("c_custkey", "o_custkey")).
		Join(t.lineitem, frame.On("o_orderkey", "l_orderkey")).
		Join(t.supplier, frame.On("l_suppkey", "s_suppkey").And("n_nationkey", "s_nationkey")).
		GroupBy("n_name").
		Agg(`sum(l_extendedprice * (1 - l_discount)) as revenue`).
		Sort(frame.Desc("revenue"))
}
