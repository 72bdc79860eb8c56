package kernel

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-zeromq/zmq4"
)

func TestShutdown(t *testing.T) {
	for _, socket := range []string{"control", "shell"} {
		t.Run(socket, func(t *testing.T) {
			in := &fake{}
			s := start(t, in, "tcp", nil)
			c := s.client("me")
			channel := map[string]*channel{"control": c.control, "shell": c.shell}[socket]
			id := channel.send("shutdown_request", map[string]any{"restart": true})
			if m := channel.receive(); m.kind() != "shutdown_reply" || m.text("restart") != "true" || m.Parent["msg_id"] != id {
				t.Errorf("%s %v", m.kind(), m.Content)
			}
			if got := outline(c.until(id)); got != "busy shutdown_reply idle" {
				t.Errorf("iopub %s", got)
			}
			s.wait()
			if s.err != nil || in.closed != 1 {
				t.Errorf("error %v, interpreter closed %d times", s.err, in.closed)
			}
		})
	}
}

// Everything that was published before the shutdown arrives, and so does the running cell's end.
func TestShutdownDrains(t *testing.T) {
	const n = 3000 // a client under the race detector takes them in a second
	in := &fake{execute: func(ctx context.Context, _ string, c Cell) error {
		for i := range n {
			_ = c.Show("", Bundle{Data: map[string]any{"text/plain": strconv.Itoa(i)}})
		}
		_ = c.Stream("stdout", "unflushed")
		return nil
	}}
	s := start(t, in, "tcp", nil)
	c := s.client("me")
	id := c.shell.send("execute_request", map[string]any{"code": "x"})
	c.shell.receive()
	c.control.send("shutdown_request", map[string]any{"restart": false})
	next := 0
	for {
		m := c.iopub.receive()
		if m.kind() == "display_data" {
			if got := m.Content["data"].(map[string]any)["text/plain"]; got != strconv.Itoa(next) {
				t.Fatalf("message %v, not %d", got, next)
			}
			next++
		}
		if m.text("text") == "unflushed" && next != n {
			t.Fatalf("stream after %d of %d", next, n)
		}
		if m.Parent["msg_id"] == id && m.text("execution_state") == "idle" {
			break
		}
	}
	if next != n {
		t.Errorf("%d of %d messages", next, n)
	}
	c.control.receive()
	s.wait()
}

func TestShutdownEndsTheCell(t *testing.T) {
	in := &fake{execute: script}
	s := start(t, in, "tcp", nil)
	c := s.client("me")
	id := c.shell.send("execute_request", map[string]any{"code": "wait"})
	for m := c.iopub.receive(); m.kind() != "execute_input"; m = c.iopub.receive() {
	}
	c.control.send("shutdown_request", map[string]any{"restart": false})
	if m := c.shell.receive(); m.text("evalue") != ErrShutdown.Error() {
		t.Errorf("reply %v", m.Content)
	}
	c.until(id)
	s.wait()
	if got := in.executed(); got != "wait" {
		t.Errorf("executed %s", got)
	}
}

// stubborn ignores its context; only Close ends its cell.
type stubborn struct {
	fake
	end chan struct{}
}

func (s *stubborn) Execute(context.Context, string, Cell) error {
	<-s.end
	return &CellError{Name: "closed", Value: "the session has ended"}
}

func (s *stubborn) Close() error {
	close(s.end)
	return nil
}

func TestShutdownOfACellThatDoesNotStop(t *testing.T) {
	s := start(t, &stubborn{end: make(chan struct{})}, "tcp", nil)
	c := s.client("me")
	id := c.shell.send("execute_request", map[string]any{"code": "x"})
	for m := c.iopub.receive(); m.kind() != "execute_input"; m = c.iopub.receive() {
	}
	c.control.send("shutdown_request", nil)
	if m := c.shell.receive(); m.Parent["msg_id"] != id || m.text("ename") != "closed" {
		t.Errorf("reply %v", m.Content)
	}
	c.until(id)
	s.wait()
	if s.err != nil {
		t.Error(s.err)
	}
}

// A front end that has stopped reading costs the drain its time, not more.
func TestShutdownWithStalledSubscriber(t *testing.T) {
	big := strings.Repeat("x", 2<<20)
	in := &fake{execute: func(_ context.Context, _ string, c Cell) error {
		for range 4 {
			_ = c.Stream("stdout", big)
		}
		return nil
	}}
	s := start(t, in, "tcp", nil)
	c := s.client("me")
	raw := s.dialRaw("iopub_port")
	defer raw.Close()
	_ = raw.(*net.TCPConn).SetReadBuffer(4096)
	stalled, err := zmq4.Open(raw, nullClient, zmq4.Sub, nil, false, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := stalled.SendMsg(zmq4.NewMsg([]byte{1})); err != nil {
		t.Fatal(err)
	}
	time.Sleep(20 * time.Millisecond)
	c.run("x", nil)
	begin := time.Now()
	c.control.send("shutdown_request", nil)
	c.control.receive()
	s.wait()
	if d := time.Since(begin); d > 3*time.Second {
		t.Errorf("shutdown took %v", d)
	}
	s.awaitLog("undelivered")
}

func TestParentWatch(t *testing.T) {
	sleep := exec.Command("sleep", "60")
	if err := sleep.Start(); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancelCause(context.Background())
	defer stop(nil)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		watchParent(ctx, strconv.Itoa(sleep.Process.Pid), stop)
	}()
	select {
	case <-ended:
		t.Fatal("ended while the parent lives")
	case <-time.After(parentPoll + parentPoll/5):
	}
	_ = sleep.Process.Kill()
	_ = sleep.Wait()
	select {
	case <-ended:
	case <-time.After(patience):
		t.Fatal("the parent is gone and nothing happens")
	}
	if got := context.Cause(ctx); !errors.Is(got, errParent) {
		t.Errorf("cause %v", got)
	}
	// Without the variable, or with something else in it, there is nothing to watch.
	for _, pid := range []string{"", "x", "0"} {
		watchParent(context.Background(), pid, stop)
	}
}

func TestSignals(t *testing.T) {
	s := start(t, &fake{execute: script}, "tcp", nil)
	c := s.client("me")
	c.shell.send("execute_request", map[string]any{"code": "wait"})
	for m := c.iopub.receive(); m.kind() != "execute_input"; m = c.iopub.receive() {
	}
	self, err := os.FindProcess(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if err := self.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if m := c.shell.receive(); m.text("ename") != "interrupted" {
		t.Errorf("reply %v", m.Content)
	}
	if got := fmt.Sprint(s.err); got != "<nil>" {
		t.Errorf("kernel ended: %s", got)
	}
}
