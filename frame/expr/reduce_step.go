package expr

import (
	"context"
	"fmt"
	"reflect"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// stepper takes the rows of a batch into the states of their groups.
type stepper struct {
	r      *reduceAccumulator
	ctx    context.Context //nolint:containedctx // it lives as long as one Update
	block  *block
	args   []arrow.Array
	groups []uint32
	valid  *memory.Buffer // nil where no row is left out
}

func (s *stepper) counts(i int) bool { return s.valid == nil || bitAt(s.valid.Bytes(), i) }

// oneByOne calls step for each row.
func (s *stepper) oneByOne() error {
	step, err := s.step()
	if err != nil {
		return err
	}
	for i, g := range s.groups {
		if err := s.ctx.Err(); err != nil {
			return err
		}
		if !s.counts(i) {
			continue
		}
		if err := step(i, g); err != nil {
			return s.fail(i, err)
		}
	}
	return nil
}

// step gives what calls the function for one row.
func (s *stepper) step() (func(i int, g uint32) error, error) {
	r, params := s.r, s.r.bound.args.fn.Params
	in := make([]reflect.Value, len(s.args)+1)
	set := make([]func(i int), len(s.args))
	for k, a := range s.args {
		var err error
		if in[k+1], set[k], err = slot(r.step.Type().In(k+1), a, params[k]); err != nil {
			return nil, fmt.Errorf("%s: parameter %s: %w", r.bound.fold.Name, paramName(params[k], k), err)
		}
	}
	return func(i int, g uint32) error {
		for _, f := range set {
			f(i)
		}
		in[0] = r.states[g]
		out, err := r.invoke(r.bound.fold.Step, r.step, in)
		if err == nil {
			r.states[g] = out[0]
		}
		return err
	}, nil
}

func (s *stepper) fail(i int, err error) error {
	failure := s.r.bound.args.rowError(s.block, s.args, i, nil)
	failure.set(err)
	return failure
}

// foldLoop is step's loop over rows, with what makes slices of the columns for it; nil where there is none.
func (r *reduceAccumulator) foldLoop(args []arrow.Array) *foldLoop {
	fn := r.bound.fold.Step.beside(r.bound.fold.Step.Folds)
	if fn == nil {
		return nil
	}
	l := &foldLoop{fn: reflect.ValueOf(fn)}
	if l.fn.Kind() != reflect.Func || l.fn.Type().NumIn() != len(args)+1 || l.fn.Type().In(0) != r.state {
		return nil
	}
	for k, a := range args {
		t := l.fn.Type().In(k + 1)
		if t.Kind() != reflect.Slice {
			return nil
		}
		fill := fillSlice(t, a, r.bound.args.fn.Params[k])
		if fill == nil {
			return nil
		}
		l.fill = append(l.fill, fill)
	}
	return l
}

type foldLoop struct {
	fn   reflect.Value
	fill []func(rows []int) reflect.Value
}

// inLoops calls the loop for the rows of each group, a few at once.
func (s *stepper) inLoops(l *foldLoop, n int) error {
	ends := make([]int, n+1) // of each group's rows in order, then where the next row goes
	for i, g := range s.groups {
		if s.counts(i) {
			ends[g+1]++
		}
	}
	for g := range n {
		ends[g+1] += ends[g]
	}
	rows := make([]int, ends[n])
	at := append([]int(nil), ends[:n]...)
	for i, g := range s.groups {
		if s.counts(i) {
			rows[at[g]] = i
			at[g]++
		}
	}
	size := newLoopSize()
	for g := range n {
		for group := rows[ends[g]:ends[g+1]]; len(group) > 0; {
			if err := s.ctx.Err(); err != nil {
				return err
			}
			part := group[:min(size.rows, len(group))]
			group = group[len(part):]
			if err := size.timed(func() error { return s.loop(l, uint32(g), part) }); err != nil {
				return err
			}
		}
	}
	return nil
}

// loop calls the loop for rows of one group. Where it fails, the rows are called one by one, which finds the row.
func (s *stepper) loop(l *foldLoop, g uint32, rows []int) error {
	in := []reflect.Value{s.r.states[g]}
	for _, fill := range l.fill {
		in = append(in, fill(rows))
	}
	out, err := s.r.invoke(s.r.bound.fold.Step, l.fn, in)
	if err == nil {
		s.r.states[g] = out[0]
		return nil
	}
	step, stepErr := s.step()
	if stepErr != nil {
		return stepErr
	}
	for _, i := range rows {
		if err := step(i, g); err != nil {
			return s.fail(i, err)
		}
	}
	// The state has taken rows twice: whatever step says now, this is a failure.
	return s.r.partError(fmt.Sprintf("rows %d to %d of the batch", rows[0], rows[len(rows)-1]), err)
}
