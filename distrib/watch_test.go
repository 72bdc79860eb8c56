package distrib_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/frame/plan"
	"github.com/rivulet-go/rivulet/frame/source"
	"github.com/rivulet-go/rivulet/tests/sample"
)

// slow makes each split of a source take some time, on whatever clock runs.
type slow struct {
	source.Source
	took time.Duration
}

type slowSplit struct {
	source.Split
	took time.Duration
}

func (s slow) Splits(ctx context.Context, want int64) iter.Seq2[source.Split, error] {
	return func(yield func(source.Split, error) bool) {
		for split, err := range s.Source.Splits(ctx, want) {
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(slowSplit{split, s.took}, nil) {
				return
			}
		}
	}
}

func (s slowSplit) Open(ctx context.Context, columns []string, limit int64) batch.Stream {
	return func(yield func(arrow.Record, error) bool) {
		select {
		case <-time.After(s.took):
		case <-ctx.Done():
			yield(nil, ctx.Err())
			return
		}
		s.Split.Open(ctx, columns, limit)(yield)
	}
}

// slowly is a scan whose splits take some time each.
func (b *bench) slowly(n plan.Node, took time.Duration) plan.Node {
	b.Helper()
	return b.must(plan.NewScan(context.Background(), slow{n.(*plan.Scan).Source, took}))
}

// seen is what a watcher saw.
type seen struct {
	snapshots, records int
	rows               [][]any
	samples            int           // snapshots of a sample
	sampled            time.Duration // when the first came
	last               batch.Snapshot
}

// watch runs a plan and checks every snapshot against the naive result on exactly the rows that it covers.
func (b *bench) watch(ctx context.Context, n plan.Node) (s seen, err error) {
	b.Helper()
	before := int64(-1)
	for snap, err := range b.pool.Watch(ctx, n) {
		if err != nil {
			return s, err
		}
		s.snapshots++
		if snap.Sample {
			if s.samples++; s.samples == 1 {
				s.sampled = snap.Progress.Elapsed
			}
			b.checkSample(n, snap)
			continue
		}
		if snap.First {
			if s.records > 0 {
				b.Errorf("snapshot %d has the first rows after others", s.snapshots)
			}
			s.records++
			s.rows = rowsOf(b.TB, snap.Record)
			b.checkFirst(n, snap, s.rows)
			continue
		}
		covered := int64(0)
		for _, span := range snap.Covered {
			covered += span.End - span.Start
		}
		if covered < before || covered == before && !snap.Final {
			b.Errorf("snapshot %d covers %d rows after %d", s.snapshots, covered, before)
		}
		before = covered
		if s.last.Final {
			b.Error("a snapshot came after the final one")
		}
		s.last = snap
		if snap.Record != nil || snap.Mode == batch.Append {
			var rows [][]any
			if snap.Record != nil {
				s.records++
				rows = rowsOf(b.TB, snap.Record)
				snap.Record.Release()
			}
			if snap.Mode == batch.Replace {
				s.rows = nil
			}
			s.rows = append(s.rows, rows...)
			if snap.Rows > 0 || snap.Final {
				b.checkSnapshot(n, snap, s.rows)
			}
		}
	}
	if !s.last.Final {
		b.Error("the last snapshot is not final")
	}
	return s, nil
}

// checkFirst releases the first rows and checks that the result begins with them.
func (b *bench) checkFirst(n plan.Node, snap batch.Snapshot, rows [][]any) {
	b.Helper()
	defer snap.Record.Release()
	if snap.Final || len(snap.Covered) > 0 || len(rows) == 0 || snap.Rows != int64(len(rows)) {
		b.Errorf("first rows, %d of them: %+v", len(rows), snap)
	}
	want := b.want(n)
	if d := differ(rows, want[:min(len(rows), len(want))]); d != "" {
		b.Errorf("first rows: %s\n%s", d, plan.Explain(n))
	}
}

func (b *bench) checkSnapshot(n plan.Node, snap batch.Snapshot, rows [][]any) {
	b.Helper()
	v := naive{counted: -1, partial: !snap.Final}
	v.rows = func(name string, build bool) table {
		t := table{names: b.data[name].names}
		if snap.Final || build { // there is no record before build sides are whole
			return b.data[name]
		}
		for _, span := range snap.Covered {
			if span.Input == name {
				t.rows = append(t.rows, b.data[name].rows[span.Start:span.End]...)
			}
		}
		return t
	}
	want := v.eval(n).rows
	if d := differ(rows, want); d != "" {
		b.Errorf("snapshot of %+v: %s\n%s", snap.Covered, d, plan.Explain(n))
	}
	total := v.counted
	if _, ok := n.(*plan.Preview); !ok {
		total = int64(len(want))
	}
	if snap.Rows != total {
		b.Errorf("snapshot of %+v says %d rows, want %d\n%s", snap.Covered, snap.Rows, total, plan.Explain(n))
	}
}

func TestWatchTicks(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	plans := map[string]func(b *bench, in plan.Node) plan.Node{
		"scan": func(b *bench, in plan.Node) plan.Node { return in },
		"filter": func(b *bench, in plan.Node) plan.Node {
			return b.must(plan.NewFilter(in, binary(expr.Less, col("v"), lit(int64(0)))))
		},
		"group": func(b *bench, in plan.Node) plan.Node {
			return b.must(plan.NewAggregate(in, []expr.Expr{col("k")}, []expr.Expr{agg(expr.Sum, col("v"), "t")}))
		},
		"group, sort, filter": func(b *bench, in plan.Node) plan.Node {
			g := b.must(plan.NewAggregate(in, []expr.Expr{col("k")}, []expr.Expr{agg(expr.Sum, col("v"), "t")}))
			g = b.must(plan.NewFilter(g, binary(expr.Less, col("t"), lit(int64(400)))))
			return b.must(plan.NewSort(g, []plan.SortKey{{X: col("t"), Descending: true}}))
		},
		"sort": func(b *bench, in plan.Node) plan.Node {
			return b.must(plan.NewSort(in, []plan.SortKey{{X: col("v")}}))
		},
		"tail":     func(b *bench, in plan.Node) plan.Node { return b.must(plan.NewTail(in, 5)) },
		"distinct": func(b *bench, in plan.Node) plan.Node { return b.must(plan.NewDistinct(in, []string{"s"})) },
		"join, group": func(b *bench, in plan.Node) plan.Node {
			j := b.must(plan.NewJoin(in, b.nodes["c"], []string{"k"}, []string{"k"}, plan.Left, ""))
			return b.must(plan.NewAggregate(j, []expr.Expr{col("s_right")}, []expr.Expr{agg(expr.Count, nil, "n")}))
		},
		"join": func(b *bench, in plan.Node) plan.Node {
			return b.must(plan.NewJoin(in, b.nodes["c"], []string{"k"}, []string{"k"}, plan.Inner, ""))
		},
		"self join": func(b *bench, in plan.Node) plan.Node {
			g := b.must(plan.NewAggregate(in, []expr.Expr{col("k")}, []expr.Expr{agg(expr.Max, col("v"), "most")}))
			return b.must(plan.NewJoin(g, b.must(plan.NewDistinct(b.nodes["c"], []string{"k"})), []string{"k"}, []string{"k"}, plan.Inner, ""))
		},
	}
	for name, make := range plans {
		for _, previewed := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/%v", name, previewed), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					b := newBench(t, 256<<20)
					b.add("c", rng, 20, 20, 10)
					// 60 splits of 0.25 s in 3 lanes: 5 s.
					in := b.slowly(b.add("a", rng, 60*6, 10, 10), 250*time.Millisecond)
					n := make(b, in)
					if previewed {
						n = b.must(plan.NewPreview(n, 8))
					}
					s, err := b.watch(t.Context(), n)
					if err != nil {
						t.Fatal(err)
					}
					if s.snapshots < 5 {
						t.Errorf("%d snapshots of a query of 5 s, want at least 5", s.snapshots)
					}
					// The first rows of a preview may all come at once; a sort shows nothing before its end.
					once := previewed && s.last.Mode == batch.Append || !previewed && name == "sort"
					if s.records < 2 && !once {
						t.Errorf("%d snapshots had a record", s.records)
					}
					if most := int(s.last.Progress.Elapsed/(250*time.Millisecond)) + 3; s.snapshots > most { // the first rows, a first tick, the last
						t.Errorf("%d snapshots in %v", s.snapshots, s.last.Progress.Elapsed)
					}
					p := s.last.Progress
					if p.Splits != p.SplitsTotal || p.Bytes != p.BytesTotal || p.Rows < 360 {
						t.Errorf("the final progress is %+v", p)
					}
				})
			})
		}
	}
}

// TestWatchFirstRows says that the first rows do not wait for the tick after a build side's snapshot.
func TestWatchFirstRows(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 8))
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, 256<<20)
		build := b.slowly(b.add("c", rng, 20, 20, 10), 10*time.Millisecond)
		in := b.slowly(b.add("a", rng, 60*6, 10, 10), 10*time.Millisecond)
		join := b.must(plan.NewJoin(in, build, []string{"k"}, []string{"k"}, plan.Left, ""))
		for snap, err := range b.pool.Watch(t.Context(), b.must(plan.NewPreview(join, 8))) {
			if err != nil {
				t.Fatal(err)
			}
			if snap.Record == nil || snap.Rows == 0 {
				continue
			}
			snap.Record.Release()
			if snap.Progress.Elapsed > 100*time.Millisecond {
				t.Errorf("the first rows came after %v", snap.Progress.Elapsed)
			}
			break
		}
	})
}

// stalling is a source whose splits take a second after their first batch.
type stalling struct{ source.Source }

type stallingSplit struct{ source.Split }

func (s stalling) Splits(ctx context.Context, want int64) iter.Seq2[source.Split, error] {
	return func(yield func(source.Split, error) bool) {
		for split, err := range s.Source.Splits(ctx, want) {
			if !yield(stallingSplit{split}, err) {
				return
			}
		}
	}
}

func (s stallingSplit) Open(ctx context.Context, columns []string, limit int64) batch.Stream {
	return func(yield func(arrow.Record, error) bool) {
		for rec, err := range s.Split.Open(ctx, columns, limit) {
			if !yield(rec, err) {
				return
			}
			time.Sleep(time.Second)
		}
	}
}

// TestWatchLongSplit says that the first rows do not wait for the end of their split.
func TestWatchLongSplit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, 256<<20)
		in := b.add("a", rand.New(rand.NewPCG(10, 10)), 300, 20, 10).(*plan.Scan)
		n := b.must(plan.NewPreview(b.must(plan.NewScan(t.Context(), stalling{in.Source})), 8))
		for snap, err := range b.pool.Watch(t.Context(), n) {
			if err != nil {
				t.Fatal(err)
			}
			if snap.Record == nil {
				continue
			}
			snap.Record.Release()
			if !snap.First || snap.Progress.Elapsed > 100*time.Millisecond {
				t.Errorf("the first rows came after %v: %+v", snap.Progress.Elapsed, snap)
			}
			break
		}
	})
}

// TestWatchManyGroups says that the first groups are shown however many there are, where nothing above needs all of them.
func TestWatchManyGroups(t *testing.T) {
	for name, above := range sampled(map[string]func(b *bench, n plan.Node) plan.Node{
		"groups": func(_ *bench, n plan.Node) plan.Node { return n },
		"project": func(b *bench, n plan.Node) plan.Node {
			return b.must(plan.NewProject(n, []expr.Expr{as(binary(expr.Add, col("t"), lit(int64(1))), "u")}))
		},
		"limit":      func(b *bench, n plan.Node) plan.Node { return b.must(plan.NewLimit(n, 4)) },
		"long limit": func(b *bench, n plan.Node) plan.Node { return b.must(plan.NewLimit(n, 70_000)) },
	}, 4) {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, 256<<20)
				in := b.slowly(b.add("a", rand.New(rand.NewPCG(9, 9)), 90_000, 10_000, 1<<40), 500*time.Millisecond)
				groups := b.must(plan.NewAggregate(in, []expr.Expr{col("k")}, []expr.Expr{agg(expr.Sum, col("v"), "t")}))
				s, err := b.watch(t.Context(), b.must(plan.NewPreview(above(b, groups), 8)))
				if err != nil {
					t.Fatal(err)
				}
				if s.records < s.snapshots || s.snapshots < 4 {
					t.Errorf("%d of %d snapshots had rows", s.records, s.snapshots)
				}
			})
		})
	}
}

func TestWatchRandomPlans(t *testing.T) {
	for seed := range sample.Seeds(200, 8) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			b, node := randomPlan(t, seed+5000, 256<<20, false)
			node = b.must(plan.NewPreview(node, 10))
			if _, err := b.watch(t.Context(), node); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// A consumer that never fetches in time gets the newest snapshot, and all rows.
func TestWatchSlowConsumer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(3, 3))
		b := newBench(t, 256<<20)
		in := b.slowly(b.add("a", rng, 400, 10, 10), 100*time.Millisecond)
		start := time.Now()
		var rows [][]any
		fetched := 0
		for snap, err := range b.pool.Watch(t.Context(), in) {
			if err != nil {
				t.Fatal(err)
			}
			fetched++
			if snap.Record != nil {
				rows = append(rows, rowsOf(t, snap.Record)...)
				snap.Record.Release()
			}
			if snap.Final {
				if took := snap.Progress.Elapsed; took > 5*time.Second {
					t.Errorf("the run took %v: the consumer held it up", took)
				}
			}
			time.Sleep(time.Minute)
		}
		if fetched > 3 {
			t.Errorf("%d snapshots in %v", fetched, time.Since(start))
		}
		if d := differ(rows, b.want(in)); d != "" {
			t.Error(d)
		}
	})
}

func TestWatchStops(t *testing.T) {
	bad := errors.New("row 12: bad value")
	for name, test := range map[string]func(t *testing.T, b *bench, n plan.Node){
		"break": func(t *testing.T, b *bench, n plan.Node) {
			for snap, err := range b.pool.Watch(t.Context(), n) {
				if err != nil {
					t.Error(err)
				}
				if snap.Record != nil {
					snap.Record.Release()
				}
				break
			}
		},
		"cancel": func(t *testing.T, b *bench, n plan.Node) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			if _, err := b.watchOnly(ctx, n); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("a cancelled watch ended with %v", err)
			}
		},
		"error": func(t *testing.T, b *bench, n plan.Node) {
			broken := b.must(plan.NewScan(t.Context(), failing{n.(*plan.Scan).Source, 20, bad}))
			got, err := b.watchOnly(t.Context(), broken)
			if !errors.Is(err, bad) {
				t.Errorf("got %v", err)
			}
			if got == 0 {
				t.Error("no snapshot came before the error")
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, 256<<20)
				rng := rand.New(rand.NewPCG(5, 5))
				test(t, b, b.slowly(b.add("a", rng, 400, 10, 10), 100*time.Millisecond))
			})
		})
	}
}

// watchOnly counts snapshots.
func (b *bench) watchOnly(ctx context.Context, n plan.Node) (count int, err error) {
	for snap, err := range b.pool.Watch(ctx, n) {
		if err != nil {
			return count, err
		}
		count++
		if snap.Record != nil {
			snap.Record.Release()
		}
	}
	return count, nil
}

// failing is a source whose splits fail from some number on.
type failing struct {
	source.Source
	from int
	err  error
}

type failingSplit struct {
	source.Split
	err error
}

func (s failing) Splits(ctx context.Context, want int64) iter.Seq2[source.Split, error] {
	return func(yield func(source.Split, error) bool) {
		n := 0
		for split, err := range s.Source.Splits(ctx, want) {
			if n++; err == nil && n > s.from {
				split = failingSplit{split, s.err}
			}
			if !yield(split, err) {
				return
			}
		}
	}
}

func (s failingSplit) Open(context.Context, []string, int64) batch.Stream { return batch.Fail(s.err) }
