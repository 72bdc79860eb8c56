package expr

import (
	"math"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// momentCell holds count, mean and the sum of squared deviations (Welford 1962; merged as Chan, Golub and LeVeque 1979).
type momentCell struct {
	count    int64
	mean, m2 float64
}

// stdAccumulator is the sample standard deviation: n-1 in the divisor, null for fewer than two values.
type stdAccumulator struct {
	base
	cells slab[momentCell]
}

func newStd(b *BoundAgg, mem memory.Allocator) Accumulator {
	return &stdAccumulator{base{b, mem}, slab[momentCell]{mem: mem}}
}

func (s *stdAccumulator) Update(rec arrow.Record, groups []uint32, n int) error {
	a, err := s.operand(rec, groups)
	if err != nil {
		return err
	}
	defer a.Release()
	s.cells.grow(n)
	v := values[float64](a)
	eachRun(a, func(from, to int) {
		cells, v, groups := s.cells.at, v[from:to], groups[from:to]
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

func (s *stdAccumulator) Merge(state []arrow.Array, groups []uint32, n int) error {
	if err := s.states(state, groups); err != nil {
		return err
	}
	s.cells.grow(n)
	counts, means, m2s := values[int64](state[0]), values[float64](state[1]), values[float64](state[2])
	for i, g := range groups {
		c, count := &s.cells.at[g], counts[i]
		switch {
		case count == 0:
		case c.count == 0:
			*c = momentCell{count, means[i], m2s[i]}
		default:
			total := float64(c.count + count)
			d := means[i] - c.mean
			c.m2 += m2s[i] + d*d*float64(c.count)*float64(count)/total
			c.mean += d * float64(count) / total
			c.count += count
		}
	}
	return nil
}

func (s *stdAccumulator) State() ([]arrow.Array, error) {
	n, cells := len(s.cells.at), s.cells.at
	return []arrow.Array{
		fixedResult(s.mem, int64Type, n, func(i int) (int64, bool) { return cells[i].count, true }),
		fixedResult(s.mem, float64Type, n, func(i int) (float64, bool) { return cells[i].mean, true }),
		fixedResult(s.mem, float64Type, n, func(i int) (float64, bool) { return cells[i].m2, true }),
	}, nil
}

func (s *stdAccumulator) Result() (arrow.Array, error) {
	return fixedResult(s.mem, float64Type, len(s.cells.at), func(i int) (float64, bool) {
		c := s.cells.at[i]
		if c.count < 2 {
			return 0, false
		}
		return math.Sqrt(c.m2 / float64(c.count-1)), true
	}), nil
}

func (s *stdAccumulator) Bytes() int64 { return s.cells.bytes() }
func (s *stdAccumulator) Release()     { s.cells.release() }
