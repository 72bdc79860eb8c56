package main

import "github.com/rivulet-go/rivulet/frame"

// q04 is the order priority checking.
func q04(t tables) *frame.Frame {
	late := t.lineitem.Filter(`l_commitdate < l_receiptdate`)
	return t.orders.
		Filter(`o_orderdate >= "1993-07-01" && o_orderdate < "1993-10-01"`).
		Join(late, frame.On("o_orderkey", "l_orderkey"), "semi").
		GroupBy("o_orderpriority").
		Agg(`count() as order_count`).
		Sort("o_orderpriority")
}
