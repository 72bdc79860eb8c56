package exec

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	arrowmemory "github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/frame/memory"
	"github.com/rivulet-go/rivulet/frame/plan"
	"github.com/rivulet-go/rivulet/tests/sample"
)

// pipelines are all operators, each as it is used, over testSchema.
func pipelines(t *testing.T, env *Env) map[string]batch.Op {
	t.Helper()
	predicate, err := expr.Bind(expr.Binary{Op: expr.Greater, Left: column("i"), Right: expr.Literal{Value: int64(0)}}, testSchema)
	if err != nil {
		t.Fatal(err)
	}
	sum, err := expr.Bind(expr.Binary{Op: expr.Add, Left: column("row"), Right: column("row")}, testSchema)
	if err != nil {
		t.Fatal(err)
	}
	spec, err := NewAggSpec(testSchema, keyExprs([]int{0, 3}), testAggs)
	if err != nil {
		t.Fatal(err)
	}
	by := sortKeysOf([]int{-2, 3})
	groupTopK, err := NewGroupTopKSpec(testSchema, keyExprs([]int{1, 3}), by, 2)
	if err != nil {
		t.Fatal(err)
	}
	out := arrow.NewSchema([]arrow.Field{{Name: "sum", Type: arrow.PrimitiveTypes.Int64, Nullable: true}}, nil)
	return map[string]batch.Op{
		"filter":    Filter(env, predicate),
		"project":   Project(env, out, []*expr.Bound{sum}),
		"limit":     Limit(700),
		"preview":   Preview(700),
		"tail":      Tail(env, 50),
		"aggregate": aggregateOp(env, spec),
		"sort":      sortOp(env, by),
		"parts":     partedOp(t, env, by[:1]),
		"raw":       sortOp(env, by[:1]),
		"top-k":     TopK(env, testSchema, by, 800),
		"top-k all": TopK(env, testSchema, by, 100_000),
		"groups":    GroupTopK(env, groupTopK),
		"distinct":  Distinct(env, testSchema, nil),
		"join":      joinOp(env, joinOn([]int{1}, plan.Inner)),
		"left join": joinOp(env, joinOn([]int{1}, plan.Left)),
		"full join": joinOp(env, joinOn([]int{1}, plan.Full)),
		"semi join": joinOp(env, joinOn([]int{1}, plan.Semi)),
		"anti join": joinOp(env, joinOn([]int{1}, plan.Anti)),
		"condition": joinOp(env, joinWhere(plan.Full)),
		"as-of":     joinOp(env, joinAsOf()),
		"window":    windowOp(env, windowNode(t, []string{"d"}, order("s", true), someWindows...)),
	}
}

func aggregateOp(env *Env, spec *AggSpec) batch.Op {
	return func(ctx context.Context, in batch.Stream) batch.Stream {
		return generate(ctx, "test", func(emit emitFunc) error {
			final := NewFinalAggregate(env, spec)
			defer final.Close()
			err := each(ctx, PartialAggregate(env, spec)(ctx, in), func(rec arrow.Record) error { return final.Merge(ctx, rec) })
			if err != nil {
				return err
			}
			return each(ctx, final.Stream(ctx), emit)
		})
	}
}

func sortOp(env *Env, by []plan.SortKey) batch.Op {
	return func(ctx context.Context, in batch.Stream) batch.Stream {
		return generate(ctx, "test", func(emit emitFunc) error {
			m := NewMergeSort(env, testSchema, by)
			defer m.Close()
			err := each(ctx, PartialSort(env, testSchema, by)(ctx, in), func(rec arrow.Record) error { return m.Add(ctx, rec) })
			if err != nil {
				return err
			}
			return each(ctx, m.Stream(ctx), emit)
		})
	}
}

// joinOp joins its input with a frame of its own, both through the faults.
func joinOp(env *Env, spec JoinSpec) batch.Op {
	return func(ctx context.Context, in batch.Stream) batch.Stream {
		return generate(ctx, "test", func(emit emitFunc) error {
			plain := &Env{Mem: env.Mem}
			if f, ok := env.Mem.(*faultyAllocator); ok {
				plain.Mem = f.Allocator
			}
			right, _ := randomFrame(plain, shape{rows: 1500, distinct: 900, nulls: 0.1, batch: 300, seed: 77})
			table, err := BuildJoin(ctx, env, spec, owned(right))
			if err != nil {
				return err
			}
			defer table.Close()
			if !table.Resident() {
				return each(ctx, table.Spilled(ctx, in), emit)
			}
			if err := each(ctx, table.Probe()(ctx, in), emit); err != nil || spec.Kind != plan.Full {
				return err
			}
			return each(ctx, table.Unmatched(ctx), emit)
		})
	}
}

// joinWhere is joinOn one column and a condition.
func joinWhere(kind plan.JoinKind) JoinSpec {
	s := joinOn([]int{1}, kind)
	s.Pairs = joinOn([]int{1}, plan.Inner).Output
	s.Where = expr.Binary{Op: expr.Less, Left: column("row"), Right: column("row_right")}
	return s
}

// joinAsOf is joinOn one column and the nearest row before.
func joinAsOf() JoinSpec {
	s := joinOn([]int{1}, plan.Left)
	s.AsOf = &plan.AsOf{Left: "row", Right: "row"}
	return s
}

// owned streams records and releases those that nobody took.
func owned(recs []arrow.Record) batch.Stream {
	return func(yield func(arrow.Record, error) bool) {
		for i, rec := range recs {
			if !yield(rec, nil) {
				releaseRecords(recs[i+1:])
				return
			}
		}
	}
}

var failureShape = shape{rows: 1800, distinct: 900, nulls: 0.1, batch: 300, seed: 5}

// forEachFailure runs f on every operator under plenty and scarce memory, on a quarter of them a day.
func forEachFailure(t *testing.T, f func(t *testing.T, env *Env, op batch.Op, recs []arrow.Record)) {
	names := slices.Sorted(maps.Keys(pipelines(t, testEnv(t, plenty))))
	for i, how := range strategies {
		for j, name := range names {
			if !sample.Today(i*len(names)+j, 4) {
				continue
			}
			t.Run(how.name+" "+name, func(t *testing.T) {
				env := testEnv(t, how.budget)
				env.floor = 24 << 10
				recs, _ := randomFrame(env, failureShape)
				f(t, env, pipelines(t, env)[name], recs)
			})
		}
	}
}

func TestBreakReleases(t *testing.T) {
	forEachFailure(t, func(t *testing.T, env *Env, op batch.Op, recs []arrow.Record) {
		for stop := range 3 {
			for _, rec := range recs {
				rec.Retain()
			}
			seen := 0
			for rec, err := range op(context.Background(), owned(recs)) {
				if err != nil {
					break // a tail under scarce memory
				}
				rec.Release()
				if seen++; seen > stop {
					break
				}
			}
		}
		releaseRecords(recs)
	})
}

var errInjected = errors.New("injected")

func TestInputErrorReleases(t *testing.T) {
	forEachFailure(t, func(t *testing.T, env *Env, op batch.Op, recs []arrow.Record) {
		for at := 0; at < len(recs); at += 3 {
			in := func(yield func(arrow.Record, error) bool) {
				for _, rec := range recs[:at] {
					rec.Retain()
					if !yield(rec, nil) {
						return
					}
				}
				yield(nil, errInjected)
			}
			_, err := drain(op(context.Background(), in))
			if !errors.Is(err, errInjected) && err != nil {
				if !isBudget(err) {
					t.Fatalf("error %v after %d batches", err, at)
				}
			}
		}
		releaseRecords(recs)
	})
}

func isBudget(err error) bool { return errors.Is(err, memory.ErrBudget) }

func drain(s batch.Stream) (rows int64, err error) {
	for rec, e := range s {
		if e != nil {
			if err != nil {
				return rows, fmt.Errorf("two errors: %w, %w", err, e)
			}
			err = e
			continue
		}
		if err != nil {
			rec.Release()
			return rows, fmt.Errorf("a batch after an error: %w", err)
		}
		rows += rec.NumRows()
		rec.Release()
	}
	return rows, err
}

func TestCancelEnds(t *testing.T) {
	forEachFailure(t, func(t *testing.T, env *Env, op batch.Op, recs []arrow.Record) {
		for at := 0; at < len(recs); at += 4 {
			ctx, cancel := context.WithCancel(context.Background())
			begun := time.Time{}
			in := func(yield func(arrow.Record, error) bool) {
				for i, rec := range recs {
					if i == at {
						cancel()
						begun = time.Now()
					}
					rec.Retain()
					if !yield(rec, nil) {
						return
					}
				}
			}
			_, err := drain(op(ctx, in))
			if begun.IsZero() { // a limit had enough before
				cancel()
				continue
			}
			if !errors.Is(err, context.Canceled) && !isBudget(err) {
				t.Errorf("error %v after a cancel at batch %d", err, at)
			}
		}
		releaseRecords(recs)
	})
}

// TestRefusalsAnywhere takes the budget away and gives it back at random while operators run.
func TestRefusalsAnywhere(t *testing.T) {
	number := 0
	for i, name := range []string{"aggregate", "sort", "parts", "raw", "top-k all", "groups", "distinct", "join", "left join", "full join", "semi join", "anti join", "condition", "as-of", "window"} {
		if !sample.Today(i, 3) {
			continue
		}
		t.Run(name, func(t *testing.T) {
			env := testEnv(t, plenty)
			recs, _ := randomFrame(env, failureShape)
			want := int64(-1)
			for seed := range uint64(6) {
				if seed > 1 && !sampled(&number) {
					continue
				}
				env.floor = 24 << 10
				r := rand.New(rand.NewPCG(seed, 1))
				taken := int64(0)
				in := func(yield func(arrow.Record, error) bool) {
					for _, rec := range recs {
						if seed > 0 && r.IntN(3) == 0 {
							env.Budget.Release(taken)
							taken = 0
							if r.IntN(2) == 0 {
								taken = env.Budget.Total() - env.Budget.Used()
								if err := env.Budget.Reserve(taken); err != nil {
									taken = 0
								}
							}
						}
						rec.Retain()
						if !yield(rec, nil) {
							return
						}
					}
				}
				rows, err := drain(pipelines(t, env)[name](context.Background(), in))
				env.Budget.Release(taken)
				if err != nil {
					t.Fatal(err)
				}
				if want < 0 {
					want = rows
				}
				if rows != want {
					t.Errorf("seed %d: %d rows, want %d", seed, rows, want)
				}
			}
			releaseRecords(recs)
		})
	}
}

// faultyAllocator panics at its n-th allocation, as an allocator does that has no more memory.
type faultyAllocator struct {
	arrowmemory.Allocator
	left atomic.Int64 // allocations are made in several goroutines
}

var errNoMemory = errors.New("no memory")

func (a *faultyAllocator) count() {
	if a.left.Add(-1) == 0 {
		panic(errNoMemory)
	}
}

func (a *faultyAllocator) Allocate(size int) []byte {
	a.count()
	return a.Allocator.Allocate(size)
}

func (a *faultyAllocator) Reallocate(size int, b []byte) []byte {
	a.count()
	return a.Allocator.Reallocate(size, b)
}

// TestAllocationPanics makes allocations fail one by one: the operator ends with an error, nothing hangs, and all that
// it reserved is given back.
func TestAllocationPanics(t *testing.T) {
	env := &Env{Budget: testEnv(t, plenty).Budget, Spill: t.TempDir()}
	recs, _ := randomFrame(testEnv(t, plenty), failureShape)
	defer releaseRecords(recs)
	number := 0
	for _, floor := range []int64{24 << 10, 1 << 30} {
		for _, name := range slices.Sorted(maps.Keys(pipelines(t, testEnv(t, plenty)))) {
			for _, at := range []int{1, 2, 3, 7, 20, 60, 150, 400} {
				if number++; !sample.Today(number, 4) {
					continue
				}
				f := &faultyAllocator{Allocator: arrowmemory.NewGoAllocator()}
				f.left.Store(int64(at))
				tight := &Env{Mem: f, Budget: env.Budget, Spill: env.Spill, floor: floor, shard: 200, pack: 1}
				in := func(yield func(arrow.Record, error) bool) {
					for _, rec := range recs {
						rec.Retain()
						if !yield(rec, nil) {
							return
						}
					}
				}
				_, err := drain(pipelines(t, tight)[name](context.Background(), in))
				if f.left.Load() <= 0 && err == nil {
					t.Errorf("%s: no error after allocation %d failed", name, at)
				}
				if used := env.Budget.Used(); used != 0 {
					t.Fatalf("%s: %d bytes still reserved after allocation %d failed", name, used, at)
				}
			}
		}
	}
}

func TestConsumerPanicPasses(t *testing.T) {
	env := testEnv(t, plenty)
	recs, _ := randomFrame(env, failureShape)
	defer func() {
		if r := recover(); r != "consumer" {
			t.Errorf("recovered %v", r)
		}
		releaseRecords(recs)
	}()
	for rec, err := range Limit(1<<30)(context.Background(), func(yield func(arrow.Record, error) bool) {
		for _, rec := range recs {
			rec.Retain()
			if !yield(rec, nil) {
				return
			}
		}
	}) {
		if err != nil {
			t.Fatal(err)
		}
		rec.Release()
		panic("consumer")
	}
}
