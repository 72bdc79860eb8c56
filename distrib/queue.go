package distrib

import (
	"context"
	"fmt"
	"iter"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/source"
)

// queue hands the splits of a source to lanes, in order, as the source yields them.
type queue struct {
	mu        sync.Mutex
	name      string
	next      func() (source.Split, error, bool)
	stop      func()
	count     int  // splits handed out
	exhausted bool // the source has no more
	failed    bool
	open      map[int]source.Split // handed out and not done
	spans     []batch.Span         // of all splits handed out

	started  map[int]time.Time // of those whose blocks have not all arrived
	took     []time.Duration   // by the others
	complete chan struct{}     // closed when all blocks of all splits have arrived
	lent     map[int]bool      // second attempts use them: they are not closed before close
}

func newQueue(ctx context.Context, src source.Source, splitBytes int64) *queue {
	next, stop := iter.Pull2(src.Splits(ctx, splitBytes))
	return &queue{
		name: src.Name(), next: next, stop: stop, open: map[int]source.Split{},
		started: map[int]time.Time{}, complete: make(chan struct{}), lent: map[int]bool{},
	}
}

// take gives the next split. The source's iterator runs under the lock: for compressed text that is the decompression,
// which is serial anyway.
func (q *queue) take(ctx context.Context) (s Split, ok bool, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return Split{Index: q.count}, false, err
	}
	if q.exhausted || q.failed {
		return Split{}, false, nil
	}
	split, ok, err := q.pull()
	if err != nil {
		q.failed = true
		return Split{Index: q.count}, false, err
	}
	if !ok {
		q.exhausted = true
		q.checkComplete()
		return Split{}, false, nil
	}
	s = Split{Index: q.count, Split: split}
	q.started[q.count] = time.Now()
	q.open[q.count] = split
	q.spans = append(q.spans, split.Span())
	q.count++
	return s, true, nil
}

func (q *queue) pull() (s source.Split, ok bool, err error) {
	defer func() {
		if r := recover(); r != nil {
			s, ok, err = nil, false, panicError("splits of "+q.name, r)
		}
	}()
	s, err, ok = q.next()
	return s, ok, err
}

// fail makes the queue give no more splits: some lane has failed.
func (q *queue) fail() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.failed = true
}

// total is how many splits there are, 0 while unknown.
func (q *queue) total() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.exhausted {
		return 0
	}
	return q.count
}

// span is what a split that was handed out covers.
func (q *queue) span(index int) batch.Span {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.spans[index]
}

// arrived says that all blocks of a split are here.
func (q *queue) arrived(index int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if at, ok := q.started[index]; ok {
		q.took = append(q.took, time.Since(at))
		delete(q.started, index)
		q.checkComplete()
	}
}

func (q *queue) checkComplete() {
	if q.exhausted && len(q.started) == 0 {
		select {
		case <-q.complete:
		default:
			close(q.complete)
		}
	}
}

// done closes a split that its lane has finished.
func (q *queue) done(index int) {
	q.mu.Lock()
	s := q.open[index]
	if q.lent[index] {
		s = nil
	} else {
		delete(q.open, index)
	}
	q.mu.Unlock()
	if s != nil {
		s.Close()
	}
}

const (
	// slowFactor is how many times as long as the usual split one takes that is tried a second time, slowLeast how long at least, and
	// slowKnown how many must have arrived for the usual to be known.
	slowFactor = 4
	slowLeast  = 2 * time.Second
	slowKnown  = 3
)

// lend gives a split for a second attempt where it is slow, once.
func (q *queue) lend(index int) (Split, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	s, started := q.open[index], q.started[index]
	if s == nil || started.IsZero() || q.lent[index] || q.failed || len(q.took) < slowKnown {
		return Split{}, false
	}
	usual := slices.Sorted(slices.Values(q.took))[len(q.took)/2]
	if time.Since(started) < max(slowFactor*usual, slowLeast) {
		return Split{}, false
	}
	q.lent[index] = true
	return Split{Index: index, Split: s}, true
}

// close ends the source's iterator and gives back what unfinished splits hold. No lane may be running.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.failed = true
	q.stop()
	for _, s := range q.open {
		s.Close()
	}
	clear(q.open)
}

// laneSplits is one lane's view of a queue. It remembers what the lane has not finished, so that a lost task can be
// run again from there.
type laneSplits struct {
	queue *queue
	mu    sync.Mutex
	taken []Split // not done, in order
	given int     // how many of taken the present attempt was given
}

// Next implements Splits.
func (l *laneSplits) Next(ctx context.Context) (Split, bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.given < len(l.taken) {
		l.given++
		return l.taken[l.given-1], true, nil
	}
	s, ok, err := l.queue.take(ctx)
	if ok {
		l.taken = append(l.taken, s)
		l.given++
	}
	return s, ok, err
}

// done closes a split of which all blocks have arrived.
func (l *laneSplits) done(index int) {
	l.mu.Lock()
	for i, s := range l.taken {
		if s.Index == index {
			l.taken = append(l.taken[:i], l.taken[i+1:]...)
			l.given--
			break
		}
	}
	l.mu.Unlock()
	l.queue.done(index)
}

// unfinished says whether some split that the lane took is not done.
func (l *laneSplits) unfinished() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.taken) > 0
}

// rewind makes a new attempt start at the first split that is not done, over blocks that are there.
func (l *laneSplits) rewind(ctx context.Context, from *lineage) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.given = 0
	for i, s := range l.taken {
		var err error
		if l.taken[i], err = from.repaired(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

func panicError(what string, r any) error {
	if err, ok := r.(error); ok {
		return fmt.Errorf("%s: panic: %w\n%s", what, err, debug.Stack())
	}
	return fmt.Errorf("%s: panic: %v\n%s", what, r, debug.Stack())
}
