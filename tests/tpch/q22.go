package main

import "github.com/rivulet-go/rivulet/frame"

// q22 is the opportunity of global sales.
func q22(t tables) *frame.Frame {
	customers := t.customer.
		WithColumn("cntrycode", "substr(c_phone, 0, 2)").
		Filter(`is_in(cntrycode, "13", "31", "23", "29", "30", "18", "17")`)
	average := customers.Filter(`c_acctbal > 0`).Agg(`mean(c_acctbal) as average`)
	return customers.
		Join(average, nil, "cross").
		Filter(`c_acctbal > average`).
		Join(t.orders, frame.On("c_custkey", "o_custkey"), "anti").
		GroupBy("cntrycode").
		Agg(`count() as numcust`, `sum(c_acctbal) as totacctbal`).
		Sort("cntrycode")
}
