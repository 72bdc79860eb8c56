package main

import "github.com/rivulet-go/rivulet/frame"

// q12 is the modes of shipping and the priority of orders.
func q12(t tables) *frame.Frame {
	late := t.lineitem.
		Filter(`is_in(l_shipmode, "MAIL", "SHIP") && l_commitdate < l_receiptdate && l_shipdate < l_commitdate`).
		Filter(`l_receiptdate >= "1994-01-01" && l_receiptdate < "1995-01-01"`)
	return t.orders.
		Join(late, frame.On("o_orderkey", "l_orderkey")).
		GroupBy("l_shipmode").
		Agg(
			`sum(when(is_in(o_orderpriority, "1-URGENT", "2-HIGH"), 1, 0)) as high_line_count`,
			`sum(when(is_in(o_orderpriority, "1-URGENT", "2-HIGH"), 0, 1)) as low_line_count`,
		).
		Sort("l_shipmode")
}
