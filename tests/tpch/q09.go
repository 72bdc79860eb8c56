package main

import "github.com/rivulet-go/rivulet/frame"

// q09 is the profit by type of product.
func q09(t tables) *frame.Frame {
	green := t.part.Filter(`like(p_name, "%green%")`)
	offers := t.partsupp.Join(green, frame.On("ps_partkey", "p_partkey"), "semi")
	suppliers := t.supplier.
		Join(t.nation, frame.On("s_nationkey", "n_nationkey")).
		Select("s_suppkey", "n_name as nation")
	items := t.lineitem.
		Join(green, frame.On("l_partkey", "p_partkey"), "semi").
		Join(offers, frame.On("l_suppkey", "ps_suppkey").And("l_partkey", "ps_partkey")).
		Join(suppliers, frame.On("l_suppkey", "s_suppkey"))
	return t.orders.
		Join(items, frame.On("o_orderkey", "l_orderkey")).
		Select("nation", "year(o_orderdate) as o_year", "l_extendedprice * (1 - l_discount) - ps_supplycost * l_quantity as amount").
		GroupBy("nation", "o_year").
		Agg(`sum(amount) as sum_profit`).
		Sort("nation", frame.Desc("o_year"))
}
