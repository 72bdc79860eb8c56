package main

import "github.com/rivulet-go/rivulet/frame"

// q16 is the relations of parts and suppliers.
func q16(t tables) *frame.Frame {
	complained := t.supplier.Filter(`like(s_comment, "%Customer%Complaints%")`)
	return t.part.
		Filter(`p_brand != "Brand#45" && !like(p_type, "MEDIUM POLISHED%") && is_in(p_size, 49, 14, 23, 45, 19, 3, 36, 9)`).
		Join(t.partsupp, frame.On("p_partkey", "ps_partkey")).
		Join(complained, frame.On("ps_suppkey", "s_suppkey"), "anti").
		GroupBy("p_brand", "p_type", "p_size").
		Agg(`count_distinct(ps_suppkey) as supplier_cnt`).
		Sort(frame.Desc("supplier_cnt"), "p_brand", "p_type", "p_size")
}
