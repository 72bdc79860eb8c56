package distrib

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/apache/arrow/go/v17/arrow"
)

// maxAttempts is how often a split is tried before its loss is reported.
const maxAttempts = 4

// lanes runs task over the splits of a queue on all of an engine's slots and puts the blocks in order.
type lanes struct {
	engine Engine
	task   Task
	queue  *queue
	merger *merger
	split  func(Done) error // called between splits, in order
	placed func(Ref)        // called with each block that is consumed, and each end of a split before split is

	lineage *lineage
	fetched bool // blocks are fetched as they come
}

// stream yields the records of all lanes in order. However it ends, when it has ended no lane runs, no block is held
// and all splits are closed.
func (l *lanes) stream(ctx context.Context, yield func(arrow.Record, error) bool) {
	l.fetched = true
	l.refs(ctx, func(ref Ref, err error) bool {
		var rec arrow.Record
		if err == nil {
			rec, err = l.fetch(ctx, ref)
		}
		return yield(rec, err) && err == nil
	})
}

// fetch gives the record of a block and frees the block.
func (l *lanes) fetch(ctx context.Context, ref Ref) (arrow.Record, error) {
	return l.lineage.fetch(ctx, ref, l.merger.unblock)
}

// refs yields the blocks of all lanes in order; the receiver owns them. It ends as stream does.
func (l *lanes) refs(ctx context.Context, yield func(Ref, error) bool) {
	ctx, cancel := context.WithCancel(ctx)
	defer context.AfterFunc(ctx, l.merger.wake)()
	var group sync.WaitGroup
	defer func() {
		cancel()
		rest := l.merger.close()
		group.Wait()
		l.engine.Free(rest...)
		l.queue.close()
	}()
	work, stop := context.WithCancel(ctx)
	defer stop()
	for i := range l.merger.lanes {
		group.Go(func() { l.lane(work, i) })
	}
	if _, ok := l.engine.(Remote); ok {
		group.Go(func() { l.assist(ctx, stop) })
	}
	l.consume(ctx, yield)
}

func (l *lanes) consume(ctx context.Context, yield func(Ref, error) bool) {
	for {
		ref, ok, err := l.merger.next(ctx)
		if err == nil && ok {
			l.placed(ref)
		}
		if err == nil && ok && ref.Last {
			if err = l.split(ref.Done); err == nil {
				continue
			}
		}
		if err != nil {
			yield(Ref{}, err)
			return
		}
		if !ok {
			return
		}
		if l.fetched {
			if next, ok := l.merger.peek(); ok {
				l.lineage.fetchAhead(ctx, ref, next)
			}
		}
		if !yield(ref, nil) {
			// The consumer has all it wants of this split: its result is the same as on the whole of it.
			l.placed(Ref{ID: ref.ID, Node: ref.Node, Last: true})
			_ = l.split(Done{Covered: l.queue.span(ref.ID.Split)})
			return
		}
	}
}

// lane keeps one slot of the engine busy, and starts the task again where it was lost.
func (l *lanes) lane(ctx context.Context, id int) {
	defer l.merger.laneDone()
	splits := &laneSplits{queue: l.queue}
	task := l.task
	task.Splits = splits
	tries := map[int]int{}
	for {
		at, err := l.attempt(ctx, id, task, splits)
		if err == nil || ctx.Err() != nil {
			return
		}
		tries[at.Split]++
		if !errors.Is(err, ErrLost) || tries[at.Split] >= maxAttempts {
			if tries[at.Split] > 1 {
				err = fmt.Errorf("split %d of %s, attempt %d: %w", at.Split, task.Source, tries[at.Split], err)
			}
			l.queue.fail()
			l.merger.fail(at, err)
			return
		}
		if err := splits.rewind(ctx, l.lineage); err != nil {
			l.queue.fail()
			l.merger.fail(at, err)
			return
		}
	}
}

func (l *lanes) attempt(ctx context.Context, id int, task Task, splits *laneSplits) (at BlockID, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = panicError("engine", r)
		}
	}()
	for ref, err := range l.engine.Submit(ctx, task) {
		at = ref.ID
		if err != nil {
			return at, err
		}
		taken, more := l.merger.put(ctx, id, ref)
		switch {
		case ref.Last:
			l.queue.arrived(ref.ID.Split)
			splits.done(ref.ID.Split)
		case !taken:
			l.engine.Free(ref)
		}
		if !more {
			return at, nil
		}
	}
	if splits.unfinished() && ctx.Err() == nil {
		return at, fmt.Errorf("the engine ended the task in the middle of split %d: %w", at.Split, ErrLost)
	}
	return at, nil
}
