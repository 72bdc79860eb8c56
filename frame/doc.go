// Package frame is the dataframe that cells use: lazy tables over files and Go values, computed as streams.
//
//	df := frame.Read("flights.csv.zip")
//	df.Filter("dep_delay > 60").GroupBy("carrier").Agg(frame.Mean("dep_delay"), frame.Count()).Sort(frame.Desc("count"))
//
// The way of a call:
//
//	cell ─► Frame (plan.Node) ─► Runner: rules, stages, lanes ─► batch.Stream   ─► Collect, Floats, Rows, Write
//	                                                          └► batch.Snapshot ─► display draws it while it runs
//
// Methods that describe a table return a new Frame and run nothing; they check names and types at once, against the
// schema. Actions run the plan and return a value and an error. Frames are immutable and safe for concurrent use.
//
// Where a string names a column it may be any name; where it stands for an expression (Filter, WithColumn, Agg, and
// what is no column's name in Select, GroupBy and Sort) it is Go syntax over the columns:
//
//	dep_delay > 60 && carrier == "UA"
//	distance / (air_time / 60)
//	sum(distance) / count() as miles
//
// Division gives a float. Comparisons with null give null, and Filter keeps only what is true. Column types, as Schema
// shows them: bool, int (64 bits), uint, float, string, binary, date, time (with a zone), datetime (without),
// duration, decimal, list, struct.
//
// Invariants:
//  1. A mistake is kept in the Frame, the first one wins, and every action returns it.
//  2. Accessors copy; nothing that a cell holds refers to memory of the engine.
//  3. Cells never release: what a Frame holds in memory is counted in the budget and given back by a cleanup.
//  4. Actions without a context use the running cell's (SetContext), so that an interrupt cancels them.
//
// The API is made for interpreted cells: no exported generics, no iterators in what cells call. Methods that end in
// Context, Watch, Records and Plan are for compiled Go.
//
// Read frame.go first, then resolve.go (names and texts), actions.go, held.go (memory).
package frame
