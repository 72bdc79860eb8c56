package expr

import (
	"bytes"
	"context"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/decimal128"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// extremeCell is the least or greatest value of a group so far.
type extremeCell[T fixed] struct {
	v    T
	seen bool
}

// extremeAccumulator is min or max over fixed-width values. NaN counts as the largest value.
type extremeAccumulator[T fixed] struct {
	base
	cells slab[extremeCell[T]]
	loop  func(cells []extremeCell[T], v []T, groups []uint32)
}

func (b *BoundAgg) chooseExtreme() error {
	least := b.agg.Func == Min || b.agg.Func == All
	operand := b.x.Type()
	b.states = []arrow.DataType{operand}
	switch physicalOf(operand) {
	case physInt32:
		b.make = newExtreme(pick(least, minLoop[int32], maxLoop[int32]))
	case physInt64:
		b.make = newExtreme(pick(least, minLoop[int64], maxLoop[int64]))
	case physUint64:
		b.make = newExtreme(pick(least, minLoop[uint64], maxLoop[uint64]))
	case physFloat:
		b.make = newExtreme(pick(least, minLoop[float64], maxLoop[float64]))
	case physDec:
		b.make = newExtreme(decimalLoop(least))
	case physBytes:
		b.make = func(b *BoundAgg, mem memory.Allocator) Accumulator {
			return &textExtreme{base: base{b, mem}, least: least, cells: newTextCells(mem), seen: slab[bool]{mem: mem}}
		}
	default:
		return b.refuse("it has no order")
	}
	return nil
}

func pick[T any](first bool, a, b T) T {
	if first {
		return a
	}
	return b
}

func newExtreme[T fixed](loop func([]extremeCell[T], []T, []uint32)) func(*BoundAgg, memory.Allocator) Accumulator {
	return func(b *BoundAgg, mem memory.Allocator) Accumulator {
		return &extremeAccumulator[T]{base: base{b, mem}, cells: slab[extremeCell[T]]{mem: mem}, loop: loop}
	}
}

func minLoop[T number](cells []extremeCell[T], v []T, groups []uint32) {
	if len(cells) == 1 && len(v) > 0 {
		best := v[0]
		if cells[0].seen {
			best = cells[0].v
		}
		for _, x := range v {
			if x < best || best != best {
				best = x
			}
		}
		cells[0] = extremeCell[T]{best, true}
		return
	}
	v = v[:len(groups)]
	for i, g := range groups {
		c, x := &cells[g], v[i]
		if x < c.v || !c.seen || c.v != c.v {
			c.v, c.seen = x, true
		}
	}
}

func maxLoop[T number](cells []extremeCell[T], v []T, groups []uint32) {
	if len(cells) == 1 && len(v) > 0 {
		best := v[0]
		if cells[0].seen {
			best = cells[0].v
		}
		for _, x := range v {
			if x > best || x != x {
				best = x
			}
		}
		cells[0] = extremeCell[T]{best, true}
		return
	}
	v = v[:len(groups)]
	for i, g := range groups {
		c, x := &cells[g], v[i]
		if x > c.v || !c.seen || x != x {
			c.v, c.seen = x, true
		}
	}
}

func decimalLoop(least bool) func([]extremeCell[decimal128.Num], []decimal128.Num, []uint32) {
	return func(cells []extremeCell[decimal128.Num], v []decimal128.Num, groups []uint32) {
		for i, g := range groups {
			c := &cells[g]
			order := v[i].Cmp(c.v)
			if !c.seen || least && order < 0 || !least && order > 0 {
				c.v, c.seen = v[i], true
			}
		}
	}
}

func (e *extremeAccumulator[T]) Update(ctx context.Context, rec arrow.Record, groups []uint32, n int) error {
	a, err := e.operand(ctx, rec, groups)
	if err != nil {
		return err
	}
	defer a.Release()
	e.take(a, groups, n)
	return nil
}

func (e *extremeAccumulator[T]) Merge(_ context.Context, state []arrow.Array, groups []uint32, n int) error {
	if err := e.states(state, groups); err != nil {
		return err
	}
	e.take(state[0], groups, n)
	return nil
}

func (e *extremeAccumulator[T]) take(a arrow.Array, groups []uint32, n int) {
	e.cells.grow(n)
	v := values[T](a)
	eachRun(a, func(from, to int) { e.loop(e.cells.at, v[from:to], groups[from:to]) })
}

func (e *extremeAccumulator[T]) column() arrow.Array {
	return fixedResult(e.mem, e.bound.states[0], len(e.cells.at), func(i int) (T, bool) {
		return e.cells.at[i].v, e.cells.at[i].seen
	})
}

func (e *extremeAccumulator[T]) State(_ context.Context) ([]arrow.Array, error) {
	return []arrow.Array{e.column()}, nil
}

func (e *extremeAccumulator[T]) Result(_ context.Context) (arrow.Array, error) {
	return e.truth(e.column()), nil
}

// truth gives a Boolean operand's 0 and 1 their type back; it takes over a.
func (b *base) truth(a arrow.Array) arrow.Array {
	if b.bound.dt.ID() == arrow.BOOL {
		return truthOf(b.mem, a)
	}
	return a
}

func (e *extremeAccumulator[T]) Bytes() int64 { return e.cells.bytes() }
func (e *extremeAccumulator[T]) Release()     { e.cells.release() }

// textExtreme is min or max of texts, byte-wise.
type textExtreme struct {
	base
	least bool
	cells textCells
	seen  slab[bool]
}

func (e *textExtreme) Update(ctx context.Context, rec arrow.Record, groups []uint32, n int) error {
	a, err := e.operand(ctx, rec, groups)
	if err != nil {
		return err
	}
	defer a.Release()
	e.take(a, groups, n)
	return nil
}

func (e *textExtreme) Merge(_ context.Context, state []arrow.Array, groups []uint32, n int) error {
	if err := e.states(state, groups); err != nil {
		return err
	}
	e.take(state[0], groups, n)
	return nil
}

func (e *textExtreme) take(a arrow.Array, groups []uint32, n int) {
	e.cells.refs.grow(n)
	e.seen.grow(n)
	t := textsOf(a)
	eachRun(a, func(from, to int) {
		for i := from; i < to; i++ {
			g, s := groups[i], t.at(i)
			if e.seen.at[g] {
				order := bytes.Compare(s, e.cells.get(int(g)))
				if order == 0 || (order < 0) != e.least {
					continue
				}
			}
			e.seen.at[g] = true
			e.cells.set(g, s)
		}
	})
}

func (e *textExtreme) Result(_ context.Context) (arrow.Array, error) {
	return textResult(e.mem, e.bound.agg, e.bound.dt, &e.cells, func(i int) bool { return e.seen.at[i] })
}

func (e *textExtreme) State(ctx context.Context) ([]arrow.Array, error) {
	a, err := e.Result(ctx)
	if err != nil {
		return nil, err
	}
	return []arrow.Array{a}, nil
}

func (e *textExtreme) Bytes() int64 { return e.cells.bytes() + e.seen.bytes() }

func (e *textExtreme) Release() {
	e.cells.release()
	e.seen.release()
}

// textResult builds a text column of the cells for which valid holds.
func textResult(mem memory.Allocator, e Expr, dt arrow.DataType, cells *textCells, valid func(i int) bool) (arrow.Array, error) {
	n := len(cells.refs.at)
	w := newTextWriter(mem, n, len(cells.data.at))
	var bits *memory.Buffer
	for i := range n {
		if valid(i) {
			w.put(append(w.buf, cells.get(i)...))
			continue
		}
		w.put(w.buf)
		if bits == nil {
			bits = newBuffer(mem, byteCount(n))
			fillBits(bits.Bytes(), n, true)
		}
		bits.Bytes()[i>>3] &^= 1 << (uint(i) & 7)
	}
	return w.finish(dt, bits, e)
}
