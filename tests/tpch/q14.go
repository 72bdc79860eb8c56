package main

import "github.com/rivulet-go/rivulet/frame"

// q14 is the effect of promotions.
func q14(t tables) *frame.Frame {
	return t.lineitem.
		Filter(`l_shipdate >= "1995-09-01" && l_shipdate < "1995-10-01"`).
		Join(t.part, frame.On("l_partkey", "p_partkey")).
		Select("p_type", "l_extendedprice * (1 - l_discount) as volume").
		Agg(`100 * sum(when(like(p_type, "PROMO%"), volume, 0)) / sum(volume) as promo_revenue`)
}
