package main

import "github.com/rivulet-go/rivulet/frame"

// tables are the eight tables of TPC-H.
type tables struct {
	customer, lineitem, nation, orders, part, partsupp, region, supplier *frame.Frame
}

// open reads the tables of a folder.
func open(dir string) tables {
	table := func(name string) *frame.Frame { return frame.Read(dir + "/" + name + ".parquet") }
	return tables{
		customer: table("customer"), lineitem: table("lineitem"), nation: table("nation"), orders: table("orders"),
		part: table("part"), partsupp: table("partsupp"), region: table("region"), supplier: table("supplier"),
	}
}
