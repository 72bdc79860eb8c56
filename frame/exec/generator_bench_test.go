//go:build unix

package exec

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	arrowmemory "github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/frame/memory"
	"github.com/rivulet-go/rivulet/frame/plan"
)

// blockRows make a block of about 8 MiB, as a split of a file is.
const blockRows, blocks = 270_000, 8

func benchBlocks() []arrow.Record {
	r := rand.New(rand.NewPCG(3, 4))
	var recs []arrow.Record
	for range blocks {
		b := array.NewRecordBuilder(memory.Allocator(), benchSchema)
		for range blockRows {
			k := r.IntN(100)
			b.Field(0).(*array.Int64Builder).Append(int64(k))
			b.Field(1).(*array.StringBuilder).Append(fmt.Sprintf("id%09d", k))
			b.Field(2).(*array.Float64Builder).Append(r.Float64())
		}
		recs = append(recs, b.NewRecord())
		b.Release()
	}
	return recs
}

// step is a filter or a projection, as an operator and as a call.
type step struct {
	op   batch.Op
	call func(context.Context, arrow.Record) (arrow.Record, error)
}

// steps alternate between a filter that drops a few rows and a projection that computes a column.
func steps(b *testing.B, env *Env, n int) []step {
	keep, err := expr.Bind(expr.Binary{Op: expr.Greater, Left: column("v"), Right: expr.Literal{Value: 0.02}}, benchSchema)
	if err != nil {
		b.Fatal(err)
	}
	less := expr.Binary{Op: expr.Subtract, Left: column("v"), Right: expr.Literal{Value: 0.001}}
	bound, err := bindAll([]expr.Expr{column("k"), column("s"), less}, benchSchema)
	if err != nil {
		b.Fatal(err)
	}
	both := []step{
		{op: Filter(env, keep), call: func(ctx context.Context, rec arrow.Record) (arrow.Record, error) {
			value, err := keep.Eval(ctx, env.Mem, rec)
			if err != nil {
				return nil, err
			}
			defer value.Release()
			return batch.FilterRows(env.Mem, rec, value.(*array.Boolean))
		}},
		{op: Project(env, benchSchema, bound), call: func(ctx context.Context, rec arrow.Record) (arrow.Record, error) {
			arrays, err := evalAll(ctx, env, bound, rec)
			if err != nil {
				return nil, err
			}
			return newRecord(benchSchema, arrays, int(rec.NumRows())), nil
		}},
	}
	out := make([]step, n)
	for i := range out {
		out[i] = both[i%2]
	}
	return out
}

// BenchmarkGenerators compares the processor time of streams of 8 MiB blocks with that of the same operators called in
// a loop, round by round in turn, and reports the median of what streams cost more.
func BenchmarkGenerators(b *testing.B) {
	recs := benchBlocks()
	defer releaseRecords(recs)
	for _, n := range []int{2, 8} {
		b.Run(fmt.Sprintf("%d-operators+aggregate", n), func(b *testing.B) {
			env := benchEnv(plenty)
			spec, err := NewAggSpec(benchSchema, []expr.Expr{column("s")}, []plan.Agg{{Func: expr.Sum, X: column("v"), Name: "sum"}})
			if err != nil {
				b.Fatal(err)
			}
			chain := steps(b, env, n)
			streams := func() { viaStreams(b, env, spec, chain, recs) }
			calls := func() { viaCalls(b, env, spec, chain, recs) }
			calls()
			var ratios []float64
			for b.Loop() {
				first, second := streams, calls
				if len(ratios)%2 == 1 {
					first, second = calls, streams
				}
				x, y := processorTime(first), processorTime(second)
				if len(ratios)%2 == 1 {
					x, y = y, x
				}
				ratios = append(ratios, float64(x)/float64(y))
			}
			slices.Sort(ratios)
			b.ReportMetric(100*(ratios[len(ratios)/2]-1), "%-overhead")
		})
	}
}

func viaStreams(b *testing.B, env *Env, spec *AggSpec, chain []step, recs []arrow.Record) {
	ctx := context.Background()
	in := retained(recs)
	for _, s := range chain {
		in = s.op(ctx, in)
	}
	if _, err := drain(PartialAggregate(env, spec)(ctx, in)); err != nil {
		b.Fatal(err)
	}
}

func viaCalls(b *testing.B, env *Env, spec *AggSpec, chain []step, recs []arrow.Record) {
	ctx := context.Background()
	state, err := newGroupState(env, spec)
	if err != nil {
		b.Fatal(err)
	}
	defer state.reset()
	for _, rec := range recs {
		rec.Retain()
		for _, s := range chain {
			out, err := s.call(ctx, rec)
			rec.Release()
			if err != nil {
				b.Fatal(err)
			}
			rec = out
		}
		if err := updateOwned(ctx, state, rec); err != nil {
			b.Fatal(err)
		}
	}
	err = state.partials(ctx, func(rec arrow.Record) error {
		rec.Release()
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
}

// processorTime is what f costs all threads of the process.
func processorTime(f func()) time.Duration {
	before := usage()
	f()
	return usage() - before
}

func usage() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkLanePeak reports the most that a lane holds at once, in blocks: what its source read and what operators made
// of it.
func BenchmarkLanePeak(b *testing.B) {
	recs := benchBlocks()
	defer releaseRecords(recs)
	for _, n := range []int{1, 2, 8} {
		b.Run(fmt.Sprintf("%d-operators", n), func(b *testing.B) {
			counted := &peakAllocator{Allocator: memory.Allocator()}
			env := &Env{Mem: counted, Budget: memory.NewBudget(plenty)}
			chain := steps(b, env, n)
			for b.Loop() {
				in := copied(counted, recs)
				for _, s := range chain {
					in = s.op(context.Background(), in)
				}
				for rec, err := range in {
					if err != nil {
						b.Fatal(err)
					}
					rec.Release()
				}
			}
			b.ReportMetric(float64(counted.peak.Load())/float64(batch.Bytes(recs[0])), "blocks-peak")
		})
	}
}

// copied is a source: each block in memory of its own.
func copied(mem arrowmemory.Allocator, recs []arrow.Record) batch.Stream {
	return func(yield func(arrow.Record, error) bool) {
		for _, rec := range recs {
			columns := make([]arrow.Array, rec.NumCols())
			for i, c := range rec.Columns() {
				var err error
				if columns[i], err = array.Concatenate([]arrow.Array{c}, mem); err != nil {
					yield(nil, err)
					return
				}
			}
			if !yield(newRecord(rec.Schema(), columns, int(rec.NumRows())), nil) {
				return
			}
		}
	}
}

// peakAllocator counts what is allocated at once.
type peakAllocator struct {
	arrowmemory.Allocator
	held, peak atomic.Int64
}

func (p *peakAllocator) add(n int) {
	held := p.held.Add(int64(n))
	for peak := p.peak.Load(); held > peak && !p.peak.CompareAndSwap(peak, held); peak = p.peak.Load() {
	}
}

func (p *peakAllocator) Allocate(size int) []byte {
	p.add(size)
	return p.Allocator.Allocate(size)
}

func (p *peakAllocator) Reallocate(size int, b []byte) []byte {
	p.add(size - len(b))
	return p.Allocator.Reallocate(size, b)
}

func (p *peakAllocator) Free(b []byte) {
	p.add(-len(b))
	p.Allocator.Free(b)
}
