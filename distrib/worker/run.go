package worker

import (
	"bytes"
	"context"
	"encoding/gob"
	"fmt"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/distrib"
	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/exec"
	"github.com/rivulet-go/rivulet/frame/plan"
	"github.com/rivulet-go/rivulet/frame/source"
)

// Input fetches a block that the request reads, by its number; the caller releases it.
type Input func(ctx context.Context, number int) (arrow.Record, error)

// Emit takes a block over; its record is nil where the Ref ends a split.
type Emit func(context.Context, distrib.Ref, arrow.Record) error

// Run runs a request of Encode's. An error comes with where it stands in the order.
func Run(ctx context.Context, env *exec.Env, request []byte, input Input, emit Emit) (distrib.BlockID, error) {
	var w wireTask
	if err := gob.NewDecoder(bytes.NewReader(request)).Decode(&w); err != nil {
		return distrib.BlockID{}, fmt.Errorf("a request is cut off or damaged: %w", err)
	}
	at := distrib.BlockID{Stage: w.Stage}
	if len(w.Splits) > 0 {
		at.Split = w.Splits[0].Index
	}
	if w.Version != version {
		return at, fmt.Errorf("a request of version %d, this worker knows version %d", w.Version, version)
	}
	fragment, err := plan.DecodeFragment(w.Fragment)
	if err != nil {
		return at, err
	}
	task := distrib.Task{Stage: w.Stage, Source: w.Source, Fragment: fragment, Splits: &splits{rest: w.Splits, input: input}}
	for b, err := range distrib.Lane(ctx, env, task) {
		if err == nil {
			err = emit(ctx, b.Ref, b.Record)
		}
		if err != nil {
			return b.ID, err
		}
	}
	return at, nil
}

// splits decodes a request's splits as the lane takes them.
type splits struct {
	rest  []wireSplit
	input Input
	open  source.Split
}

// Next implements distrib.Splits.
func (s *splits) Next(ctx context.Context) (distrib.Split, bool, error) {
	if s.open != nil {
		s.open.Close()
		s.open = nil
	}
	if len(s.rest) == 0 {
		return distrib.Split{}, false, nil
	}
	w := s.rest[0]
	s.rest = s.rest[1:]
	if w.File == nil {
		return distrib.Split{Index: w.Index, Split: &records{wireSplit: w, input: s.input}}, true, nil
	}
	split, err := source.DecodeSplit(ctx, w.File)
	if err != nil {
		return distrib.Split{Index: w.Index}, false, err
	}
	s.open = split
	return distrib.Split{Index: w.Index, Split: split}, true, nil
}

// records is a split of records that are fetched one at a time.
type records struct {
	wireSplit
	input Input
}

// Span implements source.Split.
func (r *records) Span() batch.Span { return r.wireSplit.Span }

// Stored implements source.Split.
func (r *records) Stored() int64 { return r.wireSplit.Stored }

// Close implements source.Split.
func (r *records) Close() {}

// Open implements source.Split.
func (r *records) Open(ctx context.Context, columns []string, limit int64) batch.Stream {
	return func(yield func(arrow.Record, error) bool) {
		left := limit
		for _, number := range r.Records {
			rec, err := r.input(ctx, number)
			if err != nil {
				yield(nil, err)
				return
			}
			one := source.SplitOfRecords(r.wireSplit.Span, rec)
			for out, err := range one.Open(ctx, columns, left) {
				if err == nil {
					left -= out.NumRows()
				}
				if !yield(out, err) || err != nil {
					one.Close()
					return
				}
			}
			one.Close()
			if limit > 0 && left <= 0 {
				return
			}
		}
	}
}
