package main

import "github.com/rivulet-go/rivulet/frame"

// q06 is the forecast of revenue changes.
func q06(t tables) *frame.Frame {
	return t.lineitem.
		Filter(`l_shipdate >= "1994-01-01" && l_shipdate < "1995-01-01" && between(l_discount, 0.05, 0.07) && l_quantity < 24`).
		Agg(`sum(l_extendedprice * l_discount) as revenue`)
}
