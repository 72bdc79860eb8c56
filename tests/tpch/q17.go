package main

import "github.com/rivulet-go/rivulet/frame"

// q17 is the revenue of small quantities.
func q17(t tables) *frame.Frame {
	parts := t.part.Filter(`p_brand == "Brand#23" && p_container == "MED BOX"`)
	items := t.lineitem.Join(parts, frame.On("l_partkey", "p_partkey"), "semi")
	small := items.GroupBy("l_partkey").Agg(`0.2 * mean(l_quantity) as small`)
	return items.
		Join(small, "l_partkey").
		Filter(`l_quantity < small`).
		Agg(`sum(l_extendedprice) / 7.0 as avg_yearly`)
}
