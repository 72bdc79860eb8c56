package main

import "github.com/rivulet-go/rivulet/frame"

// q10 is the returned items.
func q10(t tables) *frame.Frame {
	return t.customer.
		Join(t.orders.Filter(`o_orderdate >= "1993-10-01" && o_orderdate < "1994-01-01"`), frame.On("c_custkey", "o_custkey")).
		Join(t.lineitem.Filter(`l_returnflag == "R"`), frame.On("o_orderkey", "l_orderkey")).
		Join(t.nation, frame.On("c_nationkey", "n_nationkey")).
		GroupBy("c_custkey", "c_name", "c_acctbal", "c_phone", "n_name", "c_address", "c_comment").
		Agg(`sum(l_extendedprice * (1 - l_discount)) as revenue`).
		Select("c_custkey", "c_name", "revenue", "c_acctbal", "n_name", "c_address", "c_phone", "c_comment").
		Sort(frame.Desc("revenue")).
		Head(20)
}
