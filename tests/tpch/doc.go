// Command tpch runs the queries of TPC-H over Parquet files: one query a file, which cells run as well, with its text in SQL beside it.
//
//	DIR/*.parquet ─► tables ─► q01.go … q22.go ─► frames ─► answers as Arrow files, seconds, plans, profiles
//
// Invariants: a query is a function of the tables alone; it uses nothing that a cell has not, so that test_tpch.py sends the same text to a
// kernel and compares the answer with what DuckDB gives for q01.sql … q22.sql. Parameters are those of the specification's validation.
//
// Read tables.go first, then q01.go.
package main
