package distrib_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/frame/plan"
	"github.com/rivulet-go/rivulet/tests/sample"
)

// planner grows random plans over a bench's sources.
type planner struct {
	*bench
	rng *rand.Rand
	// loose: no operator whose result depends on the order of its input.
	loose bool
	// windows: windows among the operators.
	windows bool
	named   int
}

func (p *planner) pick(names []string) string { return names[p.rng.IntN(len(names))] }

// ints and all list columns by what can be done with them.
func (p *planner) ints(n plan.Node) (out []string) {
	for _, f := range n.Schema().Fields() {
		if f.Type.Name() == "int64" {
			out = append(out, f.Name)
		}
	}
	return out
}

func (p *planner) fresh() string {
	p.named++
	return fmt.Sprintf("x%d", p.named)
}

func (p *planner) grow(depth int) plan.Node {
	if depth == 0 {
		sources := []string{"a", "b", "c"}
		return p.nodes[p.pick(sources)]
	}
	in := p.grow(depth - 1)
	all := names(in.Schema())
	if p.windows && p.rng.IntN(3) == 0 {
		return p.window(p.must(plan.NewLimit(in, 80))) // the reference takes quadratic time
	}
	switch kind := p.rng.IntN(9); {
	case kind == 0:
		return p.filter(in)
	case kind == 1:
		return p.project(in)
	case kind == 2:
		return p.aggregate(in)
	case kind == 3 && len(p.ints(in)) > 0:
		return p.join(in, depth)
	case kind == 4:
		keys := []plan.SortKey{{X: col(p.pick(all)), Descending: p.rng.IntN(2) == 0}, {X: col(p.pick(all))}}
		return p.must(plan.NewSort(in, keys))
	case kind == 5 && !p.loose:
		return p.must(plan.NewLimit(in, int64(p.rng.IntN(60))))
	case kind == 6 && !p.loose:
		return p.must(plan.NewTail(in, int64(p.rng.IntN(60))))
	case kind == 8 && !p.loose:
		keys := []plan.SortKey{{X: col(p.pick(all)), Descending: p.rng.IntN(2) == 0}}
		return p.must(plan.NewGroupTopK(in, []expr.Expr{col(p.pick(all))}, keys[:p.rng.IntN(2)], int64(p.rng.IntN(4))))
	case kind == 7 && !p.loose:
		columns := []string{p.pick(all)}
		return p.must(plan.NewDistinct(in, columns))
	case kind == 7:
		return p.must(plan.NewDistinct(in, nil))
	default:
		return p.filter(in)
	}
}

func (p *planner) filter(in plan.Node) plan.Node {
	ints := p.ints(in)
	if len(ints) == 0 {
		return p.must(plan.NewFilter(in, lit(true)))
	}
	condition := p.condition(ints)
	for p.rng.IntN(3) == 0 {
		op := []expr.BinaryOp{expr.And, expr.And, expr.Or}[p.rng.IntN(3)]
		condition = binary(op, condition, p.condition(ints))
	}
	return p.must(plan.NewFilter(in, condition))
}

// condition is one that most rows pass.
func (p *planner) condition(ints []string) expr.Expr {
	x, bound := col(p.pick(ints)), lit(int64(p.rng.IntN(300)-150))
	switch p.rng.IntN(12) {
	case 0:
		return expr.Call{Func: "is_not_null", Args: []expr.Expr{x}}
	case 1:
		return expr.Unary{Op: expr.Not, X: binary(expr.Less, x, bound)}
	case 2:
		return binary(expr.NotEqual, x, lit(int64(p.rng.IntN(10))))
	case 3:
		return binary(expr.GreaterEqual, x, lit(int64(p.rng.IntN(10))))
	case 4:
		return binary(expr.LessEqual, bound, x)
	case 5:
		return lit(true)
	case 6:
		bound = binary(expr.Add, bound, lit(int64(7)))
	}
	return binary([]expr.BinaryOp{expr.Less, expr.GreaterEqual}[p.rng.IntN(2)], x, bound)
}

func (p *planner) project(in plan.Node) plan.Node {
	all := slices.Clone(names(in.Schema()))
	p.rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	var exprs []expr.Expr
	for _, name := range all[:1+p.rng.IntN(len(all))] {
		if p.rng.IntN(3) == 0 {
			exprs = append(exprs, as(col(name), p.fresh()))
		} else {
			exprs = append(exprs, col(name))
		}
	}
	if ints := p.ints(in); len(ints) > 0 {
		exprs = append(exprs, as(binary(expr.Add, col(p.pick(ints)), lit(int64(3))), p.fresh()))
	}
	return p.must(plan.NewProject(in, exprs))
}

func (p *planner) aggregate(in plan.Node) plan.Node {
	all := names(in.Schema())
	var keys []expr.Expr
	for _, name := range all[:p.rng.IntN(min(3, len(all)))] {
		keys = append(keys, col(name))
	}
	aggs := []expr.Expr{agg(expr.Count, nil, p.fresh()), agg(expr.CountDistinct, col(p.pick(all)), p.fresh())}
	if ints := p.ints(in); len(ints) > 0 {
		x := col(p.pick(ints))
		aggs = append(aggs,
			agg(expr.Sum, x, p.fresh()), agg(expr.Mean, x, p.fresh()), agg(expr.Min, x, p.fresh()),
			agg(expr.Max, binary(expr.Add, x, lit(int64(1))), p.fresh()), agg(expr.Median, x, p.fresh()),
			as(expr.Aggregate{Func: expr.Quantile, X: x, Args: []expr.Expr{lit(0.9)}}, p.fresh()),
			agg(expr.Any, binary(expr.Less, x, lit(int64(-400))), p.fresh()), agg(expr.All, binary(expr.Less, x, lit(int64(400))), p.fresh()),
			as(binary(expr.Divide, expr.Aggregate{Func: expr.Sum, X: x}, expr.Aggregate{Func: expr.Count}), p.fresh()))
	}
	return p.must(plan.NewAggregate(in, keys, aggs))
}

func (p *planner) join(left plan.Node, depth int) plan.Node {
	right := p.grow(min(depth-1, 2))
	keys := p.ints(right)
	if len(keys) == 0 {
		return left
	}
	// A key that few rows share keeps the result small.
	right = p.must(plan.NewDistinct(right, keys[:1]))
	if p.loose {
		right = p.must(plan.NewAggregate(right, []expr.Expr{col(keys[0])}, []expr.Expr{agg(expr.Count, nil, p.fresh())}))
	}
	suffix, key := "_"+p.fresh(), []string{p.pick(p.ints(left))}
	kind := plan.JoinKind(p.rng.IntN(6))
	if kind > plan.Anti {
		return p.must(plan.NewRightJoin(left, right, key, keys[:1], suffix, nil))
	}
	joined := p.must(plan.NewJoin(left, right, key, keys[:1], kind, suffix))
	if p.rng.IntN(3) > 0 {
		return joined
	}
	pairs := p.must(plan.NewJoin(left, right, key, keys[:1], plan.Inner, suffix))
	where := binary(expr.Less, col(p.pick(p.ints(pairs))), col(p.pick(p.ints(pairs))))
	return p.must(plan.NewJoinWhere(left, right, key, keys[:1], kind, suffix, where))
}

func randomPlan(t testing.TB, seed uint64, budgetBytes int64, loose bool) (*bench, plan.Node) {
	t.Helper()
	rng := rand.New(rand.NewPCG(seed, 1))
	b := newBench(t, budgetBytes)
	b.add("a", rng, rng.IntN(2000), 300, 50)
	b.add("b", rng, rng.IntN(500), 100, 200)
	b.add("c", rng, rng.IntN(40), 7, 5)
	p := planner{bench: b, rng: rng, loose: loose}
	return b, p.grow(1 + rng.IntN(6))
}

func TestRandomPlans(t *testing.T) {
	for seed := range sample.Seeds(100, 4) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			b, node := randomPlan(t, seed, 256<<20, false)
			b.same(node, true)
		})
	}
}

func TestRandomPlansTinyBudget(t *testing.T) {
	for seed := range sample.Seeds(40, 4) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			b, node := randomPlan(t, seed, 64<<10, true)
			b.same(node, false)
		})
	}
}
