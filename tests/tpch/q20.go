package main

import "github.com/rivulet-go/rivulet/frame"

// q20 is the potential promotion of parts.
func q20(t tables) *frame.Frame {
	forest := t.part.Filter(`like(p_name, "forest%")`)
	shipped := t.lineitem.
		Filter(`l_shipdate >= "1994-01-01" && l_shipdate < "1995-01-01"`).
		Join(forest, frame.On("l_partkey", "p_partkey"), "semi").
		GroupBy("l_partkey", "l_suppkey").
		Agg(`0.5 * sum(l_quantity) as half`)
	plenty := t.partsupp.
		Join(forest, frame.On("ps_partkey", "p_partkey"), "semi").
		Join(shipped, frame.On("ps_partkey", "l_partkey").And("ps_suppkey", "l_suppkey")).
		Filter(`ps_availqty > half`)
	return t.supplier.
		Join(t.nation.Filter(`n_name == "CANADA"`), frame.On("s_nationkey", "n_nationkey"), "semi").
		Join(plenty, frame.On("s_suppkey", "ps_suppkey"), "semi").
		Select("s_name", "s_address").
		Sort("s_name")
}
