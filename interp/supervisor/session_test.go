package supervisor

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/rivulet-go/rivulet/interp/pipe"
	"github.com/rivulet-go/rivulet/kernel"
)

const fakeEnv = "RIVULET_FAKE_SESSION"

// TestMain makes the test binary a fake session, whose cells are commands of their own.
func TestMain(m *testing.M) {
	if os.Getenv(fakeEnv) != "" {
		fake()
	}
	goleak.VerifyTestMain(m)
}

func fakeConn(fd uintptr) *pipe.Conn {
	c, err := net.FileConn(os.NewFile(fd, "fake"))
	if err != nil {
		panic(err)
	}
	return pipe.NewConn(c)
}

func fake() {
	main, control := fakeConn(pipe.MainFD), fakeConn(pipe.ControlFD)
	interrupted := make(chan bool, 1)
	go func() {
		for {
			m, err := control.Receive()
			if err != nil {
				return
			}
			switch m.Kind {
			case pipe.Ping:
				_ = control.Send(&pipe.Message{Kind: pipe.Pong})
			case pipe.Interrupt:
				interrupted <- true
			}
		}
	}()
	if os.Getenv(fakeEnv) == "mute" {
		time.Sleep(time.Hour)
	}
	_ = main.Send(&pipe.Message{Kind: pipe.Ready})
	for {
		m, err := main.Receive()
		if err != nil {
			os.Exit(0)
		}
		if m.Kind == pipe.Complete {
			_ = main.Send(&pipe.Message{Kind: pipe.Reply, Seq: m.Seq, Match: &kernel.Completion{Matches: []string{m.Text}}})
		}
		if m.Kind != pipe.Execute {
			continue
		}
		done := &pipe.Message{Kind: pipe.Done, Cell: m.Cell}
		word, rest, _ := strings.Cut(m.Text, " ")
		switch word {
		case "print":
			_ = main.Send(&pipe.Message{Kind: pipe.Stream, Cell: m.Cell, Name: "stdout", Text: rest})
		case "raw":
			fmt.Print(rest)
			_ = main.Send(&pipe.Message{Kind: pipe.Stream, Cell: m.Cell, Name: "stdout", Text: "framed"})
		case "wait":
			<-interrupted
			done.Error = &kernel.CellError{Name: "interrupted", Value: "in time"}
		case "hang":
			select {}
		case "exit":
			os.Exit(7)
		case "fatal":
			fmt.Fprint(os.Stderr, "fatal error: made up\n\ngoroutine 1 [running]:\nmain.main()\n")
			os.Exit(2)
		case "panicky":
			fmt.Fprint(os.Stderr, "panic: not really\n")
		case "term":
			_ = syscall.Kill(os.Getpid(), syscall.SIGTERM)
			select {}
		case "input":
			_ = main.Send(&pipe.Message{Kind: pipe.Input, Cell: m.Cell, Seq: 9, Text: "?"})
			r, err := main.Receive()
			if err != nil {
				os.Exit(0)
			}
			_ = main.Send(&pipe.Message{Kind: pipe.Stream, Cell: m.Cell, Name: "stdout", Text: r.Text + r.Fail})
		}
		_ = main.Send(done)
	}
}

type recorder struct {
	mu   sync.Mutex
	text string
}

func (r *recorder) Stream(name, text string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.text += name + ":" + text + ";"
	return nil
}
func (r *recorder) ID() string                         { return "x" }
func (r *recorder) Count() int                         { return 1 }
func (r *recorder) Silent() bool                       { return false }
func (r *recorder) AllowStdin() bool                   { return true }
func (r *recorder) Metadata() map[string]any           { return nil }
func (r *recorder) Show(string, kernel.Bundle) error   { return nil }
func (r *recorder) Update(string, kernel.Bundle) error { return nil }
func (r *recorder) Result(string, kernel.Bundle) error { return nil }
func (r *recorder) Next(string, bool)                  {}
func (r *recorder) Clear(bool) error                   { return nil }
func (r *recorder) Comm(kernel.CommMessage) error      { return nil }
func (r *recorder) Input(_ context.Context, prompt string, _ bool) (string, error) {
	return "answer to " + prompt, nil
}

func start(t *testing.T, mode string) *Session {
	t.Helper()
	s, err := New(Options{
		Command: []string{os.Args[0]}, Env: append(os.Environ(), fakeEnv+"="+mode), Grace: 300 * time.Millisecond, Logf: t.Logf,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestCells(t *testing.T) {
	tests := []struct {
		code, text string
		interrupt  bool
		name, want string // of the error
		lost       bool
	}{
		{code: "print a", text: "stdout:a;"},
		{code: "raw b", text: "stdout:b;stdout:framed;"},
		{code: "input", text: "stdout:answer to ?;"},
		{code: "panicky", text: "stderr:panic: not really\n;"},
		{code: "wait", interrupt: true, name: "interrupted", want: "in time"},
		{code: "hang", interrupt: true, name: "interrupted", want: "did not end within", lost: true},
		{code: "exit", name: "session lost", want: "exit status 7", lost: true},
		{code: "fatal", name: "session lost", want: "fatal error: made up", lost: true},
		{code: "term", name: "session lost", want: "signal 15", lost: true},
	}
	s := start(t, "1")
	for _, tt := range tests {
		ctx, cancel := context.WithCancel(t.Context())
		if tt.interrupt {
			time.AfterFunc(50*time.Millisecond, cancel)
		}
		r := &recorder{}
		err := s.Execute(ctx, tt.code, r)
		cancel()
		var ce *kernel.CellError
		switch {
		case tt.name == "" && err != nil:
			t.Errorf("%s: %v", tt.code, err)
		case tt.name != "" && !errors.As(err, &ce):
			t.Errorf("%s: got %v, want a CellError", tt.code, err)
		case tt.name != "" && (ce.Name != tt.name || !strings.Contains(ce.Value, tt.want) || ce.Lost != tt.lost):
			t.Errorf("%s: got %+v", tt.code, ce)
		}
		if tt.text != "" && r.text != tt.text {
			t.Errorf("%s: shows %q, want %q", tt.code, r.text, tt.text)
		}
		if err := s.Execute(t.Context(), "print next", &recorder{}); err != nil {
			t.Errorf("after %s: %v", tt.code, err)
		}
	}
}

func TestAskConcurrently(t *testing.T) {
	s := start(t, "1")
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			want := fmt.Sprint("word", i)
			c, err := s.Complete(t.Context(), want, 0)
			if err != nil || len(c.Matches) != 1 || c.Matches[0] != want {
				t.Errorf("got %v, %v", c, err)
			}
		})
	}
	wg.Wait()
	if d, err := s.Ping(t.Context()); err != nil || d > time.Second {
		t.Errorf("ping: %v, %v", d, err)
	}
}

func TestStartFails(t *testing.T) {
	s, err := New(Options{Command: []string{"/no/such/program"}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	err = s.Execute(t.Context(), "print", &recorder{})
	if err == nil || !strings.Contains(err.Error(), "could not start") {
		t.Errorf("got %v", err)
	}
}

func TestCloseWhileStarting(t *testing.T) {
	s := start(t, "mute")
	begin := time.Now()
	s.Close()
	if d := time.Since(begin); d > 5*time.Second {
		t.Errorf("Close took %v", d)
	}
	if err := s.Execute(t.Context(), "print", &recorder{}); !errors.Is(err, ErrClosed) {
		t.Errorf("got %v", err)
	}
}

func TestInterruptWhileStarting(t *testing.T) {
	s := start(t, "mute")
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	var ce *kernel.CellError
	if err := s.Execute(ctx, "print", &recorder{}); !errors.As(err, &ce) || ce.Name != "interrupted" {
		t.Errorf("got %v", err)
	}
}
