package kernel

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
)

func said(m message) string {
	return fmt.Sprintf("%s %v %v %q", m.kind(), m.Content, m.Metadata, m.Buffers)
}

// TestComms opens comms from both sides, sends buffers both ways, and ends with the session.
func TestComms(t *testing.T) {
	in := &fake{
		execute: func(_ context.Context, code string, c Cell) error {
			switch code {
			case "open":
				return c.Comm(CommMessage{Kind: "comm_open", ID: "ours", Target: "made", Metadata: map[string]any{"version": "2"}})
			case "die":
				return &CellError{Name: "session lost", Lost: true}
			}
			return nil
		},
		comm: func(m CommMessage, answer func(CommMessage) error) error {
			switch {
			case m.Kind == "comm_open" && m.Target == "none":
				return answer(CommMessage{Kind: "comm_close", ID: m.ID})
			case m.Kind == "comm_open" && m.Target == "broken":
				panic("on purpose")
			case m.Kind == "comm_msg" && string(m.Data) == `{"die":true}`:
				return &CellError{Name: "session lost", Lost: true}
			case m.Kind == "comm_msg":
				m.Data, m.Buffers[0], m.Metadata = json.RawMessage(`{"n":1}`), []byte("\x00back"), nil
				return answer(m)
			}
			return nil
		},
	}
	s := start(t, in, "tcp", nil)
	c := s.client("me")
	open := func(content any) string {
		c.shell.send("comm_info_request", content)
		return c.shell.receive().text("comms")
	}
	tell := func(kind string, content map[string]any, buffers ...[]byte) []message {
		return c.until(c.shell.sendShell("", kind, content, nil, map[string]any{"m": 1}, buffers...))
	}
	target := func(id, name string) map[string]any {
		return map[string]any{"comm_id": id, "target_name": name, "data": map[string]any{}}
	}
	if got := outline(tell("comm_open", target("1", "none"))); got != "busy comm_close idle" {
		t.Errorf("an unknown target: %s", got)
	}
	if got := outline(tell("comm_open", target("2", "broken"))); got != "busy comm_close idle" {
		t.Errorf("a panic: %s", got)
	}
	if got := outline(tell("comm_open", target("3", "echo"))); got != "busy idle" {
		t.Errorf("open: %s", got)
	}
	_, all := c.run("open", nil)
	if got, want := said(all[2]), `comm_open map[comm_id:ours data:map[] target_name:made] map[version:2] []`; got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	if got := open(nil); got != "map[3:map[target_name:echo] ours:map[target_name:made]]" {
		t.Errorf("comm_info: %s", got)
	}
	if got := open(map[string]any{"target_name": "echo"}); got != "map[3:map[target_name:echo]]" {
		t.Errorf("comm_info of a target: %s", got)
	}
	all = tell("comm_msg", map[string]any{"comm_id": "3", "data": map[string]any{}}, []byte("\xff"), []byte("two"))
	for all[0].Parent["msg_id"] != all[len(all)-1].Parent["msg_id"] {
		all = all[1:] // of comm_info
	}
	if got, want := said(all[1]), `comm_msg map[comm_id:3 data:map[n:1]] map[] ["\x00back" "two"]`; len(all) != 3 || got != want {
		t.Errorf("got %s of %s\nwant %s", got, outline(all), want)
	}
	if got := outline(tell("comm_msg", map[string]any{"comm_id": "gone", "data": map[string]any{}}, []byte("x"))); got != "busy idle" {
		t.Errorf("of no comm: %s", got)
	}
	_, all = c.run("die", nil)
	if got := outline(all); !strings.HasSuffix(got, " error comm_close comm_close idle") {
		t.Errorf("at the session's end: %s", got)
	}
	tell("comm_open", target("4", "echo"))
	if got := outline(tell("comm_msg", map[string]any{"comm_id": "4", "data": map[string]any{"die": true}})); got != "busy comm_close idle" {
		t.Errorf("where the session has died: %s", got)
	}
	if got := open(nil); got != "map[]" {
		t.Errorf("in the end: %s", got)
	}
	c.control.send("interrupt_request", nil)
	if c.control.receive(); in.interrupts.Load() != 1 {
		t.Error("an interrupt does not reach what comms have begun")
	}
}

// TestCommWhileACellRuns is heard by a subshell; busy and idle name the subshell, by which front ends tell them from the cell's.
func TestCommWhileACellRuns(t *testing.T) {
	clicked, began := make(chan struct{}), make(chan struct{})
	in := &fake{
		execute: func(ctx context.Context, _ string, c Cell) error {
			close(began)
			select {
			case <-clicked:
			case <-ctx.Done():
			}
			return c.Stream("stdout", "clicked")
		},
		comm: func(CommMessage, func(CommMessage) error) error { return nil },
	}
	s := start(t, in, "tcp", nil)
	c := s.client("me")
	c.control.send("create_subshell_request", nil)
	sub := c.control.receive().text("subshell_id")
	cell := c.shell.send("execute_request", map[string]any{"code": "wait"})
	<-began
	c.shell.sendShell(sub, "comm_open", map[string]any{"comm_id": "1", "target_name": "t"}, nil, nil)
	id := c.shell.sendShell(sub, "comm_msg", map[string]any{"comm_id": "1"}, nil, nil)
	states := ""
	for _, m := range c.until(id) {
		if m.Parent["msg_id"] == id {
			states += m.text("execution_state") + m.Parent["subshell_id"].(string)
		}
	}
	if states != "busy"+sub+"idle"+sub {
		t.Errorf("the message's states are %s", states)
	}
	shown := c.iopub.receive().text("execution_state")
	if shown != "busy" {
		t.Errorf("a front end takes the kernel for %s", shown)
	}
	close(clicked)
	c.until(cell)
}

// TestCommsOvertakeACell is heard on the main shell as well, as far as the session knows the target; the rest waits for the cell.
func TestCommsOvertakeACell(t *testing.T) {
	release, began := make(chan struct{}), make(chan struct{})
	var listening atomic.Bool
	in := &fake{
		execute: func(context.Context, string, Cell) error {
			close(began)
			<-release
			listening.Store(true)
			return nil
		},
		comm: func(m CommMessage, answer func(CommMessage) error) error {
			if m.Target == "late" && !listening.Load() {
				return answer(CommMessage{Kind: "comm_close", ID: m.ID})
			}
			if m.Kind == "comm_msg" {
				m.Data = json.RawMessage(fmt.Sprintf(`{"cell": %v}`, !listening.Load()))
				return answer(m)
			}
			return nil
		},
	}
	c := start(t, in, "tcp", nil).client("me")
	cell := c.shell.send("execute_request", map[string]any{"code": "x"})
	<-began
	for c.iopub.receive().kind() != "execute_input" {
	}
	said := func(messages []message) string {
		for _, m := range messages {
			if m.kind() == "comm_msg" {
				return m.text("comm_id") + m.text("data")
			}
		}
		return outline(messages)
	}
	c.shell.send("comm_open", map[string]any{"comm_id": "1", "target_name": "known"})
	if got := said(c.until(c.shell.send("comm_msg", map[string]any{"comm_id": "1"}))); got != "1map[cell:true]" {
		t.Errorf("while a cell runs: %s", got)
	}
	c.shell.send("comm_open", map[string]any{"comm_id": "2", "target_name": "late"})
	c.shell.send("comm_msg", map[string]any{"comm_id": "2"})
	last := c.shell.send("comm_msg", map[string]any{"comm_id": "1"}) // behind them
	c.until(c.shell.send("kernel_info_request", nil))                // all of them have been looked at
	close(release)
	if got := said(c.until(cell)); strings.Contains(got, "map") || strings.Contains(got, "comm_close") {
		t.Errorf("a target that the cell makes: %s", got)
	}
	if got := said(c.until(last)); got != "2map[cell:false]" {
		t.Errorf("after the cell: %s", got)
	}
}
