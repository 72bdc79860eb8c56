package distrib_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/frame/plan"
	"github.com/rivulet-go/rivulet/tests/sample"
)

// windowRows computes windows row by row from the definition.
func windowRows(in table, n *plan.Window) [][]any {
	parts := map[string][]int{}
	for i, r := range in.rows {
		var key []any
		for _, name := range n.By {
			key = append(key, canonical(r[in.index(name)]))
		}
		parts[rowKey(key)] = append(parts[rowKey(key)], i)
	}
	out := make([][]any, len(in.rows))
	for i, r := range in.rows {
		out[i] = slices.Clone(r)
	}
	cmp := in.order(n.Order)
	for _, rows := range parts {
		slices.SortStableFunc(rows, func(a, b int) int { return cmp(in.rows[a], in.rows[b]) })
		p := partition{in, n, rows, cmp}
		for at, row := range rows {
			for _, f := range n.Funcs {
				out[row] = append(out[row], p.value(f.Expr, at))
			}
		}
	}
	return out
}

func canonical(x any) any {
	if f, ok := x.(float64); ok && f == 0 {
		return 0.0
	}
	return x
}

type partition struct {
	in   table
	n    *plan.Window
	rows []int
	cmp  func(a, b []any) int
}

func (p partition) row(at int) []any { return p.in.rows[p.rows[at]] }

func (p partition) value(w expr.Window, at int) any {
	x := func(i int) any { return p.in.value(w.X, p.row(i)) }
	before, same, groups := 0, 0, 0
	switch w.Func {
	case expr.Rank, expr.DenseRank, expr.PercentRank, expr.CumeDist:
		for i := range p.rows {
			c := p.cmp(p.row(i), p.row(at))
			if c < 0 {
				before++
				if i == 0 || p.cmp(p.row(i-1), p.row(i)) != 0 {
					groups++
				}
			}
			if c <= 0 {
				same++
			}
		}
	}
	size := len(p.rows)
	switch w.Func {
	case expr.RowNumber:
		return int64(at + 1)
	case expr.Rank:
		return int64(before + 1)
	case expr.DenseRank:
		return int64(groups + 1)
	case expr.PercentRank:
		if size == 1 {
			return 0.0
		}
		return float64(before) / float64(size-1)
	case expr.CumeDist:
		return float64(same) / float64(size)
	case expr.Ntile:
		tile, left := int64(1), at
		for {
			in := size / int(w.N)
			if tile <= int64(size)%w.N {
				in++
			}
			if left < in {
				return tile
			}
			left -= in
			tile++
		}
	case expr.Lag, expr.Lead:
		to := at - int(w.N)
		if w.Func == expr.Lead {
			to = at + int(w.N)
		}
		if to < 0 || to >= size {
			if w.Default != nil {
				return w.Default.(expr.Literal).Value
			}
			return nil
		}
		return x(to)
	}
	var inside []int
	for i := range p.rows {
		if p.inside(w, at, i) {
			inside = append(inside, i)
		}
	}
	if w.IgnoreNulls {
		inside = slices.DeleteFunc(inside, func(i int) bool { return x(i) == nil })
	}
	switch w.Func {
	case expr.FirstValue, expr.LastValue, expr.NthValue:
		pick := 0
		if w.Func == expr.LastValue {
			pick = len(inside) - 1
		}
		if w.Func == expr.NthValue {
			pick = int(w.N) - 1
		}
		if pick < 0 || pick >= len(inside) {
			return nil
		}
		return x(inside[pick])
	}
	rows := make([][]any, len(inside))
	for i, at := range inside {
		rows[i] = p.row(at)
	}
	if w.Func == expr.WindowFunc(expr.CountDistinct) {
		seen := map[string]bool{}
		for _, i := range inside {
			if x(i) != nil {
				seen[rowKey([]any{canonical(x(i))})] = true
			}
		}
		return int64(len(seen))
	}
	return aggregateValue(p.in, plan.Agg{Func: expr.AggFunc(w.Func), X: w.X}, rows)
}

// inside says whether row i is in the frame of row at.
func (p partition) inside(w expr.Window, at, i int) bool {
	from, to := w.Frame.From, w.Frame.To
	if w.Frame.Unit == expr.RowsFrame {
		return (from.Unbounded || i >= at+int(from.Offset.Value.(int64))) && (to.Unbounded || i <= at+int(to.Offset.Value.(int64)))
	}
	return (from.Unbounded || p.distance(from, at, i) >= 0) && (to.Unbounded || p.distance(to, at, i) <= 0)
}

// distance is negative where row i lies before the bound of row at.
func (p partition) distance(b expr.FrameBound, at, i int) int {
	c := p.cmp(p.row(i), p.row(at))
	if b.Peers() {
		return c
	}
	k := p.n.Order[0]
	x, y := p.in.value(k.X, p.row(at)), p.in.value(k.X, p.row(i))
	if x == nil || isNaN(x) {
		return c
	}
	if y == nil || isNaN(y) {
		return 1
	}
	target, v := number(x), number(y)
	if k.Descending {
		target, v = -target, -v
	}
	target += number(b.Offset.Value)
	switch {
	case v < target:
		return -1
	case v > target:
		return 1
	}
	return 0
}

func bound(rng *rand.Rand, least int64) expr.FrameBound {
	if rng.IntN(4) == 0 {
		return expr.FrameBound{Unbounded: true}
	}
	return expr.FrameBound{Offset: expr.Literal{Value: least + rng.Int64N(4)}}
}

// windowExprs are random functions over one window, as expressions with names.
func (p *planner) windowExprs(all []string) []expr.Expr {
	var by []expr.Expr
	for range p.rng.IntN(3) {
		by = append(by, col(p.pick(all)))
	}
	var order []expr.OrderKey
	for range p.rng.IntN(3) {
		order = append(order, expr.OrderKey{X: col(p.pick(all)), Descending: p.rng.IntN(2) == 0})
	}
	var out []expr.Expr
	for range 1 + p.rng.IntN(5) {
		w := p.windowFunc(all, order)
		w.By, w.Order = by, order
		out = append(out, as(w, p.fresh()))
	}
	return out
}

func (p *planner) windowFunc(all []string, order []expr.OrderKey) expr.Window {
	funcs := expr.WindowFuncs()
	w := expr.Window{Func: funcs[p.rng.IntN(len(funcs))], N: 1 + p.rng.Int64N(4)}
	switch w.Func {
	case expr.RowNumber:
		w.N = 0
		return w
	case expr.Ntile:
		return w
	case expr.Rank, expr.DenseRank, expr.PercentRank, expr.CumeDist:
		if w.N = 0; len(order) == 0 {
			w.Func = expr.RowNumber
		}
		return w
	case expr.Lag, expr.Lead:
		w.X = col(p.pick(all))
		return w
	}
	w.X = col(p.pick(all))
	if p.rng.IntN(2) == 0 {
		w.N = 0
		w.Func = expr.WindowFunc([]expr.AggFunc{expr.Count, expr.Min, expr.Max, expr.CountDistinct}[p.rng.IntN(4)])
	}
	w.IgnoreNulls = (w.Func == expr.FirstValue || w.Func == expr.LastValue) && p.rng.IntN(2) == 0
	switch p.rng.IntN(4) {
	case 0:
		w.Frame = &expr.WindowFrame{From: bound(p.rng, -4), To: bound(p.rng, -1)}
	case 1:
		if len(order) > 0 {
			w.Frame = &expr.WindowFrame{Unit: expr.RangeFrame, From: bound(p.rng, 0), To: bound(p.rng, 0)}
			for _, b := range []*expr.FrameBound{&w.Frame.From, &w.Frame.To} {
				if !b.Unbounded {
					b.Offset.Value = int64(0)
				}
			}
		}
	}
	if w.Func == expr.WindowFunc(expr.CountDistinct) {
		w.Frame = expr.WholePartition()
	}
	return w
}

func (p *planner) window(in plan.Node) plan.Node {
	all := names(in.Schema())
	exprs := p.windowExprs(all)
	if ints := p.ints(in); len(ints) > 0 {
		x := expr.Window{Func: expr.WindowFunc(expr.Sum), X: col(p.pick(ints)), By: []expr.Expr{col(p.pick(all))}, Frame: &expr.WindowFrame{From: bound(p.rng, -4), To: bound(p.rng, -1)}}
		y := x
		y.Func = expr.WindowFunc(expr.Mean)
		exprs = append(exprs, as(x, p.fresh()), as(y, p.fresh()))
		exprs = append(exprs, as(p.ranged(ints), p.fresh()))
	}
	for _, name := range all {
		exprs = append(exprs, col(name))
	}
	n, err := plan.NewProject(in, exprs)
	if err != nil && slices.ContainsFunc(exprs, func(e expr.Expr) bool { return e != nil }) {
		p.Fatal(err)
	}
	return n
}

// ranged is a function over a frame by distance.
func (p *planner) ranged(numbers []string) expr.Window {
	w := expr.Window{
		Func: expr.WindowFunc([]expr.AggFunc{expr.Count, expr.Sum, expr.Min}[p.rng.IntN(3)]), X: col(p.pick(numbers)),
		Order: []expr.OrderKey{{X: col(p.pick(numbers)), Descending: p.rng.IntN(2) == 0}},
		Frame: &expr.WindowFrame{Unit: expr.RangeFrame, From: bound(p.rng, -9), To: bound(p.rng, -6)},
	}
	if p.rng.IntN(2) == 0 {
		w.By = []expr.Expr{col(p.pick(numbers))}
	}
	if !w.Frame.From.Unbounded && !w.Frame.To.Unbounded {
		w.Frame.To.Offset.Value = w.Frame.From.Offset.Value.(int64) + p.rng.Int64N(9)
	}
	return w
}

// wild adds a source whose floats are any: NaN, infinities, negative zero. With skew half of the rows have one key.
func (b *bench) wild(name string, rng *rand.Rand, rows, batchRows int, keys int64, skew bool) plan.Node {
	b.Helper()
	build := array.NewRecordBuilder(b.mem, dataSchema)
	defer build.Release()
	floats := []float64{math.NaN(), math.Inf(1), math.Inf(-1), math.Copysign(0, -1), 0, 1.5, -2, 7}
	var recs []arrow.Record
	for rows > 0 {
		n := min(rows, 1+rng.IntN(batchRows))
		rows -= n
		for range n {
			key := rng.Int64N(keys)
			if skew && rng.IntN(2) == 0 {
				key = 0
			}
			appendMaybe(rng, build.Field(0).(*array.Int64Builder), func(c *array.Int64Builder) { c.Append(key) })
			appendMaybe(rng, build.Field(1).(*array.Int64Builder), func(c *array.Int64Builder) { c.Append(rng.Int64N(50) - 25) })
			appendMaybe(rng, build.Field(2).(*array.StringBuilder), func(c *array.StringBuilder) { c.Append("aa\x00bc"[:rng.IntN(6)]) })
			appendMaybe(rng, build.Field(3).(*array.Float64Builder), func(c *array.Float64Builder) { c.Append(floats[rng.IntN(len(floats))]) })
		}
		recs = append(recs, build.NewRecord())
	}
	return b.records(name, dataSchema, recs)
}

func TestRandomWindows(t *testing.T) {
	for seed := range sample.Seeds(120, 4) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			rng := rand.New(rand.NewPCG(seed, 3))
			b := newBench(t, 256<<20)
			rows := []int{0, 1, 2, 40, 200}[rng.IntN(5)]
			n := b.wild("w", rng, rows, 1+rng.IntN(60), 1+rng.Int64N(40), rng.IntN(3) == 0)
			p := planner{bench: b, rng: rng}
			exprs := p.windowExprs(names(n.Schema()))
			exprs = append(exprs, as(p.ranged([]string{"k", "v"}), p.fresh()), col("k"), col("v"), col("s"), col("f"))
			floats := p.ranged([]string{"k"})
			floats.Order[0].X = col("f")
			floats.By = nil
			exprs = append(exprs, as(floats, p.fresh()))
			b.same(b.must(plan.NewProject(n, exprs)), true)
		})
	}
}

// TestRandomWindowPlans has windows among other operators: what the rules of the planner do around them.
func TestRandomWindowPlans(t *testing.T) {
	for seed := range sample.Seeds(100, 4) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			rng := rand.New(rand.NewPCG(seed, 4))
			b := newBench(t, 256<<20)
			b.add("a", rng, rng.IntN(300), 50, 20)
			b.add("b", rng, rng.IntN(200), 30, 50)
			b.add("c", rng, rng.IntN(40), 7, 5)
			p := planner{bench: b, rng: rng, windows: true}
			b.same(p.grow(2+rng.IntN(4)), true)
		})
	}
}
