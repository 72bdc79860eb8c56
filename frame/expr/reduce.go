package expr

import (
	"context"
	"fmt"
	"reflect"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// Reduce is the aggregate of a user: its operand is a Fold.
const Reduce AggFunc = "reduce"

// Fold is a user's aggregate: Init gives the state of a group without rows, Step that with a row more, Merge that of two
// parts of the rows, in their order, and Finish what the group's column has. The state is a Go value.
type Fold struct {
	Name   string
	Init   *Function // nil: the zero value
	Step   *Function // func(state, columns…) state
	Merge  *Function // func(state, state) state
	Finish *Function // func(state) result; nil: the state itself
	Args   []Expr
}

func (Fold) expr() {}

// Children are the columns that Step takes.
func (e Fold) Children() []Expr { return append([]Expr(nil), e.Args...) }

// String names the functions with parts of their hashes. Parse does not take it back.
func (e Fold) String() string {
	var text strings.Builder
	text.WriteString(e.Name + "[")
	for i, f := range e.functions() {
		if i > 0 {
			text.WriteString(" ")
		}
		text.WriteString(f.Label())
	}
	return text.String() + "](" + list(e.Args) + ")"
}

func (e Fold) functions() []*Function {
	var out []*Function
	for _, f := range []*Function{e.Init, e.Step, e.Merge, e.Finish} {
		if f != nil {
			out = append(out, f)
		}
	}
	return out
}

// check says where the functions do not go together.
func (e Fold) check() error {
	if e.Step == nil || e.Merge == nil {
		return errorOf(ErrType, "Reduce %s: it needs a step and a merge", e.Name)
	}
	wrong := func(part string, f *Function, want string) error {
		return errorOf(ErrType, "Reduce %s: %s is a %s, want %s", e.Name, part, f.Signature(), want)
	}
	step := e.Step
	if len(step.Params) == 0 || step.Params[0].Type != step.Result.Type || step.Result.OK {
		return wrong("step", step, "func(state, columns…) state")
	}
	state := step.Result.Type
	if len(step.Params)-1 != len(e.Args) {
		return errorOf(ErrType, "Reduce %s: step takes %d %s behind the state, not %d: %s",
			e.Name, len(step.Params)-1, plural(len(step.Params)-1, "column"), len(e.Args), step.Signature())
	}
	if f := e.Init; f != nil && (len(f.Params) != 0 || f.Result.Type != state || f.Result.OK) {
		return wrong("init", f, "func() "+state)
	}
	if f := e.Merge; len(f.Params) != 2 || f.Params[0].Type != state || f.Params[1].Type != state || f.Result.Type != state || f.Result.OK {
		return wrong("merge", f, "func(a, b "+state+") "+state)
	}
	if f := e.Finish; f != nil && (len(f.Params) != 1 || f.Params[0].Type != state) {
		return wrong("finish", f, "func("+state+") result")
	}
	return nil
}

// result is what the column has.
func (e Fold) result() Result {
	if e.Finish != nil {
		return e.Finish.Result
	}
	return e.Step.Result
}

// boundFold is a Fold with types.
type boundFold struct {
	fold Fold
	args *applyNode // of Step's columns: for their conversion and errors
}

func bindReduce(agg Aggregate, s *arrow.Schema) (*BoundAgg, error) {
	fold, ok := agg.X.(Fold)
	if !ok {
		return nil, errorOf(ErrType, "%s needs functions: use Reduce", agg)
	}
	if err := fold.check(); err != nil {
		return nil, err
	}
	r := fold.result()
	dt, ok := ColumnType(r.Kind)
	if !ok {
		return nil, errorOf(ErrType, "Reduce %s: it gives %s, which no column holds (give a finish that returns a number, string, bool, []byte, time.Time or time.Duration)",
			fold.Name, resultText(r))
	}
	columns := &Function{Name: fold.Name, Params: fold.Step.Params[1:]}
	f := &boundFold{fold: fold, args: &applyNode{fn: columns, expr: Apply{columns, fold.Args}}}
	b := binder{schema: s}
	for i, arg := range fold.Args {
		if HasAggregate(arg) {
			return nil, errorOf(ErrType, "%s: an aggregate within an aggregate", agg)
		}
		n, err := b.bind(arg)
		if err != nil {
			return nil, err
		}
		if n, err = meetParam(f.args.expr, i, n); err != nil {
			return nil, err
		}
		f.args.args = append(f.args.args, n)
	}
	return &BoundAgg{
		agg: agg, dt: dt, states: []arrow.DataType{arrow.BinaryTypes.Binary},
		make: func(b *BoundAgg, mem memory.Allocator) Accumulator {
			return &reduceAccumulator{base: base{b, mem}, bound: f, result: r}
		},
	}, nil
}

// reduceAccumulator holds a Go value for each group.
type reduceAccumulator struct {
	base
	bound  *boundFold
	result Result

	init, step, merge, finish reflect.Value // compiled; init and finish may be invalid
	state                     reflect.Type
	states                    []reflect.Value
	size                      stateSize
}

// open compiles the functions, once.
func (r *reduceAccumulator) open(ctx context.Context) error {
	if r.state != nil {
		return nil
	}
	fold := r.bound.fold
	for _, part := range []struct {
		f  *Function
		to *reflect.Value
	}{{fold.Init, &r.init}, {fold.Step, &r.step}, {fold.Merge, &r.merge}, {fold.Finish, &r.finish}} {
		if part.f == nil {
			continue
		}
		fn, err := part.f.Callable(ctx)
		if err != nil {
			return err
		}
		v := reflect.ValueOf(fn)
		outs := 1
		if part.f.Result.Err {
			outs++
		}
		if v.Kind() != reflect.Func || v.Type().NumIn() != len(part.f.Params) || v.Type().NumOut() < outs {
			return fmt.Errorf("Reduce %s: a %T is not a %s", fold.Name, fn, part.f.Signature()) //nolint:staticcheck // it begins with the call as written
		}
		*part.to = v
	}
	state := r.step.Type().In(0)
	if err := checkState(state, nil); err != nil {
		return errorOf(ErrType, "Reduce %s: the state can't travel between lanes: %v", fold.Name, err)
	}
	for _, t := range []reflect.Type{r.step.Type().Out(0), r.merge.Type().In(0), r.merge.Type().In(1), r.merge.Type().Out(0)} {
		if t != state {
			return errorOf(ErrType, "Reduce %s: its functions have states of types %s and %s", fold.Name, state, t)
		}
	}
	r.state = state
	return nil
}

// invoke calls one of the functions; its error result and panics become errors.
func (r *reduceAccumulator) invoke(f *Function, v reflect.Value, in []reflect.Value) (out []reflect.Value, err error) {
	err = guarded(func() error {
		out = v.Call(in)
		if f.Result.Err {
			return errorValue(out[len(out)-1])
		}
		return nil
	})
	return out, err
}

// grow makes states for n groups.
func (r *reduceAccumulator) grow(ctx context.Context, n int) error {
	for len(r.states) < n {
		if err := ctx.Err(); err != nil {
			return err
		}
		state := reflect.New(r.state).Elem()
		if r.init.IsValid() {
			out, err := r.invoke(r.bound.fold.Init, r.init, nil)
			if err != nil {
				return r.partError("init", err)
			}
			state = out[0]
		}
		r.states = append(r.states, state)
	}
	return nil
}

// partError is the error of a function that no row was given.
func (r *reduceAccumulator) partError(part string, err error) error {
	failure := &RowError{Func: r.bound.fold.Name, Row: -1, Values: part}
	failure.set(err)
	return failure
}

func (r *reduceAccumulator) Update(ctx context.Context, rec arrow.Record, groups []uint32, n int) error {
	if int64(len(groups)) != rec.NumRows() {
		return fmt.Errorf("%s: %d group ids for %d rows", r.base.bound.agg, len(groups), rec.NumRows())
	}
	if err := r.open(ctx); err != nil {
		return err
	}
	if err := r.grow(ctx, n); err != nil {
		return err
	}
	b := &block{ctx: ctx, mem: r.mem, rec: rec, rows: len(groups)}
	args, err := r.bound.args.arguments(b)
	defer releaseArrays(args)
	if err != nil {
		return err
	}
	valid := validity(r.mem, r.bound.args.strict(args)...)
	if valid != nil {
		defer valid.Release()
	}
	steps := &stepper{r: r, ctx: ctx, block: b, args: args, groups: groups, valid: valid}
	if fold := r.foldLoop(args); fold != nil && len(args) > 0 && len(groups) >= 4*n {
		err = steps.inLoops(fold, n)
	} else {
		err = steps.oneByOne()
	}
	if ctxErr := ctx.Err(); ctxErr != nil {
		return ctxErr
	}
	r.size.measure(r.state, r.states)
	return err
}

func (r *reduceAccumulator) Merge(ctx context.Context, state []arrow.Array, groups []uint32, n int) error {
	if err := r.base.states(state, groups); err != nil {
		return err
	}
	if err := r.open(ctx); err != nil {
		return err
	}
	known := len(r.states)
	if err := r.grow(ctx, n); err != nil {
		return err
	}
	fresh := make(map[uint32]bool) // groups whose first state this is: there is nothing to merge it with
	in := make([]reflect.Value, 2)
	for i, g := range groups {
		if err := ctx.Err(); err != nil {
			return err
		}
		part, err := decodeState(r.state, textsOf(state[0]).at(i))
		if err != nil {
			return fmt.Errorf("%s: a state: %w", r.bound.fold.Name, err)
		}
		if int(g) >= known && !fresh[g] {
			fresh[g] = true
			r.states[g] = part
			continue
		}
		in[0], in[1] = r.states[g], part
		out, err := r.invoke(r.bound.fold.Merge, r.merge, in)
		if err != nil {
			return r.partError("merge", err)
		}
		r.states[g] = out[0]
	}
	r.size.measure(r.state, r.states)
	return ctx.Err()
}

func (r *reduceAccumulator) State(ctx context.Context) ([]arrow.Array, error) {
	w := newTextWriter(r.mem, len(r.states), 16*len(r.states))
	for _, s := range r.states {
		text, err := encodeState(w.buf, s)
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			w.release()
			return nil, err
		}
		w.put(text)
	}
	a, err := w.finish(arrow.BinaryTypes.Binary, nil, r.base.bound.agg)
	return []arrow.Array{a}, err
}

func (r *reduceAccumulator) Result(ctx context.Context, n int) (arrow.Array, error) {
	out := newResultWriter(r.mem, r.base.bound.dt, n)
	defer out.release()
	write, err := resultSetter(r.result, out, r.base.bound.dt)
	if err != nil {
		return nil, err
	}
	for i, s := range r.states[:n] {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		v := s
		if r.finish.IsValid() {
			results, err := r.invoke(r.bound.fold.Finish, r.finish, []reflect.Value{s})
			if err != nil {
				return nil, r.partError("finish", err)
			}
			if r.result.OK && !results[1].Bool() {
				out.null(i)
				continue
			}
			v = results[0]
		}
		if err := write(i, v); err != nil {
			return nil, r.partError("finish", err)
		}
	}
	return out.finish(r.base.bound.agg)
}

func (r *reduceAccumulator) Bytes() int64 { return r.size.bytes(len(r.states)) }

func (r *reduceAccumulator) Release() { r.states, r.size = nil, stateSize{} }

func releaseArrays(arrays []arrow.Array) {
	for _, a := range arrays {
		a.Release()
	}
}
