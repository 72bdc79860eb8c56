package interp

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/rivulet-go/rivulet/kernel"
)

func TestDisplayInput(t *testing.T) {
	s := newTestSession(t)
	asked := &testCell{count: 1, stdin: []string{"Ada", "secret", "7 8"}}
	code := `name, err := display.Input("name: ")
key, err := display.Password("key: ")
var a, b int
fmt.Scan(&a, &b)
fmt.Println(name, key, a+b, err)`
	if err := s.Execute(t.Context(), code, asked); err != nil || asked.text("stdout") != "Ada secret 15 <nil>\n" {
		t.Errorf("prints %q, %v", asked.text("stdout"), err)
	}
	if got := asked.prompts; got != "name: key: (hidden)" {
		t.Errorf("asks %q", got)
	}
	refused := &testCell{count: 2}
	err := s.Execute(t.Context(), `_, err = display.Input("name: ")
err`, refused)
	if err == nil && !strings.Contains(refused.text("result"), "does not take input") {
		t.Errorf("refused: %q, %v", refused.text("result"), err)
	}
}

// silentCell never answers.
type silentCell struct {
	testCell
	asked chan bool
}

func (c *silentCell) AllowStdin() bool { return true }

func (c *silentCell) Input(ctx context.Context, _ string, _ bool) (string, error) {
	close(c.asked)
	<-ctx.Done()
	return "", ctx.Err()
}

var _ kernel.Cell = (*silentCell)(nil)

func TestInterruptedInput(t *testing.T) {
	s := newTestSession(t)
	ctx, cancel := context.WithCancel(t.Context())
	c := &silentCell{testCell{count: 1}, make(chan bool)}
	began := time.Now()
	go func() {
		<-c.asked
		cancel()
	}()
	err := s.Execute(ctx, "kept := 5\nanswer, _ := display.Input(\"? \")\nfmt.Println(answer)", c)
	if err == nil || !strings.Contains(err.Error(), "interrupted") || time.Since(began) > 10*time.Second || c.text("stdout") != "" {
		t.Errorf("%v after %v, prints %q", err, time.Since(began), c.text("stdout"))
	}
	next := &testCell{count: 2}
	if err := s.Execute(t.Context(), "kept", next); err != nil || next.text("result") != "5" {
		t.Errorf("afterwards: %q, %v", next.text("result"), err)
	}
}
