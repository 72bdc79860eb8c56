package interp

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/traefik/yaegi/interp"

	"github.com/rivulet-go/rivulet/display/comm"
	"github.com/rivulet-go/rivulet/interp/check"
	"github.com/rivulet-go/rivulet/interp/pipe"
	"github.com/rivulet-go/rivulet/kernel"
)

// stopTime is what the goroutines of an interrupted cell have to notice it.
const stopTime = 20 * time.Millisecond

// settleTime bounds what the end of a cell waits for goroutines that panic while it ends.
const settleTime = 100 * time.Millisecond

// run is one execution of a cell.
type run struct {
	s      *session
	of     *run                // the cell's own, where this is what runs functions that the cell has given away
	sink   func(comm.Captured) // takes what is printed and shown; nil sends it
	number uint64
	info   pipe.Info
	code   string

	// halt asks yaegi to stop; ctx, the one that the cell's calls see, ends only after yaegi has been stopped, so that
	// no statement can run because a call before it was cancelled.
	halt     context.Context
	haltNow  context.CancelFunc
	ctx      context.Context
	cancel   context.CancelFunc
	stopped  chan struct{} // closed when yaegi has been told to stop
	finished chan struct{} // closed when the cell's goroutine has ended, or was left behind
	end      sync.Once     // closes finished
	left     chan struct{} // closed when the interpreter is ready for the next cell

	goroutine atomic.Uint64 // the number of the cell's goroutine

	timed bool // the cell's end says how long it took

	steps   []*interp.Program
	checked *check.Cell     // while it runs
	labels  context.Context // with the labels of the cell's goroutines

	// gate is held while a step starts: yaegi stops only what has begun to run, so nothing may be stopped between the
	// check that a cell goes on and the first statement of the step. held belongs to the cell's goroutine.
	gate sync.Mutex
	held bool

	mu    sync.Mutex
	at    place // of the running statement
	err   *kernel.CellError
	muted bool     // os.Exit was called: nothing more is printed
	trace []string // what yaegi says while it unwinds
}

func newRun(s *session, m *pipe.Message) *run {
	r := &run{s: s, number: m.Cell, code: m.Text, stopped: make(chan struct{}), finished: make(chan struct{}), left: make(chan struct{})}
	if m.Info != nil {
		r.info = *m.Info
	}
	r.halt, r.haltNow = context.WithCancel(context.Background())
	r.ctx, r.cancel = context.WithCancel(context.Background())
	return r
}

// interrupt ends the cell from outside.
func (r *run) interrupt() {
	r.fail(&kernel.CellError{
		Name: "interrupted", Value: "the cell was interrupted",
		Traceback: []string{red("interrupted") + ": the cell was interrupted"},
	})
	r.stop()
}

// stop tells yaegi to stop the cell.
func (r *run) stop() {
	r.gate.Lock()
	defer r.gate.Unlock()
	if !r.over() {
		r.haltNow()
	}
}

// arrive notes the place of the statement that runs now.
func (r *run) arrive(line, column int) {
	r.mayGoOn()
	r.mu.Lock()
	r.at, r.trace = place{r.number, line, column}, nil
	r.mu.Unlock()
}

// begin says that the running step has begun.
func (r *run) begin() {
	if r.held {
		r.held = false
		r.gate.Unlock()
	}
}

// fail keeps the first error of the cell.
func (r *run) fail(e *kernel.CellError) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err == nil {
		r.err = e
	}
}

func (r *run) failed() *kernel.CellError {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.err
}

func (r *run) over() bool {
	select {
	case <-r.finished:
		return true
	default:
		return false
	}
}

// hasLeft reports whether nothing of the cell's own is to come any more.
func (r *run) hasLeft() bool {
	select {
	case <-r.left:
		return true
	default:
		return false
	}
}

// exit is os.Exit in a cell: the cell ends, the process does not. The calling goroutine does not return.
func (r *run) exit(code int) {
	if !r.over() && r.of == nil {
		r.mu.Lock()
		r.muted = true
		r.mu.Unlock()
		if code != 0 {
			v := fmt.Sprintf("exit status %d", code)
			r.fail(&kernel.CellError{Name: "exit", Value: v, Traceback: []string{red("exit") + ": " + v}})
		}
		r.stop()
		r.waitStopped()
	}
	runtime.Goexit()
}

// guard reports a panic of a goroutine that the cell started.
func (r *run) guard(v any) {
	e := r.panicError(v, true)
	if r.over() || r.of != nil {
		if r.halt.Err() == nil {
			r.print("stderr", []byte("panic in a goroutine of "+r.name()+": "+e.Value+"\n"))
		}
		return
	}
	r.fail(e)
	r.stop()
	r.waitStopped()
}

// waitStopped waits until what the cell runs has been told to stop.
func (r *run) waitStopped() {
	select {
	case <-r.stopped:
	case <-r.finished:
	}
}

// traced is how many lines of panics have been traced.
func (r *run) traced() int {
	if r == nil {
		return 0
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.trace)
}

// forget drops what has been traced, beyond a mark, of a panic that was recovered.
func (r *run) forget(mark int) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.trace = r.trace[:min(mark, len(r.trace))]
}

// start runs the compiled steps and waits for their end. yaegi stops a cell only from ExecuteWithContext, and does not
// say when it has stopped; so the program that it runs there is a single call of the session's own, body.
func (r *run) start() {
	l := r.s.lang
	l.awaitNumber()
	r.gate.Lock()
	if r.halt.Err() != nil {
		r.gate.Unlock()
		r.finish()
		return
	}
	r.held = true
	id := atomic.LoadUint64(l.runID)
	_, err := l.i.ExecuteWithContext(r.halt, l.outer)
	if r.halt.Err() != nil {
		close(r.stopped)
	} else if err != nil {
		r.fail(&kernel.CellError{Name: "panic", Value: err.Error(), Traceback: []string{err.Error()}})
	}
	r.cancel()
	if r.halt.Err() == nil {
		<-r.finished
		r.steps = nil // goroutines that outlive it refer to their own code
	} else {
		r.settle()
		// Goroutines of the cell that compute stop as soon as they look at the number.
		time.Sleep(stopTime)
		l.resume(id)
	}
}

// body is what yaegi runs: the steps in order.
func (r *run) body() {
	defer r.finish()
	r.goroutine.Store(goroutineID())
	defer r.s.lang.registry.Own()()
	r.begin()
	for _, st := range r.steps {
		if !r.step(st) {
			return
		}
	}
	r.s.lang.registry.Settle(settleTime)
}

// step runs one step; it says whether the next may run.
func (r *run) step(st *interp.Program) bool {
	r.gate.Lock()
	if r.halt.Err() != nil {
		r.gate.Unlock()
		return false
	}
	r.held = true
	defer r.begin() // declarations do not say that they have begun
	_, err := r.s.lang.i.Execute(st)
	if err != nil && r.halt.Err() == nil {
		r.fail(r.executeError(err))
	}
	return err == nil
}

// send passes a message of this cell to the kernel.
func (r *run) send(m *pipe.Message) error {
	if r.sink != nil && r.captured(m) {
		return nil
	}
	m.Cell = r.number
	return r.s.conn.Send(m)
}

// print writes to one of the cell's streams.
func (r *run) print(name string, p []byte) {
	r.mu.Lock()
	muted := r.muted
	r.mu.Unlock()
	if muted || len(p) == 0 {
		return
	}
	_ = r.send(&pipe.Message{Kind: pipe.Stream, Name: name, Text: string(p)})
}

// name is what the user calls the cell.
func (r *run) name() string { return fmt.Sprintf("In[%d]", r.info.Count) }
