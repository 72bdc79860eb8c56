package distrib

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/source"
)

// Blocks is a split of blocks that other tasks have made, in order. A task reads them where it runs.
type Blocks struct {
	Refs []Ref
	// Build is those of the other side of a join.
	Build []Ref
	// Low and High bound the rows of sorted blocks that belong to the split: one row of keys each, nil for no bound.
	Low, High arrow.Record
	// Get gives the record of a block.
	Get func(context.Context, Ref) (arrow.Record, error)
}

// Span implements source.Split. Blocks are no part of an input.
func (b *Blocks) Span() batch.Span { return batch.Span{} }

// Stored implements source.Split.
func (b *Blocks) Stored() int64 { return 0 }

// Close implements source.Split.
func (b *Blocks) Close() {
	for _, rec := range []arrow.Record{b.Low, b.High} {
		if rec != nil {
			rec.Release()
		}
	}
	b.Low, b.High = nil, nil
}

// all is the blocks of both sides.
func (b *Blocks) all() []Ref { return slices.Concat(b.Refs, b.Build) }

// with is the split with other blocks of the same content, in the order of all. It is not closed.
func (b *Blocks) with(all []Ref) *Blocks {
	out := *b
	out.Refs, out.Build = all[:len(b.Refs)], all[len(b.Refs):]
	return &out
}

// Open implements source.Split: blocks are read whole.
func (b *Blocks) Open(ctx context.Context, _ []string, _ int64) batch.Stream {
	return b.read(ctx, b.Refs)
}

func (b *Blocks) read(ctx context.Context, refs []Ref) batch.Stream {
	return func(yield func(arrow.Record, error) bool) {
		for _, ref := range refs {
			rec, err := b.Get(ctx, ref)
			if err != nil {
				yield(nil, fmt.Errorf("block %s: %w", ref.ID, err))
				return
			}
			if !yield(rec, nil) {
				return
			}
		}
	}
}

// splitSource is where splits of blocks come from.
type splitSource interface {
	// next waits for split i; nil where there is none.
	next(ctx context.Context, i int) *Blocks
}

// listed is splits that are all known.
type listed []*Blocks

func (l listed) next(_ context.Context, i int) *Blocks {
	if i < len(l) {
		return l[i]
	}
	return nil
}

// blockSource makes a source of it.
type blockSource struct {
	name string
	splitSource
}

func (s blockSource) Name() string { return s.name }

func (s blockSource) Schema(context.Context) (*arrow.Schema, error) { return nil, nil }

func (s blockSource) Size() int64 { return 0 }

func (s blockSource) Splits(ctx context.Context, _ int64) iter.Seq2[source.Split, error] {
	return func(yield func(source.Split, error) bool) {
		for i := 0; ; i++ {
			b := s.next(ctx, i)
			if b == nil || !yield(b, nil) {
				return
			}
		}
	}
}
