package plan

import (
	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/frame/source"
)

// Node is a logical operator. Nodes are immutable; the New functions check names and types and give errors that name
// the call, the column and the columns there are.
type Node interface {
	// Schema is the columns that the node gives.
	Schema() *arrow.Schema
	// Inputs are the operands, in order.
	Inputs() []Node
	// String is the node's line in Explain.
	String() string
}

type (
	// Scan reads a source. Columns nil means all; Limit 0 means all rows. The planner narrows both. Where Filter is not nil, Source gives
	// only the rows of which it is true. Codes are the text columns that Source codes before it is read, Unscaled the decimals of which it gives
	// the unscaled values.
	Scan struct {
		Source   source.Source
		Columns  []string
		Limit    int64
		Filter   expr.Expr
		Codes    []string
		Unscaled []string
		schema   *arrow.Schema
	}

	// Filter keeps the rows where Predicate is true (not null).
	Filter struct {
		Input     Node
		Predicate expr.Expr
	}

	// Project computes columns; Select, Drop, Rename and WithColumn are all projections. Names come from expr.Name.
	Project struct {
		Input  Node
		Exprs  []expr.Expr
		schema *arrow.Schema
	}

	// MapBatches calls a user's function on each batch. It reads all columns of its input.
	MapBatches struct {
		Input  Node
		Func   *expr.Function
		schema *arrow.Schema
	}

	// Aggregate groups by Keys (none: one group over all rows) and computes Aggs, each an Alias over an expression
	// whose leaves are Aggregates or keys' columns. Groups come in order of first appearance where they are not many and nothing spilled.
	Aggregate struct {
		Input  Node
		Keys   []expr.Expr
		Aggs   []Agg
		schema *arrow.Schema
	}

	// Agg is one aggregate of an Aggregate node; X nil counts rows, Args are its further operands.
	Agg struct {
		Func expr.AggFunc
		X    expr.Expr
		Name string
		Args []expr.Expr
	}

	// Join joins on equal keys; nulls never match. The right side is the build side. Right columns whose names clash
	// get Suffix; the right key columns are left out of the output. Semi and Anti joins give the left's columns alone.
	Join struct {
		Left, Right         Node
		LeftKeys, RightKeys []string
		Kind                JoinKind
		Suffix              string
		AsOf                *AsOf     // nil but for as-of joins
		Where               expr.Expr // what else is true of rows that match, over the columns of Pairs; nil for nothing
		Narrows             []string  // by key: the column of the left side's scan of which only the right side's keys are read, "" for none; nil for none at all
		schema              *arrow.Schema
	}

	// Sort orders rows, stable; nulls come last whatever the direction, NaN after all numbers.
	Sort struct {
		Input Node
		Keys  []SortKey
	}

	// SortKey is one key of a Sort or TopK.
	SortKey struct {
		X          expr.Expr
		Descending bool
	}

	// TopK is Sort then Limit, in bounded memory.
	TopK struct {
		Input Node
		Keys  []SortKey
		N     int64
	}

	// GroupTopK keeps the first N rows of each group of Groups, ordered by Keys (none: as they come), equal rows in input
	// order. Groups come in order of first appearance where nothing spilled.
	GroupTopK struct {
		Input  Node
		Groups []expr.Expr
		Keys   []SortKey
		N      int64
	}

	// Limit keeps the first N rows.
	Limit struct {
		Input Node
		N     int64
	}

	// Tail keeps the last N rows.
	Tail struct {
		Input Node
		N     int64
	}

	// Distinct keeps the first row of each combination of Columns (none named: all columns).
	Distinct struct {
		Input   Node
		Columns []string
	}

	// Window adds a column for each of Funcs, computed over partitions of equal By columns in Order (none: the order of
	// the input; equal rows keep that order). Rows keep the order of the input.
	Window struct {
		Input  Node
		By     []string
		Order  []SortKey // columns
		Funcs  []WindowFunc
		schema *arrow.Schema
	}

	// WindowFunc is a function of a Window: its operand is a column, its frame is always given, and it has no keys of its own.
	WindowFunc struct {
		Name string
		Type arrow.DataType
		Expr expr.Window
	}

	// Preview gives the first N rows of its input and the count of all: what a display draws. Keys, where the planner
	// sets them, order the rows first: a sort of which only the top is wanted.
	Preview struct {
		Input Node
		N     int64
		Keys  []SortKey
	}
)

// JoinKind says what a join gives of rows that match, and of those that match nothing.
type JoinKind uint8

// The kinds of join. A right join is a left one with its sides changed, a cross join an inner one on a constant: see NewJoin.
const (
	Inner JoinKind = iota // the pairs of rows that match
	Left                  // and the left's rows that match nothing, with nulls for the right
	Full                  // and after all others the right's rows that match nothing, with nulls for the left
	Semi                  // the left's rows that match, once each
	Anti                  // the left's rows that match nothing
)
