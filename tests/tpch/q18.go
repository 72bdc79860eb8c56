package main

import "github.com/rivulet-go/rivulet/frame"

// q18 is the large orders of customers.
func q18(t tables) *frame.Frame {
	large := t.lineitem.GroupBy("l_orderkey").Agg(`sum(l_quantity) as quantity`).Filter(`quantity > 300`)
	return t.orders.
		Join(large, frame.On("o_orderkey", "l_orderkey"), "semi").
		Join(t.lineitem, frame.On("o_orderkey", "l_orderkey")).
		Join(t.customer, frame.On("o_custkey", "c_custkey")).
		GroupBy("c_name", "o_custkey as c_custkey", "o_orderkey", "o_orderdate", "o_totalprice").
		Agg(`sum(l_quantity) as sum_qty`).
		Sort(frame.Desc("o_totalprice"), "o_orderdate").
		Head(100)
}
