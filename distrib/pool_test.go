package distrib_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/distrib"
	"github.com/rivulet-go/rivulet/distrib/enginetest"
	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/frame/plan"
	"github.com/rivulet-go/rivulet/frame/source"
	"github.com/rivulet-go/rivulet/tests/sample"
)

// A pool over an engine that is slow, reorders, repeats and loses tasks gives the same rows in the same order.
func TestFaultyEngine(t *testing.T) {
	lost, plans := 0, 0
	for seed := range sample.Seeds(60, 4) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			b, node := randomPlan(t, seed, 256<<20, false)
			faulty := &enginetest.Faulty{Engine: b.engine, Seed: seed, Kill: 0.15}
			b.pool = distrib.NewRunnerEnv(faulty, b.env)
			b.same(node, true)
			lost += faulty.Lost
			plans++
		})
	}
	if lost < plans {
		t.Errorf("only %d tasks were lost", lost)
	}
}

// hopeless loses every task at the same block.
type hopeless struct{ distrib.Engine }

func (h hopeless) Submit(ctx context.Context, task distrib.Task) iter.Seq2[distrib.Ref, error] {
	return func(yield func(distrib.Ref, error) bool) {
		for ref, err := range h.Engine.Submit(ctx, task) {
			if ref.ID.Split == 3 {
				h.Free(ref)
				yield(distrib.Ref{ID: ref.ID}, fmt.Errorf("node down: %w", distrib.ErrLost))
				return
			}
			if !yield(ref, err) {
				return
			}
		}
	}
}

func TestLossIsReported(t *testing.T) {
	b := newBench(t, 256<<20)
	in := b.add("a", rand.New(rand.NewPCG(1, 1)), 200, 10, 5)
	_, err := b.run(t.Context(), distrib.NewRunnerEnv(hopeless{b.engine}, b.env), in)
	if !errors.Is(err, distrib.ErrLost) || !strings.Contains(err.Error(), "split 3 of a, attempt 4") {
		t.Errorf("got %v", err)
	}
}

func TestErrorComesAfterGoodRows(t *testing.T) {
	b := newBench(t, 256<<20)
	in := b.add("a", rand.New(rand.NewPCG(1, 1)), 400, 10, 5)
	src := in.(*plan.Scan).Source
	bad := errors.New("row 12: bad value")
	var good [][]any
	var got error
	for rec, err := range b.pool.Run(t.Context(), b.must(plan.NewScan(t.Context(), failing{src, 20, bad}))) {
		if got = err; err == nil {
			good = append(good, rowsOf(t, rec)...)
			rec.Release()
		}
	}
	if !errors.Is(got, bad) {
		t.Errorf("the error is %v", got)
	}
	want := b.data["a"].rows
	if len(good) == 0 || len(good) >= len(want) {
		t.Fatalf("%d of %d rows came before the error", len(good), len(want))
	}
	if d := differ(good, want[:len(good)]); d != "" {
		t.Error(d)
	}
}

// tally counts what a source has open.
type tally struct {
	source.Source
	opened, open atomic.Int64
	panics       bool
}

type tallySplit struct {
	source.Split
	tally  *tally
	closed atomic.Bool
}

func (s *tally) Splits(ctx context.Context, want int64) iter.Seq2[source.Split, error] {
	return func(yield func(source.Split, error) bool) {
		s.open.Add(1) // the iterator itself
		defer s.open.Add(-1)
		for split, err := range s.Source.Splits(ctx, want) {
			if err != nil {
				yield(nil, err)
				return
			}
			s.opened.Add(1)
			s.open.Add(1)
			if !yield(&tallySplit{Split: split, tally: s}, nil) {
				return
			}
		}
	}
}

func (s *tallySplit) Open(ctx context.Context, columns []string, limit int64) batch.Stream {
	in := s.Split.Open(ctx, columns, limit)
	return func(yield func(arrow.Record, error) bool) {
		if s.tally.panics && s.Span().Start > 0 {
			panic("the reader is broken")
		}
		s.tally.open.Add(1)
		defer s.tally.open.Add(-1)
		in(yield)
	}
}

func (s *tallySplit) Close() {
	if !s.closed.Swap(true) {
		s.tally.open.Add(-1)
	}
	s.Split.Close()
}

// breakers are plans of every shape over one scan.
func breakers(b *bench, in plan.Node) map[string]plan.Node {
	keys := []plan.SortKey{{X: col("v")}}
	return map[string]plan.Node{
		"scan":     in,
		"group":    b.must(plan.NewAggregate(in, []expr.Expr{col("k")}, []expr.Expr{agg(expr.Sum, col("v"), "t")})),
		"sort":     b.must(plan.NewSort(in, keys)),
		"top":      b.must(plan.NewTopK(in, keys, 9)),
		"limit":    b.must(plan.NewLimit(in, 30)),
		"tail":     b.must(plan.NewTail(in, 30)),
		"distinct": b.must(plan.NewDistinct(in, []string{"k"})),
		"preview":  b.must(plan.NewPreview(in, 5)),
		"join":     b.must(plan.NewJoin(in, b.nodes["c"], []string{"k"}, []string{"k"}, plan.Inner, "")),
		"build":    b.must(plan.NewJoin(b.nodes["c"], in, []string{"k"}, []string{"k"}, plan.Inner, "")),
		"shared":   ofItself(b, b.must(plan.NewScan(context.Background(), claimed{in.(*plan.Scan).Source, 1e7}))),
	}
}

// However a run ends, nothing is left of it: no goroutine, split, file, record, block or reservation.
func TestNothingIsLeft(t *testing.T) {
	ends := map[string]func(t *testing.T, b *bench, n plan.Node){
		"end": func(_ *testing.T, b *bench, n plan.Node) { b.same(n, true) },
		"break": func(t *testing.T, b *bench, n plan.Node) {
			for rec, err := range b.pool.Run(t.Context(), n) {
				if err != nil {
					t.Error(err)
					continue
				}
				rec.Release()
				break
			}
		},
		"cancel": func(t *testing.T, b *bench, n plan.Node) {
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			if _, err := b.run(ctx, b.pool, n); !errors.Is(err, context.Canceled) {
				t.Errorf("a cancelled run ended with %v", err)
			}
		},
		"cancel in the middle": func(t *testing.T, b *bench, n plan.Node) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			go cancel()
			if _, err := b.run(ctx, b.pool, n); err != nil && !errors.Is(err, context.Canceled) {
				t.Errorf("a cancelled run ended with %v", err)
			}
		},
		"watch and break": func(t *testing.T, b *bench, n plan.Node) {
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
		"panic of the consumer": func(t *testing.T, b *bench, n plan.Node) {
			defer func() {
				if r := recover(); r != "the consumer's own" {
					t.Errorf("the consumer's panic became %v", r)
				}
			}()
			for rec, err := range b.pool.Run(t.Context(), n) {
				if err != nil {
					t.Error(err)
				} else {
					rec.Release()
				}
				panic("the consumer's own")
			}
		},
	}
	for end, test := range ends {
		t.Run(end, func(t *testing.T) {
			b := newBench(t, 8<<20)
			rng := rand.New(rand.NewPCG(2, 2))
			b.add("c", rng, 30, 10, 20)
			src := &tally{Source: b.add("a", rng, 600, 10, 20).(*plan.Scan).Source}
			for name, n := range breakers(b, b.must(plan.NewScan(t.Context(), src))) {
				test(t, b, n)
				if open := src.open.Load(); open != 0 {
					t.Errorf("%s: %d streams, splits and iterators are open", name, open)
				}
			}
		})
	}
}

func TestPanicBecomesError(t *testing.T) {
	b := newBench(t, 256<<20)
	rng := rand.New(rand.NewPCG(2, 2))
	b.add("c", rng, 30, 10, 20)
	src := &tally{Source: b.add("a", rng, 600, 10, 20).(*plan.Scan).Source, panics: true}
	for name, n := range breakers(b, b.must(plan.NewScan(t.Context(), src))) {
		if name == "limit" {
			continue // may have its rows before the panic
		}
		_, err := b.run(t.Context(), b.pool, n)
		if err == nil || !strings.Contains(err.Error(), "scan a: panic: the reader is broken") {
			t.Errorf("%s: got %v", name, err)
		}
		if open := src.open.Load(); open != 0 {
			t.Errorf("%s: %d streams, splits and iterators are open", name, open)
		}
	}
}

func TestLimitStopsTheScan(t *testing.T) {
	b := newBench(t, 256<<20)
	src := &tally{Source: b.add("a", rand.New(rand.NewPCG(2, 2)), 20000, 10, 20).(*plan.Scan).Source}
	b.same(b.must(plan.NewLimit(b.must(plan.NewFilter(b.must(plan.NewScan(t.Context(), src)),
		binary(expr.Less, col("v"), lit(int64(0))))), 5)), true)
	if n := src.opened.Load(); n > 200 {
		t.Errorf("%d splits were handed out for the first 5 rows", n)
	}
}

// Lanes that are ahead wait: however slow the consumer, only so much is held.
func TestLanesWaitForTheConsumer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, 512<<10)
		in := b.add("a", rand.New(rand.NewPCG(2, 2)), 200_000, 2000, 20)
		total := in.(*plan.Scan).Source.Size()
		var most int64
		rows := 0
		for rec, err := range b.pool.Run(t.Context(), in) {
			if err != nil {
				t.Fatal(err)
			}
			rows += int(rec.NumRows())
			rec.Release()
			time.Sleep(time.Second) // on the bubble's clock: every lane goes as far as it may
			synctest.Wait()
			_, bytes := b.engine.Held()
			most = max(most, bytes)
			if used := b.env.Budget.Used(); used > b.env.Budget.Total() {
				t.Fatalf("%d bytes are reserved of %d", used, b.env.Budget.Total())
			}
		}
		if rows != 200_000 {
			t.Errorf("%d rows", rows)
		}
		if limit := int64(3 * (256<<10 + 128<<10)); most > limit || most == 0 || total < 4*limit {
			t.Errorf("up to %d bytes were held, want at most %d; the input has %d", most, limit, total)
		}
	})
}

func TestCSV(t *testing.T) {
	var text strings.Builder
	text.WriteString("k,v,s\n")
	rng := rand.New(rand.NewPCG(4, 4))
	t4 := table{names: []string{"k", "v", "s"}}
	for i := range 20_000 {
		row := []any{rng.Int64N(100), int64(i), fmt.Sprintf("name %d", rng.IntN(5))}
		if rng.IntN(20) == 0 {
			row[1] = nil
			fmt.Fprintf(&text, "%d,NA,%s\n", row[0], row[2])
		} else {
			fmt.Fprintf(&text, "%d,%d,%s\n", row[0], row[1], row[2])
		}
		t4.rows = append(t4.rows, row)
	}
	path := filepath.Join(t.TempDir(), "data.csv")
	if err := os.WriteFile(path, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	src, err := source.Open(t.Context(), []string{path}, source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	b := newBench(t, 16<<20)
	b.data[src.Name()] = t4
	scan := b.must(plan.NewScan(t.Context(), src))
	f := b.must(plan.NewFilter(scan, binary(expr.Less, col("v"), lit(int64(13_000)))))
	f = b.must(plan.NewProject(f, []expr.Expr{col("k"), as(binary(expr.Add, col("v"), col("k")), "w"), col("s")}))
	g := b.must(plan.NewAggregate(f, []expr.Expr{col("s"), col("k")}, []expr.Expr{agg(expr.Sum, col("w"), "t"), agg(expr.Count, nil, "n")}))
	j := b.must(plan.NewJoin(g, b.must(plan.NewDistinct(scan, []string{"k"})), []string{"k"}, []string{"k"}, plan.Inner, ""))
	s := b.must(plan.NewSort(j, []plan.SortKey{{X: col("t"), Descending: true}}))
	for _, n := range []plan.Node{scan, f, g, j, s, b.must(plan.NewLimit(s, 10)), b.must(plan.NewTail(f, 3))} {
		b.same(n, true)
	}
	snapshots := 0
	var last batch.Snapshot
	for snap, err := range b.pool.Watch(t.Context(), b.must(plan.NewPreview(f, 10))) {
		if err != nil {
			t.Fatal(err)
		}
		snapshots++
		last = snap
		if snap.Record != nil {
			snap.Record.Release()
		}
	}
	if want := []batch.Span{{Input: last.Covered[0].Input, Start: last.Covered[0].Start, End: int64(text.Len())}}; len(last.Covered) != 1 ||
		last.Covered[0] != want[0] || !last.Final || last.Rows != int64(len(b.want(f))) {
		t.Errorf("the last of %d snapshots is %+v, want it to cover %v", snapshots, last, want)
	}
}
