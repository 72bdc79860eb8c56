package frame

import (
	"context"
	"fmt"
	"iter"
	"runtime"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/memory"
	"github.com/rivulet-go/rivulet/frame/plan"
	"github.com/rivulet-go/rivulet/frame/source"
)

// held is a source over records that a frame owns. Plans made from the frame share it, so the records and their
// reservation are given back once no plan, split or stream refers to it: a cleanup does that, cells never release.
type held struct {
	source.Source
}

// holding is what the cleanup gives back. It must not refer to held.
type holding struct {
	records     []arrow.Record
	reservation *memory.Reservation
}

func (h *holding) release() {
	for _, r := range h.records {
		r.Release()
	}
	h.records = nil
	h.reservation.Release()
}

// hold makes a frame of records; it takes them and the reservation over.
func hold(ctx context.Context, name string, schema *arrow.Schema, h *holding) (*Frame, error) {
	s := &held{source.FromRecords(name, schema, h.records)}
	n, err := plan.NewScan(ctx, s)
	if err != nil {
		h.release()
		return nil, err
	}
	runtime.AddCleanup(s, (*holding).release, h)
	return &Frame{node: n, name: name}, nil
}

func newHolding(name string) *holding {
	return &holding{reservation: memory.Default().NewReservation(name)}
}

// add takes r over; where the budget refuses, r is released.
func (h *holding) add(r arrow.Record) error {
	if err := h.reservation.Grow(batch.Bytes(r)); err != nil {
		r.Release()
		return fmt.Errorf("%d batches held so far: %w", len(h.records), err)
	}
	h.records = append(h.records, r)
	return nil
}

// Splits keeps the records alive as long as one of the splits is.
func (s *held) Splits(ctx context.Context, want int64) iter.Seq2[source.Split, error] {
	return func(yield func(source.Split, error) bool) {
		defer runtime.KeepAlive(s)
		for split, err := range s.Source.Splits(ctx, want) {
			if split != nil {
				split = &heldSplit{split, s}
			}
			if !yield(split, err) {
				return
			}
		}
	}
}

type heldSplit struct {
	source.Split
	owner *held
}

// Open keeps the records alive until the stream has ended; batches it gave are retained by their receivers.
func (s *heldSplit) Open(ctx context.Context, columns []string, limit int64) batch.Stream {
	return func(yield func(arrow.Record, error) bool) {
		defer runtime.KeepAlive(s.owner)
		s.Split.Open(ctx, columns, limit)(yield)
	}
}
