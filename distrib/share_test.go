package distrib_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/frame/memory"
	"github.com/rivulet-go/rivulet/frame/plan"
	"github.com/rivulet-go/rivulet/tests/sample"
)

// vast claims that a scan has so many rows that sharing pays.
func (b *bench) vast(n plan.Node) plan.Node {
	return b.must(plan.NewScan(context.Background(), claimed{n.(*plan.Scan).Source, 1e7}))
}

// sharedPlan is a random plan in which a random plan stands two or three times.
func sharedPlan(t testing.TB, seed uint64, budgetBytes int64, loose bool) (*bench, plan.Node) {
	t.Helper()
	rng := rand.New(rand.NewPCG(seed, 9))
	b := newBench(t, budgetBytes)
	for _, name := range []string{"a", "b", "c"} {
		b.nodes[name] = b.vast(b.add(name, rng, rng.IntN(600), 100, 1+rng.Int64N(50)))
	}
	p := planner{bench: b, rng: rng, loose: loose}
	shared := p.grow(1 + rng.IntN(3))
	reader := func() plan.Node {
		n := shared
		for range rng.IntN(3) {
			if n = p.filter(n); rng.IntN(2) == 0 {
				n = p.project(n)
			}
		}
		if rng.IntN(6) == 0 && !loose {
			n = b.must(plan.NewLimit(n, 40))
		}
		return n
	}
	out := reader()
	for range 1 + rng.IntN(2) {
		right := reader()
		left, keys := p.ints(out), p.ints(right)
		if len(left) == 0 || len(keys) == 0 {
			return b, out
		}
		right = b.must(plan.NewAggregate(right, []expr.Expr{col(keys[0])}, []expr.Expr{agg(expr.Count, nil, p.fresh())}))
		kind := plan.JoinKind(rng.IntN(5))
		out = b.must(plan.NewJoin(out, right, []string{p.pick(left)}, keys[:1], kind, "_"+p.fresh()))
	}
	return b, out
}

// Plans with shared subplans have the rows, and the order, of those without; in little memory the rows are on disk.
func TestSharedSubplans(t *testing.T) {
	shared, plans := 0, 0
	for seed := range sample.Seeds(160, 4) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			tiny := seed%4 == 3
			budget := int64(256 << 20)
			if tiny {
				budget = 64 << 10
			}
			b, n := sharedPlan(t, seed, budget, tiny)
			plans++
			if !slices.Contains(plan.Fired(n), plan.SharedRule) {
				return
			}
			shared++
			want := b.want(n)
			for _, rule := range append(plan.Fired(n), "") {
				if d := differ(b.want(plan.OptimizeWithout(n, rule)), want); d != "" {
					t.Fatalf("without %q: %s\n%s", rule, d, plan.Explain(n))
				}
			}
			b.same(n, !tiny)
			if !tiny {
				if _, err := b.watch(t.Context(), b.must(plan.NewPreview(n, 10))); err != nil {
					t.Fatal(err)
				}
			}
			if seed%5 == 0 {
				b.remote(2, 1<<10)
				b.same(n, !tiny)
			}
		})
	}
	if shared*2 < plans {
		t.Errorf("%d of %d plans shared something", shared, plans)
	}
}

// counting is a source that counts how often it is read.
func counting(b *bench, name string, rows int) (*tally, plan.Node) {
	src := &tally{Source: b.add(name, rand.New(rand.NewPCG(4, 4)), rows, 500, 40).(*plan.Scan).Source}
	return src, b.must(plan.NewScan(context.Background(), claimed{src, 1e7}))
}

// ofItself joins the groups of in with those of them that are largest.
func ofItself(b *bench, in plan.Node) plan.Node {
	groups := b.must(plan.NewAggregate(in, []expr.Expr{col("k")}, []expr.Expr{agg(expr.Sum, col("v"), "total")}))
	most := b.must(plan.NewAggregate(groups, nil, []expr.Expr{agg(expr.Max, col("total"), "most")}))
	return b.must(plan.NewJoin(groups, most, []string{"total"}, []string{"most"}, plan.Semi, ""))
}

// A shared subplan reads its source once; on a cluster each of its readers does, and Explain says so.
func TestSharedRunsOnce(t *testing.T) {
	b := newBench(t, 64<<20)
	src, in := counting(b, "a", 3000)
	n := ofItself(b, in)
	b.same(n, true)
	shared := src.opened.Load()
	b.same(n.Inputs()[0], false)
	if alone := src.opened.Load() - shared; shared != alone {
		t.Errorf("%d splits were read, by the subplan alone %d", shared, alone)
	}
	b.remote(2, 1<<20)
	if text := b.pool.Placement(n); !strings.Contains(text, "run for each") {
		t.Errorf("nothing is said of the shared subplan:\n%s", text)
	}
}

// Rows that the budget refuses go to disk and come back.
func TestSharedSpills(t *testing.T) {
	b := newBench(t, 256<<10)
	in := b.vast(b.add("a", rand.New(rand.NewPCG(5, 5)), 60_000, 5000, 9))
	rows := b.must(plan.NewFilter(in, binary(expr.Equal, col("k"), lit(int64(8)))))
	rows = b.must(plan.NewProject(rows, []expr.Expr{col("v"), as(binary(expr.Add, col("v"), col("k")), "w"), as(binary(expr.Multiply, col("v"), col("k")), "x")}))
	least := b.must(plan.NewAggregate(rows, nil, []expr.Expr{agg(expr.Min, col("v"), "least")}))
	n := b.must(plan.NewJoin(rows, least, []string{"v"}, []string{"least"}, plan.Semi, ""))
	if !slices.Contains(plan.Fired(n), plan.SharedRule) {
		t.Fatal(plan.Explain(n))
	}
	before := memory.SpilledBytes()
	b.same(n, true)
	if memory.SpilledBytes() == before {
		t.Error("nothing was spilled")
	}
}

// Errors in a shared subplan come once, whoever reads it.
func TestSharedFails(t *testing.T) {
	b := newBench(t, 64<<20)
	bad := errors.New("row 12: bad value")
	src := b.add("a", rand.New(rand.NewPCG(1, 1)), 400, 10, 5).(*plan.Scan).Source
	in := b.must(plan.NewScan(t.Context(), claimed{failing{src, 20, bad}, 1e7}))
	if _, err := b.run(t.Context(), b.pool, ofItself(b, in)); !errors.Is(err, bad) {
		t.Errorf("got %v", err)
	}
}
