package main

import "github.com/rivulet-go/rivulet/frame"

// q02 is the minimum cost supplier.
func q02(t tables) *frame.Frame {
	nations := t.nation.Join(t.region.Filter(`r_name == "EUROPE"`), frame.On("n_regionkey", "r_regionkey"), "semi")
	suppliers := t.supplier.Join(nations, frame.On("s_nationkey", "n_nationkey"))
	offers := t.partsupp.
		Join(t.part.Filter(`p_size == 15 && like(p_type, "%BRASS")`), frame.On("ps_partkey", "p_partkey")).
		Join(suppliers, frame.On("ps_suppkey", "s_suppkey"))
	cheapest := offers.GroupBy("ps_partkey").Agg(`min(ps_supplycost) as least`)
	return offers.
		Join(cheapest, frame.On("ps_partkey", "ps_partkey").And("ps_supplycost", "least")).
		Select("s_acctbal", "s_name", "n_name", "ps_partkey as p_partkey", "p_mfgr", "s_address", "s_phone", "s_comment").
		Sort(frame.Desc("s_acctbal"), "n_name", "s_name", "p_partkey").
		Head(100)
}
