package expr

import (
	"context"
	"math"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// momentCell holds count, mean and the sum of squared deviations (Welford 1962; merged as Chan, Golub and LeVeque 1979).
type momentCell struct {
	count    int64
	mean, m2 float64
}

// momentsAccumulator is variance and standard deviation: of a sample with n-1 in the divisor, null for fewer than two
// values; of a population with n, null for no values.
type momentsAccumulator struct {
	base
	cells slab[momentCell]
}

// momentsOf takes a run in two passes: faster than value by value, which waits for a division at each.
func momentsOf(v []float64) momentCell {
	if len(v) == 0 {
		return momentCell{}
	}
	c := momentCell{count: int64(len(v)), mean: sumRun(v) / float64(len(v))}
	var even, odd float64
	for i := 0; i+1 < len(v); i += 2 {
		x, y := v[i]-c.mean, v[i+1]-c.mean
		even += x * x
		odd += y * y
	}
	if len(v)%2 == 1 {
		x := v[len(v)-1] - c.mean
		even += x * x
	}
	c.m2 = even + odd
	return c
}

// merge adds the values of another cell.
func (c *momentCell) merge(o momentCell) {
	switch {
	case o.count == 0:
	case c.count == 0:
		*c = o
	default:
		total := float64(c.count + o.count)
		d := o.mean - c.mean
		c.m2 += o.m2 + d*d*float64(c.count)*float64(o.count)/total
		c.mean += d * float64(o.count) / total
		c.count += o.count
	}
}

func newMoments(b *BoundAgg, mem memory.Allocator) Accumulator {
	return &momentsAccumulator{base{b, mem}, slab[momentCell]{mem: mem}}
}

func (s *momentsAccumulator) Update(ctx context.Context, rec arrow.Record, groups []uint32, n int) error {
	a, err := s.operand(ctx, rec, groups)
	if err != nil {
		return err
	}
	defer a.Release()
	s.cells.grow(n)
	v := values[float64](a)
	eachRun(a, func(from, to int) {
		cells, v, groups := s.cells.at, v[from:to], groups[from:to]
		if len(cells) == 1 {
			cells[0].merge(momentsOf(v))
			return
		}
		for i, g := range groups {
			c := &cells[g]
			c.count++
			d := v[i] - c.mean
			c.mean += d / float64(c.count)
			c.m2 += d * (v[i] - c.mean)
		}
	})
	return nil
}

func (s *momentsAccumulator) Merge(_ context.Context, state []arrow.Array, groups []uint32, n int) error {
	if err := s.states(state, groups); err != nil {
		return err
	}
	s.cells.grow(n)
	counts, means, m2s := values[int64](state[0]), values[float64](state[1]), values[float64](state[2])
	for i, g := range groups {
		s.cells.at[g].merge(momentCell{counts[i], means[i], m2s[i]})
	}
	return nil
}

func (s *momentsAccumulator) State(_ context.Context) ([]arrow.Array, error) {
	n, cells := len(s.cells.at), s.cells.at
	return []arrow.Array{
		fixedResult(s.mem, int64Type, n, func(i int) (int64, bool) { return cells[i].count, true }),
		fixedResult(s.mem, float64Type, n, func(i int) (float64, bool) { return cells[i].mean, true }),
		fixedResult(s.mem, float64Type, n, func(i int) (float64, bool) { return cells[i].m2, true }),
	}, nil
}

func (s *momentsAccumulator) Result(_ context.Context, n int) (arrow.Array, error) {
	f := s.bound.agg.Func
	root, less := f == Std || f == StdPop, int64(0)
	if f == Std || f == Var {
		less = 1
	}
	return fixedResult(s.mem, float64Type, n, func(i int) (float64, bool) {
		c := s.cells.at[i]
		if c.count <= less {
			return 0, false
		}
		v := c.m2 / float64(c.count-less)
		if root {
			v = math.Sqrt(v)
		}
		return v, true
	}), nil
}

func (s *momentsAccumulator) Bytes() int64 { return s.cells.bytes() }
func (s *momentsAccumulator) Release()     { s.cells.release() }
