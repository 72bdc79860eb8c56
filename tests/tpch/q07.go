package main

import "github.com/rivulet-go/rivulet/frame"

// q07 is the volume of shipping.
func q07(t tables) *frame.Frame {
	nations := t.nation.Filter(`is_in(n_name, "FRANCE", "GERMANY")`)
	return t.supplier.
		Join(nations.Select("n_nationkey", "n_name as supp_nation"), frame.On("s_nationkey", "n_nationkey")).
		Join(t.lineitem.Filter(`between(l_shipdate, "1995-01-01", "1996-12-31")`), frame.On("s_suppkey", "l_suppkey")).
		Join(t.orders, frame.On("l_orderkey", "o_orderkey")).
		Join(t.customer, frame.On("o_custkey", "c_custkey")).
		Join(nations.Select("n_nationkey", "n_name as cust_nation"), frame.On("c_nationkey", "n_nationkey")).
		Filter(`supp_nation != cust_nation`).
		GroupBy("supp_nation", "cust_nation", "year(l_shipdate) as l_year").
		Agg(`sum(l_extendedprice * (1 - l_discount)) as revenue`).
		Sort("supp_nation", "cust_nation", "l_year")
}
