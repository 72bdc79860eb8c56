package main

import "github.com/rivulet-go/rivulet/frame"

// q13 is the distribution of customers by their orders.
func q13(t tables) *frame.Frame {
	return t.customer.
		Join(t.orders.Filter(`!like(o_comment, "%special%requests%")`), frame.On("c_custkey", "o_custkey"), "left").
		GroupBy("c_custkey").
		Agg(`count(o_orderkey) as c_count`).
		GroupBy("c_count").
		Agg(`count() as custdist`).
		Sort(frame.Desc("custdist"), frame.Desc("c_count"))
}
