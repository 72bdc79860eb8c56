package expr

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/expr/program"
)

// apply binds the call of a user's function: as a program of vector operations where it has one, else as a call for each
// row.
func (b *binder) apply(e Apply) (node, error) {
	f := e.Func
	if f == nil {
		return nil, errorOf(ErrType, "the function is missing (nil)")
	}
	if len(e.Args) != len(f.Params) {
		return nil, errorOf(ErrType, "%s takes %d %s, not %d: %s", f.Name, len(f.Params), plural(len(f.Params), "column"), len(e.Args), f.Signature())
	}
	dt, ok := ColumnType(f.Result.Kind)
	if !ok || f.Result.Type == "" {
		return nil, errorOf(ErrType, "%s gives %s, which no column holds (return a number, string, bool, []byte, time.Time or time.Duration): %s",
			f.Name, resultText(f.Result), f.Signature())
	}
	n := &applyNode{fn: f, expr: e, dt: dt}
	for i, arg := range e.Args {
		bound, err := b.bind(arg)
		if err != nil {
			return nil, err
		}
		if bound, err = meetParam(e, i, bound); err != nil {
			return nil, err
		}
		n.args = append(n.args, bound)
	}
	if f.Program != nil {
		if err := n.load(); err != nil {
			return nil, err
		}
	}
	return n, nil
}

func resultText(r Result) string {
	if r.Type == "" {
		return "nothing"
	}
	return r.Type
}

func plural(n int, word string) string {
	if n == 1 {
		return word
	}
	return word + "s"
}

// meetParam gives an argument the type in which parameter i takes it.
func meetParam(e Apply, i int, n node) (node, error) {
	p := e.Func.Params[i]
	dt := n.typ()
	to, known := ColumnType(p.Kind)
	if dt.ID() == arrow.NULL && known {
		return &constant{dt: to}, nil
	}
	fits, way := false, ""
	switch k := p.Kind; {
	case k == program.Any:
		return n, nil
	case k == program.Float64:
		fits, way = isInteger(dt) || dt.ID() == arrow.FLOAT64, "cast the column to float"
	case k == program.Float32:
		way = "take a float64"
	case k.Integer():
		fits, way = isInteger(dt), "take a float64, or cast the column to int"
	case k == program.Time:
		// Kept as it is: unit and zone are those of the column.
		if dt.ID() == arrow.TIMESTAMP || dt.ID() == arrow.DATE32 {
			return n, nil
		}
		way = "cast the column to time"
	case k == program.Bytes:
		fits, way = isText(dt), "cast the column to string"
	case known:
		fits, way = dt.ID() == to.ID(), "cast the column to "+typeName(to)
	default:
		return nil, errorOf(ErrType, "%s: parameter %s is %s, which no column gives: %s", e.Func.Name, paramName(p, i), p.Type, e.Func.Signature())
	}
	if !fits {
		return nil, errorOf(ErrType, "%s: parameter %s is %s, %s is %s (%s)", e.Func.Name, paramName(p, i), p.Type, e.Args[i], typeName(dt), way)
	}
	out, err := newCast(n, to, e)
	if err != nil {
		return nil, err
	}
	if low, high, narrow := rangeOf(p.Kind); narrow {
		return &rangeNode{x: out, low: low, high: high, param: p, of: e.Args[i]}, nil
	}
	return out, nil
}

func paramName(p Param, i int) string {
	if p.Name == "" || p.Name == "_" {
		return strconv.Itoa(i + 1)
	}
	return p.Name
}

// rangeOf is the range of narrow integer kinds; unsigned ones are in columns of uint64.
func rangeOf(k program.Kind) (low, high int64, narrow bool) {
	switch k {
	case program.Int8:
		return math.MinInt8, math.MaxInt8, true
	case program.Int16:
		return math.MinInt16, math.MaxInt16, true
	case program.Int32:
		return math.MinInt32, math.MaxInt32, true
	case program.Uint8:
		return 0, math.MaxUint8, true
	case program.Uint16:
		return 0, math.MaxUint16, true
	case program.Uint32:
		return 0, math.MaxUint32, true
	}
	return 0, 0, false
}

// rangeNode passes integers on that fit a narrow parameter; others are an error.
type rangeNode struct {
	x         node
	low, high int64
	param     Param
	of        Expr
}

func (r *rangeNode) typ() arrow.DataType { return r.x.typ() }

func (r *rangeNode) eval(b *block) (arrow.Array, error) {
	a, err := r.x.eval(b)
	if err != nil {
		return nil, err
	}
	unsigned := a.DataType().ID() == arrow.UINT64
	v := reinterpret[int64](nil)
	if unsigned {
		u := values[uint64](a)
		v = signedView(u)
	} else {
		v = values[int64](a)
	}
	valid, off := validBits(a)
	eachSet(valid, off, a.Len(), func(i int) bool {
		if v[i] < r.low || v[i] > r.high {
			err = errorOf(ErrCast, "%s: %s in row %d of the batch does not fit parameter %s, a %s", r.of, a.ValueStr(i), b.first+i, r.param.Name, r.param.Kind)
		}
		return err == nil
	})
	if err != nil {
		a.Release()
		return nil, err
	}
	return a, nil
}

// applyNode is the call of a function on each row.
type applyNode struct {
	fn     *Function
	args   []node
	dt     arrow.DataType
	expr   Apply
	runner *program.Runner // nil where the function is called
}

func (n *applyNode) typ() arrow.DataType { return n.dt }

func (n *applyNode) eval(b *block) (arrow.Array, error) {
	args, err := n.arguments(b)
	defer releaseArrays(args)
	if err != nil {
		return nil, err
	}
	if n.runner != nil {
		return n.run(b, args)
	}
	return n.call(b, args)
}

// arguments evaluates the arguments; the caller releases them, also after an error.
func (n *applyNode) arguments(b *block) ([]arrow.Array, error) {
	args := make([]arrow.Array, 0, len(n.args))
	for _, arg := range n.args {
		a, err := arg.eval(b)
		if err != nil {
			return args, err
		}
		args = append(args, a)
	}
	return args, nil
}

// strict are the arguments whose nulls make the result null.
func (n *applyNode) strict(args []arrow.Array) []arrow.Array {
	var out []arrow.Array
	for i, p := range n.fn.Params {
		if p.Null == NoNull && p.Kind != program.Any {
			out = append(out, args[i])
		}
	}
	return out
}

// RowError is a row in which a user's function failed.
type RowError struct {
	Func   string // the function's name
	Row    int    // in the batch; -1 where it is the whole of it
	Values string // of the arguments, with their names
	Err    error  // what the function returned, or that it panicked
	Panic  any    // what it panicked with; nil where it returned an error
	Stack  []byte // of the panic, where there is one
	Where  string // the place in the user's source, where it is known
}

func (e *RowError) Error() string {
	did := "error"
	if e.Panic != nil {
		did = "panic"
	}
	text := fmt.Sprintf("%s: %s with %s", e.Func, did, e.Values)
	if e.Row >= 0 {
		text += fmt.Sprintf(" in row %d of the batch", e.Row)
	}
	text += fmt.Sprintf(": %v", e.Err)
	if e.Where != "" {
		text += " (" + e.Where + ")"
	}
	return text
}

// Unwrap is what the function returned or panicked with, where that is an error.
func (e *RowError) Unwrap() error { return e.Err }

// set takes what a call gave: a panic caught by guarded, or an error.
func (e *RowError) set(err error) {
	e.Err = err
	if p, ok := errors.AsType[*panicked](err); ok {
		e.Err, e.Panic, e.Stack, e.Where = p.error(), p.value, p.stack, p.where
	}
}

// rowError is the error of row i of the arguments.
func (n *applyNode) rowError(b *block, args []arrow.Array, i int, err error) *RowError {
	parts := make([]string, len(args))
	for k, a := range args {
		name := n.expr.Args[k].String()
		if c, ok := n.expr.Args[k].(Column); ok {
			name = c.Name
		}
		parts[k] = name + " = " + valueText(a, i)
	}
	text := strings.Join(parts, ", ")
	if text == "" {
		text = "no arguments"
	}
	return &RowError{Func: n.fn.Name, Row: b.first + i, Values: text, Err: err}
}

// longestValue bounds what an error shows of a text.
const longestValue = 80

func valueText(a arrow.Array, i int) string {
	switch {
	case a.IsNull(i):
		return "null"
	case isText(a.DataType()):
		s := textsOf(a).at(i)
		if len(s) > longestValue {
			return strconv.Quote(string(s[:longestValue])) + "…"
		}
		return strconv.Quote(string(s))
	}
	return a.ValueStr(i)
}
