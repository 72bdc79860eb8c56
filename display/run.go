package display

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"
	"time"

	"github.com/rivulet-go/rivulet/display/internal/wire"
	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/chart"
)

const (
	// firstGrace is how long the first state waits for a result that is complete at once, so that short queries are
	// drawn once instead of twice. It is far below what a person sees.
	firstGrace = 10 * time.Millisecond
)

var errEndedEarly = errors.New("the result ended before it was complete")

// Run draws w while it is computed, as one display that is updated in place, and returns when it is complete. The
// first state goes out at once, through result where that is given (as the cell's value), else through s.Show; later
// ones replace it, the newest first, at most four a second over all displays. The final state is always sent.
//
// Where s is not live, progress goes to s.Progress and only the final state is shown. When ctx is cancelled the last
// state stays, marked partial, and Run returns the cause; when the computation fails the error is drawn below what
// there is, and returned.
func Run(ctx context.Context, s Surface, id string, result func(id string, b Bundle) error, w Watcher) error {
	d := newDrawing(s, id, result)
	if c, ok := w.(interface{ Columns() []string }); ok {
		d.state.columns = c.Columns()
	}
	return d.run(ctx, func(ctx context.Context) { d.produce(w.Watch(ctx, int(watchRows()))) })
}

// RunChart draws a chart while it is computed, as Run does a table: as Vega-Lite, together with an image for front ends that
// do not draw it and a chart of characters for terminals.
func RunChart(ctx context.Context, s Surface, id string, result func(id string, b Bundle) error, c Charter) error {
	d := newDrawing(s, id, result)
	d.state.charted = true
	return d.run(ctx, func(ctx context.Context) { d.produceChart(c.Charts(ctx)) })
}

// drawing is one running display. The producer applies snapshots to state, the caller's goroutine draws it.
type drawing struct {
	surface        Surface
	id             string
	result         func(id string, b Bundle) error
	live           bool
	updates, lines *pacer

	changed  chan struct{} // holds a token when there is something new to draw
	finished chan struct{} // closed when the producer has ended

	mu    sync.Mutex // guards state and fresh
	state state
	fresh bool // state has something that was not drawn

	seq int // displays sent; the caller's goroutine only
}

func newDrawing(s Surface, id string, result func(id string, b Bundle) error) *drawing {
	if id == "" {
		id = wire.NewID()
	}
	return &drawing{
		surface: s, id: id, result: result, live: s.Live(), updates: &updates, lines: &progressLines,
		changed: make(chan struct{}, 1), finished: make(chan struct{}),
	}
}

// run draws what produce, which runs beside it until it ends or its context does, makes of the state.
func (d *drawing) run(ctx context.Context, produce func(ctx context.Context)) error {
	producing, stop := context.WithCancel(ctx)
	open, shut := context.WithCancel(ctx) // while updates may still be waited for
	go func() {
		defer shut()
		defer close(d.finished)
		defer func() {
			if p := recover(); p != nil {
				d.fail(fmt.Errorf("panic: %v", p))
			}
		}()
		produce(producing)
	}()
	// The producer ends before Run does, also where the surface is gone.
	defer func() {
		stop()
		<-d.finished
		shut()
		d.state.release()
	}()
	for {
		select {
		case <-d.changed:
		case <-d.finished:
			return d.end(ctx)
		case <-ctx.Done():
			return d.end(ctx)
		}
		if err := d.step(open); err != nil {
			return err
		}
	}
}

// step draws the newest state when its time comes; a result that ends in the meantime is left to end.
func (d *drawing) step(open context.Context) error {
	d.mu.Lock()
	fresh := d.fresh
	d.mu.Unlock()
	if !fresh {
		return nil // the last display had it
	}
	if !d.live {
		if d.lines.wait(open, false) != nil {
			return nil
		}
		return d.surface.Progress(d.line())
	}
	if d.seq == 0 {
		grace := time.NewTimer(firstGrace)
		defer grace.Stop()
		select {
		case <-grace.C:
		case <-open.Done():
			return nil
		}
	} else if d.updates.wait(open, false) != nil {
		return nil
	}
	return d.send()
}

// end draws the last state: the result, what there is of it after an interrupt, or with an error.
func (d *drawing) end(ctx context.Context) error {
	d.mu.Lock()
	if !d.state.final {
		switch {
		case ctx.Err() != nil:
			d.state.interrupted = true
			d.state.err = context.Cause(ctx)
		case d.state.err == nil:
			d.state.err = errEndedEarly
		}
	}
	err := d.state.err
	nothing := err != nil && d.seq == 0 && !d.state.started()
	shown := d.live && d.seq > 0 && d.state.final && !d.fresh
	d.mu.Unlock()
	if !d.live {
		err = join(err, d.surface.Progress(""))
	}
	if nothing || shown {
		return err // which the cell shows
	}
	if d.live && d.seq > 0 {
		_ = d.updates.wait(context.WithoutCancel(ctx), true) // can't fail: nothing cancels it
	}
	return join(err, d.send())
}

// join keeps a single error as it is.
func join(a, b error) error {
	if a == nil || b == nil {
		return cmp.Or(a, b)
	}
	return errors.Join(a, b)
}

// send draws the state as it is now.
func (d *drawing) send() error {
	d.mu.Lock()
	d.fresh = false
	b := d.state.bundle(d.seq + 1)
	d.mu.Unlock()
	d.seq++
	start := time.Now()
	defer func() { d.updates.took(time.Since(start)) }()
	id := d.id
	if !d.live {
		id = ""
	}
	switch {
	case d.seq > 1:
		return d.surface.Update(d.id, b)
	case d.result != nil:
		return d.result(id, b)
	}
	return d.surface.Show(id, b)
}

func (d *drawing) line() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.fresh = false
	return d.state.progressLine()
}

// produce applies the snapshots to the state until they end.
func (d *drawing) produce(snapshots iter.Seq2[batch.Snapshot, error]) {
	for snapshot, err := range snapshots {
		if err != nil {
			if snapshot.Record != nil {
				snapshot.Record.Release()
			}
			d.fail(err)
			return
		}
		d.apply(func(s *state) { s.apply(snapshot) })
	}
}

// produceChart is produce for charts.
func (d *drawing) produceChart(snapshots iter.Seq2[chart.Snapshot, error]) {
	for snapshot, err := range snapshots {
		if err != nil {
			d.fail(err)
			return
		}
		d.apply(func(s *state) { s.applyChart(snapshot) })
	}
}

func (d *drawing) fail(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.state.final {
		d.state.err = err
	}
}

func (d *drawing) apply(change func(s *state)) {
	d.mu.Lock()
	change(&d.state)
	d.fresh = true
	d.mu.Unlock()
	select {
	case d.changed <- struct{}{}:
	default: // the drawer has not taken the last token yet; it will see this state
	}
}
