package kernel

import (
	"context"
	"encoding/binary"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/go-zeromq/zmq4"
	"github.com/go-zeromq/zmq4/security/null"
)

var nullClient = null.Security()

func TestIPC(t *testing.T) {
	s := start(t, &fake{execute: script}, "ipc", nil)
	c := s.client("me")
	if _, all := c.run("print", nil); outline(all) != "busy execute_input stdout:hello\n idle" {
		t.Errorf("iopub %s", outline(all))
	}
	path := s.connection["ip"].(string) + "-1"
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("socket file: %v %v", info, err)
	}
	c.control.send("shutdown_request", nil)
	s.wait()
	if _, err := os.Stat(path); err == nil {
		t.Error("the socket file stays")
	}
}

func TestNoKey(t *testing.T) {
	c := start(t, &fake{execute: script}, "tcp", map[string]any{"key": ""}).client("me")
	if m, _ := c.run("print", nil); m.text("status") != "ok" {
		t.Errorf("reply %v", m.Content)
	}
}

func TestWrongSignature(t *testing.T) {
	in := &fake{}
	s := start(t, in, "tcp", nil)
	c := s.client("me")
	bad := s.dial("shell_port", zmq4.Dealer, "bad")
	for _, key := range []string{"guess", ""} {
		bad.key = key
		bad.send("execute_request", map[string]any{"code": "evil"})
	}
	bad.key = "guess"
	s.awaitLog("dropped", "socket=shell", "wrong signature")
	c.run("good", nil)
	if got := in.executed(); got != "good" {
		t.Errorf("executed %s", got)
	}
}

func TestMalformedMessages(t *testing.T) {
	s := start(t, &fake{}, "tcp", nil)
	c := s.client("me")
	signed := func(parts ...string) [][]byte {
		var frames [][]byte
		for _, p := range parts {
			frames = append(frames, []byte(p))
		}
		return append([][]byte{[]byte("<IDS|MSG>"), signature("secret", frames)}, frames...)
	}
	for _, frames := range [][][]byte{
		{nil},
		{[]byte("x"), []byte("y")},
		{[]byte("<IDS|MSG>")},
		signed("{}", "{}", "{}"),
		signed("{}", "{}", "{}", "{}"),
		signed("[]", "{}", "{}", "{}"),
		signed(`{"msg_id":"1"}`, "{}", "{}", "{}"),
		signed(`{"msg_id":"1","msg_type":"execute_request","version":"4.1"}`, "{}", "{}", "{}"),
		signed(`{"msg_id":"1","msg_type":"execute_request"}`, "{", "{}", "{}"),
		signed(`{"msg_id":"1","msg_type":"execute_request"}`, "{}", "[]", "{}"),
		signed(`{"msg_id":"1","msg_type":"execute_request"}`, "{}", "{}", "1"),
	} {
		c.shell.sendFrames(frames...)
		c.control.sendFrames(frames...)
		c.stdin.sendFrames(frames...)
	}
	for _, kind := range []string{"execute_request", "complete_request", "inspect_request", "is_complete_request"} {
		c.shell.send(kind, map[string]any{"code": 7})
		if m := c.shell.receive(); m.text("ename") != "bad request" {
			t.Errorf("%s: %v", kind, m.Content)
		}
	}
	if m, _ := c.run("good", nil); m.text("status") != "ok" {
		t.Errorf("reply %v", m.Content)
	}
	for _, socket := range []string{"shell", "control", "stdin"} {
		s.awaitLog("message dropped", "socket="+socket)
	}
}

// A frame header that claims much must not cost memory, nor disturb others.
func TestHugeFrames(t *testing.T) {
	s := start(t, &fake{}, "tcp", nil)
	c := s.client("me")
	for _, port := range []string{"shell_port", "control_port", "stdin_port", "iopub_port", "hb_port"} {
		kind := map[string]zmq4.SocketType{"iopub_port": zmq4.Sub, "hb_port": zmq4.Req}[port]
		if kind == "" {
			kind = zmq4.Dealer
		}
		for _, size := range []uint64{256<<20 + 1, 1 << 40, 1<<63 - 1, 1 << 63, 1<<64 - 1} {
			bad := s.dial(port, kind, "bad")
			if _, err := bad.raw.Write(binary.BigEndian.AppendUint64([]byte{2}, size)); err != nil {
				t.Fatal(err)
			}
			select {
			case _, ok := <-bad.frames:
				if ok {
					t.Errorf("%s answers", port)
				}
			case <-time.After(patience):
				t.Errorf("%s: a frame of %d bytes is waited for", port, size)
			}
		}
	}
	s.awaitLog("over the size limit", "socket=shell")
	if m, _ := c.run("good", nil); m.text("status") != "ok" {
		t.Errorf("reply %v", m.Content)
	}
}

func TestPeersWithoutIdentity(t *testing.T) {
	in := &fake{execute: func(_ context.Context, code string, c Cell) error {
		return &CellError{Name: "who", Value: code}
	}}
	s := start(t, in, "tcp", nil)
	var channels []*channel
	for range 5 {
		channels = append(channels, s.dial("shell_port", zmq4.Dealer, ""))
	}
	ids := map[*channel]string{}
	for i, ch := range channels {
		ids[ch] = ch.send("execute_request", map[string]any{"code": strings.Repeat("x", i), "stop_on_error": false})
	}
	for i, ch := range channels {
		m := ch.receive()
		if m.Parent["msg_id"] != ids[ch] || m.text("evalue") != strings.Repeat("x", i) {
			t.Errorf("peer %d got the answer to %v", i, m.Parent["msg_id"])
		}
	}
}

func TestSeveralClients(t *testing.T) {
	s := start(t, &fake{execute: script}, "tcp", nil)
	a, b := s.client("a"), s.client("b")
	id := a.shell.send("execute_request", map[string]any{"code": "print"})
	if m := a.shell.receive(); m.Parent["msg_id"] != id {
		t.Errorf("a got %v", m.Parent)
	}
	if m, ok := b.shell.try(20 * time.Millisecond); ok {
		t.Errorf("b got %v", m.Parent)
	}
	a.until(id)
	b.until(id) // everybody sees the output

	// A client that comes back under its name gets its replies.
	again := s.dial("shell_port", zmq4.Dealer, "a")
	id = again.send("kernel_info_request", nil)
	if m := again.receive(); m.Parent["msg_id"] != id {
		t.Errorf("a, again, got %v", m.Parent)
	}
}

// Clients of one manager share an identity; each gets its own replies all the same.
func TestSharedIdentity(t *testing.T) {
	s := start(t, &fake{execute: asks}, "tcp", nil)
	a, b := s.client("same"), s.client("same")
	for range 3 {
		for _, c := range []*client{a, b} {
			id := c.shell.send("kernel_info_request", nil)
			if m := c.shell.receive(); m.Parent["msg_id"] != id {
				t.Errorf("answer to %v, not %s", m.Parent["msg_id"], id)
			}
		}
	}
	// When the second has gone, the name is the first's again.
	_ = b.stdin.raw.Close()
	time.Sleep(20 * time.Millisecond)
	a.shell.send("execute_request", map[string]any{"code": "ask"})
	a.stdin.receive()
	a.stdin.send("input_reply", map[string]any{"value": "x"})
	if m := a.shell.receive(); m.text("status") != "ok" {
		t.Errorf("reply %v", m.Content)
	}
}

func TestReqEnvelope(t *testing.T) {
	s := start(t, &fake{}, "tcp", nil)
	c := s.dial("shell_port", zmq4.Req, "req")
	head := []byte(`{"msg_id":"1","msg_type":"kernel_info_request"}`)
	parts := [][]byte{head, []byte("{}"), []byte("{}"), []byte("{}")}
	c.sendFrames(append([][]byte{{}, []byte("<IDS|MSG>"), signature("secret", parts)}, parts...)...)
	if m := c.receive(); len(m.Routing) != 1 || len(m.Routing[0]) != 0 {
		t.Errorf("envelope %q", m.Routing)
	}
}

func TestSubscriptionPrefix(t *testing.T) {
	s := start(t, &fake{execute: script}, "tcp", nil)
	c := s.client("me")
	none := s.subscriber("something else")
	_, all := c.run("print", nil)
	topic := string(all[0].Routing[0])
	some := s.subscriber(strings.TrimSuffix(topic, "status") + "str")
	var streams int
	for begin := time.Now(); streams == 0 && time.Since(begin) < patience; {
		c.run("print", nil)
		if m, ok := some.try(20 * time.Millisecond); ok {
			if streams++; m.kind() != "stream" {
				t.Errorf("%s arrives", m.kind())
			}
		}
	}
	if _, ok := none.try(time.Millisecond); ok || streams == 0 {
		t.Errorf("%d streams; unsubscribed message %v", streams, ok)
	}
}
