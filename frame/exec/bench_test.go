package exec

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/frame/memory"
	"github.com/rivulet-go/rivulet/frame/plan"
)

var benchSchema = arrow.NewSchema([]arrow.Field{
	{Name: "k", Type: arrow.PrimitiveTypes.Int64},
	{Name: "s", Type: arrow.BinaryTypes.String},
	{Name: "v", Type: arrow.PrimitiveTypes.Float64},
}, nil)

// benchFrame is rows in batches of 64k, keys drawn from so many.
func benchFrame(rows, keys int) []arrow.Record {
	r := rand.New(rand.NewPCG(1, 2))
	var recs []arrow.Record
	for from := 0; from < rows; from += maxRows {
		b := array.NewRecordBuilder(memory.Allocator(), benchSchema)
		for range min(maxRows, rows-from) {
			k := r.IntN(keys)
			b.Field(0).(*array.Int64Builder).Append(int64(k))
			b.Field(1).(*array.StringBuilder).Append(fmt.Sprintf("id%09d", k))
			b.Field(2).(*array.Float64Builder).Append(r.Float64())
		}
		recs = append(recs, b.NewRecord())
		b.Release()
	}
	return recs
}

func retained(recs []arrow.Record) batch.Stream {
	return func(yield func(arrow.Record, error) bool) {
		for _, rec := range recs {
			rec.Retain()
			if !yield(rec, nil) {
				return
			}
		}
	}
}

func benchEnv(budgetBytes int64) *Env {
	return &Env{Mem: memory.Allocator(), Budget: memory.NewBudget(budgetBytes)}
}

func reportRows(b *testing.B, rows int) {
	b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

func BenchmarkGroupTable(b *testing.B) {
	for _, keys := range []int{100, 100_000, 1_000_000} {
		recs := benchFrame(1<<20, keys)
		for _, columns := range [][]int{{0}, {1}, {0, 1}} {
			b.Run(fmt.Sprint(columns, keys), func(b *testing.B) {
				groups := make([]uint32, maxRows)
				for b.Loop() {
					t, err := newGroupTable(memory.Allocator(), fieldTypes(benchSchema, columns))
					if err != nil {
						b.Fatal(err)
					}
					for _, rec := range recs {
						if err := t.assign(columnsAt(rec, columns), int(rec.NumRows()), groups); err != nil {
							b.Fatal(err)
						}
					}
					t.reset()
				}
				reportRows(b, 1<<20)
			})
		}
		releaseRecords(recs)
	}
}

// BenchmarkAggregate runs two lanes over 10 million rows: sum and count by one key.
func BenchmarkAggregate(b *testing.B) {
	for _, c := range []struct {
		keys   int
		column string
		budget int64
	}{{100, "k", plenty}, {100, "s", plenty}, {1_000_000, "k", plenty}, {1_000_000, "s", plenty}, {1_000_000, "k", 64 << 20}} {
		recs := benchFrame(5_000_000, c.keys)
		b.Run(fmt.Sprintf("%s/%d/%dMiB", c.column, c.keys, c.budget>>20), func(b *testing.B) {
			env := benchEnv(c.budget)
			spec, err := NewAggSpec(benchSchema, []expr.Expr{column(c.column)},
				[]plan.Agg{{Func: expr.Sum, X: column("v"), Name: "sum"}, {Func: expr.Count, Name: "n"}})
			if err != nil {
				b.Fatal(err)
			}
			before := memory.SpilledBytes()
			for b.Loop() {
				benchAggregate(b, env, spec, recs, 2)
			}
			reportRows(b, 10*1_000_000)
			b.ReportMetric(float64(memory.SpilledBytes()-before)/float64(b.N)/1e6, "MB-spilled")
		})
		releaseRecords(recs)
	}
}

func benchAggregate(b *testing.B, env *Env, spec *AggSpec, recs []arrow.Record, times int) {
	ctx := context.Background()
	final := NewFinalAggregate(env, spec)
	defer final.Close()
	states := make(chan arrow.Record, 4)
	var lanes sync.WaitGroup
	for lane := range 2 {
		lanes.Go(func() {
			for i := lane; i < times; i += 2 {
				for rec, err := range PartialAggregate(env, spec)(ctx, retained(recs)) {
					if err != nil {
						b.Error(err)
						return
					}
					states <- rec
				}
			}
		})
	}
	go func() {
		lanes.Wait()
		close(states)
	}()
	for rec := range states {
		if err := final.Merge(ctx, rec); err != nil {
			b.Fatal(err)
		}
	}
	if _, err := drain(final.Stream(ctx)); err != nil {
		b.Fatal(err)
	}
}

func BenchmarkSort(b *testing.B) {
	recs := benchFrame(2_000_000, 1_000_000)
	defer releaseRecords(recs)
	for _, by := range []string{"k", "v", "s"} {
		for _, budget := range []int64{plenty, 16 << 20} {
			b.Run(fmt.Sprintf("%s/%dMiB", by, budget>>20), func(b *testing.B) {
				env := benchEnv(budget)
				for b.Loop() {
					m := NewMergeSort(env, benchSchema, []plan.SortKey{{X: column(by)}})
					for rec, err := range PartialSort(env, benchSchema, []plan.SortKey{{X: column(by)}})(context.Background(), retained(recs)) {
						if err == nil {
							err = m.Add(context.Background(), rec)
						}
						if err != nil {
							b.Fatal(err)
						}
					}
					if _, err := drain(m.Stream(context.Background())); err != nil {
						b.Fatal(err)
					}
					m.Close()
				}
				reportRows(b, 2_000_000)
			})
		}
	}
}

func BenchmarkTopK(b *testing.B) {
	recs := benchFrame(2_000_000, 1_000_000)
	defer releaseRecords(recs)
	env := benchEnv(plenty)
	for b.Loop() {
		op := TopK(env, benchSchema, []plan.SortKey{{X: column("v"), Descending: true}}, 100)
		if _, err := drain(op(context.Background(), retained(recs))); err != nil {
			b.Fatal(err)
		}
	}
	reportRows(b, 2_000_000)
}

func BenchmarkJoin(b *testing.B) {
	left := benchFrame(2_000_000, 200_000)
	defer releaseRecords(left)
	right := benchFrame(200_000, 200_000)
	defer releaseRecords(right)
	fields := append(benchSchema.Fields(), arrow.Field{Name: "s_right", Type: arrow.BinaryTypes.String}, arrow.Field{Name: "v_right", Type: arrow.PrimitiveTypes.Float64})
	spec := JoinSpec{Left: benchSchema, Right: benchSchema, LeftKeys: []string{"k"}, RightKeys: []string{"k"}, Output: arrow.NewSchema(fields, nil)}
	for _, budget := range []int64{plenty, 8 << 20} {
		b.Run(fmt.Sprintf("%dMiB", budget>>20), func(b *testing.B) {
			ctx := context.Background()
			for b.Loop() {
				table, err := BuildJoin(ctx, benchEnv(budget), spec, retained(right))
				if err != nil {
					b.Fatal(err)
				}
				out := table.Spilled(ctx, retained(left))
				if _, err := drain(out); err != nil {
					b.Fatal(err)
				}
				table.Close()
			}
			reportRows(b, 2_000_000)
		})
	}
}
