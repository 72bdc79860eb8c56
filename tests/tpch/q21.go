package main

import "github.com/rivulet-go/rivulet/frame"

// q21 is the suppliers who kept orders waiting.
func q21(t tables) *frame.Frame {
	late := t.lineitem.Filter(`l_receiptdate > l_commitdate`)
	return t.supplier.
		Join(t.nation.Filter(`n_name == "SAUDI ARABIA"`), frame.On("s_nationkey", "n_nationkey")).
		Join(late, frame.On("s_suppkey", "l_suppkey")).
		Join(t.orders.Filter(`o_orderstatus == "F"`), frame.On("l_orderkey", "o_orderkey")).
		Join(t.lineitem, frame.On("l_orderkey", "l_orderkey").Where(`l_suppkey != s_suppkey`), "semi").
		Join(late, frame.On("l_orderkey", "l_orderkey").Where(`l_suppkey != s_suppkey`), "anti").
		GroupBy("s_name").
		Agg(`count() as numwait`).
		Sort(frame.Desc("numwait"), "s_name").
		Head(100)
}
