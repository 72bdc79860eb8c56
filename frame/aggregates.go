package frame

import (
	"fmt"

	"github.com/rivulet-go/rivulet/frame/expr"
)

func (e Expr) aggregate(f expr.AggFunc) Expr {
	x, err := e.node()
	if err != nil {
		return Expr{err: err}
	}
	return Expr{x: expr.Aggregate{Func: f, X: unnamed(x)}}
}

// Sum adds up the values that are not null; null where there are none. Integers add up exactly; a sum that does not
// fit 64 bits is an error. The column is named x_sum unless As names it.
func (e Expr) Sum() Expr { return e.aggregate(expr.Sum) }

// Mean is the average of the values that are not null.
func (e Expr) Mean() Expr { return e.aggregate(expr.Mean) }

// Min is the smallest value.
func (e Expr) Min() Expr { return e.aggregate(expr.Min) }

// Max is the largest value; NaN is larger than any number.
func (e Expr) Max() Expr { return e.aggregate(expr.Max) }

// Count is the number of values that are not null.
func (e Expr) Count() Expr { return e.aggregate(expr.Count) }

// CountDistinct is the number of different values that are not null.
func (e Expr) CountDistinct() Expr { return e.aggregate(expr.CountDistinct) }

// Std is the sample standard deviation (n-1); null for fewer than two values.
func (e Expr) Std() Expr { return e.aggregate(expr.Std) }

// First is the first value of the group, in the order of the input.
func (e Expr) First() Expr { return e.aggregate(expr.First) }

// Last is the last value of the group, in the order of the input.
func (e Expr) Last() Expr { return e.aggregate(expr.Last) }

// Sum is the sum of a column, named x_sum unless As names it.
//
//	df.GroupBy("origin").Agg(Sum("distance"), Count())
func Sum(column any) Expr { return aggregateOf(expr.Sum, column) }

// Mean is the average of a column, named x_mean.
//
//	df.GroupBy("carrier").Agg(Mean("dep_delay"))
func Mean(column any) Expr { return aggregateOf(expr.Mean, column) }

// Min is the smallest value of a column, named x_min.
func Min(column any) Expr { return aggregateOf(expr.Min, column) }

// Max is the largest value of a column, named x_max.
func Max(column any) Expr { return aggregateOf(expr.Max, column) }

// CountDistinct is the number of different values of a column, named x_count_distinct.
func CountDistinct(column any) Expr { return aggregateOf(expr.CountDistinct, column) }

// Std is the sample standard deviation (n-1) of a column, named x_std.
func Std(column any) Expr { return aggregateOf(expr.Std, column) }

// First is the first value of a column in each group, named x_first.
func First(column any) Expr { return aggregateOf(expr.First, column) }

// Last is the last value of a column in each group, named x_last.
func Last(column any) Expr { return aggregateOf(expr.Last, column) }

// Count is the number of rows, named count; with a column, the number of its values that are not null.
//
//	df.GroupBy("carrier").Agg(Count(), Count("dep_delay"))
func Count(column ...any) Expr {
	switch len(column) {
	case 0:
		return Expr{x: expr.Aggregate{Func: expr.Count}}
	case 1:
		return aggregateOf(expr.Count, column[0])
	}
	return Expr{err: fmt.Errorf("count: %d arguments; want a column or none", len(column))}
}

// aggregateOf takes a column by name, or an expression.
func aggregateOf(f expr.AggFunc, column any) Expr {
	if name, ok := column.(string); ok {
		return Col(name).aggregate(f)
	}
	x, err := operand(column)
	if err != nil {
		return Expr{err: fmt.Errorf("%s: %w", f, err)}
	}
	return Expr{x: x}.aggregate(f)
}

// Order is a sort key with its direction.
type Order struct {
	key  any
	desc bool
}

// Desc sorts from large to small by a column or expression; nulls come last.
//
//	df.Sort(Desc("dep_delay"), "carrier")
func Desc(column any) Order { return Order{column, true} }

// Asc sorts from small to large, as a plain name in Sort does.
func Asc(column any) Order { return Order{column, false} }

// Desc sorts by e from large to small.
//
//	df.Sort(Col("arr_delay").Sub(Col("dep_delay")).Desc())
func (e Expr) Desc() Order { return Order{e, true} }

// Asc sorts by e from small to large.
func (e Expr) Asc() Order { return Order{e, false} }

// String is the key with its direction.
func (o Order) String() string {
	if o.desc {
		return fmt.Sprintf("%v descending", o.key)
	}
	return fmt.Sprint(o.key)
}
