package frame

import (
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/rivulet-go/rivulet/frame/expr"
)

// Window is a part of what Over takes: By, OrderBy, RowsBetween or RangeBetween.
type Window struct {
	call  string
	by    []any
	order []any
	frame *expr.WindowFrame
	err   error
}

// Unbounded is the end of a frame at the end of its partition: the first row as the first bound, the last as the second.
const Unbounded WindowBound = "unbounded"

// WindowBound is a bound of a window that is no number.
type WindowBound string

// By says which columns or expressions part the rows of a window. Nulls are a partition of their own, as in GroupBy.
//
//	Sum("distance").Over(By("carrier", "origin"))
func By(keys ...any) Window { return Window{call: "By", by: flatten(keys)} }

// OrderBy orders the rows of each partition, as Sort does: by columns, expressions, Desc and Asc of them, or "x desc".
// Nulls come last, and rows with equal keys are in the order of the frame.
//
//	RowNumber().Over(By("carrier"), OrderBy(Desc("dep_delay")))
func OrderBy(keys ...any) Window { return Window{call: "OrderBy", order: flatten(keys)} }

// RowsBetween makes a function see the rows from one to another, both included, counted from the current row: negative
// ones come before it, 0 is the row itself, and Unbounded is the end of the partition.
//
//	Mean("dep_delay").Over(OrderBy("time_hour"), RowsBetween(-6, 0)) // of seven rows
func RowsBetween(from, to any) Window { return frameOf("RowsBetween", expr.RowsFrame, from, to) }

// RangeBetween makes a function see the rows whose order key differs from the current row's by from to to: numbers, or
// durations for dates and times. 0 means the row and those with an equal key. There must be one order key; with Desc a
// row before has a larger key. A row whose key is null or NaN sees only those like it, as far as an end is a number.
//
//	Count().Over(OrderBy("time_hour"), RangeBetween(-24*time.Hour, 0))
func RangeBetween(from, to any) Window { return frameOf("RangeBetween", expr.RangeFrame, from, to) }

func frameOf(call string, unit expr.FrameUnit, from, to any) Window {
	w := Window{call: call, frame: &expr.WindowFrame{Unit: unit}}
	for _, end := range []struct {
		v  any
		to *expr.FrameBound
	}{{from, &w.frame.From}, {to, &w.frame.To}} {
		switch v := end.v.(type) {
		case WindowBound:
			if v == Unbounded {
				end.to.Unbounded = true
				continue
			}
		case time.Duration:
			end.to.Offset = expr.Literal{Value: v}
			continue
		}
		switch r := reflect.ValueOf(end.v); {
		case r.IsValid() && r.CanInt():
			end.to.Offset = expr.Literal{Value: r.Int()}
		case r.IsValid() && r.CanUint() && r.Uint() < 1<<63:
			end.to.Offset = expr.Literal{Value: int64(r.Uint())}
		case r.IsValid() && r.CanFloat() && unit == expr.RangeFrame:
			end.to.Offset = expr.Literal{Value: r.Float()}
		default:
			w.err = fmt.Errorf("%s: an end is %v; want a number, Unbounded or (RangeBetween) a time.Duration", call, end.v)
		}
	}
	return w
}

// Over computes the aggregates and window functions in e over a window of rows instead of a group: each row keeps its
// place and gets a value of its own. Parts are By, OrderBy and a frame, RowsBetween or RangeBetween; a column's name or an
// expression alone is a key as in By. It belongs in WithColumn, Select and Filter.
//
//	df.WithColumn("share", Col("distance").Div(Sum("distance")).Over("carrier"))
//	df.WithColumn("rank", frame.Rank().Over(frame.By("carrier"), frame.OrderBy(Desc("dep_delay"))))
//	df.Filter(frame.RowNumber().Over("carrier", frame.OrderBy("dep_time")).Le(3))
//
// An aggregate sees the whole partition where there is no order, and where there is one the rows up to the current one
// and those with equal keys, as in SQL. Without OrderBy rows are in the order of the frame. Nulls are left out of
// aggregates; an aggregate of no values is null, a count 0. NaN is larger than any number, and sums with it are NaN.
func (e Expr) Over(parts ...any) Expr {
	x, err := e.node()
	if err != nil {
		return Expr{err: err}
	}
	var by []expr.Expr
	var order []expr.OrderKey
	var frame *expr.WindowFrame
	fail := func(err error) Expr { return Expr{err: fmt.Errorf("over: %w", err)} }
	for _, p := range flatten(parts) {
		w, ok := p.(Window)
		if !ok {
			if _, sorts := p.(Order); sorts {
				return fail(errors.New("Desc and Asc belong in OrderBy"))
			}
			w = By(p)
		}
		if w.err != nil {
			return fail(w.err)
		}
		for _, k := range w.by {
			key, err := windowKey(k)
			if err != nil {
				return fail(err)
			}
			by = append(by, key)
		}
		for _, k := range w.order {
			key, err := windowOrder(k)
			if err != nil {
				return fail(err)
			}
			order = append(order, key)
		}
		if w.frame != nil {
			if frame != nil {
				return fail(errors.New("two frames given, want one"))
			}
			frame = w.frame
		}
	}
	out, err := expr.Over(x, by, order, frame)
	if err != nil {
		return fail(err)
	}
	return Expr{x: out}
}

// windowKey is a column by name, or an expression. There is no schema yet, so a string is always a name.
func windowKey(k any) (expr.Expr, error) {
	if name, ok := k.(string); ok {
		return expr.Column{Name: name}, nil
	}
	x, err := operand(k)
	if err != nil {
		return nil, err
	}
	return unnamed(x), nil
}

func windowOrder(k any) (expr.OrderKey, error) {
	o, ok := k.(Order)
	if !ok {
		o = orderOf(k, nil)
	}
	if inner, nested := o.key.(Order); nested {
		return expr.OrderKey{}, fmt.Errorf("%s has two directions", inner)
	}
	x, err := windowKey(o.key)
	return expr.OrderKey{X: x, Descending: o.desc}, err
}

func windowFunc(f expr.WindowFunc, n int64) Expr { return Expr{x: expr.Window{Func: f, N: n}} }

// RowNumber numbers the rows of a partition from 1, in its order or, without OrderBy, in that of the frame.
//
//	df.WithColumn("n", frame.RowNumber().Over("carrier"))
func RowNumber() Expr { return windowFunc(expr.RowNumber, 0) }

// Rank is 1 and the number of rows that come before in the order: equal rows share a rank, and leave a gap behind them.
//
//	df.WithColumn("place", frame.Rank().Over("carrier", frame.OrderBy(Desc("dep_delay"))))
func Rank() Expr { return windowFunc(expr.Rank, 0) }

// DenseRank is Rank without gaps.
func DenseRank() Expr { return windowFunc(expr.DenseRank, 0) }

// PercentRank is (rank - 1) / (rows - 1), from 0 to 1; 0 in a partition of one row.
func PercentRank() Expr { return windowFunc(expr.PercentRank, 0) }

// CumeDist is the part of the partition's rows that come before in the order or are equal, above 0 up to 1.
func CumeDist() Expr { return windowFunc(expr.CumeDist, 0) }

// Ntile parts the rows of a partition into n tiles that differ by one row at most, the larger ones first, numbered from 1.
//
//	df.WithColumn("quartile", frame.Ntile(4).Over(frame.OrderBy("distance")))
func Ntile(n int) Expr { return windowFunc(expr.Ntile, int64(n)) }

func valueFunc(f expr.WindowFunc, column any, n int64) Expr {
	x, err := columnOperand(string(f), column)
	if err != nil {
		return Expr{err: err}
	}
	return Expr{x: expr.Window{Func: f, X: x, N: n}}
}

// columnOperand takes a column by name, or an expression.
func columnOperand(call string, column any) (expr.Expr, error) {
	if name, ok := column.(string); ok {
		return expr.Column{Name: name}, nil
	}
	x, err := operand(column)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", call, err)
	}
	return unnamed(x), nil
}

// Lag is the value of a column n rows before, and otherwise, null where it is not given, where there is no such row.
//
//	df.WithColumn("before", frame.Lag("price", 1).Over("stock", frame.OrderBy("day")))
func Lag(column any, n int, otherwise ...any) Expr { return lag(expr.Lag, column, n, otherwise) }

// Lead is the value of a column n rows after, as Lag is that before.
func Lead(column any, n int, otherwise ...any) Expr { return lag(expr.Lead, column, n, otherwise) }

func lag(f expr.WindowFunc, column any, n int, otherwise []any) Expr {
	e := valueFunc(f, column, int64(n))
	if e.err != nil || len(otherwise) == 0 {
		return e
	}
	if len(otherwise) > 1 {
		return Expr{err: fmt.Errorf("%s: %d values for rows that are missing; want at most one", f, len(otherwise))}
	}
	x, err := operand(otherwise[0])
	if err != nil {
		return Expr{err: fmt.Errorf("%s: %w", f, err)}
	}
	w := e.x.(expr.Window)
	w.Default = unnamed(x)
	return Expr{x: w}
}

// FirstValue is the value of a column in the first row of the window, null or not.
func FirstValue(column any) Expr { return valueFunc(expr.FirstValue, column, 0) }

// LastValue is the value of a column in the last row of the window. With OrderBy that is by default the last of the
// current row's equals: give RowsBetween(Unbounded, Unbounded) for the last of the partition.
func LastValue(column any) Expr { return valueFunc(expr.LastValue, column, 0) }

// NthValue is the value of a column in row n of the window, counted from 1; null where it has fewer rows.
func NthValue(column any, n int) Expr { return valueFunc(expr.NthValue, column, int64(n)) }

// windowed makes a window function of e.
func (e Expr) windowed(make func(x expr.Expr) expr.Expr) Expr {
	x, err := e.node()
	if err != nil {
		return Expr{err: err}
	}
	return Expr{x: make(unnamed(x))}
}

// Shift is the value so many rows before, or after where rows is negative; null where there is no such row. Over parts
// and orders the rows; without it they are those of the frame.
//
//	df.WithColumn("before", Col("price").Shift(1).Over("stock", frame.OrderBy("day")))
func (e Expr) Shift(rows int) Expr {
	return e.windowed(func(x expr.Expr) expr.Expr { return expr.Shift(x, int64(rows)) })
}

// Diff is what the value has gained since so many rows before, since one where rows is not given. Over parts and orders
// the rows.
//
//	df.WithColumn("gain", Col("price").Diff().Over("stock", frame.OrderBy("day")))
func (e Expr) Diff(rows ...int) Expr {
	n := 1
	if len(rows) > 0 {
		n = rows[0]
	}
	if len(rows) > 1 {
		return Expr{err: fmt.Errorf("diff: %d numbers given, want one", len(rows))}
	}
	return e.windowed(func(x expr.Expr) expr.Expr { return expr.Diff(x, int64(n)) })
}

// FillForward puts, in place of a null, the last value before that is none. Over parts and orders the rows.
//
//	df.WithColumn("price", Col("price").FillForward().Over("stock", frame.OrderBy("day")))
func (e Expr) FillForward() Expr { return e.windowed(expr.FillForward) }

// FillBackward puts, in place of a null, the next value that is none.
func (e Expr) FillBackward() Expr { return e.windowed(expr.FillBackward) }

func (e Expr) cumulative(f expr.AggFunc) Expr {
	return e.windowed(func(x expr.Expr) expr.Expr {
		return expr.Window{Func: expr.WindowFunc(f), X: x, Frame: expr.Cumulative()}
	})
}

// CumSum is the sum of the values up to each row, row by row: nulls add nothing. Over parts and orders the rows; without
// it they are those of the frame.
//
//	df.WithColumn("total", Col("distance").CumSum().Over("carrier", frame.OrderBy("time_hour")))
func (e Expr) CumSum() Expr { return e.cumulative(expr.Sum) }

// CumMean is the mean of the values up to each row.
func (e Expr) CumMean() Expr { return e.cumulative(expr.Mean) }

// CumMin is the smallest value up to each row.
func (e Expr) CumMin() Expr { return e.cumulative(expr.Min) }

// CumMax is the largest value up to each row.
func (e Expr) CumMax() Expr { return e.cumulative(expr.Max) }

// CumCount is the number of values up to each row that are not null.
func (e Expr) CumCount() Expr { return e.cumulative(expr.Count) }
