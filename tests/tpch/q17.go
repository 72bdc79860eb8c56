package main

import "github.com/rivulet-go/rivulet/frame"

// q17 is the revenue of small quantities.
func q17(t tables) *frame.Frame {
	items := t.part.
		Filter(`p_brand == "Brand#23" && p_container == "MED BOX"`).
		Join(t.lineitem, frame.On("p_partkey", "l_partkey"))
	small := items.GroupBy("p_partkey").Agg(`0.2 * mean(l_quantity) as small`)
	return items.
		Join(small, "p_partkey").
		Filter(`l_quantity < small`).
		Agg(`sum(l_extendedprice) / 7.0 as avg_yearly`)
}
