package main

import "github.com/rivulet-go/rivulet/frame"

// q09 is the profit by type of product.
func q09(t tables) *frame.Frame {
	return t.part.Filter(`like(p_name, "%green%")`).
		Join(t.lineitem, frame.On("p_partkey", "l_partkey")).
		Join(t.partsupp, frame.On("l_suppkey", "ps_suppkey").And("p_partkey", "ps_partkey")).
		Join(t.supplier, frame.On("l_suppkey", "s_suppkey")).
		Join(t.orders, frame.On("l_orderkey", "o_orderkey")).
		Join(t.nation, frame.On("s_nationkey", "n_nationkey")).
		Select("n_name as nation", "year(o_orderdate) as o_year",
			"l_extendedprice * (1 - l_discount) - ps_supplycost * l_quantity as amount").
		GroupBy("nation", "o_year").
		Agg(`sum(amount) as sum_profit`).
		Sort("nation", frame.Desc("o_year"))
}
