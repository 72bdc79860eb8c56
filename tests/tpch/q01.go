package main

import "github.com/rivulet-go/rivulet/frame"

// q01 is the pricing summary report.
func q01(t tables) *frame.Frame {
	return t.lineitem.
		Filter(`l_shipdate <= "1998-09-02"`).
		GroupBy("l_returnflag", "l_linestatus").
		Agg(
			`sum(l_quantity) as sum_qty`,
			`sum(l_extendedprice) as sum_base_price`,
			`sum(l_extendedprice * (1 - l_discount)) as sum_disc_price`,
			`sum(l_extendedprice * (1 - l_discount) * (1 + l_tax)) as sum_charge`,
			`mean(l_quantity) as avg_qty`,
			`mean(l_extendedprice) as avg_price`,
			`mean(l_discount) as avg_disc`,
			`count() as count_order`,
		).
		Sort("l_returnflag", "l_linestatus")
}
