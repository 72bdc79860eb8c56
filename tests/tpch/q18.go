package main

import "github.com/rivulet-go/rivulet/frame"

// q18 is the large orders of customers.
func q18(t tables) *frame.Frame {
	large := t.lineitem.GroupBy("l_orderkey").Agg(`sum(l_quantity) as sum_qty`).Filter(`sum_qty > 300`)
	return t.customer.
		Join(t.orders, frame.On("c_custkey", "o_custkey")).
		Join(large, frame.On("o_orderkey", "l_orderkey")).
		Select("c_name", "c_custkey", "o_orderkey", "o_orderdate", "o_totalprice", "sum_qty").
		Sort(frame.Desc("o_totalprice"), "o_orderdate").
		Head(100)
}
