package frame

import (
	"errors"
	"fmt"
	"slices"

	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/frame/plan"
)

// Select keeps the columns named, in that order, and computes new ones from expressions or their text; "*" is all of
// the frame's.
//
//	df.Select("carrier", Col("distance").Div(Col("air_time")).As("speed"), "dep_delay / 60 as hours")
func (f *Frame) Select(columnsOrExprs ...any) *Frame {
	return f.derive("Select", func(n plan.Node) (plan.Node, error) {
		list, err := columns(columnsOrExprs, n.Schema())
		if err != nil {
			return nil, err
		}
		return plan.NewProject(n, list)
	})
}

// Drop leaves columns out.
//
//	df.Drop("year", "tailnum")
func (f *Frame) Drop(columns ...any) *Frame {
	return f.derive("Drop", func(n plan.Node) (plan.Node, error) {
		gone, err := names(columns, n.Schema())
		if err != nil {
			return nil, err
		}
		var kept []expr.Expr
		for _, c := range fieldNames(n.Schema()) {
			if !slices.Contains(gone, c) {
				kept = append(kept, expr.Column{Name: c})
			}
		}
		if len(kept) == 0 {
			return nil, errors.New("no column would be left")
		}
		return plan.NewProject(n, kept)
	})
}

// Rename gives columns new names, in pairs of old and new, or by a map from old to new.
//
//	df.Rename("dest", "to", "origin", "from")
//	df.Rename(map[string]string{"dest": "to"})
func (f *Frame) Rename(oldNew ...any) *Frame {
	return f.derive("Rename", func(n plan.Node) (plan.Node, error) {
		to, err := renames(oldNew)
		if err != nil {
			return nil, err
		}
		s := n.Schema()
		for _, old := range sortedKeys(to) {
			if len(s.FieldIndices(old)) == 0 {
				return nil, unknownColumn(old, s)
			}
		}
		list := make([]expr.Expr, s.NumFields())
		taken := map[string]bool{}
		for i, c := range fieldNames(s) {
			list[i] = expr.Column{Name: c}
			name := c
			if renamed, ok := to[c]; ok {
				name = renamed
				list[i] = expr.Alias{X: list[i], Name: name}
			}
			if taken[name] {
				return nil, fmt.Errorf("two columns would be called %q", name)
			}
			taken[name] = true
		}
		return plan.NewProject(n, list)
	})
}

func renames(oldNew []any) (map[string]string, error) {
	to := map[string]string{}
	if len(oldNew) == 1 {
		m, ok := oldNew[0].(map[string]string)
		if !ok {
			return nil, fmt.Errorf("want pairs of old and new names or a map, not a single %T", oldNew[0])
		}
		return m, nil
	}
	if len(oldNew)%2 != 0 {
		return nil, fmt.Errorf("%d names; want pairs of old and new", len(oldNew))
	}
	for i := 0; i < len(oldNew); i += 2 {
		old, ok1 := oldNew[i].(string)
		name, ok2 := oldNew[i+1].(string)
		if !ok1 || !ok2 {
			return nil, fmt.Errorf("want names, not %T and %T", oldNew[i], oldNew[i+1])
		}
		to[old] = name
	}
	return to, nil
}

// WithColumn adds a column, or replaces the one of that name in its place. The value is an expression, its text, a
// constant (a constant string is Lit("...")), or a function with the columns that it takes, as in Map.
//
//	df.WithColumn("mph", "distance / (air_time / 60)")
//	df.WithColumn("late", Col("dep_delay").Gt(60))
func (f *Frame) WithColumn(name string, value Func, columns ...any) *Frame {
	return f.derive("WithColumn", func(n plan.Node) (plan.Node, error) {
		if isFunction(value) {
			x, err := applied(value, columns, n.Schema())
			if err != nil {
				return nil, fmt.Errorf("column %q: %w", name, err)
			}
			return withColumn(n, name, x)
		}
		if len(columns) > 0 {
			return nil, fmt.Errorf("column %q: only a function takes columns behind it", name)
		}
		x, err := expression(value)
		if err != nil {
			return nil, fmt.Errorf("column %q: %w", name, err)
		}
		return withColumn(n, name, unnamed(x))
	})
}

func withColumn(n plan.Node, name string, x expr.Expr) (plan.Node, error) {
	if name == "" {
		return nil, errors.New("the column has no name")
	}
	s := n.Schema()
	below, list, err := plan.Windows(n, []expr.Expr{x})
	if err != nil {
		return nil, fmt.Errorf("column %q: %w", name, err)
	}
	n, x = below, unnamed(list[0])
	if err := check(n.Schema(), x); err != nil {
		return nil, fmt.Errorf("column %q: %w", name, err)
	}
	list = make([]expr.Expr, 0, s.NumFields()+1)
	replaced := false
	for _, c := range fieldNames(s) {
		if c == name {
			list = append(list, expr.Alias{X: x, Name: name})
			replaced = true
			continue
		}
		list = append(list, expr.Column{Name: c})
	}
	if !replaced {
		list = append(list, expr.Alias{X: x, Name: name})
	}
	return plan.NewProject(n, list)
}

// Filter keeps the rows where every condition is true, not false and not null. Conditions are expressions or their
// text in Go syntax; or a function that returns a bool, with the columns that it takes, as in Map.
//
//	df.Filter("dep_delay > 60 && carrier == \"UA\"")
//	df.Filter(Col("dep_delay").Gt(60), Col("carrier").Eq("UA"))
//	df.Filter(func(dep_delay float64) bool { return dep_delay > 60 })
func (f *Frame) Filter(conditions ...Func) *Frame {
	return f.derive("Filter", func(n plan.Node) (plan.Node, error) {
		if len(conditions) > 0 && isFunction(conditions[0]) {
			columns := make([]any, 0, len(conditions))
			for _, c := range conditions[1:] {
				if isFunction(c) {
					return nil, errFunctionFirst
				}
				columns = append(columns, c)
			}
			x, err := applied(conditions[0], columns, n.Schema())
			if err != nil {
				return nil, err
			}
			return plan.NewFilter(n, x)
		}
		var all expr.Expr
		for _, c := range conditions {
			if isFunction(c) {
				return nil, errFunctionFirst
			}
			x, err := expression(c)
			if err != nil {
				return nil, err
			}
			if x = unnamed(x); all == nil {
				all = x
			} else {
				all = expr.Binary{Op: expr.And, Left: all, Right: x}
			}
		}
		return plan.NewFilter(n, all)
	})
}
