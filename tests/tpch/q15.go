package main

import "github.com/rivulet-go/rivulet/frame"

// q15 is the top supplier.
func q15(t tables) *frame.Frame {
	revenue := t.lineitem.
		Filter(`l_shipdate >= "1996-01-01" && l_shipdate < "1996-04-01"`).
		GroupBy("l_suppkey").
		Agg(`sum(l_extendedprice * (1 - l_discount)) as total_revenue`)
	return t.supplier.
		Join(revenue, frame.On("s_suppkey", "l_suppkey")).
		Join(revenue.Agg(`max(total_revenue) as most`), frame.On("total_revenue", "most"), "semi").
		Select("s_suppkey", "s_name", "s_address", "s_phone", "total_revenue").
		Sort("s_suppkey")
}
