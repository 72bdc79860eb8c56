package expr

import (
	"context"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// sumCell is a group's sum and how many values are in it; side by side, so that a row touches one cache line.
type sumCell struct {
	sum   float64
	count int64
}

// floatSum is the sum of floats.
type floatSum struct {
	base
	cells slab[sumCell]
}

func newFloatSum(b *BoundAgg, mem memory.Allocator) Accumulator {
	return &floatSum{base: base{b, mem}, cells: slab[sumCell]{mem: mem}}
}

func (s *floatSum) Update(ctx context.Context, rec arrow.Record, groups []uint32, n int) error {
	a, err := s.operand(ctx, rec, groups)
	if err != nil {
		return err
	}
	defer a.Release()
	s.take(a, groups, n)
	return nil
}

// Merge adds partial sums as Update adds values: a group without values has null for its state.
func (s *floatSum) Merge(_ context.Context, state []arrow.Array, groups []uint32, n int) error {
	if err := s.states(state, groups); err != nil {
		return err
	}
	s.take(state[0], groups, n)
	return nil
}

func (s *floatSum) take(a arrow.Array, groups []uint32, n int) {
	s.cells.grow(n)
	v := values[float64](a)
	eachRun(a, func(from, to int) { sumFloats(s.cells.at, v[from:to], groups[from:to]) })
}

func (s *floatSum) State(ctx context.Context) ([]arrow.Array, error) {
	a, err := s.Result(ctx, len(s.cells.at))
	return []arrow.Array{a}, err
}

func (s *floatSum) Result(_ context.Context, n int) (arrow.Array, error) {
	return fixedResult(s.mem, s.bound.dt, n, func(i int) (float64, bool) {
		return s.cells.at[i].sum, s.cells.at[i].count > 0
	}), nil
}

func (s *floatSum) Bytes() int64 { return s.cells.bytes() }
func (s *floatSum) Release()     { s.cells.release() }

// sumFloats: the loop over many groups is bound by the cache; a single group is summed in registers.
func sumFloats(cells []sumCell, v []float64, groups []uint32) {
	if len(cells) == 1 {
		cells[0].sum += sumRun(v)
		cells[0].count += int64(len(v))
		return
	}
	v = v[:len(groups)]
	for i, g := range groups {
		c := &cells[g]
		c.sum += v[i]
		c.count++
	}
}

// sumRun sums in four chains, which hides the latency of addition; the order is fixed by the length alone.
func sumRun[T int64 | float64](v []T) T {
	var a, b, c, d T
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

// meanAccumulator is the mean of floats.
type meanAccumulator struct {
	base
	cells slab[sumCell]
}

func newMean(b *BoundAgg, mem memory.Allocator) Accumulator {
	return &meanAccumulator{base{b, mem}, slab[sumCell]{mem: mem}}
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
