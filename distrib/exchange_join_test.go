package distrib_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/rivulet-go/rivulet/distrib"
	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/frame/plan"
	"github.com/rivulet-go/rivulet/tests/sample"
)

// exchangedJoins are joins whose build sides, beyond a kilobyte, are exchanged.
func exchangedJoins(b *bench, in plan.Node) map[string]plan.Node {
	c := b.nodes["c"]
	out := map[string]plan.Node{}
	key := []string{"k"}
	for kind, name := range []string{"inner", "left", "full", "semi", "anti"} {
		kind := plan.JoinKind(kind)
		out[name] = b.must(plan.NewJoin(in, c, key, key, kind, "_c"))
		two := b.must(plan.NewJoin(in, c, []string{"k", "s"}, []string{"k", "s"}, kind, "_c"))
		out[name+" by two"] = b.must(plan.NewSort(two, []plan.SortKey{{X: col("v")}, {X: col("f")}}))
		where := binary(expr.Less, col("v"), col("v_c"))
		out[name+" where"] = b.must(plan.NewJoinWhere(in, c, key, key, kind, "_c", where))
		groups := b.must(plan.NewAggregate(out[name], []expr.Expr{col("v")}, []expr.Expr{agg(expr.Count, nil, "n"), agg(expr.Sum, col("k"), "t")}))
		out[name+", groups"] = groups
		out[name+", join of groups"] = b.must(plan.NewJoin(out[name], groups, []string{"v"}, []string{"v"}, kind, "_g"))
	}
	few := b.must(plan.NewTopK(in, []plan.SortKey{{X: col("v")}, {X: col("f")}, {X: col("k")}, {X: col("s")}}, 50))
	out["few rows here"] = b.must(plan.NewJoin(few, c, key, key, plan.Left, "_c"))
	out["asof"] = b.must(plan.NewAsOfJoin(in, c, []string{"s"}, []string{"s"}, plan.AsOf{Left: "v", Right: "v"}, nil, "_c"))
	return out
}

// Joins that nodes exchange have the rows that one process finds, in the same order each time.
func TestExchangedJoins(t *testing.T) {
	for _, nodes := range []int{3, 12} { // 32 parts, and 64
		b := newBench(t, 256<<20)
		b.env = b.env.WithShards(200)
		rng := rand.New(rand.NewPCG(uint64(nodes), 7))
		in := b.add("a", rng, 3_000, 400, 1500)
		b.add("c", rng, 1_000, 100, 1500)
		here := distrib.NewRunnerEnv(b.engine, b.env)
		e := b.remote(nodes, 16<<10)
		for name, n := range sampled(exchangedJoins(b, in), 18) {
			want, err := b.run(t.Context(), here, n)
			if err != nil {
				t.Fatal(err)
			}
			before := e.Tasks()
			b.pool.BroadcastUpTo(1 << 10)
			first, err := b.run(t.Context(), b.pool, n)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if d := differ(asSet(first), asSet(want)); d != "" {
				t.Errorf("%d nodes, %s: %s", nodes, name, d)
			}
			if e.Tasks()-before < 30 {
				t.Errorf("%s: %d tasks", name, e.Tasks()-before)
			}
			again, err := b.run(t.Context(), b.pool, n)
			if err != nil {
				t.Fatal(err)
			}
			if d := differ(again, first); d != "" {
				t.Errorf("%d nodes, %s, again: %s", nodes, name, d)
			}
		}
	}
}

func TestRandomPlansExchanged(t *testing.T) {
	for seed := range sample.Seeds(40, 4) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			b, node := randomPlan(t, seed, 256<<20, true)
			b.env = b.env.WithShards(20)
			b.remote(3+9*int(seed%2), 1<<10) // 32 parts, or 64
			b.pool.BroadcastUpTo(1)
			b.same(node, false)
		})
	}
}
