package main

import "github.com/rivulet-go/rivulet/frame"

// q10 is the returned items.
func q10(t tables) *frame.Frame {
	orders := t.orders.Filter(`o_orderdate >= "1993-10-01" && o_orderdate < "1994-01-01"`)
	revenue := t.lineitem.
		Filter(`l_returnflag == "R"`).
		Join(orders, frame.On("l_orderkey", "o_orderkey")).
		GroupBy("o_custkey").
		Agg(`sum(l_extendedprice * (1 - l_discount)) as revenue`)
	return t.customer.
		Join(revenue, frame.On("c_custkey", "o_custkey")).
		Join(t.nation, frame.On("c_nationkey", "n_nationkey")).
		Select("c_custkey", "c_name", "revenue", "c_acctbal", "n_name", "c_address", "c_phone", "c_comment").
		Sort(frame.Desc("revenue")).
		Head(20)
}
