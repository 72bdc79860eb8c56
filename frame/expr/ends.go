package expr

import (
	"context"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/decimal128"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// What a group's first or last row holds.
const (
	endNone  uint8 = iota // no row yet
	endNull               // a row whose value is null
	endValue              // a row with a value
)

// endAccumulator is First or Last, by the order of the calls. Nulls are values here, as in polars. store keeps the value
// of row i of an operand for group g, load writes the kept values as a column.
type endAccumulator struct {
	base
	last  bool
	kind  slab[uint8]
	cells endCells
}

// endCells keep one value per group.
type endCells interface {
	grow(n int)
	open(a arrow.Array) func(g uint32, i int)
	column(b *base, n int, valid func(i int) bool) (arrow.Array, error)
	bytes() int64
	release()
}

func (b *BoundAgg) chooseEnd() error {
	operand := b.x.Type()
	if !fixedKind(operand) && physicalOf(operand) != physBytes {
		return b.refuse("take its parts")
	}
	b.states = []arrow.DataType{operand, arrow.FixedWidthTypes.Boolean}
	last := b.agg.Func == Last
	b.make = func(b *BoundAgg, mem memory.Allocator) Accumulator {
		return &endAccumulator{base: base{b, mem}, last: last, kind: slab[uint8]{mem: mem}, cells: newEndCells(operand, mem)}
	}
	return nil
}

func newEndCells(dt arrow.DataType, mem memory.Allocator) endCells {
	switch physicalOf(dt) {
	case physInt32:
		return &fixedEnds[int32]{slab[int32]{mem: mem}}
	case physInt64:
		return &fixedEnds[int64]{slab[int64]{mem: mem}}
	case physUint64:
		return &fixedEnds[uint64]{slab[uint64]{mem: mem}}
	case physFloat:
		return &fixedEnds[float64]{slab[float64]{mem: mem}}
	case physDec:
		return &fixedEnds[decimal128.Num]{slab[decimal128.Num]{mem: mem}}
	default:
		return &textEnds{newTextCells(mem)}
	}
}

func (e *endAccumulator) Update(ctx context.Context, rec arrow.Record, groups []uint32, n int) error {
	a, err := e.operand(ctx, rec, groups)
	if err != nil {
		return err
	}
	defer a.Release()
	e.take(a, nil, groups, n)
	return nil
}

func (e *endAccumulator) Merge(_ context.Context, state []arrow.Array, groups []uint32, n int) error {
	if err := e.states(state, groups); err != nil {
		return err
	}
	e.take(state[0], state[1].(*array.Boolean), groups, n)
	return nil
}

// take sees the rows in order. seen, of a state, leaves out groups that had no rows.
func (e *endAccumulator) take(a arrow.Array, seen *array.Boolean, groups []uint32, n int) {
	e.kind.grow(n)
	e.cells.grow(n)
	kind := e.kind.at
	store := e.cells.open(a)
	valid, off := validBits(a)
	keep := func(i int) {
		g := groups[i]
		if kind[g] != endNone && !e.last || seen != nil && !seen.Value(i) {
			return
		}
		if valid != nil && !bitAt(valid, off+i) {
			kind[g] = endNull
			return
		}
		kind[g] = endValue
		store(g, i)
	}
	if !e.last {
		for i, g := range groups {
			if kind[g] == endNone {
				keep(i)
			}
		}
		return
	}
	// Of several rows of a group only the last counts: going backwards, it is the first met in this batch.
	if n == 1 && len(groups) > 0 && seen == nil {
		keep(len(groups) - 1)
		return
	}
	for i := range groups {
		keep(i)
	}
}

func (e *endAccumulator) column(n int) (arrow.Array, error) {
	return e.cells.column(&e.base, n, func(i int) bool { return e.kind.at[i] == endValue })
}

func (e *endAccumulator) State(_ context.Context) ([]arrow.Array, error) {
	n := len(e.kind.at)
	a, err := e.column(n)
	if err != nil {
		return nil, err
	}
	buf, out := newBits(e.mem, n)
	bitsOf(n, out, func(i int) bool { return e.kind.at[i] != endNone })
	return []arrow.Array{a, makeArray(arrow.FixedWidthTypes.Boolean, n, nil, buf)}, nil
}

func (e *endAccumulator) Result(_ context.Context, n int) (arrow.Array, error) {
	a, err := e.column(n)
	if err != nil {
		return nil, err
	}
	return e.truth(a), nil
}

func (e *endAccumulator) Bytes() int64 { return e.kind.bytes() + e.cells.bytes() }

func (e *endAccumulator) Release() {
	e.kind.release()
	e.cells.release()
}

type fixedEnds[T fixed] struct{ slab[T] }

func (f *fixedEnds[T]) open(a arrow.Array) func(g uint32, i int) {
	v, at := values[T](a), f.at
	return func(g uint32, i int) { at[g] = v[i] }
}

func (f *fixedEnds[T]) column(b *base, n int, valid func(i int) bool) (arrow.Array, error) {
	return fixedResult(b.mem, b.bound.states[0], n, func(i int) (T, bool) { return f.at[i], valid(i) }), nil
}

type textEnds struct{ textCells }

func (t *textEnds) grow(n int) { t.refs.grow(n) }

func (t *textEnds) open(a arrow.Array) func(g uint32, i int) {
	in := textsOf(a)
	return func(g uint32, i int) { t.set(g, in.at(i)) }
}

func (t *textEnds) column(b *base, n int, valid func(i int) bool) (arrow.Array, error) {
	return textResult(b.mem, b.bound.agg, b.bound.states[0], &t.textCells, n, valid)
}
