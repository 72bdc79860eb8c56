package exec

import (
	"context"
	"errors"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/memory"
	"github.com/rivulet-go/rivulet/frame/plan"
)

const (
	mergeBytes = 4 << 20 // of a part of the result

	// stretchRows is how many rows of each source are in a part of the result, where memory is not short: a hundred million rows are
	// some 160 pieces, of which parts of mergeBytes have 400 rows each, and what a stretch costs is a sixth of the time of all.
	stretchRows = 1 << 11

	// Reading a run holds a piece of the file, the batch made from it, and the batch before, which the output may
	// still refer to.
	runBuffers = 3

	maxFanIn = 128
)

// MergeSort makes a sorted stream of the batches that PartialSort gives: the upper half of a sort. Batches are held as long as
// the budget grants it, then merged into a run on disk. Equal rows come in the order in which they were added. It is used by
// one goroutine; sorting and merging have workers of their own. Rows whose keys are numbers or coded text PartialSort leaves as
// they are: they are sorted at once in the end if they are in memory then, and piece by piece else.
//
//	Add … Add ─► held ─(refused)─► run ─► Stream: runs merged, at first into fewer where their buffers do not fit
//	         └─► raw ─► Stream: parts
//	              └(refused)─► held
type MergeSort struct {
	env   *Env
	spec  *sortSpec
	grant *grant
	raw   rawRows // came after what is held
	held  *heldRuns
	runs  []*memory.Run
	file  *spillFile
	err   error
	batch int64 // about the bytes of batches of the result, where memory is not short
	whole bool  // batches of parts have as many
}

// OfRange makes it sort a range of the order, of rows as RangePieces gives them, or of sorted ones. Batches of the result have about so many bytes.
func (s *MergeSort) OfRange(batchBytes int64) {
	s.batch, s.whole = batchBytes, true
	if s.spec != nil {
		s.spec.packText = true
	}
}

// NewMergeSort makes an empty sort. Close it.
func NewMergeSort(env *Env, schema *arrow.Schema, keys []plan.SortKey) *MergeSort {
	spec, err := newSortSpec(schema, keys)
	return newMergeSort(env, spec, err)
}

func newMergeSort(env *Env, spec *sortSpec, err error) *MergeSort {
	return &MergeSort{
		env: env, spec: spec, err: err, grant: env.newGrant("sort"), batch: mergeBytes,
		held: &heldRuns{env: env, spec: spec}, file: &spillFile{env: env},
	}
}

// Add takes over a batch sorted by PartialSort. After an error only Close may be called.
func (s *MergeSort) Add(ctx context.Context, sorted arrow.Record) error {
	if s.err != nil {
		sorted.Release()
		return s.err
	}
	s.err = protect("sort", nil, func() error { return s.add(ctx, sorted) })
	return s.err
}

func (s *MergeSort) add(ctx context.Context, sorted arrow.Record) error {
	if s.spec.words(sorted) {
		s.raw.add(sorted)
	} else if err := s.addSorted(ctx, sorted); err != nil {
		return err
	}
	granted, err := s.grant.resize(s.raw.bytes + s.held.bytes)
	if err != nil || granted && !s.held.full() {
		return err
	}
	if err := s.settle(ctx); err != nil {
		return err
	}
	return s.spill(ctx)
}

// addSorted holds a batch that comes after all others.
func (s *MergeSort) addSorted(ctx context.Context, sorted arrow.Record) error {
	if err := s.settle(ctx); err != nil {
		sorted.Release()
		return err
	}
	return s.held.add(ctx, sorted)
}

// Spilled says whether rows were written to disk.
func (s *MergeSort) Spilled() bool { return len(s.runs) > 0 }

// spill merges what is held into a run.
func (s *MergeSort) spill(ctx context.Context) error {
	if s.held.rows == 0 {
		return nil
	}
	m, err := s.mergeHeld(ctx, s.held.rowsOf(s.grant.floor/2))
	if err != nil {
		return err
	}
	run, err := s.writeRun(ctx, m)
	if err != nil {
		return err
	}
	s.runs = append(s.runs, run)
	s.grant.release()
	return nil
}

// mergeHeld is a merge of what is held, and only of that, in parts of about so many rows. Close it.
func (s *MergeSort) mergeHeld(ctx context.Context, rows int64) (*merge, error) {
	if err := s.held.flush(); err != nil {
		return nil, err
	}
	splitters, err := newSplitters(ctx, s.env, s.spec, s.held.runs, rows)
	if err != nil {
		return nil, err
	}
	m := newMerge(s.env, s.spec, s.held.take())
	m.split(splitters)
	return m, nil
}

// writeRun writes what a merge, which it closes, gives.
func (s *MergeSort) writeRun(ctx context.Context, m *merge) (*memory.Run, error) {
	defer m.close()
	spill, err := s.file.open()
	if err != nil {
		return nil, err
	}
	w := spill.Writer(s.spec.schema)
	rows := int64(0)
	err = m.run(ctx, func(rec arrow.Record) error {
		defer rec.Release()
		if rows == 0 {
			rows = partRows([]arrow.Record{rec}, s.grant.floor/2)
		}
		for from := int64(0); from < rec.NumRows(); from += rows {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := writeSlice(w, rec, from, min(from+rows, rec.NumRows())); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return w.Close()
}

func writeSlice(w *memory.RunWriter, rec arrow.Record, from, to int64) error {
	piece := rec.NewSlice(from, to)
	defer piece.Release()
	return w.Write(piece)
}

// Stream is everything added, in order. It ends the sort: only Close may follow.
func (s *MergeSort) Stream(ctx context.Context) batch.Stream {
	return generate(ctx, "sort", func(emit emitFunc) error {
		if s.err != nil {
			return s.err
		}
		s.err = errors.New("sort: its result was taken already")
		return s.stream(ctx, emit)
	})
}

func (s *MergeSort) stream(ctx context.Context, emit emitFunc) error {
	defer s.grant.release()
	if len(s.runs) == 0 && s.held.rows == 0 && s.raw.rows > 0 {
		if given, err := s.sortParts(ctx, emit); given || err != nil {
			return err
		}
	}
	if err := s.settle(ctx); err != nil {
		return err
	}
	if len(s.runs) == 0 {
		m, err := s.mergeHeld(ctx, s.partRows())
		if err != nil {
			return err
		}
		defer m.close()
		return m.run(ctx, emit)
	}
	granted, err := s.grant.resize(s.held.bytes + buffersOf(s.runs) + mergeBytes)
	if err != nil {
		return err
	}
	if !granted {
		if err := s.spill(ctx); err != nil {
			return err
		}
		if err := s.mergeRuns(ctx); err != nil {
			return err
		}
	}
	if err := s.held.flush(); err != nil {
		return err
	}
	cursors := s.openRuns(ctx, s.runs)
	m := newMerge(s.env, s.spec, append(cursors, s.held.take()...)) // held came after all runs
	defer m.close()
	return m.run(ctx, emit)
}

func (s *MergeSort) openRuns(ctx context.Context, runs []*memory.Run) []*mergeCursor {
	cursors := make([]*mergeCursor, len(runs))
	for i, run := range runs {
		cursors[i] = runCursor(ctx, s.env, s.spec, run)
	}
	return cursors
}

// batchBytes is how large the batches of the result are: small where memory is short.
func (s *MergeSort) batchBytes() int64 {
	return min(s.batch, max(s.grant.floor, s.env.Budget.Total()/32))
}

// partRows is how many rows the parts have whose batches are the result.
func (s *MergeSort) partRows() int64 {
	most := s.env.Budget.Total() / 256 * s.held.rows / max(1, s.held.bytes)
	return max(s.held.rowsOf(s.batchBytes()), min(stretchRows*int64(len(s.held.runs)), most))
}

// buffersOf is the memory that reading runs at once takes.
func buffersOf(runs []*memory.Run) (n int64) {
	for _, run := range runs {
		n += runBuffers * run.Bytes() / int64(max(1, run.Batches()))
	}
	return n
}

// mergeRuns merges neighbouring runs into one until the buffers of those left fit.
func (s *MergeSort) mergeRuns(ctx context.Context) error {
	for len(s.runs) > 2 {
		fanIn := min(len(s.runs), maxFanIn)
		for ; fanIn > 2; fanIn = (fanIn + 1) / 2 {
			granted, err := s.grant.resize(buffersOf(s.runs[:fanIn]) + s.batchBytes())
			if err != nil {
				return err
			}
			if granted {
				break
			}
		}
		if fanIn == len(s.runs) {
			return nil
		}
		if err := s.mergePass(ctx, fanIn); err != nil {
			return err
		}
	}
	return nil
}

func (s *MergeSort) mergePass(ctx context.Context, fanIn int) error {
	var merged []*memory.Run
	for from := 0; from < len(s.runs); from += fanIn {
		group := s.runs[from:min(from+fanIn, len(s.runs))]
		if len(group) == 1 {
			merged = append(merged, group[0])
			continue
		}
		run, err := s.writeRun(ctx, newMerge(s.env, s.spec, s.openRuns(ctx, group)))
		if err != nil {
			return err
		}
		merged = append(merged, run)
	}
	s.runs = merged
	return nil
}

// Close gives back memory and files. It may be called more than once, and after a stream was broken off.
func (s *MergeSort) Close() {
	s.raw.close()
	s.held.close()
	s.runs = nil
	s.file.close()
	s.grant.release()
	if s.err == nil {
		s.err = errors.New("sort: closed")
	}
}
