package expr

import (
	"fmt"
	"maps"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
)

// function is a row of the table: how many arguments it takes (most -1: any number), how it is written, and what binds
// it. Arguments come bound.
type function struct {
	least, most int
	usage       string
	bind        func(e Call, args []node) (node, error)
}

// functions is the table of scalar functions. Except where it is said otherwise a null argument gives null.
//
// It is filled by init, since the functions that it names look up their usage in it for their errors.
var functions map[string]function

func init() {
	functions = functionTable()
}

func functionTable() map[string]function {
	return map[string]function{
		// Nulls. coalesce is the first of its arguments that is not null; least and greatest leave nulls out.
		"is_null":     {1, 1, "is_null(x)", bindNullTest},
		"is_not_null": {1, 1, "is_not_null(x)", bindNullTest},
		"coalesce":    {1, -1, "coalesce(x, y, …)", bindCoalesce},
		"fill_null":   {2, 2, "fill_null(x, value)", bindCoalesce},
		"least":       {1, -1, "least(x, y, …)", bindExtreme},
		"greatest":    {1, -1, "greatest(x, y, …)", bindExtreme},

		// Numbers. round goes half away from zero, to 0 digits unless told; log is natural unless given a base.
		"is_nan": {1, 1, "is_nan(x)", bindIsNaN},
		"abs":    {1, 1, "abs(x)", bindAbs},
		"round":  {1, 2, "round(x, digits)", bindRound},
		"floor":  {1, 1, "floor(x)", bindWhole(floorFloats)},
		"ceil":   {1, 1, "ceil(x)", bindWhole(ceilFloats)},
		"sqrt":   {1, 1, "sqrt(x)", bindFloat(sqrtFloats)},
		"exp":    {1, 1, "exp(x)", bindFloat(expFloats)},
		"log":    {1, 2, "log(x), log(x, base)", bindLog},
		"pow":    {2, 2, "pow(x, y)", bindPow},

		// Text. length counts characters (of binary: bytes); substr counts characters from 0, a negative from from the end.
		"lower":       {1, 1, "lower(s)", bindText(lowerText)},
		"upper":       {1, 1, "upper(s)", bindText(upperText)},
		"trim":        {1, 1, "trim(s)", bindText(trimText)},
		"length":      {1, 1, "length(s)", bindLength},
		"contains":    {2, 2, "contains(s, part)", bindTextTest},
		"starts_with": {2, 2, "starts_with(s, prefix)", bindTextTest},
		"ends_with":   {2, 2, "ends_with(s, suffix)", bindTextTest},
		"like":        {2, 2, "like(s, pattern)", bindLike}, // % any text, _ any character
		"replace":     {3, 3, "replace(s, old, new)", bindReplace},
		"substr":      {2, 3, "substr(s, from, count)", bindSubstr},

		// Dates and times, in the column's zone. weekday counts from 0 for Sunday, as Go does.
		"year":    {1, 1, "year(t)", bindField},
		"month":   {1, 1, "month(t)", bindField},
		"day":     {1, 1, "day(t)", bindField},
		"weekday": {1, 1, "weekday(t)", bindField},
		"hour":    {1, 1, "hour(t)", bindField},
		"minute":  {1, 1, "minute(t)", bindField},
		"second":  {1, 1, "second(t)", bindField},

		// Ranges and sets, as SQL's BETWEEN (both ends included) and IN.
		"between": {3, 3, "between(x, low, high)", bindBetween},
		"is_in":   {2, -1, "is_in(x, value, …)", bindIsIn},
	}
}

// FunctionNames are the names that a call may have in Parse: functions, casts, aggregates and forms; sorted.
func FunctionNames() []string {
	names := slices.Collect(maps.Keys(functions))
	names = append(names, "timestamp", "duration", "decimal", "col", "when", "as")
	for _, c := range castNames {
		names = append(names, c)
	}
	for _, f := range AggFuncs() {
		names = append(names, string(f))
	}
	slices.Sort(names)
	return names
}

// Usage is how a function is written; false where there is none of that name.
func Usage(name string) (string, bool) {
	f, ok := functions[name]
	return f.usage, ok
}

func (f function) arity(name string, n int) error {
	if n >= f.least && (f.most < 0 || n <= f.most) {
		return nil
	}
	return fmt.Errorf("%s: %d arguments, write %s", name, n, f.usage)
}

func (b *binder) call(e Call) (node, error) {
	to, took, err := castTarget(e.Func, e.Args)
	switch {
	case err != nil:
		return nil, errorOf(ErrType, "%v", err)
	case took > 0:
		return b.bind(Cast{e.Args[0], to})
	}
	f, ok := functions[e.Func]
	if !ok {
		return nil, unknownFunction(e.Func)
	}
	if err := f.arity(e.Func, len(e.Args)); err != nil {
		return nil, errorOf(ErrType, "%v", err)
	}
	args := make([]node, len(e.Args))
	for i, a := range e.Args {
		if args[i], err = b.bind(a); err != nil {
			return nil, err
		}
	}
	n, err := f.bind(e, args)
	if err != nil {
		return nil, err
	}
	if _, ok := n.(*constant); ok {
		return n, nil
	}
	return folded(n, args...), nil
}

// argument is the error of an argument of a wrong type.
func argument(e Call, i int, n node, want string) error {
	return errorOf(ErrType, "%s: argument %d is %s, want %s (%s)", e, i+1, typeName(n.typ()), want, functions[e.Func].usage)
}

// literalInt is the value of an argument that must be an integer known at Bind.
func literalInt(e Call, args []node, i int) (int64, error) {
	if c, ok := args[i].(*constant); ok {
		if v, ok := c.v.(int64); ok && c.dt.ID() == arrow.INT64 {
			return v, nil
		}
	}
	return 0, argument(e, i, args[i], "an integer literal")
}

// Usages is how the scalar functions are written, by their names in expressions.
func Usages() map[string]string {
	m := make(map[string]string, len(functions))
	for name, f := range functions {
		m[name] = f.usage
	}
	return m
}
