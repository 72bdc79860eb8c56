package expr

import (
	"context"

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
		return errorOf(ErrOverflow, "%s: the sum does not fit %s (cast to float: sum(float(x)))", s.bound.agg, typeName(s.bound.dt))
	}
	return nil
}

func (s *sumAccumulator[T]) State(ctx context.Context) ([]arrow.Array, error) {
	a, err := s.Result(ctx, len(s.cells.at))
	return []arrow.Array{a}, err
}

func (s *sumAccumulator[T]) Result(_ context.Context, n int) (arrow.Array, error) {
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

func sumDecimals(cells []sumCell[decimal128.Num], v []decimal128.Num, groups []uint32) bool {
	fits := true
	for i, g := range groups {
		c := &cells[g]
		c.sum = c.sum.Add(v[i])
		c.count++
		fits = fits && c.sum.FitsInPrecision(maxDecimalDigits)
	}
	return fits
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
