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
	mergeBytes = 4 << 20 // of a batch of the result

	// Reading a run holds a piece of the file, the batch made from it, and the batch before, which the output may
	// still refer to.
	runBuffers = 3

	maxFanIn = 128
)

// MergeSort merges sorted batches to a sorted stream: the upper half of a sort. Batches are held as long as the budget
// grants it, then merged into a run on disk. Equal rows come in the order in which they were added. It is used by one
// goroutine.
//
//	Add … Add ─► held ─(refused)─► run ─► Stream: runs merged, at first into fewer where their buffers do not fit
type MergeSort struct {
	env   *Env
	spec  *sortSpec
	grant *grant
	held  []arrow.Record
	bytes int64 // of held
	runs  []*memory.Run
	file  *spillFile
	err   error
}

// NewMergeSort makes an empty sort. Close it.
func NewMergeSort(env *Env, schema *arrow.Schema, keys []plan.SortKey) *MergeSort {
	spec, err := newSortSpec(schema, keys)
	return newMergeSort(env, spec, err)
}

func newMergeSort(env *Env, spec *sortSpec, err error) *MergeSort {
	return &MergeSort{env: env, spec: spec, err: err, grant: env.newGrant("sort"), file: &spillFile{env: env}}
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
	size := batch.Bytes(sorted)
	s.held = chunked(s.held, sorted)
	if err := ctx.Err(); err != nil {
		return err
	}
	s.bytes += size
	granted, err := s.grant.resize(s.bytes)
	if err != nil || granted {
		return err
	}
	return s.spill(ctx)
}

// Spilled says whether rows were written to disk.
func (s *MergeSort) Spilled() bool { return len(s.runs) > 0 }

// spill merges what is held into a run.
func (s *MergeSort) spill(ctx context.Context) error {
	if len(s.held) == 0 {
		return nil
	}
	run, err := s.writeRun(ctx, s.takeHeld())
	if err != nil {
		return err
	}
	s.runs = append(s.runs, run)
	s.grant.release()
	return nil
}

// takeHeld hands the held batches to cursors.
func (s *MergeSort) takeHeld() []*mergeCursor {
	cursors := make([]*mergeCursor, len(s.held))
	for i, rec := range s.held {
		cursors[i] = batchCursor(s.env, s.spec, rec)
	}
	s.held, s.bytes = nil, 0
	return cursors
}

// writeRun merges cursors, which it closes, into a run.
func (s *MergeSort) writeRun(ctx context.Context, cursors []*mergeCursor) (*memory.Run, error) {
	m := newMerge(s.env, s.spec, cursors)
	defer m.close()
	spill, err := s.file.open()
	if err != nil {
		return nil, err
	}
	w := spill.Writer(s.spec.schema)
	err = m.run(ctx, s.grant.floor/2, func(rec arrow.Record) error {
		defer rec.Release()
		if err := ctx.Err(); err != nil {
			return err
		}
		return w.Write(rec)
	})
	if err != nil {
		return nil, err
	}
	return w.Close()
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
	if len(s.runs) > 0 {
		granted, err := s.grant.resize(s.bytes + buffersOf(s.runs) + mergeBytes)
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
	}
	cursors := make([]*mergeCursor, 0, len(s.runs)+len(s.held))
	for _, run := range s.runs {
		cursors = append(cursors, runCursor(ctx, s.env, s.spec, run))
	}
	m := newMerge(s.env, s.spec, append(cursors, s.takeHeld()...)) // held came after all runs
	defer s.grant.release()
	defer m.close()
	return m.run(ctx, s.batchBytes(), emit)
}

// batchBytes is how large the batches of the result are: small where memory is short.
func (s *MergeSort) batchBytes() int64 {
	return min(mergeBytes, max(s.grant.floor, s.env.Budget.Total()/16))
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
		cursors := make([]*mergeCursor, len(group))
		for i, run := range group {
			cursors[i] = runCursor(ctx, s.env, s.spec, run)
		}
		run, err := s.writeRun(ctx, cursors)
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
	releaseRecords(s.held)
	s.held, s.bytes, s.runs = nil, 0, nil
	s.file.close()
	s.grant.release()
	if s.err == nil {
		s.err = errors.New("sort: closed")
	}
}
