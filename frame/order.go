package frame

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/frame/plan"
)

// defaultRows is how many rows Head and Tail give without an argument.
const defaultRows = 5

// Sort orders the rows by columns, expressions, or Desc and Asc of them ("x desc" is Desc("x")); rows with equal keys keep their order, and
// nulls come last in either direction. Sort followed by Head needs memory for these rows only.
//
//	df.Sort(Desc("dep_delay"), "carrier").Head(10)
func (f *Frame) Sort(keys ...any) *Frame {
	return f.derive("Sort", func(n plan.Node) (plan.Node, error) {
		list, err := sortKeys(flatten(keys), n.Schema())
		if err != nil {
			return nil, err
		}
		if len(list) == 0 {
			return nil, errors.New("no keys given")
		}
		return withKeys(n, list, plan.NewSort)
	})
}

// sortKeys reads what Sort takes.
func sortKeys(keys []any, s *arrow.Schema) (list []plan.SortKey, err error) {
	for _, k := range keys {
		o, ok := k.(Order)
		if !ok {
			o = orderOf(k, s)
		}
		if inner, nested := o.key.(Order); nested {
			return nil, fmt.Errorf("%s has two directions", inner)
		}
		x, err := column(o.key, s)
		if err != nil {
			return nil, err
		}
		list = append(list, plan.SortKey{X: unnamed(x), Descending: o.desc})
	}
	return list, nil
}

// withKeys orders by keys. Those that call a function are columns while it lasts: a sort looks at its keys more than once.
func withKeys(n plan.Node, keys []plan.SortKey, order func(plan.Node, []plan.SortKey) (plan.Node, error)) (plan.Node, error) {
	names := fieldNames(n.Schema())
	var with, without []expr.Expr
	for _, name := range names {
		with = append(with, expr.Column{Name: name})
	}
	without = with
	for i, k := range keys {
		if len(expr.Functions(k.X)) == 0 {
			continue
		}
		if err := check(n.Schema(), k.X); err != nil {
			return nil, err
		}
		name := expr.Name(k.X)
		for slices.Contains(names, name) {
			name += "_"
		}
		names = append(names, name)
		with = append(with, expr.Alias{X: k.X, Name: name})
		keys[i].X = expr.Column{Name: name}
	}
	if len(with) == len(without) {
		return order(n, keys)
	}
	n, err := plan.NewProject(n, with)
	if err != nil {
		return nil, err
	}
	if n, err = order(n, keys); err != nil {
		return nil, err
	}
	return plan.NewProject(n, without)
}

// orderOf reads a key given as "x desc" or "x asc", where no column has that name.
func orderOf(key any, s *arrow.Schema) Order {
	text, ok := key.(string)
	if !ok || s != nil && len(s.FieldIndices(text)) > 0 {
		return Order{key: key}
	}
	if x, ok := strings.CutSuffix(text, " desc"); ok {
		return Order{strings.TrimSpace(x), true}
	}
	if x, ok := strings.CutSuffix(text, " asc"); ok {
		return Order{strings.TrimSpace(x), false}
	}
	return Order{key: key}
}

// Head keeps the first n rows, 5 where n is not given. It is lazy; reading stops when it has them.
//
//	df.Head(10)
func (f *Frame) Head(n ...int) *Frame {
	return f.derive("Head", func(in plan.Node) (plan.Node, error) {
		rows, err := rowCount(n)
		if err != nil {
			return nil, err
		}
		return plan.NewLimit(in, rows)
	})
}

// Tail keeps the last n rows, 5 where n is not given. It reads all of the input.
func (f *Frame) Tail(n ...int) *Frame {
	return f.derive("Tail", func(in plan.Node) (plan.Node, error) {
		rows, err := rowCount(n)
		if err != nil {
			return nil, err
		}
		return plan.NewTail(in, rows)
	})
}

// Limit keeps the first n rows, as Head does.
func (f *Frame) Limit(n int) *Frame {
	return f.derive("Limit", func(in plan.Node) (plan.Node, error) {
		rows, err := rowCount([]int{n})
		if err != nil {
			return nil, err
		}
		return plan.NewLimit(in, rows)
	})
}

func rowCount(n []int) (int64, error) {
	switch {
	case len(n) == 0:
		return defaultRows, nil
	case len(n) > 1:
		return 0, fmt.Errorf("%d numbers given, want one", len(n))
	case n[0] < 0:
		return 0, fmt.Errorf("%d rows; want 0 or more", n[0])
	}
	return int64(n[0]), nil
}

// Distinct keeps the first row of each combination of values in the columns named, or in all columns.
//
//	df.Distinct("origin", "dest")
func (f *Frame) Distinct(columns ...any) *Frame {
	return f.derive("Distinct", func(n plan.Node) (plan.Node, error) {
		list, err := names(columns, n.Schema())
		if err != nil {
			return nil, err
		}
		return plan.NewDistinct(n, list)
	})
}
