package distrib

import (
	"context"
	"fmt"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/exec"
	"github.com/rivulet-go/rivulet/frame/memory"
	"github.com/rivulet-go/rivulet/frame/plan"
)

// gatherer is a pipeline breaker's state: it takes what lanes made of their splits and gives its result at the end.
type gatherer interface {
	// add takes rec over.
	add(ctx context.Context, rec arrow.Record) error
	// snapshot is at least the first want rows of the result of what was added so far, all where want is negative, and how
	// many rows there are; a nil record where there are none to show.
	snapshot(ctx context.Context, want int64) (rec arrow.Record, rows int64, err error)
	// stream is the result. It is called once, after the last add.
	stream(ctx context.Context) batch.Stream
	close()
}

// newGatherer makes the state of a breaker over lanes of schema in, which code the keys of an aggregation by codes.
func newGatherer(env *exec.Env, in *arrow.Schema, n plan.Node, codes *exec.KeyCodes) (gatherer, error) {
	switch n := n.(type) {
	case *plan.Aggregate:
		spec, err := exec.NewAggSpec(in, n.Keys, n.Aggs)
		if err != nil {
			return nil, err
		}
		return &aggregateGatherer{exec.NewFinalAggregate(env, spec.WithCodes(codes))}, nil
	case *plan.Sort:
		return &sortGatherer{exec.NewMergeSort(env, in, n.Keys)}, nil
	case *plan.TopK:
		return newTopK(env, in, n.Keys, n.N)
	case *plan.GroupTopK:
		spec, err := exec.NewGroupTopKSpec(in, n.Groups, n.Keys, n.N)
		if err != nil {
			return nil, err
		}
		state, err := exec.NewGroupTopKState(env, spec)
		if err != nil {
			return nil, err
		}
		return &groupTopKGatherer{state}, nil
	case *plan.Preview:
		return newTopK(env, in, n.Keys, n.N)
	case *plan.Window:
		spec, err := exec.NewWindowSpec(in, n)
		if err != nil {
			return nil, err
		}
		return &windowGatherer{exec.NewWindow(env, spec)}, nil
	case *plan.Tail:
		return &tailGatherer{env: env, schema: in, want: n.N, held: env.Budget.NewReservation("tail")}, nil
	default:
		return nil, fmt.Errorf("%s: not a pipeline breaker", n)
	}
}

// counted is a snapshot that has all rows.
func counted(rec arrow.Record, err error) (arrow.Record, int64, error) {
	if rec == nil || err != nil {
		return nil, 0, err
	}
	return rec, rec.NumRows(), nil
}

// streaming makes the operator of a gather that is not a breaker.
func streaming(env *exec.Env, in *arrow.Schema, n plan.Node) (batch.Op, error) {
	switch n := n.(type) {
	case *plan.Limit:
		return exec.Limit(n.N), nil
	case *plan.Distinct:
		return exec.Distinct(env, in, n.Columns), nil
	case *plan.Preview:
		return batch.Chain(exec.Preview(n.N), dropCounts), nil
	default:
		return nil, fmt.Errorf("%s: not the end of a stage", n)
	}
}

// dropCounts leaves out the records that only count.
func dropCounts(_ context.Context, in batch.Stream) batch.Stream {
	return func(yield func(arrow.Record, error) bool) {
		for rec, err := range in {
			if err == nil && rec.NumCols() == 0 {
				rec.Release()
				continue
			}
			if !yield(rec, err) {
				return
			}
		}
	}
}

type aggregateGatherer struct{ final *exec.FinalAggregate }

func (g *aggregateGatherer) add(ctx context.Context, rec arrow.Record) error {
	return g.final.Merge(ctx, rec)
}

func (g *aggregateGatherer) snapshot(ctx context.Context, want int64) (arrow.Record, int64, error) {
	return g.final.Snapshot(ctx, want)
}
func (g *aggregateGatherer) stream(ctx context.Context) batch.Stream { return g.final.Stream(ctx) }
func (g *aggregateGatherer) close()                                  { g.final.Close() }

type sortGatherer struct{ merge *exec.MergeSort }

func (g *sortGatherer) add(ctx context.Context, rec arrow.Record) error { return g.merge.Add(ctx, rec) }

func (g *sortGatherer) snapshot(context.Context, int64) (arrow.Record, int64, error) {
	return nil, 0, nil
}
func (g *sortGatherer) stream(ctx context.Context) batch.Stream { return g.merge.Stream(ctx) }
func (g *sortGatherer) close()                                  { g.merge.Close() }

type topKGatherer struct{ state *exec.TopKState }

func newTopK(env *exec.Env, in *arrow.Schema, keys []plan.SortKey, n int64) (gatherer, error) {
	state, err := exec.NewTopKState(env, in, keys, n)
	if err != nil {
		return nil, err
	}
	return &topKGatherer{state}, nil
}

func (g *topKGatherer) add(ctx context.Context, rec arrow.Record) error { return g.state.Add(ctx, rec) }

func (g *topKGatherer) snapshot(context.Context, int64) (arrow.Record, int64, error) {
	return counted(g.state.Snapshot())
}

func (g *topKGatherer) stream(ctx context.Context) batch.Stream { return g.state.Stream(ctx) }
func (g *topKGatherer) close()                                  { g.state.Close() }

type groupTopKGatherer struct{ state *exec.GroupTopKState }

func (g *groupTopKGatherer) add(ctx context.Context, rec arrow.Record) error {
	return g.state.Add(ctx, rec)
}

func (g *groupTopKGatherer) snapshot(context.Context, int64) (arrow.Record, int64, error) {
	return counted(g.state.Snapshot())
}
func (g *groupTopKGatherer) stream(ctx context.Context) batch.Stream { return g.state.Stream(ctx) }
func (g *groupTopKGatherer) close()                                  { g.state.Close() }

// windowGatherer holds all rows.
type windowGatherer struct{ state *exec.Window }

func (g *windowGatherer) add(ctx context.Context, rec arrow.Record) error {
	return g.state.Add(ctx, rec)
}

func (g *windowGatherer) snapshot(context.Context, int64) (arrow.Record, int64, error) {
	return nil, 0, nil
}
func (g *windowGatherer) stream(ctx context.Context) batch.Stream { return g.state.Stream(ctx) }
func (g *windowGatherer) close()                                  { g.state.Close() }

// tailGatherer holds the last rows.
type tailGatherer struct {
	env    *exec.Env
	schema *arrow.Schema
	want   int64
	rows   int64
	recs   []arrow.Record
	held   *memory.Reservation
}

func (g *tailGatherer) add(_ context.Context, rec arrow.Record) error {
	g.recs = append(g.recs, rec)
	g.rows += rec.NumRows()
	for len(g.recs) > 0 && g.rows-g.recs[0].NumRows() >= g.want {
		g.rows -= g.recs[0].NumRows()
		g.recs[0].Release()
		g.recs = g.recs[1:]
	}
	if extra := g.rows - g.want; extra > 0 {
		whole := g.recs[0]
		g.recs[0] = whole.NewSlice(extra, whole.NumRows())
		whole.Release()
		g.rows = g.want
	}
	bytes := int64(0)
	for _, r := range g.recs {
		bytes += batch.Bytes(r)
	}
	return g.held.Resize(bytes)
}

func (g *tailGatherer) snapshot(context.Context, int64) (arrow.Record, int64, error) {
	return counted(batch.Concat(g.env.Mem, g.schema, g.recs))
}

func (g *tailGatherer) stream(context.Context) batch.Stream {
	return func(yield func(arrow.Record, error) bool) {
		for len(g.recs) > 0 {
			rec := g.recs[0]
			g.recs = g.recs[1:]
			if !yield(rec, nil) {
				return
			}
		}
	}
}

func (g *tailGatherer) close() {
	for _, r := range g.recs {
		r.Release()
	}
	g.recs = nil
	g.held.Release()
}

// breaker says whether n gives nothing before it has seen all of its input.
func breaker(n plan.Node) bool {
	switch n := n.(type) {
	case *plan.Aggregate, *plan.Sort, *plan.TopK, *plan.GroupTopK, *plan.Tail, *plan.Window:
		return true
	case *plan.Preview:
		return len(n.Keys) > 0
	}
	return false
}

// drain feeds in to the state that open makes and then gives its result.
func drain(ctx context.Context, open func() (gatherer, error), in batch.Stream) batch.Stream {
	return func(yield func(arrow.Record, error) bool) {
		g, err := open()
		if err != nil {
			yield(nil, err)
			return
		}
		defer g.close()
		for rec, err := range in {
			if err == nil {
				err = g.add(ctx, rec)
			}
			if err != nil {
				yield(nil, err)
				return
			}
		}
		if err := ctx.Err(); err != nil {
			yield(nil, err)
			return
		}
		for rec, err := range g.stream(ctx) {
			if !yield(rec, err) || err != nil {
				return
			}
		}
	}
}
