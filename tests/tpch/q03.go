package main

import "github.com/rivulet-go/rivulet/frame"

// q03 is the shipping priority.
func q03(t tables) *frame.Frame {
	building := t.customer.Filter(`c_mktsegment == "BUILDING"`)
	orders := t.orders.
		Filter(`o_orderdate < "1995-03-15"`).
		Join(building, frame.On("o_custkey", "c_custkey"), "semi")
	return t.lineitem.
		Filter(`l_shipdate > "1995-03-15"`).
		Join(orders, frame.On("l_orderkey", "o_orderkey")).
		GroupBy("l_orderkey", "o_orderdate", "o_shippriority").
		Agg(`sum(l_extendedprice * (1 - l_discount)) as revenue`).
		Select("l_orderkey", "revenue", "o_orderdate", "o_shippriority").
		Sort(frame.Desc("revenue"), "o_orderdate").
		Head(10)
}
