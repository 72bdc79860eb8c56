package expr

import (
	"bytes"
	"context"
	"math"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/decimal128"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// extremeAccumulator is min or max over fixed-width values. NaN counts as the largest value. A cell is the neutral value,
// which gives way to every other, until its group has another one.
type extremeAccumulator[T fixed] struct {
	base
	extreme[T]
	cells slab[T]
	met   slab[bool] // groups that have the neutral value itself, as far as there are any
}

// extreme is min or max over values of T.
type extreme[T fixed] struct {
	neutral T
	// loop takes in a dense run and says whether the neutral value is among it.
	loop func(cells []T, v []T, groups []uint32) bool
	is   func(v T) bool // whether v is the neutral value
}

func (b *BoundAgg) chooseExtreme() error {
	least := b.agg.Func == Min || b.agg.Func == All
	operand := b.x.Type()
	b.states = []arrow.DataType{operand}
	switch physicalOf(operand) {
	case physInt32:
		b.make = newExtreme(pick(least, leastOf[int32](math.MaxInt32), greatestOf[int32](math.MinInt32)))
	case physInt64:
		b.make = newExtreme(pick(least, leastOf[int64](math.MaxInt64), greatestOf[int64](math.MinInt64)))
	case physUint64:
		b.make = newExtreme(pick(least, leastOf[uint64](math.MaxUint64), greatestOf[uint64](0)))
	case physFloat:
		b.make = newExtreme(pick(least, leastOf(math.NaN()), greatestOf(math.Inf(-1))))
	case physDec:
		b.make = newExtreme(extremeDecimal(least))
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

func newExtreme[T fixed](x extreme[T]) func(*BoundAgg, memory.Allocator) Accumulator {
	return func(b *BoundAgg, mem memory.Allocator) Accumulator {
		return &extremeAccumulator[T]{base: base{b, mem}, extreme: x, cells: slab[T]{mem: mem}, met: slab[bool]{mem: mem}}
	}
}

// leastOf is min. A cell is always written: for whole numbers the processor then has no branch to guess.
func leastOf[T number](neutral T) extreme[T] {
	loop := func(cells, v []T, groups []uint32) (met bool) {
		if len(cells) == 1 {
			best := cells[0]
			for _, x := range v {
				met = met || x == neutral || x != x
				if x < best || best != best {
					best = x
				}
			}
			cells[0] = best
			return met
		}
		v = v[:len(groups)]
		for i, g := range groups {
			best, x := cells[g], v[i]
			met = met || x == neutral || x != x
			if x < best || best != best {
				best = x
			}
			cells[g] = best
		}
		return met
	}
	return extreme[T]{neutral, loop, func(v T) bool { return v == neutral || v != v }}
}

// greatestOf is max.
func greatestOf[T number](neutral T) extreme[T] {
	loop := func(cells, v []T, groups []uint32) (met bool) {
		if len(cells) == 1 {
			best := cells[0]
			for _, x := range v {
				met = met || x == neutral
				if x > best || x != x {
					best = x
				}
			}
			cells[0] = best
			return met
		}
		v = v[:len(groups)]
		for i, g := range groups {
			best, x := cells[g], v[i]
			met = met || x == neutral
			if x > best || x != x {
				best = x
			}
			cells[g] = best
		}
		return met
	}
	return extreme[T]{neutral, loop, func(v T) bool { return v == neutral }}
}

// extremeDecimal is min or max of decimals; the neutral value has more digits than they.
func extremeDecimal(least bool) extreme[decimal128.Num] {
	x := extreme[decimal128.Num]{neutral: decimal128.New(math.MinInt64, 0)}
	if least {
		x.neutral = decimal128.New(math.MaxInt64, math.MaxUint64)
	}
	x.is = func(v decimal128.Num) bool { return v == x.neutral }
	x.loop = func(cells, v []decimal128.Num, groups []uint32) bool {
		for i, g := range groups {
			if order := v[i].Cmp(cells[g]); least && order < 0 || !least && order > 0 {
				cells[g] = v[i]
			}
		}
		return false
	}
	return x
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
	known := len(e.cells.at)
	e.cells.grow(n)
	for i := known; i < n; i++ {
		e.cells.at[i] = e.neutral
	}
	v := values[T](a)
	eachRun(a, func(from, to int) {
		if e.loop(e.cells.at, v[from:to], groups[from:to]) {
			e.met.grow(n)
			for i := from; i < to; i++ {
				e.met.at[groups[i]] = e.met.at[groups[i]] || e.is(v[i])
			}
		}
	})
}

func (e *extremeAccumulator[T]) column(n int) arrow.Array {
	return fixedResult(e.mem, e.bound.states[0], n, func(i int) (T, bool) {
		v := e.cells.at[i]
		return v, !e.is(v) || i < len(e.met.at) && e.met.at[i]
	})
}

func (e *extremeAccumulator[T]) State(_ context.Context) ([]arrow.Array, error) {
	return []arrow.Array{e.column(len(e.cells.at))}, nil
}

func (e *extremeAccumulator[T]) Result(_ context.Context, n int) (arrow.Array, error) {
	return e.truth(e.column(n)), nil
}

// truth gives a Boolean operand's 0 and 1 their type back; it takes over a.
func (b *base) truth(a arrow.Array) arrow.Array {
	if b.bound.dt.ID() == arrow.BOOL {
		return truthOf(b.mem, a)
	}
	return a
}

func (e *extremeAccumulator[T]) Bytes() int64 { return e.cells.bytes() + e.met.bytes() }

func (e *extremeAccumulator[T]) Release() {
	e.cells.release()
	e.met.release()
}

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

func (e *textExtreme) Result(_ context.Context, n int) (arrow.Array, error) {
	return textResult(e.mem, e.bound.agg, e.bound.dt, &e.cells, n, func(i int) bool { return e.seen.at[i] })
}

func (e *textExtreme) State(ctx context.Context) ([]arrow.Array, error) {
	a, err := e.Result(ctx, len(e.seen.at))
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

// textResult builds a text column of the first n cells, with nulls where valid does not hold.
func textResult(mem memory.Allocator, e Expr, dt arrow.DataType, cells *textCells, n int, valid func(i int) bool) (arrow.Array, error) {
	w := newTextWriter(mem, n, len(cells.data.at)*n/max(len(cells.refs.at), 1))
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
