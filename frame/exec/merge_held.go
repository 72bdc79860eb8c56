package exec

import (
	"context"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
)

const (
	// smallRows is the rows from which a batch is held as it is. Smaller ones that follow each other are sorted together,
	// up to so many rows or bytes, lest a merge has as many sources as there are splits of few rows.
	smallRows      = 1 << 12
	smallBytes     = 256 << 10
	manySmallRows  = 1 << 16
	manySmallBytes = 4 << 20

	// maxHeldRuns bounds the sources of a merge, whose stretches row ids must be able to tell apart.
	maxHeldRuns = 1 << 13
)

// heldRuns is sorted batches in memory, in the order in which they came. A batch that goes on where the one before ended
// belongs to the same run: a lane gives a piece in several batches, and sorted input is one run.
type heldRuns struct {
	env  *Env
	spec *sortSpec

	runs  [][]arrow.Record
	small []arrow.Record // came after runs
	rows  int64          // of all
	bytes int64

	smallRows, smallBytes int64
}

// add takes rec over.
func (h *heldRuns) add(ctx context.Context, rec arrow.Record) error {
	if rec.NumRows() == 0 {
		rec.Release()
		return ctx.Err()
	}
	rows, size := rec.NumRows(), batch.Bytes(rec)
	h.rows += rows
	h.bytes += size
	if rows < smallRows && size < smallBytes {
		h.small = append(h.small, rec)
		h.smallRows += rows
		h.smallBytes += size
		if h.smallRows < manySmallRows && h.smallBytes < manySmallBytes {
			return ctx.Err()
		}
		return h.flush()
	}
	if err := h.flush(); err != nil {
		rec.Release()
		return err
	}
	if err := h.hold(rec); err != nil {
		return err
	}
	return ctx.Err()
}

// flush makes runs of the small batches.
func (h *heldRuns) flush() error {
	small := h.small
	h.small, h.smallRows, h.smallBytes = nil, 0, 0
	if len(small) == 1 {
		return h.hold(small[0])
	}
	if len(small) == 0 {
		return nil
	}
	defer releaseRecords(small)
	return sortPiece(h.env, h.spec, small, sortedBatchRows, h.hold)
}

// hold takes over a batch that comes after all runs.
func (h *heldRuns) hold(rec arrow.Record) error {
	pieces := chunked(nil, rec)
	for i, piece := range pieces {
		goesOn, err := h.goesOn(piece)
		if err != nil {
			releaseRecords(pieces[i:])
			return err
		}
		if goesOn {
			last := &h.runs[len(h.runs)-1]
			*last = append(*last, piece)
		} else {
			h.runs = append(h.runs, []arrow.Record{piece})
		}
	}
	return nil
}

// goesOn says whether rec comes no earlier than the last row of the last run.
func (h *heldRuns) goesOn(rec arrow.Record) (bool, error) {
	if len(h.runs) == 0 {
		return false, nil
	}
	run := h.runs[len(h.runs)-1]
	before := run[len(run)-1]
	last, err := h.keysAt(before, before.NumRows()-1)
	if err != nil {
		return false, err
	}
	defer releaseArrays(last)
	first, err := h.keysAt(rec, 0)
	if err != nil {
		return false, err
	}
	defer releaseArrays(first)
	return compareRows(h.spec.columnsOf(last), 0, h.spec.columnsOf(first), 0, 0) <= 0, nil
}

func (h *heldRuns) keysAt(rec arrow.Record, row int64) ([]arrow.Array, error) {
	one := rec.NewSlice(row, row+1)
	defer one.Release()
	return evalAll(context.Background(), h.env, h.spec.keys, one)
}

// full says that there are as many runs as a merge takes.
func (h *heldRuns) full() bool { return len(h.runs) >= maxHeldRuns }

// rowsOf is how many rows make so many bytes.
func (h *heldRuns) rowsOf(bytes int64) int64 {
	return min(maxRows, max(16, bytes*h.rows/max(1, h.bytes)))
}

// take hands all runs, of which there are no small batches left, to cursors.
func (h *heldRuns) take() []*mergeCursor {
	cursors := make([]*mergeCursor, len(h.runs))
	for i, records := range h.runs {
		cursors[i] = heldCursor(h.env, h.spec, records)
	}
	h.runs, h.rows, h.bytes = nil, 0, 0
	return cursors
}

func (h *heldRuns) close() {
	for _, records := range h.runs {
		releaseRecords(records)
	}
	releaseRecords(h.small)
	h.runs, h.small, h.rows, h.bytes = nil, nil, 0, 0
}
