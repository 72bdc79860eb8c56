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

// Joins whose right sides are reduced have the rows, and the order, of those that are not, in this process and on nodes.
func TestReducedJoins(t *testing.T) {
	fired, plans := 0, 0
	for seed := range sample.Seeds(120, 4) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			rng := rand.New(rand.NewPCG(seed, 23))
			b := newBench(t, 256<<20)
			for i, name := range []string{"a", "b"} {
				scan := b.add(name, rng, rng.IntN(300), 60, 1+rng.Int64N(60))
				b.nodes[name] = b.must(plan.NewScan(t.Context(), claimed{scan.(*plan.Scan).Source, []float64{1e5, 1e7}[i]}))
			}
			p := &planner{bench: b, rng: rng}
			left := b.nodes["a"]
			for _, column := range []string{"k", "v", "f"}[:2+rng.IntN(2)] {
				left = b.must(plan.NewFilter(left, binary(expr.Less, col(column), lit(rng.Int64N(300)))))
			}
			right := b.nodes["b"]
			if rng.IntN(2) == 0 {
				right = p.filter(right)
			}
			sides := [][][]string{{{"k"}, {"k"}}, {{"k"}, {"v"}}, {{"s", "k"}, {"s", "k"}}, {{"k", "k"}, {"v", "k"}}}[rng.IntN(4)]
			kind := []plan.JoinKind{plan.Semi, plan.Anti, plan.Left, plan.Inner}[rng.IntN(4)]
			n := b.must(plan.NewJoin(left, right, sides[0], sides[1], kind, "_r"))
			if rng.IntN(3) == 0 && kind != plan.Inner {
				where := binary(expr.LessEqual, col("f"), col("f_r"))
				n = b.must(plan.NewJoinWhere(left, right, sides[0], sides[1], kind, "_r", where))
			}
			if rng.IntN(3) == 0 {
				n = b.must(plan.NewSort(n, []plan.SortKey{{X: col("v")}}))
			}
			plans++
			want := b.want(n)
			for _, rule := range append(plan.Fired(n), "") {
				if d := differ(b.want(plan.OptimizeWithout(n, rule)), want); d != "" {
					t.Fatalf("without %q: %s\n%s", rule, d, plan.Explain(n))
				}
			}
			if slices.Contains(plan.Fired(n), plan.ReducedRule) {
				fired++
			}
			b.same(n, true)
			if seed%4 == 0 {
				b.remote(2, 1<<10)
				b.same(n, true)
			}
		})
	}
	if fired*3 < plans {
		t.Errorf("%d of %d right sides were reduced", fired, plans)
	}
}
