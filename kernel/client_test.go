package kernel

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-zeromq/zmq4"
	"github.com/go-zeromq/zmq4/security/null"
)

// message is what a client receives.
type message struct {
	Routing  [][]byte
	Header   map[string]any
	Parent   map[string]any
	Metadata map[string]any
	Content  map[string]any
	Buffers  [][]byte
}

func (m message) kind() string         { return fmt.Sprint(m.Header["msg_type"]) }
func (m message) text(k string) string { return fmt.Sprint(m.Content[k]) }

// channel is one connection of a client: zmq4's own connection, so that both ends do not share our framing.
type channel struct {
	t      testing.TB
	key    string
	user   string // of its headers
	raw    net.Conn
	conn   *zmq4.Conn
	frames chan zmq4.Msg
}

func (s *server) dialRaw(port string) net.Conn {
	s.t.Helper()
	network, address := "tcp", fmt.Sprintf("127.0.0.1:%v", s.connection[port])
	if s.connection["transport"] == "ipc" {
		network, address = "unix", fmt.Sprintf("%s-%v", s.connection["ip"], s.connection[port])
	}
	begin := time.Now()
	for {
		c, err := net.Dial(network, address)
		if err == nil {
			return c
		}
		if time.Since(begin) > patience {
			s.t.Fatal(err)
		}
		time.Sleep(time.Millisecond)
	}
}

func (s *server) dial(port string, kind zmq4.SocketType, identity string) *channel {
	s.t.Helper()
	raw := s.dialRaw(port)
	conn, err := zmq4.Open(raw, null.Security(), kind, zmq4.SocketIdentity(identity), false, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	c := &channel{t: s.t, key: fmt.Sprint(s.connection["key"]), user: "tester", raw: raw, conn: conn, frames: make(chan zmq4.Msg)}
	stop := make(chan struct{})
	go func() {
		defer close(c.frames)
		defer raw.Close() // as libzmq does at the end of the stream
		for {
			m, err := conn.RecvMsg()
			if err != nil {
				return
			}
			select {
			case c.frames <- m:
			case <-stop:
				return
			}
		}
	}()
	s.t.Cleanup(func() { close(stop); _ = raw.Close() })
	return c
}

func signature(key string, parts [][]byte) []byte {
	if key == "" {
		return nil
	}
	h := hmac.New(sha256.New, []byte(key))
	for _, p := range parts {
		h.Write(p)
	}
	return []byte(hex.EncodeToString(h.Sum(nil)))
}

var requests struct {
	sync.Mutex
	n int
}

// send sends a request and returns its msg_id.
func (c *channel) send(kind string, content any) string { return c.sendTo(kind, content, nil, nil) }

func (c *channel) sendTo(kind string, content any, parent, metadata map[string]any) string {
	c.t.Helper()
	return c.sendShell("", kind, content, parent, metadata)
}

func (c *channel) sendShell(subshell, kind string, content any, parent, metadata map[string]any, buffers ...[]byte) string {
	c.t.Helper()
	requests.Lock()
	requests.n++
	id := fmt.Sprintf("request-%d", requests.n)
	requests.Unlock()
	head := map[string]any{
		"msg_id": id, "session": "test", "username": c.user, "version": "5.3",
		"date": "2024-01-01T00:00:00Z", "msg_type": kind,
	}
	if subshell != "" {
		head["subshell_id"] = subshell
	}
	var parts [][]byte
	for _, v := range []any{head, parent, metadata, content} {
		data, err := json.Marshal(v)
		if err != nil {
			c.t.Fatal(err)
		}
		if string(data) == "null" {
			data = []byte("{}")
		}
		parts = append(parts, data)
	}
	c.sendFrames(append(append([][]byte{[]byte("<IDS|MSG>"), signature(c.key, parts)}, parts...), buffers...)...)
	return id
}

func (c *channel) sendFrames(frames ...[]byte) {
	c.t.Helper()
	if err := c.conn.SendMsg(zmq4.NewMsgFrom(frames...)); err != nil {
		c.t.Fatal(err)
	}
}

// try receives a message, if one comes in time.
func (c *channel) try(d time.Duration) (message, bool) {
	c.t.Helper()
	select {
	case m, ok := <-c.frames:
		if !ok {
			return message{}, false
		}
		return c.parse(m.Frames), true
	case <-time.After(d):
		return message{}, false
	}
}

func (c *channel) receive() message {
	c.t.Helper()
	m, ok := c.try(patience)
	if !ok {
		c.t.Fatal("no message")
	}
	return m
}

func (c *channel) parse(frames [][]byte) message {
	c.t.Helper()
	var m message
	for len(frames) > 0 && string(frames[0]) != "<IDS|MSG>" {
		m.Routing, frames = append(m.Routing, frames[0]), frames[1:]
	}
	if len(frames) < 6 {
		c.t.Fatalf("%d frames from the delimiter on", len(frames))
	}
	m.Buffers = frames[6:]
	if string(frames[1]) != string(signature(c.key, frames[2:6])) {
		c.t.Fatal("wrong signature from the kernel")
	}
	for i, into := range []*map[string]any{&m.Header, &m.Parent, &m.Metadata, &m.Content} {
		if err := json.Unmarshal(frames[i+2], into); err != nil {
			c.t.Fatal(err)
		}
	}
	return m
}

// client is a front end with all channels.
type client struct {
	*server
	shell, control, iopub, stdin, heartbeat *channel
}

func (s *server) client(identity string) *client {
	s.t.Helper()
	c := &client{
		server:    s,
		shell:     s.dial("shell_port", zmq4.Dealer, identity),
		control:   s.dial("control_port", zmq4.Dealer, identity),
		iopub:     s.subscriber(""),
		stdin:     s.dial("stdin_port", zmq4.Dealer, identity),
		heartbeat: s.dial("hb_port", zmq4.Req, ""),
	}
	// Past the kernel's own "starting", which may or may not come first.
	id := c.shell.send("kernel_info_request", nil)
	c.shell.receive()
	c.until(id)
	return c
}

func (s *server) subscriber(topic string) *channel {
	c := s.dial("iopub_port", zmq4.Sub, "")
	c.sendFrames([]byte("\x01" + topic))
	if m := c.receive(); m.kind() != "iopub_welcome" || m.text("subscription") != topic || len(m.Parent) > 0 {
		s.t.Errorf("the first message of %q is %s %v", topic, m.kind(), m.Content)
	}
	return c
}

// until collects iopub up to the idle of a request.
func (c *client) until(id string) []message {
	c.t.Helper()
	var all []message
	for {
		m := c.iopub.receive()
		all = append(all, m)
		if m.Parent["msg_id"] == id && m.text("execution_state") == "idle" {
			return all
		}
	}
}

// run executes a cell: the reply and what iopub said.
func (c *client) run(code string, options map[string]any) (message, []message) {
	c.t.Helper()
	content := map[string]any{"code": code}
	maps.Copy(content, options)
	id := c.shell.send("execute_request", content)
	reply := c.shell.receive()
	if reply.Parent["msg_id"] != id || reply.kind() != "execute_reply" {
		c.t.Fatalf("reply to %v is %s to %v", id, reply.kind(), reply.Parent["msg_id"])
	}
	return reply, c.until(id)
}

// outline is the kinds of messages, with the words that matter.
func outline(all []message) string {
	var words []string
	for _, m := range all {
		w := m.kind()
		switch w {
		case "status":
			w = m.text("execution_state")
		case "stream":
			w = m.text("name") + ":" + m.text("text")
		}
		words = append(words, w)
	}
	return strings.Join(words, " ")
}
