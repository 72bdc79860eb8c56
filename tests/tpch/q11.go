package main

import "github.com/rivulet-go/rivulet/frame"

// q11 is the identification of important stock.
func q11(t tables) *frame.Frame {
	suppliers := t.supplier.Join(t.nation.Filter(`n_name == "GERMANY"`), frame.On("s_nationkey", "n_nationkey"), "semi")
	german := t.partsupp.Join(suppliers, frame.On("ps_suppkey", "s_suppkey"), "semi")
	least := german.Agg(`sum(ps_supplycost * ps_availqty) * 0.0001 as least`)
	return german.
		GroupBy("ps_partkey").
		Agg(`sum(ps_supplycost * ps_availqty) as value`).
		Join(least, nil, "cross").
		Filter(`value > least`).
		Select("ps_partkey", "value").
		Sort(frame.Desc("value"), "ps_partkey")
}
