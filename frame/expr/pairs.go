package expr

import (
	"context"
	"math"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// pairCell holds count, means and the sums of products of deviations of two columns, updated as momentCell is.
type pairCell struct {
	count        int64
	x, y         float64 // means
	xx, yy, both float64
}

func (c *pairCell) add(x, y float64) {
	c.count++
	n := float64(c.count)
	dx, dy := x-c.x, y-c.y
	c.x += dx / n
	c.y += dy / n
	restX, restY := x-c.x, y-c.y
	c.xx += dx * restX
	c.yy += dy * restY
	c.both += dx * restY
}

func (c *pairCell) merge(o pairCell) {
	switch {
	case o.count == 0:
	case c.count == 0:
		*c = o
	default:
		n, m := float64(c.count), float64(o.count)
		dx, dy, part := o.x-c.x, o.y-c.y, n*m/(n+m)
		c.xx += o.xx + dx*dx*part
		c.yy += o.yy + dy*dy*part
		c.both += o.both + dx*dy*part
		c.x += dx * m / (n + m)
		c.y += dy * m / (n + m)
		c.count += o.count
	}
}

// pairsAccumulator is Corr or Cov over the rows where both columns have a value. No rows give null, one row has no
// covariance, and a column without spread no correlation, which gives NaN.
type pairsAccumulator struct {
	base
	cells slab[pairCell]
}

func newPairs(b *BoundAgg, mem memory.Allocator) Accumulator {
	return &pairsAccumulator{base{b, mem}, slab[pairCell]{mem: mem}}
}

func (p *pairsAccumulator) Update(ctx context.Context, rec arrow.Record, groups []uint32, n int) error {
	a, err := p.operand(ctx, rec, groups)
	if err != nil {
		return err
	}
	defer a.Release()
	b, err := p.bound.y.Eval(ctx, p.mem, rec)
	if err != nil {
		return err
	}
	defer b.Release()
	p.cells.grow(n)
	cells, x, y := p.cells.at, values[float64](a), values[float64](b)
	bits, off := validBits(b)
	eachRun(a, func(from, to int) {
		for i := from; i < to; i++ {
			if bits == nil || bitAt(bits, off+i) {
				cells[groups[i]].add(x[i], y[i])
			}
		}
	})
	return nil
}

func (p *pairsAccumulator) Merge(_ context.Context, state []arrow.Array, groups []uint32, n int) error {
	if err := p.states(state, groups); err != nil {
		return err
	}
	p.cells.grow(n)
	counts := values[int64](state[0])
	var v [5][]float64
	for i := range v {
		v[i] = values[float64](state[1+i])
	}
	for i, g := range groups {
		p.cells.at[g].merge(pairCell{counts[i], v[0][i], v[1][i], v[2][i], v[3][i], v[4][i]})
	}
	return nil
}

func (p *pairsAccumulator) State(_ context.Context) ([]arrow.Array, error) {
	n, cells := len(p.cells.at), p.cells.at
	out := []arrow.Array{fixedResult(p.mem, int64Type, n, func(i int) (int64, bool) { return cells[i].count, true })}
	for _, of := range []func(c *pairCell) float64{
		func(c *pairCell) float64 { return c.x }, func(c *pairCell) float64 { return c.y },
		func(c *pairCell) float64 { return c.xx }, func(c *pairCell) float64 { return c.yy }, func(c *pairCell) float64 { return c.both },
	} {
		out = append(out, fixedResult(p.mem, float64Type, n, func(i int) (float64, bool) { return of(&cells[i]), true }))
	}
	return out, nil
}

func (p *pairsAccumulator) Result(_ context.Context, n int) (arrow.Array, error) {
	corr := p.bound.agg.Func == Corr
	return fixedResult(p.mem, float64Type, n, func(i int) (float64, bool) {
		c := &p.cells.at[i]
		switch {
		case c.count == 0, c.count == 1 && !corr:
			return 0, false
		case corr:
			return max(-1, min(1, c.both/(math.Sqrt(c.xx)*math.Sqrt(c.yy)))), true
		}
		return c.both / float64(c.count-1), true
	}), nil
}

func (p *pairsAccumulator) Bytes() int64 { return p.cells.bytes() }
func (p *pairsAccumulator) Release()     { p.cells.release() }
