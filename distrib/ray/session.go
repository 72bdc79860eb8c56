package ray

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"syscall"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	arrowmemory "github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/memory"
)

// session is the connection with one glue. It ends when either side does.
type session struct {
	frames *frames
	mem    arrowmemory.Allocator

	mu      sync.Mutex
	last    int64 // number of a task or call
	streams map[int64]*stream
	calls   map[int64]chan reply
	err     error         // why it has ended
	remains func() string // what the glue leaves when it ends by itself
	ended   chan struct{}
}

// reply is the answer to a call. The receiver owns the record.
type reply struct {
	event
	record arrow.Record
	err    error
}

// stream is the session's side of a running task.
type stream struct {
	task   int64
	events chan event // as many as there is credit for, and the end
}

func newSession(f *frames, mem arrowmemory.Allocator) *session {
	return &session{
		frames: f, mem: mem, streams: map[int64]*stream{}, calls: map[int64]chan reply{}, ended: make(chan struct{}),
	}
}

// serve receives until the glue is gone; then it ends all that waits.
func (s *session) serve() {
	for {
		e, err := s.frames.receive(s.body)
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, syscall.ECONNRESET): // with or without something that it has not read
			err = fmt.Errorf("the glue has ended%s", s.remains())
		case err == nil && e.Kind == "gone":
			err = errors.New(e.Error)
		}
		if err != nil {
			s.end(fmt.Errorf("the connection with Ray is lost: %w", err))
			return
		}
		if e.Kind != "data" {
			s.dispatch(e)
		}
	}
}

// end fails everything that waits. Only the first reason counts.
func (s *session) end(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return
	}
	s.err = err
	close(s.ended)
	for _, c := range s.calls {
		c <- reply{err: err}
	}
	clear(s.calls)
}

// reason is why the session has ended, nil while it has not.
func (s *session) reason() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// sent makes of an error of sending the reason for it.
func (s *session) sent(err error) error {
	if err == nil {
		return nil
	}
	select {
	case <-s.ended:
		return s.reason()
	case <-time.After(2 * lastTimeout):
		return fmt.Errorf("the connection with Ray is lost: %w", err)
	}
}

// body reads the record of a block from the socket into memory of its own.
func (s *session) body(e event, in *io.LimitedReader) bool {
	if e.Kind != "data" {
		return false
	}
	r := reply{event: e}
	if e.Error != "" {
		r.err = errors.New(e.Error)
	} else {
		r.record, r.err = s.decode(in)
	}
	s.mu.Lock()
	call := s.calls[e.Call]
	delete(s.calls, e.Call)
	s.mu.Unlock()
	if call != nil {
		call <- r
	} else if r.record != nil {
		r.record.Release()
	}
	return true
}

func (s *session) decode(in *io.LimitedReader) (arrow.Record, error) {
	data := memory.AllocateDirty(s.mem, int(in.N))
	defer s.mem.Free(data)
	if _, err := io.ReadFull(in, data); err != nil {
		return nil, err
	}
	return batch.Decode(s.mem, data)
}

func (s *session) dispatch(e event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if call := s.calls[e.Call]; e.Call != 0 && call != nil {
		delete(s.calls, e.Call)
		call <- reply{event: e}
		return
	}
	if stream := s.streams[e.Task]; stream != nil {
		stream.events <- e
		if e.Kind == "end" {
			delete(s.streams, e.Task)
		}
	}
}

// submission is a task as the glue takes it.
type submission struct {
	Kind    string  `json:"t"`
	Task    int64   `json:"task"`
	Name    string  `json:"name"`
	Inputs  []int64 `json:"inputs"`
	Ahead   int     `json:"ahead"` // objects that Ray lets lie unread
	Credit  int     `json:"credit"`
	CPUs    float64 `json:"cpus"`
	Retries int     `json:"retries"`
	Memory  int64   `json:"memory,omitempty"`
	Spread  bool    `json:"spread,omitempty"`
	Nested  bool    `json:"nested,omitempty"` // the task fetches its inputs itself
	Node    string  `json:"node,omitempty"`   // where it had better run
}

// submit starts a task of which sub.Credit items may come unasked.
func (s *session) submit(sub submission, request []byte) (*stream, error) {
	s.mu.Lock()
	if s.err != nil {
		s.mu.Unlock()
		return nil, s.err
	}
	s.last++
	// An item that is consumed gives the credit for the next, so more than these and the end never wait.
	st := &stream{task: s.last, events: make(chan event, sub.Credit+1)}
	s.streams[st.task] = st
	s.mu.Unlock()
	sub.Kind, sub.Task = "submit", st.task
	return st, s.sent(s.frames.send(sub, request))
}

type command struct {
	Kind   string  `json:"t"`
	Task   int64   `json:"task,omitempty"`
	Call   int64   `json:"call,omitempty"`
	Block  int64   `json:"block,omitempty"`
	Blocks []int64 `json:"blocks,omitempty"`
	More   int     `json:"more,omitempty"`
	Force  bool    `json:"force,omitempty"`

	Path     string `json:"path,omitempty"`
	Size     int64  `json:"size,omitempty"`
	Modified int64  `json:"modified,omitempty"`
}

// call sends a command and waits for its answer.
func (s *session) call(ctx context.Context, c command, payload []byte) (reply, error) {
	s.mu.Lock()
	if s.err != nil {
		s.mu.Unlock()
		return reply{}, s.err
	}
	s.last++
	c.Call = s.last
	answer := make(chan reply, 1)
	s.calls[c.Call] = answer
	s.mu.Unlock()
	if err := s.sent(s.frames.send(c, payload)); err != nil {
		return reply{}, err
	}
	select {
	case r := <-answer:
		return r, r.err
	case <-ctx.Done():
		s.mu.Lock()
		delete(s.calls, c.Call)
		s.mu.Unlock()
		select { // it came in between
		case r := <-answer:
			if r.record != nil {
				r.record.Release()
			}
		default:
		}
		return reply{}, ctx.Err()
	}
}
