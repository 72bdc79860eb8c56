package frame

import (
	"context"
	"fmt"
	"iter"
	"runtime"
	"sync"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/exec"
	"github.com/rivulet-go/rivulet/frame/memory"
	"github.com/rivulet-go/rivulet/frame/plan"
	"github.com/rivulet-go/rivulet/frame/source"
)

// held is a source over records that a frame owns. Every plan made from the frame refers to it, so once it can't be
// reached no plan will read the records, and a cleanup gives them and their reservation back: cells never release.
// Splits and streams that are still open have references of their own to what they read.
type held struct {
	name   string
	schema *arrow.Schema
	count  int64 // rows
	rows   *holding
}

// Name implements source.Source.
func (s *held) Name() string { return s.name }

// Schema implements source.Source.
func (s *held) Schema(context.Context) (*arrow.Schema, error) { return s.schema, nil }

// Size implements source.Source.
func (s *held) Size() (size int64) {
	s.rows.mu.Lock()
	defer s.rows.mu.Unlock()
	for _, r := range s.rows.records {
		size += batch.Bytes(r)
	}
	return size
}

// EstimateRows implements source.Counted.
func (s *held) EstimateRows() (float64, bool) { return float64(s.count), true }

// Splits implements source.Source.
func (s *held) Splits(ctx context.Context, want int64) iter.Seq2[source.Split, error] {
	return func(yield func(source.Split, error) bool) {
		defer runtime.KeepAlive(s)
		in := s.rows.source(s.name, s.schema)
		defer releaseSource(in)
		for split, err := range in.Splits(ctx, want) {
			if !yield(split, err) {
				return
			}
		}
	}
}

// holding is the records of a frame in the making, and later what its cleanup gives back. It must not refer to held.
type holding struct {
	reservation *memory.Reservation
	codes       *exec.TextCodes // of records whose text is coded as they come; nil where it is not

	coding sync.Mutex // of who codes

	mu      sync.Mutex // of what follows
	records []arrow.Record
	plain   map[string]bool // text columns that may be coded later
}

func newHolding(name string) *holding {
	return &holding{reservation: memory.Default().NewReservation(name)}
}

// add takes r over; where the budget refuses, r is released.
func (h *holding) add(r arrow.Record) (err error) {
	if h.codes != nil {
		if r, err = h.codes.Code(r); err != nil {
			return err
		}
	}
	if err := h.reservation.Grow(batch.Bytes(r)); err != nil {
		r.Release()
		return fmt.Errorf("%d batches held so far: %w", len(h.records), err)
	}
	h.records = append(h.records, r)
	return nil
}

// finish makes the records what they are until some column of theirs is coded.
func (h *holding) finish() (err error) {
	if h.codes == nil {
		h.plain = plainTexts(h.records)
		return nil
	}
	records := h.records
	h.records = nil
	if h.records, err = h.codes.Finish(records); err != nil {
		return err
	}
	h.codes.Close()
	h.codes = nil
	return h.reservation.Resize(heldBytes(h.records))
}

// heldBytes is what records take, with the words of those that are coded.
func heldBytes(records []arrow.Record) int64 {
	size := int64(0)
	words := map[arrow.ArrayData]bool{}
	for _, r := range records {
		size += batch.Bytes(r)
		for _, c := range r.Columns() {
			if batch.IsCoded(c) && !words[batch.Words(c)] {
				words[batch.Words(c)] = true
				size += int64(batch.Words(c).SizeInBytes())
			}
		}
	}
	return size
}

// source is one over the records as they are now.
func (h *holding) source(name string, schema *arrow.Schema) source.Source {
	h.mu.Lock()
	defer h.mu.Unlock()
	return source.FromRecords(name, schema, h.records)
}

func (h *holding) release() {
	if h.codes != nil {
		h.codes.Close()
		h.codes = nil
	}
	releaseAll(h.records)
	h.records = nil
	h.reservation.Release()
}

func releaseAll(records []arrow.Record) {
	for _, r := range records {
		r.Release()
	}
}

// hold makes a frame of records; it takes them and the reservation over.
func hold(ctx context.Context, name string, schema *arrow.Schema, h *holding) (*Frame, error) {
	if err := h.finish(); err != nil {
		h.release()
		return nil, err
	}
	s := &held{name: name, schema: schema, rows: h}
	for _, r := range h.records {
		s.count += r.NumRows()
	}
	n, err := plan.NewScan(ctx, s)
	if err != nil {
		h.release()
		return nil, err
	}
	runtime.AddCleanup(s, (*holding).release, h)
	return &Frame{node: n, name: name}, nil
}

// releaseSource gives back the references that a source in memory keeps.
func releaseSource(s source.Source) {
	if r, ok := s.(interface{ Release() }); ok {
		r.Release()
	}
}
