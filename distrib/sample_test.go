package distrib_test

import (
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/frame/plan"
)

// checkSample releases a sample and checks that its rows are among those of the result.
func (b *bench) checkSample(n plan.Node, snap batch.Snapshot) {
	b.Helper()
	defer snap.Record.Release()
	rows := rowsOf(b.TB, snap.Record)
	if snap.Final || snap.Mode != batch.Replace || len(snap.Covered) > 0 || len(rows) == 0 || snap.Rows != int64(len(rows)) {
		b.Errorf("a sample of %d rows: %+v", len(rows), snap)
	}
	left := map[string]int{}
	for _, r := range b.want(n.(*plan.Preview).Input) {
		left[rowKey(r)]++
	}
	for _, r := range rows {
		if left[rowKey(r)]--; left[rowKey(r)] < 0 {
			b.Errorf("a sample has a row %v that the result has not\n%s", r, plan.Explain(n))
		}
	}
}

// TestWatchSample says that rows of a join are shown before its build side is read, where some are known to be the result's.
func TestWatchSample(t *testing.T) {
	keys := []string{"k"}
	where := binary(expr.Less, col("v"), col("v_right"))
	for name, c := range sampled(map[string]struct {
		kind plan.JoinKind
		none bool
		plan func(b *bench, left, right plan.Node, kind plan.JoinKind) plan.Node
	}{
		"inner": {kind: plan.Inner}, "left": {kind: plan.Left}, "full": {kind: plan.Full}, "semi": {kind: plan.Semi},
		"anti": {kind: plan.Anti, none: true},
		"left where": {kind: plan.Left, plan: func(b *bench, left, right plan.Node, kind plan.JoinKind) plan.Node {
			return b.must(plan.NewJoinWhere(left, right, keys, keys, kind, "", where))
		}},
		"right": {plan: func(b *bench, left, right plan.Node, _ plan.JoinKind) plan.Node {
			return b.must(plan.NewRightJoin(right, left, keys, keys, "", where))
		}},
		"two, filter, project": {kind: plan.Left, plan: func(b *bench, left, right plan.Node, kind plan.JoinKind) plan.Node {
			n := b.must(plan.NewJoin(left, right, keys, keys, kind, ""))
			n = b.must(plan.NewJoin(n, b.must(plan.NewFilter(right, binary(expr.Less, col("v"), lit(int64(0))))), keys, keys, plan.Inner, "_again"))
			n = b.must(plan.NewFilter(n, binary(expr.Less, col("v"), lit(int64(300)))))
			return b.must(plan.NewProject(n, []expr.Expr{col("s_again"), as(binary(expr.Add, col("v"), col("v_right")), "both")}))
		}},
		"build side in groups": {none: true, plan: func(b *bench, left, right plan.Node, kind plan.JoinKind) plan.Node {
			right = b.must(plan.NewAggregate(right, []expr.Expr{col("k")}, []expr.Expr{agg(expr.Sum, col("v"), "t")}))
			return b.must(plan.NewJoin(left, right, keys, keys, kind, ""))
		}},
		"limit": {none: true, plan: func(b *bench, left, right plan.Node, kind plan.JoinKind) plan.Node {
			return b.must(plan.NewLimit(b.must(plan.NewJoin(left, right, keys, keys, kind, "")), 20))
		}},
		"nothing matches": {none: true, plan: func(b *bench, left, right plan.Node, kind plan.JoinKind) plan.Node {
			left = b.must(plan.NewFilter(left, binary(expr.Less, col("k"), lit(int64(-1)))))
			return b.must(plan.NewJoin(left, right, keys, keys, kind, ""))
		}},
	}, 3) {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, 256<<20)
				rng := rand.New(rand.NewPCG(10, 10))
				right := b.slowly(b.add("c", rng, 600, 20, 5), 25*time.Millisecond)
				left := b.slowly(b.add("a", rng, 600, 20, 5), 25*time.Millisecond)
				if c.plan == nil {
					c.plan = func(b *bench, left, right plan.Node, kind plan.JoinKind) plan.Node {
						return b.must(plan.NewJoin(left, right, keys, keys, kind, ""))
					}
				}
				n := b.must(plan.NewPreview(c.plan(b, left, right, c.kind), 8))
				s, err := b.watch(t.Context(), n)
				if err != nil {
					t.Fatal(err)
				}
				if c.none {
					if s.samples > 0 {
						t.Errorf("%d samples of a plan that has none", s.samples)
					}
					return
				}
				if s.samples != 1 || s.sampled > 250*time.Millisecond {
					t.Errorf("%d samples, the first after %v", s.samples, s.sampled)
				}
			})
		})
	}
}

// A consumer that looks away after a sample gets all rows in its place.
func TestWatchSampleSlowConsumer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, 256<<20)
		rng := rand.New(rand.NewPCG(11, 11))
		right := b.slowly(b.add("c", rng, 600, 20, 5), 25*time.Millisecond)
		left := b.slowly(b.add("a", rng, 600, 20, 5), 100*time.Millisecond)
		join := b.must(plan.NewJoin(left, right, []string{"k"}, []string{"k"}, plan.Inner, ""))
		var rows [][]any
		var modes []batch.Mode
		for snap, err := range b.pool.Watch(t.Context(), b.must(plan.NewPreview(join, 30_000))) {
			if err != nil {
				t.Fatal(err)
			}
			if snap.Record == nil {
				continue
			}
			if modes = append(modes, snap.Mode); snap.Mode == batch.Replace {
				rows = nil
			}
			rows = append(rows, rowsOf(t, snap.Record)...)
			snap.Record.Release()
			if snap.Sample {
				time.Sleep(1500 * time.Millisecond)
			}
		}
		if d := differ(rows, first(b.want(join), 30_000)); d != "" {
			t.Error(d)
		}
		if len(modes) < 3 || modes[0] != batch.Replace || modes[1] != batch.Replace || modes[2] != batch.Append {
			t.Errorf("records came in modes %v", modes)
		}
	})
}
