package distrib_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/frame/plan"
)

// TestBuildSides: joins whose sides change places, in chains, below groups that are sorted by their keys and below nothing, have the rows
// and the order of the plan as it is written.
func TestBuildSides(t *testing.T) {
	const rule = "build side"
	fired, sorted := 0, 0
	for seed := range uint64(150) {
		rng := rand.New(rand.NewPCG(seed, 3))
		b := newBench(t, 64<<20)
		for _, name := range []string{"a", "b", "c"} {
			b.add(name, rng, rng.IntN(60), 20, 1+rng.Int64N(30))
		}
		b.claim(rng)
		p := &planner{bench: b, rng: rng}
		side := func() plan.Node {
			n := b.nodes[p.pick([]string{"a", "b", "c"})]
			if rng.IntN(2) == 0 {
				n = p.filter(n)
			}
			return n
		}
		n := side()
		for range 1 + rng.IntN(3) {
			keys := []string{"k", "v", "s"}
			left, right := []string{p.pick(keys)}, []string{""}
			if right[0] = left[0]; left[0] != "s" && rng.IntN(3) == 0 {
				right[0] = p.pick(keys[:2])
			}
			if rng.IntN(4) == 0 && left[0] != "s" && right[0] != "s" {
				left, right = append(left, "s"), append(right, "s")
			}
			n = p.must(plan.NewJoin(n, side(), left, right, plan.Inner, "_"+p.fresh()))
			n = p.must(plan.NewLimit(n, 400)) // a limit of all there are mostly; the order matters below it
			if rng.IntN(2) == 0 {
				n = n.(*plan.Limit).Input
			}
		}
		if rng.IntN(2) == 0 {
			keys := []string{"k", "s"}
			n = p.must(plan.NewAggregate(n, expr.NamedColumns(keys), []expr.Expr{agg(expr.Count, nil, p.fresh()), agg(expr.Max, col("v"), p.fresh())}))
			n = p.must(plan.NewSort(n, []plan.SortKey{{X: col("s"), Descending: true}, {X: col("k")}}))
		}
		if slices.Contains(plan.Fired(n), rule) {
			fired++
			if d := differ(b.want(plan.OptimizeWithout(n, rule)), b.want(plan.Optimize(n))); d != "" {
				t.Fatalf("seed %d: %s\n%s", seed, d, plan.Explain(n))
			}
			sorted += numbering(plan.Optimize(n))
			if seed%3 == 0 {
				b.remote(3, 1<<10)
			}
			b.same(n, true)
		}
	}
	if fired < 30 || sorted < 10 {
		t.Errorf("sides changed in %d plans, rows were put back in order in %d", fired, sorted)
	}
}

// numbering counts windows: these plans have none of their own.
func numbering(n plan.Node) int {
	count := 0
	if _, ok := n.(*plan.Window); ok {
		count++
	}
	for _, in := range n.Inputs() {
		count += numbering(in)
	}
	return count
}
