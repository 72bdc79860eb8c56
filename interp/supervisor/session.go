package supervisor

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/rivulet-go/rivulet/interp/cell"
	"github.com/rivulet-go/rivulet/interp/pipe"
	"github.com/rivulet-go/rivulet/kernel"
)

// GraceTime is how long an interrupted cell may take to end before its session is killed.
const GraceTime = 2 * time.Second

// startTime bounds the start of a session process.
const startTime = 30 * time.Second

// ErrClosed is returned by a Session after Close.
var ErrClosed = errors.New("session: closed")

// Options configure a Session.
type Options struct {
	// Command is the argv of the session process; the default is this executable with the argument "session".
	Command []string
	// Env is the environment of the session process; nil means that of this process.
	Env []string
	// Dir is its working directory; empty means that of this process.
	Dir string
	// Logf receives what belongs to no cell (raw output of an idle session, restarts); nil drops it.
	Logf func(format string, args ...any)
	// Grace replaces GraceTime where it is not zero.
	Grace time.Duration
}

// Session runs cells in a child process. It implements kernel.Interpreter.
type Session struct {
	o Options

	mu     sync.Mutex
	child  *child
	closed bool
	cells  uint64 // number of the last execution
}

var _ kernel.Interpreter = (*Session)(nil)

// New starts a session process in the background and returns at once.
func New(o Options) (*Session, error) {
	if len(o.Command) == 0 {
		exe, err := os.Executable()
		if err != nil {
			return nil, fmt.Errorf("session: %w", err)
		}
		o.Command = []string{exe, "session"}
	}
	if o.Logf == nil {
		o.Logf = func(string, ...any) {}
	}
	if o.Grace == 0 {
		o.Grace = GraceTime
	}
	s := &Session{o: o}
	s.child = startChild(&s.o)
	return s, nil
}

// current is the living child, started anew where the last one has died.
func (s *Session) current() (*child, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, ErrClosed
	}
	if s.child.isDead() {
		s.child = startChild(&s.o)
	}
	return s.child, nil
}

// renew replaces a dead child at once, so that the next cell need not wait for the start.
func (s *Session) renew(old *child) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed && s.child == old {
		s.child = startChild(&s.o)
	}
}

// Execute runs a cell in the session process.
func (s *Session) Execute(ctx context.Context, code string, c kernel.Cell) error {
	ch, err := s.current()
	if err != nil {
		return err
	}
	if err := ch.waitReady(ctx); err != nil {
		if ctx.Err() != nil {
			return interrupted("")
		}
		return s.lost(ch, false)
	}
	s.mu.Lock()
	s.cells++
	n := s.cells
	s.mu.Unlock()
	run := ch.begin(n, c)
	defer ch.end(run)
	if err := ch.main.Send(&pipe.Message{Kind: pipe.Execute, Cell: n, Text: code, Info: info(c)}); err != nil {
		ch.kill()
		<-ch.dead
		return s.lost(ch, false)
	}
	return s.wait(ctx, ch, run)
}

// wait follows a running cell to its end: done, dead, or interrupted.
func (s *Session) wait(ctx context.Context, ch *child, run *execution) error {
	var grace <-chan time.Time
	cancelled := ctx.Done()
	for {
		select {
		case e := <-run.done:
			if e != nil {
				return e
			}
			return nil
		case <-ch.dead:
			select {
			case e := <-run.done:
				if e != nil {
					return e
				}
				return nil
			default:
			}
			return s.lost(ch, grace != nil)
		case <-cancelled:
			cancelled = nil
			run.cancel()
			if err := ch.control.Send(&pipe.Message{Kind: pipe.Interrupt, Cell: run.number}); err != nil {
				ch.kill()
			}
			t := time.NewTimer(s.o.Grace)
			defer t.Stop()
			grace = t.C
		case <-grace:
			ch.killed("it did not end within " + s.o.Grace.String() + " of the interrupt")
		}
	}
}

// lost makes the error of a cell whose session died, and starts the next session.
func (s *Session) lost(ch *child, wasInterrupted bool) error {
	s.renew(ch)
	e := ch.obituary()
	if wasInterrupted {
		e.Name = "interrupted"
	}
	return e
}

func interrupted(detail string) *kernel.CellError {
	v := "the cell was interrupted"
	if detail != "" {
		v += ": " + detail
	}
	return &kernel.CellError{Name: "interrupted", Value: v, Traceback: []string{"\x1b[31minterrupted\x1b[0m: " + v}}
}

// Complete asks the session for completions.
func (s *Session) Complete(ctx context.Context, code string, cursor int) (kernel.Completion, error) {
	m, err := s.ask(ctx, &pipe.Message{Kind: pipe.Complete, Text: code, Cursor: cursor})
	if err != nil || m.Match == nil {
		return kernel.Completion{Start: cursor, End: cursor}, err
	}
	return *m.Match, nil
}

// Inspect asks the session about the name at the cursor.
func (s *Session) Inspect(ctx context.Context, code string, cursor, detail int) (kernel.Bundle, error) {
	m, err := s.ask(ctx, &pipe.Message{Kind: pipe.Inspect, Text: code, Cursor: cursor, Detail: detail})
	if err != nil || m.Bundle == nil {
		return kernel.Bundle{}, err
	}
	return *m.Bundle, nil
}

// IsComplete is decided here, without the session.
func (s *Session) IsComplete(code string) (status, indent string) { return cell.IsComplete(code) }

func (s *Session) ask(ctx context.Context, m *pipe.Message) (*pipe.Message, error) {
	ch, err := s.current()
	if err != nil {
		return nil, err
	}
	if err := ch.waitReady(ctx); err != nil {
		return nil, err
	}
	return ch.ask(ctx, m, nil)
}

// Comm passes a front end's message to the session.
func (s *Session) Comm(ctx context.Context, m kernel.CommMessage, answer func(kernel.CommMessage) error) error {
	s.mu.Lock()
	ch, closed := s.child, s.closed
	s.mu.Unlock()
	if closed {
		return ErrClosed
	}
	if !ch.isDead() {
		err := ch.waitReady(ctx)
		if err == nil {
			_, err = ch.ask(ctx, &pipe.Message{Kind: pipe.Comm, Comm: &m}, answer)
		}
		if err == nil || ctx.Err() != nil || !ch.isDead() {
			return err
		}
	}
	return s.lost(ch, false)
}

// Interrupt stops what comms have begun.
func (s *Session) Interrupt() {
	s.mu.Lock()
	ch := s.child
	s.mu.Unlock()
	if ch.isReady() {
		_ = ch.control.Send(&pipe.Message{Kind: pipe.Interrupt}) // a pipe that broke ends the session
	}
}

// Ping measures whether the session answers on its control pipe.
func (s *Session) Ping(ctx context.Context) (time.Duration, error) {
	ch, err := s.current()
	if err != nil {
		return 0, err
	}
	if err := ch.waitReady(ctx); err != nil {
		return 0, err
	}
	return ch.ping(ctx)
}

// Ready waits until the session process takes cells.
func (s *Session) Ready(ctx context.Context) error {
	ch, err := s.current()
	if err != nil {
		return err
	}
	return ch.waitReady(ctx)
}

// PID is the process id of the session process, 0 while there is none.
func (s *Session) PID() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.child.pid()
}

// Restart throws the state away: the process is ended and a new one started.
func (s *Session) Restart(ctx context.Context) error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return ErrClosed
	}
	old := s.child
	s.mu.Unlock()
	old.stop()
	s.renew(old)
	return s.Ready(ctx)
}

// Close ends the session process and everything that it started in its group.
func (s *Session) Close() error {
	s.mu.Lock()
	s.closed = true
	ch := s.child
	s.mu.Unlock()
	ch.stop()
	return nil
}
