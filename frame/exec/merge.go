package exec

import (
	"context"
	"runtime"
	"sync"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
)

// merge gives the rows of sorted sources in order, equal rows by the order of the sources. It cuts the order of all rows
// into parts, each a stretch of every source, which workers sort; the parts are given in turn.
//
//	sources ─► cut at the next bound ─► part ─► worker: sort, gather ─┐
//	                                    part ─► worker ───────────────┴► in order
//
// Bounds are rows, not keys: parts are of even size also where all keys are equal.
type merge struct {
	env     *Env
	spec    *sortSpec
	cursors []*mergeCursor
	bounds  func() (*mergeBound, bool) // the next bound; nil is the last one, false where there are no rows

	splitters *splitters // that bounds gives; nil where it does not
}

// mergePart is a part of the order, and what became of it.
type mergePart struct {
	stretches []stretch
	sorted    []arrow.Record
	err       error
	done      chan struct{}
}

// stretch is rows [from, to) of a sorted batch, to which it has a reference.
type stretch struct {
	rec      arrow.Record
	from, to int
}

func (p *mergePart) release() {
	for _, s := range p.stretches {
		s.rec.Release()
	}
	releaseRecords(p.sorted)
	p.stretches, p.sorted = nil, nil
}

// slices are the stretches as batches; the part has no stretches any more.
func (p *mergePart) slices() []arrow.Record {
	records := make([]arrow.Record, len(p.stretches))
	for i, s := range p.stretches {
		records[i] = s.rec.NewSlice(int64(s.from), int64(s.to))
		s.rec.Release()
	}
	p.stretches = nil
	return records
}

// newMerge makes a merge of cursors, which it closes.
func newMerge(env *Env, spec *sortSpec, cursors []*mergeCursor) *merge {
	for i, c := range cursors {
		c.source = i
	}
	m := &merge{env: env, spec: spec, cursors: cursors}
	m.bounds = m.lowest
	return m
}

// split makes a merge cut at splitters, which it closes.
func (m *merge) split(s *splitters) {
	m.splitters, m.bounds = s, s.bound
}

func (m *merge) close() {
	if m.splitters != nil {
		m.splitters.close()
	}
	for _, c := range m.cursors {
		c.close()
	}
}

// lowest is the first of the last rows of the batches that the sources are on: no source has to be read further to know
// all rows up to it.
func (m *merge) lowest() (*mergeBound, bool) {
	var low *mergeBound
	for _, c := range m.cursors {
		if c.rec == nil {
			continue
		}
		if b := c.last(); low == nil || b.before(low) {
			low = b
		}
	}
	return low, low != nil
}

// open puts all cursors on their first rows.
func (m *merge) open(ctx context.Context) error {
	for _, c := range m.cursors {
		if err := c.load(ctx); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// next cuts the next part; nil where all rows are given.
func (m *merge) next(ctx context.Context) (*mergePart, error) {
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		bound, ok := m.bounds()
		if !ok {
			return nil, nil
		}
		part, err := m.cut(ctx, bound)
		if err != nil || len(part.stretches) > 0 {
			return part, err
		}
	}
}

func (m *merge) cut(ctx context.Context, bound *mergeBound) (part *mergePart, err error) {
	part = &mergePart{done: make(chan struct{})}
	done := false
	defer func() {
		if !done {
			part.release()
			part = nil
		}
	}()
	if bound != nil {
		bound.keep()
		defer bound.release()
	}
	for _, c := range m.cursors {
		if part.stretches, err = c.cut(ctx, bound, part.stretches); err != nil {
			return part, err
		}
	}
	done = true
	return part, nil
}

// run gives everything.
func (m *merge) run(ctx context.Context, emit emitFunc) error {
	if err := m.open(ctx); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	workers := runtime.GOMAXPROCS(0)
	queue := make(chan *mergePart)
	order := make(chan *mergePart, workers) // with those that workers have, what is in flight
	var cutErr error
	var group sync.WaitGroup
	defer func() {
		cancel()
		for part := range order {
			<-part.done
			part.release()
		}
		group.Wait()
	}()
	group.Go(func() {
		defer close(order)
		defer close(queue)
		cutErr = protect("sort", nil, func() error { return m.cutAll(ctx, queue, order) })
	})
	for range workers {
		group.Go(func() {
			for part := range queue {
				m.work(ctx, part)
			}
		})
	}
	for part := range order {
		<-part.done
		if err := m.give(part, emit); err != nil {
			return err
		}
	}
	if cutErr != nil {
		return cutErr
	}
	return ctx.Err()
}

// cutAll hands out all parts.
func (m *merge) cutAll(ctx context.Context, queue, order chan<- *mergePart) error {
	for {
		part, err := m.next(ctx)
		if err != nil || part == nil {
			return err
		}
		select {
		case order <- part:
			queue <- part // workers take every part: after a cancel they do nothing with it
		case <-ctx.Done():
			part.release()
			return ctx.Err()
		}
	}
}

func (m *merge) work(ctx context.Context, part *mergePart) {
	defer close(part.done)
	part.err = protect("sort", nil, func() error {
		if err := ctx.Err(); err != nil {
			return err
		}
		records := part.slices()
		if len(records) == 1 { // in order already
			part.sorted = records
			return nil
		}
		defer releaseRecords(records)
		return sortPiece(m.env, m.spec, records, maxRows, func(rec arrow.Record) error {
			part.sorted = append(part.sorted, rec)
			return ctx.Err()
		})
	})
}

func (m *merge) give(part *mergePart, emit emitFunc) error {
	defer part.release()
	if part.err != nil {
		return part.err
	}
	for len(part.sorted) > 0 {
		rec := part.sorted[0]
		part.sorted = part.sorted[1:]
		if err := emit(rec); err != nil {
			return err
		}
	}
	return nil
}

// partRows is how many rows like those of records make bytes.
func partRows(records []arrow.Record, bytes int64) int64 {
	rows, size := int64(0), int64(0)
	for _, rec := range records {
		rows += rec.NumRows()
		size += batch.Bytes(rec)
	}
	return min(maxRows, max(16, bytes*rows/max(1, size)))
}
