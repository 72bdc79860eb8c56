package main

import "github.com/rivulet-go/rivulet/frame"

// q02 is the minimum cost supplier.
func q02(t tables) *frame.Frame {
	european := t.region.Filter(`r_name == "EUROPE"`).
		Join(t.nation, frame.On("r_regionkey", "n_regionkey")).
		Join(t.supplier, frame.On("n_nationkey", "s_nationkey")).
		Join(t.partsupp, frame.On("s_suppkey", "ps_suppkey"))
	brass := t.part.Filter(`p_size == 15 && like(p_type, "%BRASS")`)
	offers := brass.Join(european, frame.On("p_partkey", "ps_partkey"))
	cheapest := offers.GroupBy("p_partkey").Agg(`min(ps_supplycost) as least`)
	return offers.
		Join(cheapest, frame.On("p_partkey", "p_partkey").And("ps_supplycost", "least")).
		Select("s_acctbal", "s_name", "n_name", "p_partkey", "p_mfgr", "s_address", "s_phone", "s_comment").
		Sort(frame.Desc("s_acctbal"), "n_name", "s_name", "p_partkey").
		Head(100)
}
