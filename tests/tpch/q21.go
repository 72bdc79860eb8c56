package main

import "github.com/rivulet-go/rivulet/frame"

// q21 is the suppliers who kept orders waiting.
func q21(t tables) *frame.Frame {
	suppliers := t.supplier.Join(t.nation.Filter(`n_name == "SAUDI ARABIA"`), frame.On("s_nationkey", "n_nationkey"), "semi")
	late := t.lineitem.Filter(`l_receiptdate > l_commitdate`)
	waiting := late.
		Join(suppliers, frame.On("l_suppkey", "s_suppkey")).
		Join(t.orders.Filter(`o_orderstatus == "F"`), frame.On("l_orderkey", "o_orderkey"), "semi")
	shared := t.lineitem.
		Join(waiting, "l_orderkey", "semi").
		GroupBy("l_orderkey").
		Agg(`count_distinct(l_suppkey) as suppliers`, `count_distinct(when(l_receiptdate > l_commitdate, l_suppkey)) as late`).
		Filter(`suppliers > 1 && late == 1`)
	return waiting.
		Join(shared, "l_orderkey", "semi").
		GroupBy("s_name").
		Agg(`count() as numwait`).
		Sort(frame.Desc("numwait"), "s_name").
		Head(100)
}
