package distrib

import (
	"context"
	"iter"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/memory"
	"github.com/rivulet-go/rivulet/frame/plan"
)

const (
	// tickEvery is the least time between two snapshots.
	tickEvery = 250 * time.Millisecond
	// tickAtMost bounds how far a snapshot that is costly to make stretches the time to the next.
	tickAtMost = time.Second
	// tickShare: making snapshots takes at most about one part in so many of the time.
	tickShare = 8
)

// Watch gives what is known of a plan's result while it is computed: each snapshot is exact for the input that it
// covers, the last one for all of it; the first rows may come ahead of that, and before a join's build side is read, a sample. A consumer that is slow
// misses snapshots, it does not slow the run. After an error the last snapshot stays true.
func (p *Pool) Watch(ctx context.Context, n plan.Node) iter.Seq2[batch.Snapshot, error] {
	return func(yield func(batch.Snapshot, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		r := newRun(p, n)
		schema := r.last.Schema()
		box := newMailbox(func(recs []arrow.Record) (arrow.Record, error) { return batch.Concat(p.env.Mem, schema, recs) })
		defer context.AfterFunc(ctx, box.wake)()
		var group sync.WaitGroup
		defer func() {
			cancel()
			box.close()
			group.Wait()
		}()
		group.Go(func() {
			box.end(newWatch(r, box, newSample(p, n)).watch(ctx))
		})
		for {
			s, ok, err := box.fetch()
			if err != nil {
				yield(batch.Snapshot{}, err)
				return
			}
			if !ok || !yield(s, nil) {
				return
			}
		}
	}
}

// watch makes snapshots of one run. All of it happens in the run's goroutine.
type watch struct {
	run   *run
	box   *mailbox
	mode  batch.Mode
	fresh []arrow.Record // Append: rows not sent yet; Replace: the final result
	rows  int64          // rows of the result that came out
	last  int64          // Rows of the last snapshot
	sent  bool           // some record was sent
	shown bool           // rows were sent, or a result that has none
	next  time.Time      // when the next snapshot is due

	sample *sample
}

func newWatch(r *run, box *mailbox, s *sample) *watch {
	w := &watch{run: r, box: box, mode: batch.Append, sample: s}
	for _, s := range r.spine {
		if breaker(s.Gather) {
			w.mode = batch.Replace
		}
	}
	return w
}

// watch runs the plan to its end.
func (w *watch) watch(ctx context.Context) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = panicError("watch", r)
		}
		releaseAll(w.fresh)
	}()
	w.run.between = func(building bool) error { return w.between(ctx, building) }
	w.run.reduced = func() { w.reduced(ctx) }
	for rec, err := range w.run.result(ctx) {
		if err != nil {
			return err
		}
		w.rows += rec.NumRows()
		w.fresh = append(w.fresh, rec)
		if !w.shown && w.mode == batch.Append && w.run.canShow() {
			w.first(ctx)
		}
	}
	return w.final(ctx)
}

// first shows the first rows before the split that they are of is consumed whole: one of a Parquet file may have a million.
func (w *watch) first(ctx context.Context) {
	appended := w.fresh
	w.fresh, w.shown = nil, true
	w.send(ctx, batch.Snapshot{Mode: w.mode, Rows: w.rows, First: true}, appended)
}

// between is called where a split has been consumed whole.
func (w *watch) between(ctx context.Context, building bool) error {
	now := time.Now()
	first := !w.shown && !building && (w.mode == batch.Replace || len(w.fresh) > 0)
	sample := building && w.sample.due(now.Sub(w.run.start)) && (w.sample.tried == 0 || !now.Before(w.next))
	if now.Before(w.next) && !first && !sample || !w.run.covered.grown {
		return nil
	}
	s := batch.Snapshot{Mode: w.mode, Rows: w.result(w.run.counted, w.rows)}
	var appended []arrow.Record
	switch {
	case sample:
		w.takeSample(ctx, &s)
	case building, !w.run.canShow():
		s.Rows = 0 // what has come out is not yet the result on a prefix
	case w.mode == batch.Append:
		appended, w.fresh = w.fresh, nil
		w.shown = w.shown || len(appended) > 0
	default:
		rec, rows, err := w.soFar(ctx)
		if err != nil {
			return err
		}
		s.Record, s.Rows = rec, rows
		w.shown = true
	}
	w.send(ctx, s, appended)
	took := time.Since(now)
	w.next = now.Add(min(max(tickEvery, tickShare*took), tickAtMost))
	return nil
}

// reduced is called where a part of what a cluster exchanges was put together: a display need not stand still meanwhile.
func (w *watch) reduced(ctx context.Context) {
	if now := time.Now(); !now.Before(w.next) {
		w.next = now.Add(tickEvery)
		w.send(ctx, batch.Snapshot{Mode: w.mode, Rows: w.last}, nil)
	}
}

// takeSample makes s a snapshot of a sample, or of progress where nothing is found.
func (w *watch) takeSample(ctx context.Context, s *batch.Snapshot) {
	s.Rows = 0
	if s.Record = w.sample.take(ctx); s.Record != nil {
		s.Mode, s.Sample, s.Rows = batch.Replace, true, s.Record.NumRows()
	}
}

// result is how many rows the result has: those that its preview counted, or those that came out.
func (w *watch) result(counted, rows int64) int64 {
	if w.run.preview != nil {
		return counted
	}
	return rows
}

// soFar is the result computed from what the bottom breaker has taken in, and its rows; a nil record where that can't be shown.
func (w *watch) soFar(ctx context.Context) (arrow.Record, int64, error) {
	r := w.run
	if r.live == nil {
		return nil, 0, nil
	}
	want, most := r.wanted()
	rec, rows, err := r.live.snapshot(ctx, want)
	if err != nil || rec == nil {
		return nil, 0, err
	}
	counted := r.counted
	if r.previewAbove() {
		counted = 0
	}
	r.partial = true
	defer func() { r.partial = false }()
	recs, err := batch.Collect(r.above(ctx, r.spine[1:], flow{batch.FromRecords(rec), r.meter.outside()}, &counted).Stream)
	if err != nil {
		if ctx.Err() != nil {
			return nil, 0, ctx.Err()
		}
		return nil, 0, nil // what is above fails on a part of the input: it may not fail on all of it
	}
	defer releaseAll(recs)
	out, err := batch.Concat(r.env.Mem, r.last.Schema(), recs)
	if err != nil {
		return nil, 0, err
	}
	if want >= 0 {
		return out, min(rows, most), nil
	}
	return out, w.result(counted, out.NumRows()), nil
}

// wanted is how many of the bottom stage's rows the preview above it shows, where it shows the first, and how many of them the
// result has at most; want is negative where the result takes all of them.
func (r *run) wanted() (want, most int64) {
	most = math.MaxInt64
	for _, s := range r.spine[1:] {
		if slices.ContainsFunc(s.Steps, func(n plan.Node) bool { _, ok := n.(*plan.Project); return !ok }) {
			return -1, 0
		}
		switch n := s.Gather.(type) {
		case *plan.Limit:
			most = min(most, n.N)
		case *plan.Preview:
			if len(n.Keys) > 0 {
				return -1, 0
			}
			return min(n.N, most), most
		default:
			return -1, 0
		}
	}
	return -1, 0
}

// canShow says whether the stages give the result on a prefix as soon as they have seen it, again and again. A join
// with a table that is on disk gives rows only at the end. The rows of a shared subplan come of all of its input: their first are no result
// on a prefix of it.
func (r *run) canShow() bool {
	if r.spine[0].Part != nil {
		return false
	}
	r.partial = true
	defer func() { r.partial = false }()
	for _, s := range r.spine {
		if n, _ := r.resident(s.Steps); n < len(s.Steps) {
			return false
		}
	}
	return true
}

// previewAbove says whether the preview is run on the bottom stage's output, and not in it.
func (r *run) previewAbove() bool {
	return slices.ContainsFunc(r.spine[1:], func(s *plan.Stage) bool { return s.Gather == plan.Node(r.preview) })
}

// final sends the exact result.
func (w *watch) final(ctx context.Context) error {
	s := batch.Snapshot{Mode: w.mode, Rows: w.result(w.run.counted, w.rows), Final: true}
	p := &w.run.progress
	if p.SplitsTotal < p.Splits || w.run.known < w.run.scans {
		p.SplitsTotal = p.Splits
	}
	if w.sample.found {
		s.Mode = batch.Replace
	}
	if s.Mode == batch.Replace || !w.sent && len(w.fresh) == 0 {
		rec, err := batch.Concat(w.run.env.Mem, w.run.last.Schema(), w.fresh)
		if err != nil {
			return err
		}
		s.Record = rec
		releaseAll(w.fresh)
		w.fresh = nil
	}
	appended := w.fresh
	w.fresh = nil
	w.send(ctx, s, appended)
	return nil
}

func (w *watch) send(ctx context.Context, s batch.Snapshot, appended []arrow.Record) {
	w.sent, w.last = w.sent || len(appended) > 0 || s.Record != nil, s.Rows
	if w.sample.found { // rows take its place, progress leaves it
		s.Mode = batch.Replace
		w.sample.found = s.Sample || len(appended) == 0
	}
	if !s.First {
		s.Covered = w.run.covered.take()
	}
	if s.Sample {
		s.Covered = nil
	}
	s.Progress = w.run.progress
	if w.run.known < w.run.scans && !s.Final {
		s.Progress.SplitsTotal = 0
	}
	s.Progress.SpilledBytes = memory.SpilledBytes() - w.run.spilled
	s.Progress.Elapsed = time.Since(w.run.start)
	s.Progress.Nodes, s.Progress.Dashboard = w.run.places.splits(), w.run.places.dashboard
	w.box.send(ctx, s, appended)
}
