package expr

import (
	"context"
	"math/bits"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/decimal128"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// wideType is how sums of integers travel: 2^63 values of 2^64 fit 38 digits.
var wideType arrow.DataType = &arrow.Decimal128Type{Precision: maxDecimalDigits}

// integer are the element types of integer columns.
type integer interface{ int64 | uint64 }

// wideCell is a group's sum in 128 bits less one: top is its high word, shifted left, and above that whether there was
// a value, so that a row touches 16 bytes.
type wideCell struct {
	low uint64
	top int64
}

func (c *wideCell) add(high int64, low uint64) {
	sum, carry := bits.Add64(c.low, low, 0)
	c.low = sum
	// Seldom: the high word is not written for nothing.
	if high += int64(carry); high != 0 || c.top&1 == 0 {
		c.top = (c.top + high<<1) | 1
	}
}

func (c *wideCell) seen() bool            { return c.top&1 != 0 }
func (c *wideCell) total() decimal128.Num { return decimal128.New(c.top>>1, c.low) }

// intSum is the sum of integers. It is exact whatever the order: only a result must fit.
type intSum[T integer] struct {
	base
	cells slab[wideCell]
	short shortSums
	add   func(cells []wideCell, v []T, groups []uint32)
}

func newIntSum[T integer](add func([]wideCell, []T, []uint32)) func(*BoundAgg, memory.Allocator) Accumulator {
	return func(b *BoundAgg, mem memory.Allocator) Accumulator {
		return &intSum[T]{base: base{b, mem}, cells: slab[wideCell]{mem: mem}, add: add}
	}
}

func (s *intSum[T]) Update(ctx context.Context, rec arrow.Record, groups []uint32, n int) error {
	a, err := s.operand(ctx, rec, groups)
	if err != nil {
		return err
	}
	defer a.Release()
	s.cells.grow(n)
	if sumShort[T](&s.short, a, groups, n, func(g int, sum, _ int64) { s.cells.at[g].add(sum>>63, uint64(sum)) }) {
		return nil
	}
	v := values[T](a)
	eachRun(a, func(from, to int) { s.add(s.cells.at, v[from:to], groups[from:to]) })
	return nil
}

func (s *intSum[T]) Merge(_ context.Context, state []arrow.Array, groups []uint32, n int) error {
	if err := s.states(state, groups); err != nil {
		return err
	}
	s.cells.grow(n)
	v := values[decimal128.Num](state[0])
	eachRun(state[0], func(from, to int) {
		for i := from; i < to; i++ {
			s.cells.at[groups[i]].add(v[i].HighBits(), v[i].LowBits())
		}
	})
	return nil
}

func (s *intSum[T]) State(_ context.Context) ([]arrow.Array, error) {
	return []arrow.Array{fixedResult(s.mem, wideType, len(s.cells.at), func(i int) (decimal128.Num, bool) {
		c := &s.cells.at[i]
		return c.total(), c.seen()
	})}, nil
}

func (s *intSum[T]) Result(_ context.Context, n int) (arrow.Array, error) {
	unfit := -1
	a := fixedResult(s.mem, s.bound.dt, n, func(i int) (T, bool) {
		c := &s.cells.at[i]
		v, high := T(c.low), c.top>>1
		if fits := v < 0 && high == -1 || v >= 0 && high == 0; !fits {
			unfit = i
		}
		return v, c.seen()
	})
	if unfit < 0 {
		return a, nil
	}
	a.Release()
	x, dt := s.bound.agg.X, typeName(s.bound.dt)
	return nil, errorOf(ErrOverflow, "%s: the sum %s of a group does not fit %s (widen it: sum(decimal(%s, 38, 0)), or cast to float: sum(float(%s)))",
		s.bound.agg, s.cells.at[unfit].total().BigInt(), dt, x, x)
}

func (s *intSum[T]) Bytes() int64 { return s.cells.bytes() }
func (s *intSum[T]) Release()     { s.cells.release() }

func sumInts(cells []wideCell, v []int64, groups []uint32) {
	if len(cells) == 1 {
		cells[0].addRun(intHalves(v))
		return
	}
	v = v[:len(groups)]
	for i, g := range groups {
		cells[g].add(v[i]>>63, uint64(v[i]))
	}
}

func sumUints(cells []wideCell, v []uint64, groups []uint32) {
	if len(cells) == 1 {
		cells[0].addRun(uintHalves(v))
		return
	}
	v = v[:len(groups)]
	for i, g := range groups {
		cells[g].add(0, v[i])
	}
}

// addRun adds what a run's halves sum to, unless the run is empty.
func (c *wideCell) addRun(high int64, low uint64, n int) {
	if n > 0 {
		c.add(high, low)
	}
}

// intHalves sums the upper and the lower halves of fewer than 2^31 values apart, which can't overflow: no carry to wait for.
func intHalves(v []int64) (high int64, low uint64, n int) {
	var upper int64
	var lower uint64
	for _, x := range v {
		upper += x >> 32
		lower += uint64(uint32(x))
	}
	sum, carry := bits.Add64(uint64(upper)<<32, lower, 0)
	return upper>>32 + int64(carry), sum, len(v)
}

func uintHalves(v []uint64) (high int64, low uint64, n int) {
	var upper, lower uint64
	for _, x := range v {
		upper += x >> 32
		lower += uint64(uint32(x))
	}
	sum, carry := bits.Add64(upper<<32, lower, 0)
	return int64(upper>>32 + carry), sum, len(v)
}

// meanCell is a group's sum in 128 bits and how many values are in it.
type meanCell struct {
	low   uint64
	high  int64
	count int64
}

func (c *meanCell) add(high int64, low uint64, n int) {
	sum, carry := bits.Add64(c.low, low, 0)
	c.low = sum
	c.high += high + int64(carry)
	c.count += int64(n)
}

func (c *meanCell) mean() float64 {
	sum := float64(int64(c.low))
	if c.high != int64(c.low)>>63 {
		sum = float64(c.high)*(1<<64) + float64(c.low)
	}
	return sum / float64(max(c.count, 1))
}

// intMean is the mean of integers: their exact sum, divided.
type intMean[T integer] struct {
	base
	cells  slab[meanCell]
	short  shortSums
	halves func(v []T) (high int64, low uint64, n int)
	signed bool
}

func newIntMean[T integer](halves func([]T) (int64, uint64, int), signed bool) func(*BoundAgg, memory.Allocator) Accumulator {
	return func(b *BoundAgg, mem memory.Allocator) Accumulator {
		return &intMean[T]{base: base{b, mem}, cells: slab[meanCell]{mem: mem}, halves: halves, signed: signed}
	}
}

func (m *intMean[T]) Update(ctx context.Context, rec arrow.Record, groups []uint32, n int) error {
	a, err := m.operand(ctx, rec, groups)
	if err != nil {
		return err
	}
	defer a.Release()
	m.cells.grow(n)
	if sumShort[T](&m.short, a, groups, n, func(g int, sum, count int64) { m.cells.at[g].add(sum>>63, uint64(sum), int(count)) }) {
		return nil
	}
	v := values[T](a)
	mask := int64(0)
	if m.signed {
		mask = -1
	}
	eachRun(a, func(from, to int) {
		cells, v, groups := m.cells.at, v[from:to], groups[from:to]
		if len(cells) == 1 {
			cells[0].add(m.halves(v))
			return
		}
		for i, g := range groups {
			cells[g].add(int64(v[i])>>63&mask, uint64(v[i]), 1)
		}
	})
	return nil
}

func (m *intMean[T]) Merge(_ context.Context, state []arrow.Array, groups []uint32, n int) error {
	if err := m.states(state, groups); err != nil {
		return err
	}
	m.cells.grow(n)
	sums, counts := values[decimal128.Num](state[0]), values[int64](state[1])
	for i, g := range groups {
		m.cells.at[g].add(sums[i].HighBits(), sums[i].LowBits(), int(counts[i]))
	}
	return nil
}

func (m *intMean[T]) State(_ context.Context) ([]arrow.Array, error) {
	n, cells := len(m.cells.at), m.cells.at
	return []arrow.Array{
		fixedResult(m.mem, wideType, n, func(i int) (decimal128.Num, bool) { return decimal128.New(cells[i].high, cells[i].low), true }),
		fixedResult(m.mem, int64Type, n, func(i int) (int64, bool) { return cells[i].count, true }),
	}, nil
}

func (m *intMean[T]) Result(_ context.Context, n int) (arrow.Array, error) {
	return fixedResult(m.mem, float64Type, n, func(i int) (float64, bool) {
		c := &m.cells.at[i]
		return c.mean(), c.count > 0
	}), nil
}

func (m *intMean[T]) Bytes() int64 { return m.cells.bytes() }
func (m *intMean[T]) Release()     { m.cells.release() }
