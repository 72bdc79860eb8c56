package frame

import (
	"fmt"

	"github.com/rivulet-go/rivulet/frame/expr"
)

func (e Expr) aggregate(f expr.AggFunc, args ...expr.Expr) Expr {
	x, err := e.node()
	if err != nil {
		return Expr{err: err}
	}
	return Expr{x: expr.Aggregate{Func: f, X: unnamed(x), Args: args}}
}

// Sum adds up the values that are not null; null where there are none. Integers add up exactly, in 128 bits; a result
// that does not fit 64 bits is an error, never a wrong number: Cast to decimal(38, 0) before gives it whole. The column
// is named x_sum unless As names it.
func (e Expr) Sum() Expr { return e.aggregate(expr.Sum) }

// Mean is the average of the values that are not null.
func (e Expr) Mean() Expr { return e.aggregate(expr.Mean) }

// Min is the smallest value; NaN only where there is nothing else.
func (e Expr) Min() Expr { return e.aggregate(expr.Min) }

// Max is the largest value; NaN is larger than any number.
func (e Expr) Max() Expr { return e.aggregate(expr.Max) }

// Count is the number of values that are not null.
func (e Expr) Count() Expr { return e.aggregate(expr.Count) }

// CountDistinct is the number of different values that are not null.
func (e Expr) CountDistinct() Expr { return e.aggregate(expr.CountDistinct) }

// First is the first value of the group, in the order of the input.
func (e Expr) First() Expr { return e.aggregate(expr.First) }

// Last is the last value of the group, in the order of the input.
func (e Expr) Last() Expr { return e.aggregate(expr.Last) }

// Std is the sample standard deviation (n-1); null for fewer than two values.
func (e Expr) Std() Expr { return e.aggregate(expr.Std) }

// StdPop is the standard deviation of a population (n).
func (e Expr) StdPop() Expr { return e.aggregate(expr.StdPop) }

// Var is the sample variance (n-1); null for fewer than two values.
func (e Expr) Var() Expr { return e.aggregate(expr.Var) }

// VarPop is the variance of a population (n).
func (e Expr) VarPop() Expr { return e.aggregate(expr.VarPop) }

// Median is the value in the middle, exact: the mean of the two in the middle where their number is even. NaN is larger
// than any number. Of dates it is a timestamp, since it may lie between two; of times it is rounded to their unit. It keeps
// a group's values until the group is complete, and spills where the budget refuses.
func (e Expr) Median() Expr { return e.aggregate(expr.Median) }

// Quantile is the value below which a fraction q, from 0 to 1, of the values lie: exact, by linear interpolation between
// the two values beside it, as Median is Quantile(0.5). The column is named x_q90 for q = 0.9.
//
//	df.GroupBy("carrier").Agg(Col("dep_delay").Quantile(0.5), Col("dep_delay").Quantile(0.99))
func (e Expr) Quantile(q float64) Expr { return e.aggregate(expr.Quantile, expr.Literal{Value: q}) }

// Corr is Pearson's correlation with another column or expression, over the rows where both are not null; NaN where one
// of them is the same everywhere. The column is named x_y_corr.
//
//	df.GroupBy("carrier").Agg(Col("dep_delay").Corr("arr_delay"))
func (e Expr) Corr(other any) Expr { return aggregateOf2(expr.Corr, e, other) }

// Cov is the sample covariance (n-1) with another column or expression, over the rows where both are not null.
func (e Expr) Cov(other any) Expr { return aggregateOf2(expr.Cov, e, other) }

// Any says whether some value is true; null where all are null.
func (e Expr) Any() Expr { return e.aggregate(expr.Any) }

// All says whether every value that is not null is true; null where all are null.
func (e Expr) All() Expr { return e.aggregate(expr.All) }

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

// Var is the sample variance (n-1) of a column, named x_var.
func Var(column any) Expr { return aggregateOf(expr.Var, column) }

// Median is the value in the middle of a column, named x_median.
//
//	df.GroupBy("carrier").Agg(Median("dep_delay"))
func Median(column any) Expr { return aggregateOf(expr.Median, column) }

// Quantile is the value below which a fraction q, from 0 to 1, of a column lies, named x_q90 for q = 0.9.
//
//	df.GroupBy("carrier").Agg(Quantile("dep_delay", 0.9))
func Quantile(column any, q float64) Expr {
	return aggregateOf(expr.Quantile, column, expr.Literal{Value: q})
}

// Corr is the correlation of two columns, named x_y_corr.
//
//	df.GroupBy("carrier").Agg(Corr("dep_delay", "arr_delay"))
func Corr(left, right any) Expr { return aggregateOf2(expr.Corr, left, right) }

// Cov is the sample covariance (n-1) of two columns, named x_y_cov.
func Cov(left, right any) Expr { return aggregateOf2(expr.Cov, left, right) }

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
func aggregateOf(f expr.AggFunc, column any, args ...expr.Expr) Expr {
	x := named(f, column)
	if x.err != nil {
		return x
	}
	return x.aggregate(f, args...)
}

func aggregateOf2(f expr.AggFunc, left, right any) Expr {
	x, y := named(f, left), named(f, right)
	for _, e := range []Expr{x, y} {
		if e.err != nil {
			return e
		}
	}
	arg, err := y.node()
	if err != nil {
		return Expr{err: err}
	}
	return x.aggregate(f, unnamed(arg))
}

// named is a column by name, or an expression.
func named(f expr.AggFunc, column any) Expr {
	if name, ok := column.(string); ok {
		return Col(name)
	}
	x, err := operand(column)
	if err != nil {
		return Expr{err: fmt.Errorf("%s: %w", f, err)}
	}
	return Expr{x: x}
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
