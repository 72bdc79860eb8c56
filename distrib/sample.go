package distrib

import (
	"context"
	"iter"
	"time"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/exec"
	"github.com/rivulet-go/rivulet/frame/plan"
	"github.com/rivulet-go/rivulet/frame/source"
)

const (
	// sampleAfter is how long a join's build side may take before a sample of the result is wanted.
	sampleAfter = 50 * time.Millisecond
	// sampleAtMost bounds the time for which one holds the run up.
	sampleAtMost = 200 * time.Millisecond
	// samples is how often one is tried, each time with more splits.
	samples = 4
	// sampleRows is how many rows of a split are joined.
	sampleRows = 1 << 16
)

// sample is some rows of a result that has none before the build sides of its joins are read: those that the heads of all
// inputs give.
type sample struct {
	pool  *Pool
	node  plan.Node // nil where the result has no sample
	tried int
	found bool // it is what was shown last
}

func newSample(p *Pool, n plan.Node) *sample {
	s := &sample{pool: p}
	if p, ok := n.(*plan.Preview); ok && len(p.Keys) == 0 {
		if rows := plan.Sample(p.Input, func(src source.Source) source.Source { return heads{src, &s.tried} }); rows != nil {
			s.node = &plan.Limit{Input: rows, N: p.N}
		}
	}
	return s
}

// due says whether to try at a time after the run's start.
func (s *sample) due(elapsed time.Duration) bool {
	return s.node != nil && !s.found && s.tried < samples && elapsed >= sampleAfter
}

// take gives the sample, nil where nothing was found. It does not fail: an error that matters comes in the run.
func (s *sample) take(ctx context.Context) arrow.Record {
	ctx, cancel := context.WithTimeout(plan.WithProfile(ctx, func(*plan.Profile) {}), sampleAtMost)
	defer cancel()
	s.tried++
	r := newRun(s.pool, s.node)
	recs, err := batch.Collect(r.result(ctx))
	defer releaseAll(recs)
	if err != nil {
		if ctx.Err() != nil {
			s.tried = samples
		}
		return nil
	}
	rec, err := batch.Concat(s.pool.env.Mem, r.last.Schema(), recs)
	if err != nil {
		return nil
	}
	if rec.NumRows() == 0 {
		rec.Release()
		return nil
	}
	s.found = true
	return rec
}

// heads is the first splits of a source.
type heads struct {
	source.Source
	splits *int
}

func (h heads) Splits(ctx context.Context, want int64) iter.Seq2[source.Split, error] {
	return func(yield func(source.Split, error) bool) {
		left := *h.splits
		for split, err := range h.Source.Splits(ctx, want) {
			if err == nil {
				split = headSplit{split}
			}
			if left--; !yield(split, err) || left == 0 {
				return
			}
		}
	}
}

// headSplit is the first rows of a split, and those that come with them.
type headSplit struct{ source.Split }

func (h headSplit) Open(ctx context.Context, columns []string, limit int64) batch.Stream {
	if limit <= 0 || limit > sampleRows {
		limit = sampleRows
	}
	return exec.Limit(sampleRows)(ctx, h.Split.Open(ctx, columns, limit))
}
