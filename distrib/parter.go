package distrib

import (
	"context"
	"fmt"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/exec"
	"github.com/rivulet-go/rivulet/frame/plan"
)

// parter cuts the blocks of a split into those of parts.
type parter interface {
	// add takes rec over; take owns what it is given.
	add(ctx context.Context, rec arrow.Record, take func(part int, rec arrow.Record) error) error
	// flush gives what was held back.
	flush(take func(part int, rec arrow.Record) error) error
	close()
}

// newParter makes the parter of a fragment's End, over what its lanes gave.
func newParter(env *exec.Env, f plan.Fragment) (parter, error) {
	switch n := f.End.(type) {
	case *plan.Aggregate:
		spec, err := exec.NewAggSpec(f.Schema, n.Keys, n.Aggs)
		if err != nil {
			return nil, err
		}
		p, err := exec.NewAggParter(env, spec)
		return aggParter{p}, err
	case *plan.Sort:
		x, err := exec.NewSortIndex(env, f.Schema, n.Keys)
		return sortIndexer{x}, err
	}
	return nil, fmt.Errorf("%s: it has no exchange", f.End)
}

type aggParter struct{ *exec.AggParter }

func (p aggParter) add(_ context.Context, rec arrow.Record, take func(int, arrow.Record) error) error {
	return p.Add(rec, take)
}
func (p aggParter) flush(take func(int, arrow.Record) error) error { return p.Flush(take) }
func (p aggParter) close()                                         { p.Close() }

// sortIndexer passes a sorted run on, and then its index.
type sortIndexer struct{ *exec.SortIndex }

func (p sortIndexer) add(ctx context.Context, rec arrow.Record, take func(int, arrow.Record) error) error {
	if rec.NumRows() > 0 {
		if err := p.Add(ctx, rec); err != nil {
			rec.Release()
			return err
		}
	}
	return take(0, rec)
}

func (p sortIndexer) flush(take func(int, arrow.Record) error) error {
	rec, err := p.Record()
	if err != nil {
		return err
	}
	return take(IndexPart, rec)
}

func (p sortIndexer) close() { p.Close() }

// compileExchange makes the operator of a task that works on blocks of the gather n; in is the schema of the lanes that made them.
func compileExchange(env *exec.Env, in *arrow.Schema, n plan.Node, role Role) (batch.Op, error) {
	if _, ok := n.(*plan.Aggregate); ok && role == Part {
		return batch.Chain(), nil
	}
	if !exchangeable(n) {
		return nil, fmt.Errorf("%s: it has no exchange", n)
	}
	open := func() (gatherer, error) {
		if n, ok := n.(*plan.Aggregate); ok {
			spec, err := exec.NewAggSpec(in, n.Keys, n.Aggs)
			if err != nil {
				return nil, err
			}
			return &aggregateGatherer{exec.NewUnsharded(env, spec)}, nil
		}
		return newGatherer(env, in, n, nil)
	}
	return func(ctx context.Context, in batch.Stream) batch.Stream { return drain(ctx, open, in) }, nil
}
