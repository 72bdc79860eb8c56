package kernel

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/go-zeromq/zmq4"
)

func asks(ctx context.Context, code string, c Cell) error {
	if code != "ask" {
		return nil
	}
	_ = c.Stream("stdout", "first")
	answer, err := c.Input(context.Background(), "name? ", true)
	if err != nil {
		return err
	}
	return c.Stream("stdout", "hello "+answer)
}

func TestInput(t *testing.T) {
	c := start(t, &fake{execute: asks}, "tcp", nil).client("me")
	c.stdin.send("input_reply", map[string]any{"value": "too early"})
	c.awaitLog("without a question")
	id := c.shell.send("execute_request", map[string]any{"code": "ask", "allow_stdin": true})
	q := c.stdin.receive()
	if q.kind() != "input_request" || q.Parent["msg_id"] != id || q.text("prompt") != "name? " || q.text("password") != "true" {
		t.Errorf("%s %v %v", q.kind(), q.Parent, q.Content)
	}
	// Heartbeat and control are served while the cell waits.
	c.heartbeat.sendFrames(nil, []byte("ping"))
	<-c.heartbeat.frames
	c.control.send("kernel_info_request", nil)
	c.control.receive()
	// An answer to another question, and an answer by somebody else.
	c.stdin.sendTo("input_reply", map[string]any{"value": "wrong"}, map[string]any{"msg_id": "other"}, nil)
	stranger := c.dial("stdin_port", zmq4.Dealer, "stranger")
	stranger.send("input_reply", map[string]any{"value": "stranger"})
	for strings.Count(c.log.String(), "without a question") < 3 {
		time.Sleep(time.Millisecond)
	}
	c.stdin.send("input_reply", map[string]any{"value": "Ada"})
	if got := outputs(c.until(id)); got != "stdout:first stdout:hello Ada" {
		t.Errorf("output %s", got)
	}
}

// outputs is outline without the status of other requests.
func outputs(all []message) string {
	var kept []message
	for _, m := range all {
		if m.kind() == "stream" {
			kept = append(kept, m)
		}
	}
	return outline(kept)
}

func TestInputRefused(t *testing.T) {
	c := start(t, &fake{execute: asks}, "tcp", nil).client("me")
	reply, _ := c.run("ask", map[string]any{"allow_stdin": false})
	if reply.text("evalue") != ErrNoStdin.Error() {
		t.Errorf("reply %v", reply.Content)
	}
}

func TestInputInterrupted(t *testing.T) {
	c := start(t, &fake{execute: asks}, "tcp", nil).client("me")
	id := c.shell.send("execute_request", map[string]any{"code": "ask"})
	c.stdin.receive()
	c.control.send("interrupt_request", nil)
	if m := c.shell.receive(); m.Parent["msg_id"] != id || m.text("ename") != "interrupted" {
		t.Errorf("reply %v", m.Content)
	}
	c.until(id)
	// The late answer is not taken for the answer to the next question.
	c.stdin.send("input_reply", map[string]any{"value": "late"})
	c.awaitLog("without a question")
	id = c.shell.send("execute_request", map[string]any{"code": "ask"})
	c.stdin.receive()
	c.stdin.send("input_reply", map[string]any{"value": "now"})
	if got := outputs(c.until(id)); got != "stdout:first stdout:hello now" {
		t.Errorf("output %s", got)
	}
}

func TestInputEndsWithItsContext(t *testing.T) {
	in := &fake{execute: func(ctx context.Context, _ string, c Cell) error {
		ctx, cancel := context.WithTimeout(ctx, 20*time.Millisecond)
		defer cancel()
		_, err := c.Input(ctx, "", false)
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("input: %v", err)
		}
		return nil
	}}
	c := start(t, in, "tcp", nil).client("me")
	if reply, _ := c.run("x", nil); reply.text("status") != "ok" {
		t.Errorf("reply %v", reply.Content)
	}
}
