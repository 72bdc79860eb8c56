package main

import "github.com/rivulet-go/rivulet/frame"

// q19 is the discounted revenue.
func q19(t tables) *frame.Frame {
	return t.lineitem.
		Filter(`is_in(l_shipmode, "AIR", "AIR REG") && l_shipinstruct == "DELIVER IN PERSON"`).
		Join(t.part, frame.On("l_partkey", "p_partkey")).
		Filter(`p_brand == "Brand#12" && is_in(p_container, "SM CASE", "SM BOX", "SM PACK", "SM PKG") &&
			between(l_quantity, 1, 11) && between(p_size, 1, 5) ||
			p_brand == "Brand#23" && is_in(p_container, "MED BAG", "MED BOX", "MED PKG", "MED PACK") &&
			between(l_quantity, 10, 20) && between(p_size, 1, 10) ||
			p_brand == "Brand#34" && is_in(p_container, "LG CASE", "LG BOX", "LG PACK", "LG PKG") &&
			between(l_quantity, 20, 30) && between(p_size, 1, 15)`).
		Agg(`sum(l_extendedprice * (1 - l_discount)) as revenue`)
}
