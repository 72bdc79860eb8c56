package kernel

import (
	"context"
	"fmt"
	"testing"
	"time"
)

// TestSubshell completes by a subshell while a cell of the main shell runs; a cell of the subshell waits for its end.
func TestSubshell(t *testing.T) {
	release, began := make(chan struct{}), make(chan struct{})
	in := &fake{
		execute: func(ctx context.Context, code string, c Cell) error {
			if code == "long" {
				close(began)
				select {
				case <-release:
				case <-ctx.Done():
				}
			}
			return c.Stream("stdout", code)
		},
		complete: func(string, int) (Completion, error) { return Completion{Matches: []string{"found"}}, nil },
	}
	s := start(t, in, "tcp", nil)
	c := s.client("me")
	ask := func(kind string, content any) message {
		id := c.control.send(kind, content)
		m := c.control.receive()
		if m.Parent["msg_id"] != id || m.kind() != replyKind(kind) {
			t.Fatalf("%s: %s %v", kind, m.kind(), m.Content)
		}
		return m
	}
	sub := ask("create_subshell_request", nil).text("subshell_id")
	if got := ask("list_subshell_request", nil).text("subshell_id"); got != "["+sub+"]" {
		t.Errorf("list: %s", got)
	}
	long := c.shell.send("execute_request", map[string]any{"code": "long"})
	<-began
	short := c.shell.sendShell(sub, "execute_request", map[string]any{"code": "short"}, nil, nil)
	second := ask("create_subshell_request", nil).text("subshell_id")
	help := c.shell.sendShell(second, "complete_request", map[string]any{"code": "f"}, nil, nil)
	if m := c.shell.receive(); m.Parent["msg_id"] != help || m.text("matches") != "[found]" || m.Parent["subshell_id"] != second {
		t.Errorf("while a cell runs: %v of %v", m.Content, m.Parent)
	}
	time.Sleep(20 * time.Millisecond)
	if got := in.executed(); got != "long" {
		t.Errorf("two cells at once: %s", got)
	}
	close(release)
	for _, id := range []string{long, short} {
		if m := c.shell.receive(); m.Parent["msg_id"] != id || m.text("status") != "ok" {
			t.Errorf("%s: %v", id, m.Content)
		}
	}
	if m := ask("delete_subshell_request", map[string]any{"subshell_id": sub}); m.text("status") != "ok" {
		t.Errorf("delete: %v", m.Content)
	}
	if m := ask("delete_subshell_request", map[string]any{"subshell_id": sub}); m.text("evalue") != fmt.Sprintf("there is no subshell %q", sub) {
		t.Errorf("delete again: %v", m.Content)
	}
	id := c.shell.sendShell(sub, "complete_request", map[string]any{"code": "f"}, nil, nil)
	if m := c.shell.receive(); m.Parent["msg_id"] != id || m.text("status") != "error" {
		t.Errorf("to a subshell that is gone: %v", m.Content)
	}
	if got := ask("list_subshell_request", nil).text("subshell_id"); got != "["+second+"]" {
		t.Errorf("list: %s", got)
	}
}
