// Package expr holds expressions over record batches: the tree that plans carry, the binder that gives it types, the
// vectorised evaluation of a bound expression over one batch, and the grouped accumulators of the aggregates.
//
//	text ──Parse──► Expr ──Bind(schema)──► Bound ──Eval(batch)──► arrow.Array
//	                  │
//	                  └──SplitAggregates──► Aggregate ──BindAgg──► BoundAgg ──New──► Accumulator (Update, Merge, Result)
//
// Invariants:
//  1. An Expr is immutable plain data; its String is text that Parse takes back.
//  2. A Bound or BoundAgg is immutable and may be shared by lanes; an Accumulator belongs to one goroutine.
//  3. Arrays that Eval, State and Result give are the caller's to release; inputs are only read.
//  4. Nothing wraps, truncates or rounds silently: a value that does not fit is an error that names the expression.
//
// Semantics, where engines differ:
//   - A null operand gives null, except in And, Or (three-valued), is_null, is_not_null, coalesce and when.
//   - Where a literal null makes the result null, what it meets is not evaluated.
//   - Errors are those of rows that count: what stands behind && and ||, in an arm of when, or later in coalesce, fails
//     only for the rows that reach it.
//   - Floats compare in a total order: NaN equals NaN and is greater than every number; -0 equals 0. So x > 1 keeps NaN.
//   - Divide is float division: 1/2 is 0.5, 1/0 is +Inf, 0/0 is NaN. Integer Modulo by zero is null, and has the sign of
//     the dividend, as in Go.
//   - Integers: int64 with uint64 gives int64 in arithmetic (a uint64 that does not fit is an error) and compares exactly.
//     An integer meets a float as float64.
//   - Timestamps without a zone are taken as UTC. Text compared with a date, timestamp or duration is parsed at Bind.
//   - Sum of no values is null. First and Last are of rows, nulls included. Min and Max take NaN for the largest value.
//   - Decimals are exact: comparisons, casts, aggregates but the mean and what it needs, and + - * among themselves and with integers. The type of a
//     result has the digits that it can need, as in SQL, and at most 38. A number that is written beside a decimal is one: price * 0.05.
//     Quotients, remainders and what meets a column of floats are floats.
//
// Read expr.go (the tree) first, then bind.go, binary.go (type rules), compare.go (the shape of a kernel) and
// aggregate.go.
package expr
