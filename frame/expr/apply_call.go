package expr

import (
	"errors"
	"fmt"
	"reflect"
	"runtime/debug"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/rivulet-go/rivulet/frame/expr/program"
)

// rowCall calls the function with the arguments of row i and writes its result.
type rowCall func(i int) error

// call evaluates the function row by row. Rows with a null that the function can't see are null. Between rows it looks
// at the context.
func (n *applyNode) call(b *block, args []arrow.Array) (arrow.Array, error) {
	fn, err := n.fn.Callable(b.ctx)
	if err != nil {
		return nil, err
	}
	out := newResultWriter(b.mem, n.dt, b.rows)
	defer out.release()
	call, err := n.rowCall(fn, args, out)
	if err != nil {
		return nil, err
	}
	valid := validity(b.mem, n.strict(args)...)
	if valid != nil {
		defer valid.Release()
	}
	calls := &rowCalls{done: b.ctx.Done(), rows: b.rows, valid: valid, call: call, null: out.null}
	if loop := n.rowLoop(args, out); loop != nil {
		err = calls.inLoops(loop)
	} else {
		err = calls.run(b.rows)
	}
	if ctxErr := b.ctx.Err(); ctxErr != nil { // what an interpreter that was stopped gives means nothing
		return nil, ctxErr
	}
	if err == nil {
		return out.finish(n.expr)
	}
	failure := n.rowError(b, args, calls.row, nil)
	failure.set(err)
	return nil, failure
}

// rowCalls goes through rows.
type rowCalls struct {
	done  <-chan struct{}
	rows  int
	valid *memory.Buffer // nil where no row is null
	call  rowCall
	null  func(i int)
	row   int // the next row; after an error the row that failed
}

var errCancelled = errors.New("cancelled")

// run calls the function for the rows up to one, one by one.
func (c *rowCalls) run(to int) error {
	return guarded(func() error {
		for ; c.row < to; c.row++ {
			select {
			case <-c.done:
				return errCancelled
			default:
			}
			if c.valid != nil && !bitAt(c.valid.Bytes(), c.row) {
				c.null(c.row)
				continue
			}
			if err := c.call(c.row); err != nil {
				return err
			}
		}
		return nil
	})
}

// panicked is a panic on its way to a RowError.
type panicked struct {
	value any
	stack []byte
	where string
}

func (p *panicked) Error() string { return fmt.Sprint(p.value) }

func (p *panicked) error() error {
	if err, ok := p.value.(error); ok {
		return err
	}
	return fmt.Errorf("%v", p.value)
}

// guarded turns a panic of f into an error.
func guarded(f func() error) (err error) {
	defer func() {
		r := recover()
		if r == nil {
			return
		}
		p := &panicked{value: r, stack: debug.Stack()}
		if c := compiler.Load(); c != nil {
			if reader, ok := (*c).(PanicReader); ok {
				p.value, p.where = reader.Panicked(r)
			}
		}
		err = p
	}()
	return f()
}

// rowCall chooses how to call fn: directly for the most common types, else by reflection.
func (n *applyNode) rowCall(fn any, args []arrow.Array, out *resultWriter) (rowCall, error) {
	if call := fastCall(fn, args, out); call != nil {
		return call, nil
	}
	v := reflect.ValueOf(fn)
	if v.Kind() != reflect.Func {
		return nil, fmt.Errorf("function %s: a %T is no function", n.fn.Name, fn)
	}
	t, r := v.Type(), n.fn.Result
	outs := 1
	if r.OK {
		outs++
	}
	if r.Err {
		outs++
	}
	if t.NumIn() != len(args) || t.NumOut() != outs || t.IsVariadic() {
		return nil, fmt.Errorf("function %s: it is a %s, not a %s", n.fn.Name, t, n.fn.Signature())
	}
	in := make([]reflect.Value, len(args))
	set := make([]func(i int), len(args))
	for k, a := range args {
		var err error
		if in[k], set[k], err = slot(t.In(k), a, n.fn.Params[k]); err != nil {
			return nil, fmt.Errorf("function %s: parameter %s: %w", n.fn.Name, paramName(n.fn.Params[k], k), err)
		}
	}
	write, err := resultSetter(r, out, n.dt)
	if err != nil {
		return nil, fmt.Errorf("function %s: %w", n.fn.Name, err)
	}
	return func(i int) error {
		for _, f := range set {
			f(i)
		}
		results := v.Call(in)
		if r.Err {
			if err := errorValue(results[len(results)-1]); err != nil {
				return err
			}
		}
		if r.OK && !results[1].Bool() {
			out.null(i)
			return nil
		}
		return write(i, results[0])
	}, nil
}

// errorValue is an error result; nil where there is none.
func errorValue(v reflect.Value) error {
	if v.Kind() == reflect.Interface || v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return nil
		}
	}
	if err, ok := reflect.TypeAssert[error](v); ok {
		return err
	}
	return fmt.Errorf("%v", v.Interface())
}

// slot is a place of type t, and what puts row i of an argument there.
func slot(t reflect.Type, a arrow.Array, p Param) (reflect.Value, func(i int), error) {
	place := reflect.New(t).Elem()
	set, err := slotAt(place, a, p)
	return place, set, err
}

// slotAt is what puts row i of an argument into a place.
func slotAt(place reflect.Value, a arrow.Array, p Param) (func(i int), error) {
	t := place.Type()
	if kind, null := kindOf(t); null != p.Null {
		return nil, fmt.Errorf("it is a %s (%s), not a %s", t, kind, p.Type)
	}
	switch p.Null {
	case NilPointer:
		inner := reflect.New(t.Elem()).Elem()
		set, err := setter(inner, a, p.Kind)
		return func(i int) {
			if a.IsNull(i) {
				place.SetZero()
				return
			}
			set(i)
			fresh := reflect.New(t.Elem()) // the function may keep it
			fresh.Elem().Set(inner)
			place.Set(fresh)
		}, err
	case ValidField:
		value, valid, _ := nullFields(t)
		set, err := setter(place.Field(value), a, p.Kind)
		return func(i int) {
			there := !a.IsNull(i)
			place.Field(valid).SetBool(there)
			if there {
				set(i)
			} else {
				place.Field(value).SetZero()
			}
		}, err
	}
	return setter(place, a, p.Kind)
}

// setter puts row i of an argument, which is not null, into a place.
func setter(place reflect.Value, a arrow.Array, k program.Kind) (func(i int), error) {
	wrong := fmt.Errorf("a %s can't be put into a %s", typeName(a.DataType()), place.Type())
	switch k {
	case program.Any:
		if place.Kind() != reflect.Interface {
			return nil, wrong
		}
		return func(i int) {
			if v := anyAt(a, i); v == nil {
				place.SetZero()
			} else {
				place.Set(reflect.ValueOf(v))
			}
		}, nil
	case program.Time:
		if place.Type() != timeType {
			return nil, wrong
		}
		at := timeGetter(a)
		return func(i int) { place.Set(reflect.ValueOf(at(i))) }, nil
	case program.Bytes:
		if place.Kind() != reflect.Slice || place.Type().Elem().Kind() != reflect.Uint8 {
			return nil, wrong
		}
		t := textsOf(a)
		return func(i int) { place.SetBytes(append([]byte{}, t.at(i)...)) }, nil
	}
	switch phys := physicalOf(a.DataType()); {
	case phys == physFloat && place.CanFloat():
		v := values[float64](a)
		return func(i int) { place.SetFloat(v[i]) }, nil
	case phys == physInt64 && place.CanInt():
		v := values[int64](a)
		return func(i int) { place.SetInt(v[i]) }, nil
	case phys == physUint64 && place.CanUint():
		v := values[uint64](a)
		return func(i int) { place.SetUint(v[i]) }, nil
	case phys == physBool && place.Kind() == reflect.Bool:
		at := boolGetter(a)
		return func(i int) { place.SetBool(at(i)) }, nil
	case phys == physBytes && place.Kind() == reflect.String:
		t := textsOf(a)
		return func(i int) { place.SetString(string(t.at(i))) }, nil
	}
	return nil, wrong
}
