package main

import "github.com/rivulet-go/rivulet/frame"

// q07 is the volume of shipping.
func q07(t tables) *frame.Frame {
	nations := t.nation.Filter(`is_in(n_name, "FRANCE", "GERMANY")`)
	suppliers := t.supplier.
		Join(nations, frame.On("s_nationkey", "n_nationkey")).
		Select("s_suppkey", "n_name as supp_nation")
	customers := t.customer.
		Join(nations, frame.On("c_nationkey", "n_nationkey")).
		Select("c_custkey", "n_name as cust_nation")
	orders := t.orders.Join(customers, frame.On("o_custkey", "c_custkey"))
	return t.lineitem.
		Filter(`between(l_shipdate, "1995-01-01", "1996-12-31")`).
		Join(suppliers, frame.On("l_suppkey", "s_suppkey")).
		Join(orders, frame.On("l_orderkey", "o_orderkey")).
		Filter(`supp_nation != cust_nation`).
		GroupBy("supp_nation", "cust_nation", "year(l_shipdate) as l_year").
		Agg(`sum(l_extendedprice * (1 - l_discount)) as revenue`).
		Sort("supp_nation", "cust_nation", "l_year")
}
