package interp

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/rivulet-go/rivulet/display"
	"github.com/rivulet-go/rivulet/distrib"
	"github.com/rivulet-go/rivulet/distrib/local"
	"github.com/rivulet-go/rivulet/frame"
	"github.com/rivulet-go/rivulet/frame/exec"
	"github.com/rivulet-go/rivulet/frame/memory"
	"github.com/rivulet-go/rivulet/kernel"
)

const sessionEnv = "RIVULET_TEST_SESSION"

// TestMain makes the test binary its own session process.
func TestMain(m *testing.M) {
	if os.Getenv(sessionEnv) != "" {
		env := &exec.Env{Mem: memory.Allocator(), Budget: memory.Default(), Spill: os.TempDir()}
		frame.SetRunner(distrib.NewRunnerEnv(local.New(env, 2), env))
		hooks := Hooks{Surface: display.SetSurface, Context: func(f func() context.Context) {
			frame.SetContext(f)
			display.SetContext(f)
		}, Options: []Option{tasteOption()}}
		if err := Serve(context.Background(), hooks); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

// newTestSession starts a session whose process is this test binary.
func newTestSession(t testing.TB) *Session {
	t.Helper()
	s, err := NewSession(Options{
		Command: []string{os.Args[0]}, Env: append(os.Environ(), sessionEnv+"=1"),
		Logf: func(f string, a ...any) { t.Logf(f, a...) },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// testCell records what a cell shows.
type testCell struct {
	count int
	stdin []string // answers to input requests; nil: not allowed
	live  bool

	mu     sync.Mutex
	events []event

	prompts string // of input requests, one after the other
}

type event struct {
	kind, id, text string
	bundle         kernel.Bundle
}

func (c *testCell) add(e event) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if n := len(c.events); n > 0 && e.kind == c.events[n-1].kind && (e.kind == "stdout" || e.kind == "stderr") {
		c.events[n-1].text += e.text
		return nil
	}
	c.events = append(c.events, e)
	return nil
}

func plain(b kernel.Bundle) string { s, _ := b.Data["text/plain"].(string); return s }

func (c *testCell) ID() string       { return fmt.Sprint("cell-", c.count) }
func (c *testCell) Count() int       { return c.count }
func (c *testCell) Silent() bool     { return false }
func (c *testCell) AllowStdin() bool { return c.stdin != nil }
func (c *testCell) Metadata() map[string]any {
	if c.live {
		return map[string]any{"cellId": "x"}
	}
	return nil
}
func (c *testCell) Stream(name, text string) error { return c.add(event{kind: name, text: text}) }
func (c *testCell) Show(id string, b kernel.Bundle) error {
	return c.add(event{kind: "show", id: id, text: plain(b), bundle: b})
}

func (c *testCell) Update(id string, b kernel.Bundle) error {
	return c.add(event{kind: "update", id: id, text: plain(b), bundle: b})
}

func (c *testCell) Result(id string, b kernel.Bundle) error {
	return c.add(event{kind: "result", id: id, text: plain(b), bundle: b})
}

func (c *testCell) Comm(m kernel.CommMessage) error {
	return c.add(event{kind: m.Kind, id: m.ID, text: string(m.Data)})
}

func (c *testCell) Clear(wait bool) error { return c.add(event{kind: "clear", text: fmt.Sprint(wait)}) }

func (c *testCell) Next(text string, replace bool) {
	_ = c.add(event{kind: "next", text: fmt.Sprint(text, replace)})
}

func (c *testCell) Input(ctx context.Context, prompt string, password bool) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.prompts += prompt
	if password {
		c.prompts += "(hidden)"
	}
	if len(c.stdin) == 0 {
		return "", fmt.Errorf("no more input")
	}
	line := c.stdin[0]
	c.stdin = c.stdin[1:]
	return line, nil
}

// text is all events of a kind.
func (c *testCell) text(kind string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := ""
	for _, e := range c.events {
		if e.kind == kind {
			s += e.text
		}
	}
	return s
}

func itoa(n int) string { return fmt.Sprint(n) }
