package expr

import (
	"errors"
	"fmt"
	"unsafe"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/rivulet-go/rivulet/frame/expr/program"
)

func signedView(u []uint64) []int64 {
	return unsafe.Slice((*int64)(unsafe.Pointer(unsafe.SliceData(u))), len(u))
}

// load makes the function's program ready, and checks that it is one of the function's signature.
func (n *applyNode) load() error {
	p := n.fn.Program
	if len(p.Params) != len(n.fn.Params) {
		return errorOf(ErrType, "%s: its program takes %d arguments, not %d", n.fn.Name, len(p.Params), len(n.fn.Params))
	}
	for i, param := range p.Params {
		if param.Kind != computed(n.fn.Params[i].Kind) || param.Nullable != (n.fn.Params[i].Null == NilPointer) {
			return errorOf(ErrType, "%s: its program takes a %s for %s", n.fn.Name, param.Kind, n.fn.Params[i].Type)
		}
	}
	runner, err := program.Load(p)
	if err != nil {
		return fmt.Errorf("%s: %w", n.fn.Name, err)
	}
	if got := p.KindOf(p.Result); got != computed(n.fn.Result.Kind) {
		return errorOf(ErrType, "%s: its program gives a %s for %s", n.fn.Name, got, n.fn.Result.Type)
	}
	if captures := p.Captures(); len(captures) > 0 {
		return errorOf(ErrType, "%s: its program lacks the value of %s", n.fn.Name, captures[0])
	}
	n.runner = runner
	return nil
}

// computed is the kind as which programs compute values of k.
func computed(k program.Kind) program.Kind {
	if k == program.Duration {
		return program.Int64
	}
	return k
}

// run evaluates the program over the arguments, a chunk at a time.
func (n *applyNode) run(b *block, args []arrow.Array) (arrow.Array, error) {
	m := n.runner.Machine()
	defer m.Release()
	out := newResultWriter(b.mem, n.dt, b.rows)
	defer out.release()
	valid := validity(b.mem, n.strict(args)...)
	if valid != nil {
		defer valid.Release()
	}
	feeds := make([]func(from, rows int), len(args))
	for i, a := range args {
		feeds[i] = feed(m, i, a, n.fn.Params[i])
	}
	var live []uint8
	if valid != nil {
		live = make([]uint8, program.Chunk)
	}
	for from := 0; from < b.rows; from += program.Chunk {
		if err := b.ctx.Err(); err != nil {
			return nil, err
		}
		rows := min(program.Chunk, b.rows-from)
		for _, f := range feeds {
			f(from, rows)
		}
		for i := range live {
			live[i] = 0
			if i < rows && bitAt(valid.Bytes(), from+i) {
				live[i] = 1
			}
		}
		if failure := m.Run(rows, live); failure != nil {
			return nil, n.failed(b, args, from+failure.Row, failure.Reason)
		}
		out.vector(from, rows, m.Result(), m.ResultNull(), live)
	}
	return out.finish(n.expr)
}

// failed is the error of a row in which the program failed: what the function itself says there, where it can be called.
func (n *applyNode) failed(b *block, args []arrow.Array, row int, reason string) error {
	slices := make([]arrow.Array, len(args))
	for i, a := range args {
		slices[i] = array.NewSlice(a, int64(row), int64(row)+1)
		defer slices[i].Release()
	}
	one := &block{ctx: b.ctx, mem: memory.DefaultAllocator, rows: 1, first: b.first + row}
	a, err := n.call(one, slices)
	if err == nil {
		a.Release()
	}
	if failure, ok := errors.AsType[*RowError](err); ok {
		return failure
	}
	failure := n.rowError(b, args, row, errors.New(reason))
	failure.Panic = reason
	return failure
}

// feed gives a function that sets parameter i of the machine to rows of a.
func feed(m *program.Machine, i int, a arrow.Array, p Param) func(from, rows int) {
	set := feedValues(m, i, a)
	if p.Null != NilPointer {
		return set
	}
	valid, off := validBits(a)
	return func(from, rows int) {
		set(from, rows)
		nulls := m.NullBuffer(i)
		for k := range rows {
			nulls[k] = 0
			if valid != nil && !bitAt(valid, off+from+k) {
				nulls[k] = 1
			}
		}
	}
}

func feedValues(m *program.Machine, i int, a arrow.Array) func(from, rows int) {
	switch physicalOf(a.DataType()) {
	case physFloat:
		v := values[float64](a)
		return func(from, rows int) { m.Floats(i, v[from:from+rows]) }
	case physUint64:
		v := signedView(values[uint64](a))
		return func(from, rows int) { m.Ints(i, v[from:from+rows]) }
	case physBool:
		bits, off := boolBits(a.(*array.Boolean))
		return func(from, rows int) {
			out := m.BoolBuffer(i)
			for k := range rows {
				out[k] = bits[(off+from+k)>>3] >> (uint(off+from+k) & 7) & 1
			}
		}
	case physBytes:
		t := textsOf(a)
		return func(from, rows int) {
			out := m.TextBuffer(i)
			for k := range rows {
				out[k] = t.str(from + k)
			}
		}
	}
	v := values[int64](a)
	return func(from, rows int) { m.Ints(i, v[from:from+rows]) }
}
