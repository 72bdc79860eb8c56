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

// Worker runs requests, any number at a time, and keeps the tables of joins between them.
type Worker struct {
	env    *exec.Env
	tables tables
}

// New makes a worker whose operators work in env.
func New(env *exec.Env) *Worker { return &Worker{env: env} }

// Close gives back what is kept. No request may be running.
func (k *Worker) Close() { k.tables.close() }

// Run runs a request of Encode's. An error comes with where it stands in the order.
func (k *Worker) Run(ctx context.Context, request []byte, input Input, emit Emit) (distrib.BlockID, error) {
	var w wireTask
	if err := gob.NewDecoder(bytes.NewReader(request)).Decode(&w); err != nil {
		return distrib.BlockID{}, fmt.Errorf("a request is cut off or damaged: %w", err)
	}
	at := distrib.BlockID{Stage: w.Stage, Role: w.Role}
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
	var reduce *plan.Fragment
	if w.Reduce != nil {
		f, err := plan.DecodeFragment(w.Reduce)
		if err != nil {
			return at, err
		}
		reduce = &f
	}
	bounds, err := decodeBound(k.env, w.Bounds)
	if err != nil {
		return at, err
	}
	if bounds != nil {
		defer bounds.Release()
	}
	tables, release, err := k.tables.get(ctx, k.env, w.Builds, input)
	if err != nil {
		return at, err
	}
	defer release()
	from := &splits{env: k.env, rest: w.Splits, input: input}
	defer from.close()
	task := distrib.Task{
		Stage: w.Stage, Source: w.Source, Role: w.Role, Parts: w.Parts, Bounds: bounds, Fragment: fragment, Reduce: reduce, Marks: w.Marks,
		Tables: tables, Splits: from,
	}
	for b, err := range distrib.Lane(ctx, k.env, task) {
		if err == nil {
			err = k.emit(ctx, b, emit)
		}
		if err != nil {
			return b.ID, err
		}
	}
	return at, nil
}

// emit gives a block without codes: those of one stream have the same words in all batches, which another process does not see.
func (k *Worker) emit(ctx context.Context, b distrib.Block, emit Emit) error {
	if b.Record == nil {
		return emit(ctx, b.Ref, nil)
	}
	rec, err := batch.Plain(k.env.Mem, b.Record)
	if err != nil {
		return err
	}
	b.Bytes = batch.Bytes(rec)
	return emit(ctx, b.Ref, rec)
}

// splits decodes a request's splits as the lane takes them.
type splits struct {
	env   *exec.Env
	rest  []wireSplit
	input Input
	open  source.Split
}

// Next implements distrib.Splits.
func (s *splits) Next(ctx context.Context) (distrib.Split, bool, error) {
	s.close()
	if len(s.rest) == 0 {
		return distrib.Split{}, false, nil
	}
	w := s.rest[0]
	s.rest = s.rest[1:]
	if w.Exchange {
		blocks, err := s.blocks(w)
		if err == nil {
			s.open = blocks
		}
		return distrib.Split{Index: w.Index, Split: blocks}, err == nil, err
	}
	if w.File == nil {
		return distrib.Split{Index: w.Index, Split: &records{wireSplit: w, input: s.input}}, true, nil
	}
	split, err := source.DecodeSplit(ctx, w.File, w.pieces(ctx, s.input))
	if err != nil {
		return distrib.Split{Index: w.Index}, false, err
	}
	s.open = split
	return distrib.Split{Index: w.Index, Split: split}, true, nil
}

func (s *splits) close() {
	if s.open != nil {
		s.open.Close()
		s.open = nil
	}
}

// blocks is a split of an exchange. Its Refs are but numbers.
func (s *splits) blocks(w wireSplit) (b *distrib.Blocks, err error) {
	refs := func(numbers []int) []distrib.Ref {
		list := make([]distrib.Ref, len(numbers))
		for i, number := range numbers {
			list[i] = distrib.Ref{ID: distrib.BlockID{Split: w.Index, Seq: i}, Handle: number}
		}
		return list
	}
	b = &distrib.Blocks{Refs: refs(w.Records), Build: refs(w.Build)}
	b.Get = func(ctx context.Context, ref distrib.Ref) (arrow.Record, error) {
		return s.input(ctx, ref.Handle.(int))
	}
	if b.Low, err = decodeBound(s.env, w.Low); err == nil {
		b.High, err = decodeBound(s.env, w.High)
	}
	if err != nil {
		b.Close()
	}
	return b, err
}

// decodeBound reads what encodeBound wrote.
func decodeBound(env *exec.Env, b []byte) (arrow.Record, error) {
	if b == nil {
		return nil, nil
	}
	return batch.Decode(env.Mem, b)
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
