package kernel

import (
	"context"
	"errors"
	"maps"
	"strings"
	"testing"
	"time"
)

// script is a toy language: the name of a cell is what it does.
func script(ctx context.Context, code string, c Cell) error {
	text := Bundle{Data: map[string]any{"text/plain": "<b>é</b>"}}
	switch code {
	case "print":
		return c.Stream("stdout", "hello\n")
	case "mixed":
		return errors.Join(
			c.Stream("stdout", "a"), c.Stream("stdout", "b"), c.Stream("stderr", "c"), c.Stream("stdout", "d"),
			c.Show("x", text), c.Stream("stdout", "e"), c.Update("x", text), c.Clear(true), c.Result("", text))
	case "result":
		return c.Result("id", text)
	case "fail":
		_ = c.Stream("stdout", "before")
		return &CellError{Name: "oops", Value: "it broke", Traceback: []string{"line 1", "line 2"}}
	case "plain":
		return errors.New("plain error")
	case "panic":
		panic("interpreter bug")
	case "lost":
		return &CellError{Name: "session lost", Value: "killed", Lost: true}
	case "wait":
		<-ctx.Done()
		return &CellError{Name: "interrupted", Value: context.Cause(ctx).Error()}
	case "typed nil":
		var none *CellError
		return none
	case "bad":
		return c.Show("", Bundle{Data: map[string]any{"x": func() {}}})
	}
	return nil
}

func TestOutputsInOrder(t *testing.T) {
	c := start(t, &fake{execute: script}, "tcp", nil).client("me")
	for _, test := range []struct{ code, want string }{
		{"", "busy execute_input idle"},
		{"print", "busy execute_input stdout:hello\n idle"},
		{"mixed", "busy execute_input stdout:ab stderr:c stdout:d display_data stdout:e update_display_data " +
			"clear_output execute_result idle"},
		{"fail", "busy execute_input stdout:before error idle"},
		{"lost", "busy execute_input stderr:The Go session has ended: its variables, functions and imports are gone. " +
			"A new session has started; run the cells that you need again.\n error idle"},
	} {
		_, all := c.run(test.code, nil)
		if got := outline(all); got != test.want {
			t.Errorf("%s:\n got %s\nwant %s", test.code, got, test.want)
		}
		for _, m := range all {
			if m.Parent["session"] != "test" || m.Parent["username"] != "tester" {
				t.Errorf("%s: %s has parent %v", test.code, m.kind(), m.Parent)
			}
		}
	}
}

func TestContents(t *testing.T) {
	c := start(t, &fake{execute: script}, "tcp", nil).client("me")
	reply, all := c.run("result", nil)
	if reply.text("status") != "ok" || reply.text("execution_count") != "1" || reply.Metadata["started"] == nil {
		t.Errorf("reply %v %v", reply.Content, reply.Metadata)
	}
	if m := reply.Content["user_expressions"]; m == nil {
		t.Error("no user_expressions")
	}
	result := all[2]
	data := result.Content["data"].(map[string]any)
	transient := result.Content["transient"].(map[string]any)
	if data["text/plain"] != "<b>é</b>" || transient["display_id"] != "id" || result.text("execution_count") != "1" {
		t.Errorf("result %v", result.Content)
	}
	if !strings.HasSuffix(string(result.Routing[0]), ".execute_result") {
		t.Errorf("topic %q", result.Routing[0])
	}

	reply, all = c.run("fail", nil)
	published := all[3]
	for _, m := range []message{reply, published} {
		if m.text("ename") != "oops" || m.text("evalue") != "it broke" || m.text("traceback") != "[line 1 line 2]" {
			t.Errorf("%s %v", m.kind(), m.Content)
		}
	}
	if reply.text("status") != "error" || reply.text("execution_count") != "2" {
		t.Errorf("reply %v", reply.Content)
	}
	for code, want := range map[string]string{
		"plain": "error", "panic": "kernel panic", "bad": "error", "typed nil": "<nil>",
	} {
		if reply, _ := c.run(code, nil); reply.text("ename") != want {
			t.Errorf("%s: %v", code, reply.Content)
		}
	}
}

func TestCountAndSilence(t *testing.T) {
	in := &fake{execute: script}
	c := start(t, in, "tcp", nil).client("me")
	for i, test := range []struct {
		code    string
		options map[string]any
		count   string
		want    string
	}{
		{"result", nil, "1", "busy execute_input execute_result idle"},
		{"mixed", map[string]any{"silent": true}, "1", "busy idle"},
		{"fail", map[string]any{"silent": true}, "1", "busy idle"},
		{"result", map[string]any{"store_history": false}, "1", "busy execute_input execute_result idle"},
		{"result", map[string]any{"store_history": true}, "2", "busy execute_input execute_result idle"},
	} {
		reply, all := c.run(test.code, test.options)
		if got := outline(all); reply.text("execution_count") != test.count || got != test.want {
			t.Errorf("%d %s: count %s, %s", i, test.code, reply.text("execution_count"), got)
		}
	}
}

func TestCellSeesItsRequest(t *testing.T) {
	seen := make(chan Cell, 1)
	in := &fake{execute: func(_ context.Context, _ string, c Cell) error { seen <- c; return nil }}
	c := start(t, in, "tcp", nil).client("me")
	id := c.shell.sendTo("execute_request", map[string]any{"code": "1", "allow_stdin": false}, nil,
		map[string]any{"cellId": "abc"})
	c.until(id)
	cell := <-seen
	if cell.ID() != id || cell.Count() != 1 || cell.Silent() || cell.AllowStdin() || cell.Metadata()["cellId"] != "abc" {
		t.Errorf("cell %v %v %v %v %v", cell.ID(), cell.Count(), cell.Silent(), cell.AllowStdin(), cell.Metadata())
	}
	// Output after the end still belongs to this cell.
	if err := cell.Stream("stdout", "late"); err != nil {
		t.Fatal(err)
	}
	for m := c.iopub.receive(); m.kind() != "stream"; m = c.iopub.receive() {
	}
	if err := cell.Stream("stdlog", "x"); err == nil {
		t.Error("a third stream is accepted")
	}
	if err := cell.Update("", Bundle{}); err == nil {
		t.Error("an update without id is accepted")
	}
	if _, err := cell.Input(context.Background(), "?", false); !errors.Is(err, ErrNoStdin) {
		t.Errorf("input: %v", err)
	}
}

func TestStopOnError(t *testing.T) {
	for _, test := range []struct {
		name, code string
		options    map[string]any
		want       string
	}{
		{"stops", "fail", nil, "aborted"},
		{"goes on", "fail", map[string]any{"stop_on_error": false}, "ok"},
		{"silent does not stop", "fail", map[string]any{"silent": true}, "ok"},
		{"a lost session always stops", "lost", map[string]any{"stop_on_error": false}, "aborted"},
	} {
		t.Run(test.name, func(t *testing.T) {
			in := &fake{execute: script}
			c := start(t, in, "tcp", nil).client("me")
			content := map[string]any{"code": test.code}
			maps.Copy(content, test.options)
			c.shell.send("execute_request", content)
			second := c.shell.send("execute_request", map[string]any{"code": "print"})
			last := c.shell.send("complete_request", map[string]any{"code": "x"})
			if m := c.shell.receive(); m.text("status") != "error" {
				t.Fatalf("first: %v", m.Content)
			}
			if m := c.shell.receive(); m.text("status") != test.want || m.Parent["msg_id"] != second {
				t.Errorf("second: %v", m.Content)
			}
			if m := c.shell.receive(); m.text("status") != "ok" || m.Parent["msg_id"] != last {
				t.Errorf("what came behind: %v", m.Content)
			}
			c.until(last)
			if m, _ := c.run("print", nil); m.text("status") != "ok" {
				t.Errorf("after the answer: %v", m.Content)
			}
		})
	}
}

func TestInterrupt(t *testing.T) {
	c := start(t, &fake{execute: script}, "tcp", nil).client("me")
	id := c.shell.send("execute_request", map[string]any{"code": "wait"})
	queued := c.shell.send("execute_request", map[string]any{"code": "print"})
	for m := c.iopub.receive(); m.kind() != "execute_input"; m = c.iopub.receive() {
	}
	interrupt := c.control.send("interrupt_request", nil)
	if m := c.control.receive(); m.kind() != "interrupt_reply" || m.text("status") != "ok" {
		t.Errorf("%s %v", m.kind(), m.Content)
	}
	m := c.shell.receive()
	if m.Parent["msg_id"] != id || m.text("ename") != "interrupted" {
		t.Errorf("cell: %v", m.Content)
	}
	if m := c.shell.receive(); m.Parent["msg_id"] != queued || m.text("status") != "aborted" {
		t.Errorf("queued cell: %v", m.Content)
	}
	seen := outline(c.until(queued))
	if strings.Count(seen, "idle") != 3 || !strings.Contains(seen, "error") {
		t.Errorf("iopub of %s: %s", interrupt, seen)
	}
	if m, _ := c.run("print", nil); m.text("status") != "ok" {
		t.Errorf("next cell: %v", m.Content)
	}
}

// While a cell runs, heartbeat, control and kernel_info answer, and the rest of shell waits. Front ends never take the kernel for idle.
func TestServedWhileRunning(t *testing.T) {
	release := make(chan struct{})
	in := &fake{execute: func(ctx context.Context, _ string, c Cell) error {
		<-release
		return c.Stream("stdout", "done")
	}}
	c := start(t, in, "tcp", nil).client("me")
	id := c.shell.send("execute_request", map[string]any{"code": "x"})
	for m := c.iopub.receive(); m.kind() != "execute_input"; m = c.iopub.receive() {
	}
	c.shell.send("complete_request", map[string]any{"code": "x"})
	c.heartbeat.sendFrames(nil, []byte("ping"))
	select {
	case m := <-c.heartbeat.frames:
		if len(m.Frames) != 2 || string(m.Frames[1]) != "ping" {
			t.Errorf("heartbeat %q", m.Frames)
		}
	case <-time.After(patience):
		t.Fatal("no heartbeat")
	}
	for _, socket := range []*channel{c.control, c.shell} {
		info := socket.send("kernel_info_request", nil)
		if m := socket.receive(); m.Parent["msg_id"] != info || m.kind() != "kernel_info_reply" {
			t.Errorf("%s of %v", m.kind(), m.Parent)
		}
		c.until(info)
		if m := c.iopub.receive(); m.text("execution_state") != "busy" || len(m.Parent) > 0 {
			t.Errorf("after the idle of another request: %s %v", m.kind(), m.Content)
		}
	}
	if m, ok := c.shell.try(50 * time.Millisecond); ok {
		t.Errorf("shell answered %s during the cell", m.kind())
	}
	close(release)
	for _, m := range c.until(id) {
		if m.kind() == "status" && m.Parent["msg_id"] != id {
			t.Errorf("status of %v inside the cell", m.Parent["msg_id"])
		}
	}
}
