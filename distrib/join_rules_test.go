package distrib_test

import (
	"math/rand/v2"
	"testing"

	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/frame/plan"
	"github.com/rivulet-go/rivulet/tests/sample"
)

// TestJoinRules: groups that are made before a join, and filters of its sides that are made of one above it, leave the rows and the order as they
// are written.
func TestJoinRules(t *testing.T) {
	fired := map[string]int{}
	for seed := range sample.Seeds(200, 2) {
		rng := rand.New(rand.NewPCG(seed, 17))
		b := newBench(t, 64<<20)
		for i, name := range []string{"a", "b", "c"} {
			rows := []float64{1e6, 1e4, 1e7}[i]
			b.add(name, rng, rng.IntN(60), 30, 1+rng.Int64N(20))
			b.nodes[name] = b.must(plan.NewScan(t.Context(), claimed{b.nodes[name].(*plan.Scan).Source, rows}))
		}
		p := &planner{bench: b, rng: rng}
		// Of c there are many rows for each of b.
		right := p.must(plan.NewJoin(b.nodes["c"], b.nodes["b"], []string{"k"}, []string{"k"}, plan.Left, "_b"))
		left, key := []string{"v"}, []string{"v_b"}
		if rng.IntN(3) == 0 {
			left, key = []string{"s"}, []string{"s_b"}
		}
		n := p.must(plan.NewJoin(b.nodes["a"], right, left, key, plan.JoinKind(rng.IntN(3)), "_r"))
		ofRight := []string{"v_r", "k_r", "s_r", "f_b"}[:1+rng.IntN(4)]
		if rng.IntN(2) == 0 {
			n = p.must(plan.NewFilter(n, alternatives(rng, "v", n)))
		}
		list := []expr.Expr{agg(expr.Count, nil, "n")}
		for _, name := range ofRight {
			x := col(name)
			list = append(list, agg(expr.Count, x, p.fresh()), agg(expr.Min, x, p.fresh()), agg(expr.Max, x, p.fresh()))
			if name != "s_r" && (name != "f_b" || rng.IntN(2) == 0) {
				list = append(list, agg(expr.Sum, x, p.fresh()))
			}
		}
		if rng.IntN(6) == 0 {
			list = append(list, agg(expr.CountDistinct, col("v"), p.fresh()))
		}
		by := [][]string{{"k"}, {"s", "f"}, {"v", "k"}}[rng.IntN(3)]
		n = p.must(plan.NewAggregate(n, expr.NamedColumns(by), list))
		want := b.want(n)
		for _, rule := range append(plan.Fired(n), "") {
			fired[rule]++
			if d := differ(b.want(plan.OptimizeWithout(n, rule)), want); d != "" {
				t.Fatalf("seed %d without %q: %s\n%s", seed, rule, d, plan.Explain(n))
			}
		}
		b.same(n, true)
	}
	t.Log(fired)
	if fired["group before join"] < 10 || fired["infer side filter"] < 10 {
		t.Errorf("fired: %v", fired)
	}
}

// alternatives is a condition with alternatives that say something of both sides, most of them.
func alternatives(rng *rand.Rand, column string, n plan.Node) expr.Expr {
	one := func() expr.Expr {
		x := binary(expr.Equal, col(column), lit(rng.Int64N(100)-50))
		if rng.IntN(2) == 0 {
			x = expr.Call{Func: "between", Args: []expr.Expr{col(column), lit(int64(400)), lit(int64(490))}}
		}
		other := binary(expr.Equal, col("s"), lit("s1"))
		for _, name := range []string{"k_r", "v_r"} {
			if n.Schema().HasField(name) && rng.IntN(2) == 0 {
				other = binary(expr.Equal, col(name), lit(rng.Int64N(5)))
			}
		}
		return binary(expr.And, x, other)
	}
	out := binary(expr.Or, one(), one())
	if rng.IntN(2) == 0 {
		out = binary(expr.Or, out, one())
	}
	return out
}
