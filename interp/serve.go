package interp

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"

	"github.com/traefik/yaegi/interp"

	"github.com/rivulet-go/rivulet/display"
	"github.com/rivulet-go/rivulet/display/comm"
	"github.com/rivulet-go/rivulet/interp/pipe"
	"github.com/rivulet-go/rivulet/kernel"
)

// maxStackBytes bounds the stack of one goroutine of the session. An interpreted call takes about 600 bytes.
const maxStackBytes = 256 << 20

// oomScore is added to the badness of the session, so that the kernel process is not the one to be killed.
const oomScore = "500"

// Hooks wire the session to the packages that cells use. The zero value is usable: cells are then plain Go.
type Hooks struct {
	// Context is given a function that returns the context of the cell that calls it.
	Context func(func() context.Context)
	// Surface is given a function that returns the display surface of the cell that calls it.
	Surface func(func() display.Surface)
	// Value renders the last value of a cell; nil or false falls back to text.
	Value func(ctx context.Context, v any) (display.Bundle, bool)
	// Watch draws a value that arrives while it is computed; handled is false where v is no such value.
	Watch func(ctx context.Context, s display.Surface, id string, result func(string, display.Bundle) error, v any) (handled bool, err error)
	// Options are what %config shows and sets, beside what the session itself has.
	Options []Option
	// Symbols are added to those of the standard library and of Rivulet's packages.
	Symbols []interp.Exports
}

// session is the child's side: one interpreter and the connection to the kernel.
type session struct {
	hooks   Hooks
	conn    *pipe.Conn
	lang    *language
	std     *stdio
	current atomic.Pointer[run]
	// progress is how running results are shown.
	progress progressMode
	jobs     chan *run

	mu     sync.Mutex
	owners map[labels]*run // by goroutine labels
	recent []labels
	early  uint64 // number of a cell that was interrupted before it came
	seq    uint64
	inputs map[uint64]chan *pipe.Message

	callers map[uint64]*run // by the number of their cell
}

// ballastBytes is memory that is never touched, and so costs none: it makes the collector wait until so much more has been
// allocated. What interpreted code leaves behind is small and comes fast, and to collect it took half the time of some programs.
const ballastBytes = 32 << 20

// Serve runs a session process until its pipe closes. Its descriptors are those of the package pipe.
func Serve(ctx context.Context, hooks Hooks) error {
	debug.SetMaxStack(maxStackBytes)
	ballast := make([]byte, ballastBytes)
	defer runtime.KeepAlive(ballast)
	raiseOOMScore()
	os.Args = []string{"rivulet"}
	flag.CommandLine = flag.NewFlagSet(os.Args[0], flag.PanicOnError)
	conn, err := inherited(pipe.MainFD)
	if err != nil {
		return err
	}
	control, err := inherited(pipe.ControlFD)
	if err != nil {
		return err
	}
	s := &session{
		hooks: hooks.withDefaults(), conn: conn, jobs: make(chan *run, 1),
		owners: map[labels]*run{}, inputs: map[uint64]chan *pipe.Message{},
		callers: map[uint64]*run{},
	}
	if s.std, err = newStdio(s); err != nil {
		return err
	}
	if s.lang, err = newLanguage(s); err != nil {
		return err
	}
	if s.hooks.Context != nil {
		s.hooks.Context(s.cellContext)
	}
	if s.hooks.Surface != nil {
		s.hooks.Surface(func() display.Surface { return surface{s.owner()} })
	}
	comm.SetHost(s.currentOwner)
	go s.serveControl(control)
	go s.work()
	if err := conn.Send(&pipe.Message{Kind: pipe.Ready}); err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	return s.serveMain()
}

func inherited(fd uintptr) (*pipe.Conn, error) {
	f := os.NewFile(fd, "session")
	if f == nil {
		return nil, fmt.Errorf("session: descriptor %d is not open: sessions are started by the kernel", fd)
	}
	defer f.Close()
	c, err := net.FileConn(f)
	if err != nil {
		return nil, fmt.Errorf("session: descriptor %d: %w (sessions are started by the kernel)", fd, err)
	}
	return pipe.NewConn(c), nil
}

func raiseOOMScore() {
	// Where /proc does not allow it, the session is as likely to be chosen as anybody else.
	_ = os.WriteFile("/proc/self/oom_score_adj", []byte(oomScore), 0)
}

// serveMain reads requests until the kernel closes the pipe; cells run elsewhere, so that completion and input replies
// are served meanwhile.
func (s *session) serveMain() error {
	for {
		m, err := s.conn.Receive()
		if err != nil {
			if errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed) {
				return nil
			}
			return err
		}
		switch m.Kind {
		case pipe.Execute:
			r := newRun(s, m)
			s.own(r)
			s.jobs <- r
		case pipe.Complete:
			go s.reply(m, func(r *pipe.Message) { r.Match = s.lang.complete(m.Text, m.Cursor) })
		case pipe.Inspect:
			go s.reply(m, func(r *pipe.Message) { r.Bundle = s.lang.inspect(m.Text, m.Cursor, m.Detail) })
		case pipe.Comm:
			s.comm(m)
		case pipe.InputReply:
			s.mu.Lock()
			reply := s.inputs[m.Seq]
			delete(s.inputs, m.Seq)
			s.mu.Unlock()
			if reply != nil {
				reply <- m
			}
		}
	}
}

func (s *session) reply(m *pipe.Message, fill func(*pipe.Message)) {
	r := &pipe.Message{Kind: pipe.Reply, Seq: m.Seq}
	defer func() {
		if p := recover(); p != nil {
			r.Fail = fmt.Sprint(p)
		}
		_ = s.conn.Send(r)
	}()
	fill(r)
}

func (s *session) serveControl(c *pipe.Conn) {
	for {
		m, err := c.Receive()
		if err != nil {
			return
		}
		switch m.Kind {
		case pipe.Ping:
			_ = c.Send(&pipe.Message{Kind: pipe.Pong})
		case pipe.Interrupt:
			if m.Cell == 0 {
				go s.interruptCallers()
			} else if r := s.interrupted(m.Cell); r != nil {
				r.interrupt()
			}
		}
	}
}

// interrupted is the cell to interrupt, when it is the one that runs or is about to. An interrupt comes by a pipe of
// its own and may overtake its cell; then own finds it.
func (s *session) interrupted(number uint64) *run {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.current.Load()
	if r != nil && r.number == number {
		return r
	}
	if r == nil || r.number < number {
		s.early = number
	}
	return nil
}

// own makes a cell the current one.
func (s *session) own(r *run) {
	s.mu.Lock()
	s.current.Store(r)
	early := s.early == r.number
	s.mu.Unlock()
	if early {
		r.interrupt()
	}
}

// work runs the cells one after the other.
func (s *session) work() {
	idle := newRest()
	for r := range s.jobs {
		idle.end()
		err := s.lang.execute(r)
		s.std.flush()
		comm.Flush()
		close(r.left)
		idle.begin()
		_ = s.conn.Send(&pipe.Message{Kind: pipe.Done, Cell: r.number, Error: err})
	}
}

// cellContext is the context of the cell that the calling goroutine belongs to.
func (s *session) cellContext() context.Context {
	if r := s.owner(); r != nil {
		return r.ctx
	}
	return context.Background()
}

var _ kernel.Interpreter = (*Session)(nil)
