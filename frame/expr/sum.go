package expr

import (
	"context"
	"math"
	"math/bits"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/decimal128"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// sumCell is a group's sum and how many values are in it; side by side, so that a row touches one cache line.
type sumCell[T fixed] struct {
	sum   T
	count int64
}

// sumAccumulator is sum over values of T. add takes in a dense run and reports whether all sums fit.
type sumAccumulator[T fixed] struct {
	base
	cells slab[sumCell[T]]
	add   func(cells []sumCell[T], v []T, groups []uint32) (fits bool)
}

func newSum(b *BoundAgg, mem memory.Allocator) Accumulator {
	if physicalOf(b.dt) == physDec {
		return sumOf(b, mem, sumDecimals)
	}
	return sumOf(b, mem, sumFloats)
}

func sumOf[T fixed](b *BoundAgg, mem memory.Allocator, add func([]sumCell[T], []T, []uint32) bool) Accumulator {
	return &sumAccumulator[T]{base: base{b, mem}, cells: slab[sumCell[T]]{mem: mem}, add: add}
}

func (s *sumAccumulator[T]) Update(ctx context.Context, rec arrow.Record, groups []uint32, n int) error {
	a, err := s.operand(ctx, rec, groups)
	if err != nil {
		return err
	}
	defer a.Release()
	return s.take(a, groups, n)
}

// Merge adds partial sums as Update adds values: a group without values has null for its state.
func (s *sumAccumulator[T]) Merge(_ context.Context, state []arrow.Array, groups []uint32, n int) error {
	if err := s.states(state, groups); err != nil {
		return err
	}
	return s.take(state[0], groups, n)
}

func (s *sumAccumulator[T]) take(a arrow.Array, groups []uint32, n int) error {
	s.cells.grow(n)
	v := values[T](a)
	fits := true
	eachRun(a, func(from, to int) {
		fits = s.add(s.cells.at, v[from:to], groups[from:to]) && fits
	})
	if !fits {
		return s.overflow()
	}
	return nil
}

func (s *sumAccumulator[T]) overflow() error {
	return errorOf(ErrOverflow, "%s: the sum does not fit %s (cast to float: sum(float(x)))", s.bound.agg, typeName(s.bound.dt))
}

func (s *sumAccumulator[T]) State(ctx context.Context) ([]arrow.Array, error) {
	a, err := s.Result(ctx, len(s.cells.at))
	return []arrow.Array{a}, err
}

func (s *sumAccumulator[T]) Result(_ context.Context, n int) (arrow.Array, error) {
	for i := range s.cells.at {
		if d, ok := any(s.cells.at[i].sum).(decimal128.Num); ok && !d.FitsInPrecision(maxDecimalDigits) {
			return nil, s.overflow()
		}
	}
	return fixedResult(s.mem, s.bound.dt, n, func(i int) (T, bool) {
		return s.cells.at[i].sum, s.cells.at[i].count > 0
	}), nil
}

func (s *sumAccumulator[T]) Bytes() int64 { return s.cells.bytes() }
func (s *sumAccumulator[T]) Release()     { s.cells.release() }

// sumFloats: the loop over many groups is bound by the cache; a single group is summed in registers.
func sumFloats(cells []sumCell[float64], v []float64, groups []uint32) bool {
	if len(cells) == 1 {
		cells[0].sum += sumRun(v)
		cells[0].count += int64(len(v))
		return true
	}
	v = v[:len(groups)]
	for i, g := range groups {
		c := &cells[g]
		c.sum += v[i]
		c.count++
	}
	return true
}

// sumRun sums in four chains, which hides the latency of addition; the order is fixed by the length alone.
func sumRun(v []float64) float64 {
	var a, b, c, d float64
	for len(v) >= 4 {
		a += v[0]
		b += v[1]
		c += v[2]
		d += v[3]
		v = v[4:]
	}
	for _, x := range v {
		a += x
	}
	return (a + b) + (c + d)
}

// sumDecimals adds in 128 bits; that a sum has more digits than a decimal is found when it is given.
func sumDecimals(cells []sumCell[decimal128.Num], v []decimal128.Num, groups []uint32) bool {
	overflow := int64(0)
	add := func(sum, x decimal128.Num) decimal128.Num {
		lo, carry := bits.Add64(sum.LowBits(), x.LowBits(), 0)
		hi, _ := bits.Add64(uint64(sum.HighBits()), uint64(x.HighBits()), carry)
		overflow |= (sum.HighBits() ^ int64(hi)) & (x.HighBits() ^ int64(hi))
		return decimal128.New(int64(hi), lo)
	}
	if len(cells) == 1 {
		sum := cells[0].sum
		for _, x := range v {
			sum = add(sum, x)
		}
		cells[0].sum = sum
		cells[0].count += int64(len(v))
		return overflow >= 0
	}
	v = v[:len(groups)]
	for i, g := range groups {
		c := &cells[g]
		c.sum = add(c.sum, v[i])
		c.count++
	}
	return overflow >= 0
}

// meanAccumulator is the mean of floats.
type meanAccumulator struct {
	base
	cells slab[sumCell[float64]]
}

func newMean(b *BoundAgg, mem memory.Allocator) Accumulator {
	return &meanAccumulator{base{b, mem}, slab[sumCell[float64]]{mem: mem}}
}

func (m *meanAccumulator) Update(ctx context.Context, rec arrow.Record, groups []uint32, n int) error {
	a, err := m.operand(ctx, rec, groups)
	if err != nil {
		return err
	}
	defer a.Release()
	m.cells.grow(n)
	v := values[float64](a)
	eachRun(a, func(from, to int) { sumFloats(m.cells.at, v[from:to], groups[from:to]) })
	return nil
}

func (m *meanAccumulator) Merge(_ context.Context, state []arrow.Array, groups []uint32, n int) error {
	if err := m.states(state, groups); err != nil {
		return err
	}
	m.cells.grow(n)
	sums, counts := values[float64](state[0]), values[int64](state[1])
	for i, g := range groups {
		m.cells.at[g].sum += sums[i]
		m.cells.at[g].count += counts[i]
	}
	return nil
}

func (m *meanAccumulator) State(_ context.Context) ([]arrow.Array, error) {
	n := len(m.cells.at)
	sums := fixedResult(m.mem, float64Type, n, func(i int) (float64, bool) { return m.cells.at[i].sum, true })
	counts := fixedResult(m.mem, int64Type, n, func(i int) (int64, bool) { return m.cells.at[i].count, true })
	return []arrow.Array{sums, counts}, nil
}

func (m *meanAccumulator) Result(_ context.Context, n int) (arrow.Array, error) {
	return fixedResult(m.mem, float64Type, n, func(i int) (float64, bool) {
		c := m.cells.at[i]
		return c.sum / float64(max(c.count, 1)), c.count > 0
	}), nil
}

func (m *meanAccumulator) Bytes() int64 { return m.cells.bytes() }
func (m *meanAccumulator) Release()     { m.cells.release() }

// decimalMean is the mean of decimals: their exact sum, divided.
type decimalMean struct {
	base
	cells slab[sumCell[decimal128.Num]]
	scale float64 // what the sum is divided by besides
}

func newDecimalMean(scale int32) func(*BoundAgg, memory.Allocator) Accumulator {
	return func(b *BoundAgg, mem memory.Allocator) Accumulator {
		return &decimalMean{base{b, mem}, slab[sumCell[decimal128.Num]]{mem: mem}, math.Pow10(int(scale))}
	}
}

func (m *decimalMean) Update(ctx context.Context, rec arrow.Record, groups []uint32, n int) error {
	a, err := m.operand(ctx, rec, groups)
	if err != nil {
		return err
	}
	defer a.Release()
	m.cells.grow(n)
	v, fits := values[decimal128.Num](a), true
	eachRun(a, func(from, to int) { fits = sumDecimals(m.cells.at, v[from:to], groups[from:to]) && fits })
	return m.check(fits)
}

func (m *decimalMean) check(fits bool) error {
	if fits {
		return nil
	}
	return errorOf(ErrOverflow, "%s: the sum does not fit %s (cast to float: mean(float(x)))", m.bound.agg, typeName(wideType))
}

func (m *decimalMean) Merge(_ context.Context, state []arrow.Array, groups []uint32, n int) error {
	if err := m.states(state, groups); err != nil {
		return err
	}
	m.cells.grow(n)
	fits := sumDecimals(m.cells.at, values[decimal128.Num](state[0]), groups)
	for i, g := range groups {
		m.cells.at[g].count += values[int64](state[1])[i] - 1 // the sum was one value
	}
	return m.check(fits)
}

func (m *decimalMean) State(_ context.Context) ([]arrow.Array, error) {
	n, cells := len(m.cells.at), m.cells.at
	return []arrow.Array{
		fixedResult(m.mem, wideType, n, func(i int) (decimal128.Num, bool) { return cells[i].sum, true }),
		fixedResult(m.mem, int64Type, n, func(i int) (int64, bool) { return cells[i].count, true }),
	}, nil
}

func (m *decimalMean) Result(_ context.Context, n int) (arrow.Array, error) {
	return fixedResult(m.mem, float64Type, n, func(i int) (float64, bool) {
		c := m.cells.at[i]
		return c.sum.ToFloat64(0) / float64(max(c.count, 1)) / m.scale, c.count > 0
	}), nil
}

func (m *decimalMean) Bytes() int64 { return m.cells.bytes() }
func (m *decimalMean) Release()     { m.cells.release() }
