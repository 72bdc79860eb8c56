package distrib

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/source"
)

// Checker is an engine that knows which blocks it does not have any more.
type Checker interface {
	// Lost says of each block whether it is gone, freed ones too.
	Lost(context.Context, []Ref) []bool
}

// lineage knows how the blocks of a run were made, and makes those again that are lost: from splits of sources, which are
// the same each time, or from blocks that are made again themselves. It is safe for concurrent use; one block is made at a time.
type lineage struct {
	engine Engine
	mu     sync.Mutex
	makers map[maker]*making
	now    map[BlockID]Ref // blocks in place of lost ones
	closed bool
	put    []Ref // that nobody needs unless what was made of them is lost: nobody else makes them
	ahead  fetches
}

// maker names the tasks of a stage.
type maker struct {
	stage int
	role  Role
}

// making is how its blocks are made.
type making struct {
	task  Task
	split func(ctx context.Context, index int) (Split, error)
}

func newLineage(e Engine) *lineage {
	return &lineage{engine: e, makers: map[maker]*making{}, now: map[BlockID]Ref{}}
}

// scanned tells of tasks over a source.
func (l *lineage) scanned(task Task, src source.Source, want int64) {
	l.add(task, func(ctx context.Context, index int) (Split, error) {
		at := 0
		for s, err := range src.Splits(ctx, want) {
			if err != nil {
				return Split{}, err
			}
			if at == index {
				return Split{Index: index, Split: s}, nil
			}
			s.Close()
			at++
		}
		return Split{}, fmt.Errorf("%s: split %d is not there again", src.Name(), index)
	})
}

// exchanged tells of tasks over blocks.
func (l *lineage) exchanged(task Task, from splitSource) {
	l.add(task, func(ctx context.Context, index int) (Split, error) {
		return Split{Index: index, Split: from.next(ctx, index)}, nil
	})
}

func (l *lineage) add(task Task, split func(context.Context, int) (Split, error)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.makers[maker{task.Stage, task.Role}] = &making{task, split}
}

// repaired is a split over others in place of blocks that the engine has lost.
func (l *lineage) repaired(ctx context.Context, s Split) (Split, error) {
	checker, ok := l.engine.(Checker)
	blocks, exchanged := s.Split.(*Blocks)
	if !ok || !exchanged {
		return s, nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	refs, err := l.repair(ctx, checker, blocks.all())
	if err == nil {
		s.Split = blocks.with(refs)
	}
	return s, err
}

func (l *lineage) repair(ctx context.Context, checker Checker, refs []Ref) ([]Ref, error) {
	out := make([]Ref, len(refs))
	for i, ref := range refs {
		if out[i] = ref; l.now[ref.ID].Handle != nil {
			out[i] = l.now[ref.ID]
		}
	}
	lost := checker.Lost(ctx, out)
	for i, ref := range out {
		if !lost[i] || ref.ID.Stage == 0 { // what was put has no maker
			continue
		}
		if again, ok := l.now[ref.ID]; ok && again.Handle != ref.Handle {
			out[i] = again // made again for one before it
			continue
		}
		if err := l.remake(ctx, ref.ID); err != nil {
			return nil, err
		}
		out[i] = l.now[ref.ID]
	}
	return out, nil
}

// remake makes all blocks of a split again. Only what is not there twice is kept.
func (l *lineage) remake(ctx context.Context, id BlockID) error {
	m := l.makers[maker{id.Stage, id.Role}]
	if m == nil {
		return fmt.Errorf("block %s: %w", id, ErrLost)
	}
	split, err := m.split(ctx, id.Split)
	if err != nil {
		return err
	}
	blocks, exchanged := split.Split.(*Blocks)
	if !exchanged {
		defer split.Close()
	}
	for attempt := 1; ; attempt++ {
		var inputs []Ref
		if checker, ok := l.engine.(Checker); exchanged && ok {
			if inputs, err = l.repair(ctx, checker, blocks.all()); err != nil {
				return err
			}
			split.Split = blocks.with(inputs)
		}
		err := l.run(ctx, m.task, split)
		if err == nil {
			if l.now[id].Handle == nil {
				return fmt.Errorf("block %s: it was not made again", id)
			}
			return nil
		}
		if !errors.Is(err, ErrLost) || attempt == maxAttempts || ctx.Err() != nil {
			return fmt.Errorf("block %s, attempt %d: %w", id, attempt, err)
		}
	}
}

func (l *lineage) run(ctx context.Context, task Task, split Split) error {
	task.Splits = ListOf(split)
	for ref, err := range l.engine.Submit(ctx, task) {
		if err != nil {
			return err
		}
		if ref.Last {
			continue
		}
		if before, ok := l.now[ref.ID]; ok {
			l.engine.Free(before)
		}
		l.now[ref.ID] = ref
	}
	return ctx.Err()
}

// fetch gives the record of a block and frees the block.
func (l *lineage) fetch(ctx context.Context, ref Ref, unblock func()) (arrow.Record, error) {
	defer l.free(ref)
	return l.read(ctx, ref, unblock)
}

// read gives the record of a block. A lost one is made again; unblock is called before that, so that no task waits for the caller
// and keeps it from running.
func (l *lineage) read(ctx context.Context, ref Ref, unblock func()) (arrow.Record, error) {
	if rec := l.ahead.take(ref); rec != nil {
		return rec, nil
	}
	for attempt := 1; ; attempt++ {
		rec, err := l.engine.Get(ctx, l.current(ref))
		if err == nil {
			return rec, nil
		}
		if !errors.Is(err, ErrLost) || attempt == maxAttempts || ctx.Err() != nil {
			return nil, fmt.Errorf("block %s: %w", ref.ID, err)
		}
		unblock()
		l.mu.Lock()
		err = l.remake(ctx, ref.ID)
		l.mu.Unlock()
		if err != nil {
			return nil, err
		}
	}
}

func (l *lineage) current(ref Ref) Ref {
	l.mu.Lock()
	defer l.mu.Unlock()
	if again, ok := l.now[ref.ID]; ok {
		return again
	}
	return ref
}

// free frees blocks, and those that took their places. What this process has put stays to the end of the run.
func (l *lineage) free(refs ...Ref) {
	made := make([]Ref, 0, len(refs))
	var put []Ref
	for _, ref := range refs {
		if ref.ID.Stage == 0 {
			put = append(put, ref)
		} else {
			made = append(made, ref)
		}
	}
	l.engine.Free(made...) // not under the lock: what is being made again may wait for the room
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, ref := range made {
		if again, ok := l.now[ref.ID]; ok {
			l.engine.Free(again)
		}
	}
	if l.closed {
		l.engine.Free(put...)
	} else {
		l.put = append(l.put, put...)
	}
}

// close frees what was made again, and what was put.
func (l *lineage) close() {
	l.ahead.close()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.engine.Free(l.put...)
	l.put, l.closed = nil, true
	for _, ref := range l.now {
		l.engine.Free(ref)
	}
	clear(l.now)
}
