package kernel

import (
	"context"
	"encoding/json"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

const patience = 10 * time.Second

// fake is an Interpreter made of functions; the zero value accepts every cell.
type fake struct {
	execute    func(ctx context.Context, code string, c Cell) error
	complete   func(code string, cursor int) (Completion, error)
	inspect    func(code string, cursor int) (Bundle, error)
	isComplete func(code string) (string, string)
	comm       func(m CommMessage, answer func(CommMessage) error) error

	restarts, interrupts atomic.Int32

	mu     sync.Mutex
	ran    []string
	closed int
}

func (f *fake) Execute(ctx context.Context, code string, c Cell) error {
	f.mu.Lock()
	f.ran = append(f.ran, code)
	f.mu.Unlock()
	if f.execute == nil {
		return nil
	}
	return f.execute(ctx, code, c)
}

func (f *fake) Complete(_ context.Context, code string, cursor int) (Completion, error) {
	if f.complete == nil {
		return Completion{}, nil
	}
	return f.complete(code, cursor)
}

func (f *fake) Inspect(_ context.Context, code string, cursor, _ int) (Bundle, error) {
	if f.inspect == nil {
		return Bundle{}, nil
	}
	return f.inspect(code, cursor)
}

func (f *fake) IsComplete(code string) (string, string) {
	if f.isComplete == nil {
		return "complete", ""
	}
	return f.isComplete(code)
}

// Comm refuses, unless it is told otherwise.
func (f *fake) Comm(_ context.Context, m CommMessage, answer func(CommMessage) error) error {
	if f.comm == nil {
		return answer(CommMessage{Kind: "comm_close", ID: m.ID})
	}
	return f.comm(m, answer)
}

func (f *fake) Interrupt() { f.interrupts.Add(1) }

func (f *fake) Restart(context.Context) error {
	f.restarts.Add(1)
	return nil
}

func (f *fake) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed++
	return nil
}

func (f *fake) executed() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return strings.Join(f.ran, ",")
}

// server is a kernel that runs in the test.
type server struct {
	t          testing.TB
	file       string
	connection map[string]any
	log        *syncBuffer
	cancel     context.CancelFunc
	ended      chan struct{}
	err        error
}

type syncBuffer struct {
	mu sync.Mutex
	b  strings.Builder
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func writeConnection(t testing.TB, transport string, change map[string]any) (string, map[string]any) {
	t.Helper()
	dir := t.TempDir()
	c := map[string]any{"transport": transport, "ip": "127.0.0.1", "key": "secret", "signature_scheme": "hmac-sha256"}
	for i, name := range []string{"shell_port", "iopub_port", "stdin_port", "control_port", "hb_port"} {
		if transport == "ipc" {
			c[name] = i + 1
			continue
		}
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		c[name] = l.Addr().(*net.TCPAddr).Port
	}
	if transport == "ipc" {
		c["ip"] = filepath.Join(dir, "kernel")
	}
	for k, v := range change {
		if v == nil {
			delete(c, k)
			continue
		}
		c[k] = v
	}
	data, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "connection.json")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path, c
}

func start(t testing.TB, in Interpreter, transport string, change map[string]any) *server {
	t.Helper()
	file, c := writeConnection(t, transport, change)
	ctx, cancel := context.WithCancel(context.Background())
	s := &server{t: t, file: file, connection: c, log: &syncBuffer{}, cancel: cancel, ended: make(chan struct{})}
	logger := slog.New(slog.NewTextHandler(s.log, nil))
	go func() {
		defer close(s.ended)
		s.err = Run(ctx, file, in, Options{Version: "1.2.3", Banner: "hello", Logger: logger, drain: time.Second})
	}()
	t.Cleanup(func() {
		cancel()
		s.wait()
		if t.Failed() {
			t.Logf("log of the kernel:\n%s", s.log)
		}
	})
	return s
}

func (s *server) wait() {
	s.t.Helper()
	select {
	case <-s.ended:
	case <-time.After(patience):
		s.t.Fatal("the kernel does not end")
	}
}

// awaitLog waits for a line of the log that holds all words.
func (s *server) awaitLog(words ...string) {
	s.t.Helper()
	for begin := time.Now(); time.Since(begin) < patience; time.Sleep(2 * time.Millisecond) {
		for line := range strings.Lines(s.log.String()) {
			found := true
			for _, w := range words {
				found = found && strings.Contains(line, w)
			}
			if found {
				return
			}
		}
	}
	s.t.Fatalf("no log line with %q in:\n%s", words, s.log)
}
