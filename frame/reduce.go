package frame

import (
	"errors"
	"fmt"
	"reflect"

	"github.com/rivulet-go/rivulet/frame/expr"
)

// Reduce is an aggregate of your own, for Agg; name is that of its column. The state of a group is a Go value of any type
// made of numbers, strings, bools, times, slices, maps and structs of those:
//
//	init    func() S                  the state of no rows; nil for the zero value
//	step    func(s S, columns…) S     the state with one row more
//	merge   func(a, b S) S            the state of two parts of the rows, those of a before those of b
//	finish  func(s S) R               the result; nil where it is the state
//
// Lanes and files are reduced apart and then merged, so that step must not rely on seeing all rows. Rows with a null are
// left out, unless the parameter is a pointer. Columns that are not named are those of step's parameters' names.
//
//	type mean2 struct{ n, sum float64 }
//
//	df.GroupBy("carrier").Agg(frame.Reduce("rms", nil,
//		func(s mean2, x float64) mean2 { return mean2{s.n + 1, s.sum + x*x} },
//		func(a, b mean2) mean2 { return mean2{a.n + b.n, a.sum + b.sum} },
//		func(s mean2) float64 { return math.Sqrt(s.sum / s.n) }, "dep_delay"))
func Reduce(name string, init, step, merge, finish Func, columns ...any) Expr {
	fold := expr.Fold{Name: name}
	fail := func(err error) Expr { return Expr{err: fmt.Errorf("Reduce %s: %w", name, err)} } //nolint:staticcheck // it begins with the call as written
	if name == "" {
		return fail(errors.New("the column has no name"))
	}
	for _, part := range []struct {
		name     string
		f        any
		optional bool
		to       **expr.Function
	}{{"init", init, true, &fold.Init}, {"step", step, false, &fold.Step}, {"merge", merge, false, &fold.Merge}, {"finish", finish, true, &fold.Finish}} {
		if part.optional && isNilFunc(part.f) {
			continue
		}
		f, err := functionOf(part.f)
		if err != nil {
			return fail(fmt.Errorf("%s: %w", part.name, err))
		}
		*part.to = f
	}
	if len(columns) == 0 && len(fold.Step.Params) > 1 {
		list, err := parameterNames(&expr.Function{Params: fold.Step.Params[1:], Result: fold.Step.Result})
		if err != nil {
			return fail(err)
		}
		columns = list
	}
	args, err := argumentsOf(columns)
	if err != nil {
		return fail(err)
	}
	fold.Args = args
	return Expr{x: expr.Alias{X: expr.Aggregate{Func: expr.Reduce, X: fold}, Name: name}}
}

func isNilFunc(f any) bool {
	if f == nil {
		return true
	}
	v := reflect.ValueOf(f)
	return v.Kind() == reflect.Func && v.IsNil()
}
