package main

import "github.com/rivulet-go/rivulet/frame"

// q03 is the shipping priority.
func q03(t tables) *frame.Frame {
	return t.customer.Filter(`c_mktsegment == "BUILDING"`).
		Join(t.orders.Filter(`o_orderdate < "1995-03-15"`), frame.On("c_custkey", "o_custkey")).
		Join(t.lineitem.Filter(`l_shipdate > "1995-03-15"`), frame.On("o_orderkey", "l_orderkey")).
		GroupBy("o_orderkey", "o_orderdate", "o_shippriority").
		Agg(`sum(l_extendedprice * (1 - l_discount)) as revenue`).
		Select("o_orderkey as l_orderkey", "revenue", "o_orderdate", "o_shippriority").
		Sort(frame.Desc("revenue"), "o_orderdate").
		Head(10)
}
