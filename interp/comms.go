package interp

import (
	"runtime/pprof"
	"strings"
	"sync/atomic"
	"time"

	"github.com/rivulet-go/rivulet/display/comm"
	"github.com/rivulet-go/rivulet/interp/pipe"
	"github.com/rivulet-go/rivulet/kernel"
)

// commPatience is how long the message of a comm is not answered while functions of cells that it has caused run. Front ends send no
// further state of a widget before.
const commPatience = 250 * time.Millisecond

// commOwner is a cell in whose name comms are open, and what the asking goroutine runs as.
type commOwner struct{ r, now *run }

// Send sends a message as the cell that runs, whose client collects what is said until its end, or else as the owner.
func (o commOwner) Send(p comm.Packet) error {
	r := o.r
	if c := r.s.current.Load(); c != nil && !c.hasLeft() {
		r = c
	}
	return r.send(&pipe.Message{Kind: pipe.Comm, Comm: (*kernel.CommMessage)(&p)})
}

// Run calls f as the cell does, in a goroutine of its own, which an interrupt ends.
func (o commOwner) Run(f func()) {
	s := o.r.s
	if c := s.current.Load(); c != nil && c.halt.Err() != nil {
		<-c.left // the number of the interpreter is raised until then
	}
	s.lang.raising.Lock()
	r := s.caller(o.r)
	s.lang.raising.Unlock()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		s.claim(r)
		defer s.lang.registry.Own()()
		defer func() {
			if v := recover(); v != nil && r.halt.Err() == nil {
				r.report(r.panicError(v, true))
			}
		}()
		f()
	}()
	select {
	case <-ended:
	case <-r.finished: // left behind
	}
	if r.halt.Err() != nil {
		r.print("stderr", []byte(red("interrupted")+": a function that "+r.name()+" has given to a widget or comm\n"))
	}
}

// Capture calls f in the calling goroutine, whose labels lead to a run of the same cell that gives what it prints and shows to sink.
func (o commOwner) Capture(sink func(comm.Captured), f func()) {
	s, outer := o.r.s, o.now
	r := &run{
		s: s, of: o.r, number: o.r.number, code: o.r.code, info: o.r.info, sink: sink, labels: cellLabels(o.r.number),
		halt: outer.halt, haltNow: outer.haltNow, ctx: outer.ctx, cancel: outer.cancel,
		stopped: outer.stopped, finished: outer.finished, left: outer.left,
	}
	r.info.Live = true
	l := s.claim(r)
	defer func() {
		pprof.SetGoroutineLabels(outer.labels)
		s.mu.Lock()
		delete(s.owners, l)
		s.mu.Unlock()
		r.mu.Lock()
		trace := r.trace // of a panic that goes on
		r.mu.Unlock()
		outer.mu.Lock()
		outer.trace = append(outer.trace, trace...)
		outer.mu.Unlock()
	}()
	f()
	s.std.flush()
}

// captured gives a message to the sink of a run that has one; false where it is none of an output.
func (r *run) captured(m *pipe.Message) bool {
	out := comm.Captured{Name: m.Name, Text: m.Text, ID: m.ID, Wait: m.Flag}
	if m.Bundle != nil {
		out.Data, out.Metadata = m.Bundle.Data, m.Bundle.Metadata
	}
	switch m.Kind {
	case pipe.Stream:
		out.Kind = comm.StreamOutput
	case pipe.Show, pipe.Result:
		out.Kind = comm.ShowOutput
	case pipe.Update:
		out.Kind = comm.UpdateOutput
	case pipe.Clear:
		out.Kind = comm.ClearOutput
	default:
		return false
	}
	r.sink(out)
	return true
}

// report prints an error of what runs outside of a cell's execution, at the cell.
func (r *run) report(e *kernel.CellError) {
	head := red("panic") + " in a function that " + r.name() + " has given to a widget or comm: " + e.Value
	r.print("stderr", []byte(strings.Join(append([]string{head}, e.Traceback[1:]...), "\n")+"\n"))
}

// currentOwner is the cell of the calling goroutine.
func (s *session) currentOwner() comm.Owner {
	r := s.owner()
	if r == nil {
		return nil
	}
	if r.of != nil {
		return commOwner{r.of, r}
	}
	return commOwner{r, r}
}

// caller is the run as which functions that a cell has given away are called: it has the number of the cell, but outlives it, and
// can be interrupted alone.
func (s *session) caller(of *run) *run {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r := s.callers[of.number]; r != nil && r.halt.Err() == nil {
		return r
	}
	r := newRun(s, &pipe.Message{Cell: of.number, Text: of.code, Info: &of.info})
	r.of = of
	r.labels = cellLabels(of.number)
	s.callers[of.number] = r
	return r
}

// comm takes a message of a front end. The state of widgets is changed before the next message is read.
func (s *session) comm(m *pipe.Message) {
	answer := func(p comm.Packet) error {
		return s.conn.Send(&pipe.Message{Kind: pipe.Comm, Seq: m.Seq, Comm: (*kernel.CommMessage)(&p)})
	}
	wait := comm.Deliver(comm.Packet(*m.Comm), answer)
	go s.reply(m, func(*pipe.Message) {
		patience := make(chan struct{})
		t := time.AfterFunc(commPatience, func() { close(patience) })
		defer t.Stop()
		wait(patience)
	})
}

// interruptCallers stops the functions of cells that run outside of a cell. Where a cell runs it is stopped as well: both run under one
// number of the interpreter.
func (s *session) interruptCallers() {
	l := s.lang
	l.raising.Lock()
	s.mu.Lock()
	var stopped []*run
	for _, r := range s.callers {
		stopped = append(stopped, r)
	}
	clear(s.callers)
	cell := s.current.Load()
	s.mu.Unlock()
	if len(stopped) == 0 {
		l.raising.Unlock()
		return
	}
	for _, r := range stopped {
		r.haltNow()
	}
	if cell != nil && !cell.over() {
		l.raising.Unlock()
		cell.interrupt()
		cell.waitStopped()
	} else {
		if cell != nil && cell.halt.Err() != nil {
			<-cell.left // it has raised the number too, and puts it back
		}
		id := atomic.AddUint64(l.runID, 1) - 1
		defer l.raising.Unlock()
		defer l.resume(id)
	}
	for _, r := range stopped {
		close(r.stopped)
		r.cancel()
	}
	time.Sleep(stopTime)
	for _, r := range stopped {
		r.finish()
	}
}
