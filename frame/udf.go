package frame

import (
	"errors"
	"fmt"
	"reflect"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/frame/plan"
)

// Func is a function that is called on rows, batches or groups: a function of a cell, by its name or as a literal, or a
// compiled Go function. A function of a cell becomes part of the plan, with the declarations that it uses and copies of
// the variables that it captures, as they are when the plan is made; it can't change them.
//
// Parameters take columns of their type: float64 takes numbers, int and its like integers, string, bool, []byte,
// time.Time (also dates), time.Duration, any. A null gives a null, and the function is not called, unless the parameter
// is a pointer (nil for null), a struct with a field Valid such as sql.NullFloat64, or any. Results are the same types;
// a second result of type bool says whether there is a value, an error as the last ends the computation and names the
// row.
//
// Where its body allows, a function runs as vector operations, hundreds of times faster than calls of it: see Explain.
type Func any

// Map adds a column that a function computes from others, row by row, or replaces the one of that name. The columns are
// the function's parameters, in their order; without columns they are those of the parameters' names.
//
//	df.Map("mph", func(distance, minutes float64) float64 { return distance / minutes * 60 }, "distance", "air_time")
//	df.Map("mph", func(distance, air_time float64) float64 { return distance / air_time * 60 })
func (f *Frame) Map(name string, fn Func, columns ...any) *Frame {
	return f.derive("Map", func(n plan.Node) (plan.Node, error) {
		x, err := applied(fn, columns, n.Schema())
		if err != nil {
			return nil, fmt.Errorf("column %q: %w", name, err)
		}
		return withColumn(n, name, x)
	})
}

// Apply is what a function gives for columns or expressions, as an expression: to compute with, to sort, group or
// aggregate by.
//
//	df.GroupBy(Apply(bucket, "dep_delay").As("bucket")).Agg(Count())
//	df.Agg(Apply(speed, "distance", "air_time").Max())
func Apply(fn Func, columns ...any) Expr {
	f, err := functionOf(fn)
	if err != nil {
		return Expr{err: fmt.Errorf("Apply: %w", err)} //nolint:staticcheck // it begins with the call as written
	}
	if len(columns) == 0 {
		if columns, err = parameterNames(f); err != nil {
			return Expr{err: fmt.Errorf("Apply: %w", err)} //nolint:staticcheck // it begins with the call as written
		}
	}
	args, err := argumentsOf(columns)
	if err != nil {
		return Expr{err: fmt.Errorf("Apply: %w", err)} //nolint:staticcheck // it begins with the call as written
	}
	return Expr{x: expr.Apply{Func: f, Args: args}}
}

// argumentsOf takes names of columns, and expressions.
func argumentsOf(columns []any) ([]expr.Expr, error) {
	args := make([]expr.Expr, 0, len(columns))
	for _, c := range flatten(columns) {
		if name, ok := c.(string); ok {
			args = append(args, expr.Column{Name: name})
			continue
		}
		x, err := operand(c)
		if err != nil {
			return nil, err
		}
		args = append(args, unnamed(x))
	}
	return args, nil
}

// isFunction says whether v is a function, and not an expression or its text.
func isFunction(v any) bool {
	switch v.(type) {
	case *expr.Function, error:
		return true
	}
	return reflect.ValueOf(v).Kind() == reflect.Func
}

func functionOf(v any) (*expr.Function, error) {
	switch v := v.(type) {
	case *expr.Function:
		if v != nil {
			return v, nil
		}
	case error: // of a function of a cell that can't be part of a plan
		return nil, v
	}
	if !isFunction(v) {
		return nil, fmt.Errorf("want a function, not a %T", v)
	}
	return expr.NewFunction(v)
}

// parameterNames are the columns that a function takes where none are named.
func parameterNames(f *expr.Function) ([]any, error) {
	names := make([]any, len(f.Params))
	for i, p := range f.Params {
		if p.Name == "" || p.Name == "_" {
			return nil, fmt.Errorf("name the %s that %s takes: its parameters' names are not known", plural(len(f.Params), "column"), f.Signature())
		}
		names[i] = p.Name
	}
	return names, nil
}

// applied is the call of a function on columns of s.
func applied(fn any, list []any, s *arrow.Schema) (expr.Expr, error) {
	f, err := functionOf(fn)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		if list, err = parameterNames(f); err != nil {
			return nil, err
		}
	}
	args, err := columns(list, s)
	if err != nil {
		return nil, err
	}
	for i := range args {
		args[i] = unnamed(args[i])
	}
	return expr.Apply{Func: f, Args: args}, nil
}

var errFunctionFirst = errors.New("a function comes first and its columns behind it; to mix it with conditions, use Apply(function, columns...)")
