package distrib_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rivulet-go/rivulet/distrib"
	"github.com/rivulet-go/rivulet/distrib/loopback"
	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/frame/plan"
	"github.com/rivulet-go/rivulet/tests/sample"
)

// chaos loses nodes at random blocks, so many at most.
func chaos(e *loopback.Engine, seed uint64, probability float64, most int) {
	var mu sync.Mutex
	rng := rand.New(rand.NewPCG(seed, 99))
	e.Kill(func(distrib.BlockID) bool {
		mu.Lock()
		defer mu.Unlock()
		if most == 0 || rng.Float64() >= probability {
			return false
		}
		most--
		return true
	})
}

// Nodes that are lost, with the blocks that they have made, change nothing of a result.
func TestChaos(t *testing.T) {
	kills, runs := 0, 0
	for seed := range uint64(2) {
		b := newBench(t, 256<<20)
		b.env = b.env.WithShards(200)
		rng := rand.New(rand.NewPCG(seed, 8))
		in := b.add("a", rng, 6_000, 200, 1500)
		b.add("c", rng, 900, 100, 1500)
		here := distrib.NewRunnerEnv(b.engine, b.env)
		plans := shuffles(b, in)
		plans["exchanged join"] = b.must(plan.NewSort(b.must(plan.NewJoin(in, b.nodes["c"], []string{"k"}, []string{"k"}, plan.Full, "_c")),
			[]plan.SortKey{{X: col("v")}, {X: col("f")}, {X: col("k")}, {X: col("s")}, {X: col("v_c")}, {X: col("f_c")}, {X: col("s_c")}}))
		groups := b.must(plan.NewAggregate(in, []expr.Expr{col("v")}, []expr.Expr{agg(expr.Max, col("k"), "top")}))
		plans["join of groups"] = b.must(plan.NewSort(b.must(plan.NewJoin(in, groups, []string{"v"}, []string{"v"}, plan.Inner, "_g")),
			[]plan.SortKey{{X: col("v")}, {X: col("f")}, {X: col("k")}, {X: col("s")}}))
		plans["filter"] = b.must(plan.NewFilter(in, binary(expr.Less, col("k"), lit(int64(700)))))
		for name, n := range sampled(plans, 6) {
			t.Run(fmt.Sprint(seed, " ", name), func(t *testing.T) {
				want, err := b.run(t.Context(), here, n)
				if err != nil {
					t.Fatal(err)
				}
				e := b.remote(3, 16<<10)
				chaos(e, seed, 0.05, 3)
				if name == "exchanged join" {
					b.pool.BroadcastUpTo(1)
				}
				got, err := b.run(t.Context(), b.pool, n)
				if err != nil {
					t.Fatal(err)
				}
				if d := differ(got, want); d != "" {
					t.Errorf("seed %d, %s: %s", seed, name, d)
				}
				kills += e.Kills()
				runs++
			})
		}
	}
	if kills < runs {
		t.Errorf("only %d nodes were lost", kills)
	}
	t.Logf("%d nodes were lost", kills)
}

// Where nodes are lost again and again the run ends, with an error that says so.
func TestHopelessNodes(t *testing.T) {
	b := newBench(t, 256<<20)
	rng := rand.New(rand.NewPCG(1, 8))
	in := b.add("a", rng, 2_000, 100, 1500)
	b.add("c", rng, 900, 100, 1500)
	for name, n := range sampled(shuffles(b, in), 6) {
		e := b.remote(2, 4<<10)
		e.Kill(func(distrib.BlockID) bool { return true })
		if _, err := b.run(t.Context(), b.pool, n); !errors.Is(err, distrib.ErrLost) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// A task that hangs is overtaken by a second attempt at its splits.
func TestHangingNode(t *testing.T) {
	b := newBench(t, 256<<20)
	b.env = b.env.WithShards(200)
	rng := rand.New(rand.NewPCG(1, 8))
	in := b.add("a", rng, 6_000, 200, 1500)
	b.add("c", rng, 900, 100, 1500)
	here := distrib.NewRunnerEnv(b.engine, b.env)
	plans := shuffles(b, in)
	for i, name := range []string{"group", "sort by both", "joined"} {
		if !sample.Today(i, 3) {
			continue
		}
		n := plans[name]
		t.Run(name, func(t *testing.T) {
			want, err := b.run(t.Context(), here, n)
			if err != nil {
				t.Fatal(err)
			}
			e := b.remote(3, 16<<10)
			pool := b.pool
			var hung atomic.Bool
			e.Hang(func(id distrib.BlockID) bool { return id.Split >= 5 && !hung.Swap(true) })
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			got, err := b.run(ctx, pool, n)
			if err != nil {
				t.Fatal(err)
			}
			if d := differ(got, want); d != "" || !hung.Load() {
				t.Errorf("%s; a task hung: %v", d, hung.Load())
			}
		})
	}
}
