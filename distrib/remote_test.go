package distrib_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	arrowmemory "github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/rivulet-go/rivulet/distrib"
	"github.com/rivulet-go/rivulet/distrib/loopback"
	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/exec"
	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/frame/memory"
	"github.com/rivulet-go/rivulet/frame/plan"
	"github.com/rivulet-go/rivulet/tests/sample"
)

// remote makes b's pool one over nodes that share nothing with it. When the test ends nothing is left on them.
func (b *bench) remote(nodes int, exchangeBytes int64) *loopback.Engine {
	b.Helper()
	var envs []*exec.Env
	for range nodes {
		mem := arrowmemory.NewCheckedAllocator(arrowmemory.NewGoAllocator())
		env := &exec.Env{Mem: mem, Budget: memory.NewBudget(64 << 20), Spill: b.env.Spill}
		envs = append(envs, env)
		b.Cleanup(func() {
			mem.AssertSize(b, 0)
			if used := env.Budget.Used(); used != 0 {
				b.Errorf("%d bytes are still reserved on a node", used)
			}
		})
	}
	e := loopback.New(b.mem, nil, envs...)
	b.pool = distrib.NewRunnerEnv(e, b.env)
	b.pool.ExchangeFrom(exchangeBytes)
	b.Cleanup(func() {
		if n := e.Held(); n != 0 {
			b.Errorf("%d blocks are left on nodes", n)
		}
		_ = e.Close()
	})
	return e
}

func TestRandomPlansRemote(t *testing.T) {
	tasks, plans := 0, 0
	for seed := range sample.Seeds(50, 4) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			b, node := randomPlan(t, seed, 256<<20, false)
			e := b.remote(3, 1<<10)
			b.same(node, true)
			tasks += e.Tasks()
			plans++
		})
	}
	if tasks < 2*plans {
		t.Errorf("only %d tasks went to nodes", tasks)
	}
}

// However a run on nodes ends, nothing is left of it: newBench and remote look.
func TestNothingIsLeftRemote(t *testing.T) {
	for end := range 4 {
		b := newBench(t, 256<<20)
		b.env = b.env.WithShards(200)
		rng := rand.New(rand.NewPCG(5, 7))
		in := b.add("a", rng, 6_000, 200, 1500)
		b.add("c", rng, 900, 100, 1500)
		b.remote(3, 8<<10)
		plans := shuffles(b, in)
		joins := exchangedJoins(b, in)
		for _, name := range []string{"full", "left where", "few rows here", "inner, join of groups"} {
			plans["exchanged "+name] = joins[name]
		}
		for name, n := range sampled(plans, 6) {
			if (len(name)+end)%2 == 1 { // two ends of each
				continue
			}
			b.pool.BroadcastUpTo(0)
			if strings.HasPrefix(name, "exchanged ") {
				b.pool.BroadcastUpTo(1)
			}
			ctx, cancel := context.WithCancel(t.Context())
			var err error
			switch end {
			case 0: // after the first batch
				for rec, e := range b.pool.Run(ctx, n) {
					if err = e; e == nil {
						rec.Release()
					}
					break
				}
			case 1:
				cancel()
				_, err = b.run(ctx, b.pool, n)
			case 2:
				go cancel()
				_, err = b.run(ctx, b.pool, n)
			case 3:
				err = watchAll(b, n)
			}
			cancel()
			if err != nil && !errors.Is(err, context.Canceled) {
				t.Errorf("%s, end %d: %v", name, end, err)
			}
		}
	}
}

// watchAll watches to the end and checks the last snapshot.
func watchAll(b *bench, n plan.Node) error {
	b.Helper()
	here := distrib.NewRunnerEnv(b.engine, b.env)
	want, err := b.run(b.Context(), here, n)
	if err != nil {
		return err
	}
	var rows [][]any
	for snap, err := range b.pool.Watch(b.Context(), n) {
		if err != nil {
			return err
		}
		if snap.Mode == batch.Replace {
			rows = nil
		}
		if snap.Record != nil {
			rec, err := batch.Plain(b.mem, snap.Record)
			if err != nil {
				return err
			}
			rows = append(rows, rowsOf(b.TB, rec)...)
			rec.Release()
		}
		if snap.Final && snap.Rows != int64(len(want)) {
			b.Errorf("%d rows are counted, there are %d", snap.Rows, len(want))
		}
	}
	if d := differ(asSet(rows), asSet(want)); d != "" {
		b.Error(d)
	}
	return nil
}

// Parts of an exchange are counted as they are put together.
func TestExchangeIsCounted(t *testing.T) {
	b := newBench(t, 256<<20)
	in := b.add("a", rand.New(rand.NewPCG(4, 7)), 20_000, 400, 3000)
	b.remote(3, 16<<10)
	var last batch.Progress
	for snap, err := range b.pool.Watch(t.Context(), b.must(plan.NewSort(in, []plan.SortKey{{X: col("f")}}))) {
		if err != nil {
			t.Fatal(err)
		}
		if snap.Record != nil {
			snap.Record.Release()
		}
		last = snap.Progress
	}
	if last.PartsTotal < 3 || last.Parts != last.PartsTotal {
		t.Errorf("%d of %d parts", last.Parts, last.PartsTotal)
	}
}

// What is exchanged does not pass through the session, nor what the stages above are run on.
func TestOnlyResultsAreFetched(t *testing.T) {
	b := newBench(t, 256<<20)
	b.env = b.env.WithShards(200)
	rng := rand.New(rand.NewPCG(3, 7))
	in := b.add("a", rng, 20_000, 400, 3000)
	c := b.add("c", rng, 4_000, 400, 3000)
	e := b.remote(3, 16<<10)
	b.pool.BroadcastUpTo(1 << 10)
	sort := b.must(plan.NewSort(in, []plan.SortKey{{X: col("f")}, {X: col("k")}}))
	joined := b.must(plan.NewJoin(sort, c, []string{"k"}, []string{"k"}, plan.Full, "_c"))
	total := []expr.Expr{agg(expr.Count, nil, "n"), agg(expr.Sum, col("v"), "t")}
	for name, n := range map[string]plan.Node{
		"of a sort": b.must(plan.NewAggregate(sort, nil, total)),
		"of a join": b.must(plan.NewAggregate(joined, nil, total)),
		"of groups": b.must(plan.NewAggregate(b.must(plan.NewAggregate(joined, []expr.Expr{col("k"), col("s")}, total)), nil,
			[]expr.Expr{agg(expr.Count, nil, "groups")})),
	} {
		before := e.Fetched()
		b.same(n, true)
		if rows := e.Fetched() - before; rows > 3_000 { // indexes of runs, and groups until they are many
			t.Errorf("%s: %d rows were fetched", name, rows)
		}
	}
}

// shuffles are plans whose rows are exchanged.
func shuffles(b *bench, in plan.Node) map[string]plan.Node {
	group := b.must(plan.NewAggregate(in, []expr.Expr{col("v"), col("s")}, []expr.Expr{
		agg(expr.Sum, col("k"), "t"), agg(expr.Count, nil, "n"), agg(expr.Median, col("f"), "m"),
	}))
	sort := b.must(plan.NewSort(in, []plan.SortKey{{X: col("k"), Descending: true}, {X: col("s")}}))
	window := b.must(plan.NewProject(in, []expr.Expr{
		col("k"), col("s"), col("v"),
		as(expr.Window{Func: expr.WindowFunc(expr.Sum), X: col("v"), By: []expr.Expr{col("k")}, Order: []expr.OrderKey{{X: col("f")}}}, "w"),
		as(expr.Window{Func: expr.WindowFunc(expr.Count), By: []expr.Expr{col("s")}}, "n"),
	}))
	best := []plan.SortKey{{X: col("f"), Descending: true}, {X: col("v")}}
	full := b.must(plan.NewJoin(in, b.nodes["c"], []string{"k"}, []string{"k"}, plan.Full, "_c"))
	return map[string]plan.Node{
		"full join":        full,
		"filter of full":   b.must(plan.NewFilter(full, binary(expr.Less, col("v_c"), lit(int64(100))))),
		"head of full":     b.must(plan.NewLimit(full, 700)),
		"full join twice":  b.must(plan.NewJoin(full, b.must(plan.NewLimit(b.nodes["c"], 40)), []string{"v_c"}, []string{"v"}, plan.Full, "_d")),
		"full where":       b.must(plan.NewJoinWhere(in, b.nodes["c"], []string{"k"}, []string{"k"}, plan.Full, "_c", binary(expr.Less, col("v"), col("v_c")))),
		"groups of full":   b.must(plan.NewAggregate(full, []expr.Expr{col("v_c"), col("s")}, []expr.Expr{agg(expr.Count, nil, "rows")})),
		"distinct":         b.must(plan.NewDistinct(in, []string{"k", "s"})),
		"distinct rows":    b.must(plan.NewDistinct(b.must(plan.NewProject(in, []expr.Expr{col("v"), col("f")})), nil)),
		"first of groups":  b.must(plan.NewGroupTopK(in, []expr.Expr{col("v")}, nil, 2)),
		"best of groups":   b.must(plan.NewGroupTopK(in, []expr.Expr{binary(expr.Add, col("k"), lit(int64(1)))}, best, 3)),
		"best of few":      b.must(plan.NewGroupTopK(in, []expr.Expr{col("s")}, best, 1_000)),
		"window":           window,
		"groups of window": b.must(plan.NewAggregate(window, []expr.Expr{col("w")}, []expr.Expr{agg(expr.Count, nil, "rows"), agg(expr.Sum, col("n"), "t")})),
		"group":            group,
		"distinct keys":    b.must(plan.NewAggregate(in, []expr.Expr{col("v")}, []expr.Expr{agg(expr.Max, col("f"), "m")})),
		"sort by number":   b.must(plan.NewSort(in, []plan.SortKey{{X: col("f")}})),
		"sort by text":     b.must(plan.NewSort(in, []plan.SortKey{{X: col("s"), Descending: true}})),
		"sort by both":     sort,
		"sort one key":     b.must(plan.NewSort(in, []plan.SortKey{{X: binary(expr.Less, col("k"), lit(int64(-1)))}})),
		"sort of groups":   b.must(plan.NewSort(group, []plan.SortKey{{X: col("t")}})),
		"head of the sort": b.must(plan.NewLimit(b.must(plan.NewFilter(sort, binary(expr.Less, col("v"), lit(int64(100))))), 700)),
		"joined": b.must(plan.NewSort(b.must(plan.NewJoin(in, b.nodes["c"], []string{"k"}, []string{"k"}, plan.Left, "_c")),
			[]plan.SortKey{{X: col("v_c")}, {X: col("v")}})),
	}
}

// Groups and rows that nodes exchange come in the order in which one process has them.
func TestExchangeOrder(t *testing.T) {
	for seed := range uint64(2) {
		b := newBench(t, 256<<20)
		b.env = b.env.WithShards(200)
		rng := rand.New(rand.NewPCG(seed, 7))
		in := b.add("a", rng, 20_000, 400, 3000)
		b.add("c", rng, 900, 100, 3000)
		here := distrib.NewRunnerEnv(b.engine, b.env)
		e := b.remote(3, 64<<10)
		for name, n := range sampled(shuffles(b, in), 12) {
			before := e.Tasks()
			want, err := b.run(t.Context(), here, n)
			if err != nil {
				t.Fatal(err)
			}
			got, err := b.run(t.Context(), b.pool, n)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if d := differ(got, want); d != "" {
				t.Errorf("seed %d, %s: %s", seed, name, d)
			}
			if e.Tasks()-before < 10 {
				t.Errorf("%s: %d tasks", name, e.Tasks()-before)
			}
		}
	}
}

func TestPlacement(t *testing.T) {
	b := newBench(t, 256<<20)
	rng := rand.New(rand.NewPCG(5, 7))
	in := b.add("a", rng, 100, 20, 15)
	b.add("c", rng, 10, 5, 15)
	if text := b.pool.Placement(in); text != "" {
		t.Errorf("in one process: %q", text)
	}
	b.remote(3, 8<<10)
	plans := shuffles(b, in)
	for name, want := range map[string][]string{
		"group":          {"3 tasks at once", "exchanged by hash in 16 parts"},
		"sort by text":   {"exchanged by range"},
		"joined":         {"1 join tables sent to each worker; from 16.0MiB on both sides exchanged by hash", "sorted in the session"},
		"sort of groups": {"stage 2: over the rows of the stage before"},
	} {
		text := b.pool.Placement(plans[name])
		for _, w := range want {
			if !strings.Contains(text, w) {
				t.Errorf("%s lacks %q:\n%s", name, w, text)
			}
		}
	}
}
