package frame

import (
	"context"
	"fmt"
	"runtime"

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
	source.Source
}

// holding is the records of a frame in the making, and later what its cleanup gives back. It must not refer to held.
type holding struct {
	records     []arrow.Record
	reservation *memory.Reservation
	codes       *exec.TextCodes // of records whose text is coded; nil where it is not
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

// finish makes the records what they are for good.
func (h *holding) finish() (err error) {
	if h.codes == nil {
		return nil
	}
	records := h.records
	h.records = nil
	if h.records, err = h.codes.Finish(records); err != nil {
		return err
	}
	h.codes.Close()
	h.codes = nil
	size := int64(0)
	words := map[arrow.ArrayData]bool{}
	for _, r := range h.records {
		size += batch.Bytes(r)
		for _, c := range r.Columns() {
			if batch.IsCoded(c) && !words[batch.Words(c)] {
				words[batch.Words(c)] = true
				size += int64(batch.Words(c).SizeInBytes())
			}
		}
	}
	return h.reservation.Resize(size)
}

func (h *holding) release() {
	if h.codes != nil {
		h.codes.Close()
		h.codes = nil
	}
	for _, r := range h.records {
		r.Release()
	}
	h.records = nil
	h.reservation.Release()
}

// hold makes a frame of records; it takes them and the reservation over.
func hold(ctx context.Context, name string, schema *arrow.Schema, h *holding) (*Frame, error) {
	if err := h.finish(); err != nil {
		h.release()
		return nil, err
	}
	inner := source.FromRecords(name, schema, h.records)
	s := &held{inner}
	n, err := plan.NewScan(ctx, s)
	if err != nil {
		releaseSource(inner)
		h.release()
		return nil, err
	}
	runtime.AddCleanup(s, func(h *holding) {
		releaseSource(inner)
		h.release()
	}, h)
	return &Frame{node: n, name: name}, nil
}

// releaseSource gives back the references that a source in memory keeps.
func releaseSource(s source.Source) {
	if r, ok := s.(interface{ Release() }); ok {
		r.Release()
	}
}
