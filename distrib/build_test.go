package distrib_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/frame/plan"
)

// TestBuildSides: joins whose sides change places, or that are joined first, in chains, below groups that are sorted by their keys and below nothing, have the rows
// and the order of the plan as it is written.
func TestBuildSides(t *testing.T) {
	fired, sorted := map[string]int{}, 0
	for seed := range uint64(250) {
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
			if rng.IntN(3) == 0 {
				n = p.must(plan.NewAggregate(n, expr.NamedColumns([]string{"k"}), []expr.Expr{agg(expr.Max, col("v"), "v"), agg(expr.Min, col("s"), "s")}))
			}
			return n
		}
		n := side()
		for range 1 + rng.IntN(3) {
			left, right := []string{p.pick(p.ints(n))}, []string{p.pick([]string{"k", "k", "v"})}
			if rng.IntN(5) == 0 {
				left, right = append(left, "s"), append(right, "s")
			}
			kind := []plan.JoinKind{plan.Inner, plan.Inner, plan.Inner, plan.Semi, plan.Anti}[rng.IntN(5)]
			n = p.must(plan.NewJoin(n, side(), left, right, kind, "_"+p.fresh()))
			if rng.IntN(4) == 0 {
				n = p.must(plan.NewLimit(n, 400)) // of which rows depends on their order
			}
		}
		if rng.IntN(2) == 0 {
			keys := []string{"k", "s"}
			n = p.must(plan.NewAggregate(n, expr.NamedColumns(keys), []expr.Expr{agg(expr.Count, nil, p.fresh()), agg(expr.Max, col("v"), p.fresh())}))
			n = p.must(plan.NewSort(n, []plan.SortKey{{X: col("s"), Descending: true}, {X: col("k")}}))
		}
		rules := slices.DeleteFunc(plan.Fired(n), func(rule string) bool { return rule != "build side" && rule != "join build side first" })
		want := b.want(n)
		for _, rule := range rules {
			fired[rule]++
			if d := differ(b.want(plan.OptimizeWithout(n, rule)), want); d != "" {
				t.Fatalf("seed %d without %q: %s\n%s", seed, rule, d, plan.Explain(n))
			}
		}
		if len(rules) == 0 {
			continue
		}
		if d := differ(b.want(plan.Optimize(n)), want); d != "" {
			t.Fatalf("seed %d: %s\n%s", seed, d, plan.Explain(n))
		}
		sorted += numbering(plan.Optimize(n))
		if seed%3 == 0 {
			b.remote(3, 1<<10)
		}
		b.same(n, true)
	}
	t.Log(fired, sorted)
	if fired["build side"] < 30 || fired["join build side first"] < 20 || sorted < 10 {
		t.Errorf("fired: %v; rows were put back in order in %d", fired, sorted)
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
