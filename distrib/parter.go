package distrib

import (
	"context"
	"fmt"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/exec"
	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/frame/plan"
)

// parter cuts the blocks of a split into those of parts.
type parter interface {
	// Add takes rec over; take owns what it is given.
	Add(ctx context.Context, rec arrow.Record, take func(part int, rec arrow.Record) error) error
	// Flush gives what was held back.
	Flush(take func(part int, rec arrow.Record) error) error
	Close()
}

// rangeBatchBytes is about how large the blocks are that a range gives: what is told of each costs as much as copying some megabytes.
const rangeBatchBytes = 8 << 20

// newParter makes the parter of a split of a task; in is the schema of what is parted.
func newParter(env *exec.Env, in *arrow.Schema, task Task, split int) (parter, error) {
	f := task.Fragment
	switch n := f.End.(type) {
	case *plan.Aggregate:
		spec, err := exec.NewAggSpec(in, n.Keys, n.Aggs)
		if err != nil {
			return nil, err
		}
		return exec.NewAggParter(env, spec)
	case *plan.Sort:
		if task.Bounds != nil {
			return exec.NewRangeParter(env, in, n.Keys, task.Bounds)
		}
		x, err := exec.NewSortIndex(env, in, n.Keys)
		return sortIndexer{x}, err
	case *plan.Join:
		keys := n.LeftKeys
		if task.Role == PartBuild {
			keys = n.RightKeys
		}
		return exec.NewKeyParter(env, in, expr.NamedColumns(keys), task.Parts)
	}
	if placed, keys := plan.WithPlace(f.End, in); placed != nil {
		return newPlacer(env, in, task.Parts, split, keys)
	}
	return nil, fmt.Errorf("%s: it has no exchange", f.End)
}

// sortIndexer passes a sorted run on, in small blocks, and then its index.
type sortIndexer struct{ index *exec.SortIndex }

// runBlockBytes is about how large the blocks of a run are. A range takes whole blocks of each run: the smaller they are, the less of
// them belongs to other ranges.
const runBlockBytes = 2 << 20

func (p sortIndexer) Add(ctx context.Context, rec arrow.Record, take func(int, arrow.Record) error) error {
	defer rec.Release()
	rows, pieces := rec.NumRows(), batch.Bytes(rec)/runBlockBytes+1
	each := (rows + pieces - 1) / pieces
	for from := int64(0); from < rows; from += each {
		piece := rec.NewSlice(from, min(from+each, rows))
		err := p.index.Add(ctx, piece)
		if err != nil {
			piece.Release()
		} else {
			err = take(0, piece)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (p sortIndexer) Flush(take func(int, arrow.Record) error) error {
	rec, err := p.index.Record()
	if err != nil {
		return err
	}
	return take(IndexPart, rec)
}

func (p sortIndexer) Close() { p.index.Close() }

// compilePart makes what a task does with its rows, of schema in, before they are parted.
func compilePart(env *exec.Env, in *arrow.Schema, task Task) batch.Op {
	if n, ok := task.Fragment.End.(*plan.Sort); ok {
		if task.Bounds != nil {
			return batch.Chain()
		}
		return draining(func() (gatherer, error) { return newGatherer(env, in, n, nil) })
	}
	return batch.Chain()
}

// compileReduce makes what f.End gives of one part: of the blocks that come, which are of schema f.Schema, and of those of the
// part's build side.
func compileReduce(ctx context.Context, env *exec.Env, f plan.Fragment, part *Blocks) (batch.Op, error) {
	switch n := f.End.(type) {
	case *plan.Aggregate:
		spec, err := exec.NewAggSpec(f.Schema, n.Keys, n.Aggs)
		if err != nil {
			return nil, err
		}
		return draining(func() (gatherer, error) { return &aggregateGatherer{exec.NewUnsharded(env, spec)}, nil }), nil
	case *plan.Sort:
		within := exec.RangePieces(env, f.Schema, n.Keys) // of rows as they were read
		if part.Low != nil || part.High != nil {
			within = exec.SortRange(env, f.Schema, n.Keys, part.Low, part.High)
		}
		sorted := draining(func() (gatherer, error) {
			merge := exec.NewMergeSort(env, f.Schema, n.Keys)
			merge.OfRange(rangeBatchBytes)
			return &sortGatherer{merge}, nil
		})
		return batch.Chain(within, sorted, withoutPlaces(f)), nil
	case *plan.Join:
		return exec.JoinPart(env, joinSpec(n), part.read(ctx, part.Build)), nil
	case *plan.Window, *plan.Distinct, *plan.GroupTopK:
		return compilePlaced(env, f)
	}
	return nil, fmt.Errorf("%s: it has no exchange", f.End)
}

// draining is drain as an operator.
func draining(open func() (gatherer, error)) batch.Op {
	return func(ctx context.Context, in batch.Stream) batch.Stream { return drain(ctx, open, in) }
}
