package expr

import (
	"reflect"
	"strconv"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
)

const (
	// mostLoopRows is how many rows an interpreted loop is given at once: enough for the call of it to cost nothing.
	mostLoopRows = 64
	// loopTime is about how long a loop should take: a cancel waits for its end.
	loopTime = 5 * time.Millisecond
)

// loopSize is how many rows a loop is given: more while loops are quick.
type loopSize struct{ rows int }

func newLoopSize() *loopSize { return &loopSize{1} }

func (s *loopSize) timed(loop func() error) error {
	start := time.Now()
	err := loop()
	if time.Since(start) < loopTime/2 {
		s.rows = min(2*s.rows, mostLoopRows)
	} else {
		s.rows = max(s.rows/2, 1)
	}
	return err
}

// rowLoop calls a function for many rows at once.
type rowLoop struct {
	fill  []func(rows []int) reflect.Value // a slice for each parameter
	out   reflect.Value                    // []R
	ok    []bool                           // nil where the function gives none
	fn    reflect.Value
	fails bool
	write func(k, i int) error // result k as that of row i
	args  []reflect.Value
}

// rowLoop makes the loop of the function over args; nil where it has none.
func (n *applyNode) rowLoop(args []arrow.Array, out *resultWriter) *rowLoop {
	fn := n.fn.beside(n.fn.Rows)
	if fn == nil {
		return nil
	}
	v, r := reflect.ValueOf(fn), n.fn.Result
	extra := 1
	if r.OK {
		extra++
	}
	if v.Kind() != reflect.Func || v.Type().NumIn() != len(args)+extra {
		return nil
	}
	l := &rowLoop{fn: v, fails: r.Err, args: make([]reflect.Value, len(args)+extra)}
	for k, a := range args {
		t := v.Type().In(k)
		if t.Kind() != reflect.Slice {
			return nil
		}
		fill := fillSlice(t, a, n.fn.Params[k])
		if fill == nil {
			return nil
		}
		l.fill = append(l.fill, fill)
	}
	t := v.Type().In(len(args))
	if t.Kind() != reflect.Slice {
		return nil
	}
	l.out = reflect.MakeSlice(t, mostLoopRows, mostLoopRows)
	if r.OK {
		l.ok = make([]bool, mostLoopRows)
	}
	write, err := resultSetter(r, out, n.dt)
	if err != nil {
		return nil
	}
	l.write = func(k, i int) error {
		if l.ok != nil && !l.ok[k] {
			out.null(i)
			return nil
		}
		return write(i, l.out.Index(k))
	}
	if floats, ok := reflect.TypeAssert[[]float64](l.out); ok && !r.OK {
		l.write = func(k, i int) error {
			out.floats[i] = floats[k]
			return nil
		}
	}
	return l
}

// call calls the function for rows, of which there are at most mostLoopRows.
func (l *rowLoop) call(rows []int) error {
	n := len(rows)
	for k, fill := range l.fill {
		l.args[k] = fill(rows)
	}
	l.args[len(l.fill)] = l.out.Slice(0, n)
	if l.ok != nil {
		l.args[len(l.fill)+1] = reflect.ValueOf(l.ok[:n])
	}
	return guarded(func() error {
		results := l.fn.Call(l.args)
		if l.fails {
			return errorValue(results[0])
		}
		return nil
	})
}

// inLoops calls the function for all rows. Where a loop fails, its rows are called one by one, which finds the row.
func (c *rowCalls) inLoops(l *rowLoop) error {
	size := newLoopSize()
	rows := make([]int, 0, mostLoopRows)
	for c.row < c.rows {
		select {
		case <-c.done:
			return errCancelled
		default:
		}
		rows = rows[:0]
		next := c.row
		for ; next < c.rows && len(rows) < size.rows; next++ {
			if c.valid == nil || bitAt(c.valid.Bytes(), next) {
				rows = append(rows, next)
			}
		}
		failed := false
		_ = size.timed(func() error { // the rows that fail are found below
			failed = len(rows) > 0 && l.call(rows) != nil
			return nil
		})
		if failed {
			if err := c.run(next); err != nil {
				return err
			}
			continue
		}
		if err := c.accept(l, rows, next); err != nil {
			return err
		}
	}
	return nil
}

// accept writes the results of a loop, and nulls for the rows between, in order.
func (c *rowCalls) accept(l *rowLoop, rows []int, next int) error {
	for k, i := range rows {
		for ; c.row < i; c.row++ {
			c.null(c.row)
		}
		if err := l.write(k, i); err != nil {
			return err
		}
		c.row = i + 1
	}
	for ; c.row < next; c.row++ {
		c.null(c.row)
	}
	return nil
}

// fillSlice makes slices of type t of rows of an argument; nil where it can't.
func fillSlice(t reflect.Type, a arrow.Array, p Param) func(rows []int) reflect.Value {
	if fill := viewSlice(t, a, p); fill != nil {
		return fill
	}
	places := reflect.MakeSlice(t, mostLoopRows, mostLoopRows)
	set := make([]func(i int), mostLoopRows)
	for k := range set {
		var err error
		if set[k], err = slotAt(places.Index(k), a, p); err != nil {
			return nil
		}
	}
	return func(rows []int) reflect.Value {
		for k, i := range rows {
			set[k](i)
		}
		return places.Slice(0, len(rows))
	}
}

// viewSlice copies the most common types without reflection.
func viewSlice(t reflect.Type, a arrow.Array, p Param) func(rows []int) reflect.Value {
	if p.Null != NoNull || strconv.IntSize != 64 {
		return nil
	}
	phys := physicalOf(a.DataType())
	switch {
	case t == reflect.TypeFor[[]float64]() && phys == physFloat:
		return copyRows(values[float64](a), func(v float64) float64 { return v })
	case t == reflect.TypeFor[[]int]() && phys == physInt64:
		return copyRows(values[int64](a), func(v int64) int { return int(v) })
	case t == reflect.TypeFor[[]int64]() && phys == physInt64:
		return copyRows(values[int64](a), func(v int64) int64 { return v })
	}
	return nil
}

func copyRows[S, T any](values []S, convert func(S) T) func(rows []int) reflect.Value {
	buffer := make([]T, mostLoopRows)
	slice := reflect.ValueOf(buffer)
	return func(rows []int) reflect.Value {
		for k, i := range rows {
			buffer[k] = convert(values[i])
		}
		return slice.Slice(0, len(rows))
	}
}
