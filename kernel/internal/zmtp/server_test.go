package zmtp

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/go-zeromq/zmq4"
)

func newEcho(t *testing.T, l *logged) *Echo {
	t.Helper()
	e, err := NewEcho("tcp://127.0.0.1:0", l.config())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close(t.Context()) })
	return e
}

const greeting = "\xff\x00\x00\x00\x00\x00\x00\x00\x01\x7f\x03\x00NULL"

func padded(s string) string { return s + string(make([]byte, 64-len(s))) }

// Whatever a peer says instead of a handshake ends that peer, and no other.
func TestHostileHandshakes(t *testing.T) {
	ready := func(properties string) string {
		body := "\x05READY" + properties
		return padded(greeting) + "\x04" + string(rune(len(body))) + body
	}
	for name, bytes := range map[string]string{
		"HTTP":                 "GET / HTTP/1.1\r\nHost: localhost\r\nUser-Agent: something that is long enough\r\n\r\n",
		"other mechanism":      padded("\xff\x00\x00\x00\x00\x00\x00\x00\x01\x7f\x03\x00PLAIN"),
		"old version":          padded("\xff\x00\x00\x00\x00\x00\x00\x00\x01\x7f\x01\x00NULL"),
		"message for READY":    padded(greeting) + "\x00\x01x",
		"huge READY":           padded(greeting) + "\x06\x7f\xff\xff\xff\xff\xff\xff\xff",
		"other command":        padded(greeting) + "\x04\x06\x05HELLO",
		"truncated name":       ready("\xffSocket-Type"),
		"truncated length":     ready("\x0bSocket-Type\x00\x00"),
		"truncated value":      ready("\x0bSocket-Type\x00\x00\x00\x09REQ"),
		"no type":              ready(""),
		"unknown type":         ready("\x0bSocket-Type\x00\x00\x00\x03XXX"),
		"incompatible type":    ready("\x0bSocket-Type\x00\x00\x00\x03SUB"),
		"identity, but no REQ": ready("\x08Identity\x00\x00\x00\x01a"),
	} {
		t.Run(name, func(t *testing.T) {
			var l logged
			e := newEcho(t, &l)
			c := raw(t, e.Server)
			if _, err := c.Write([]byte(bytes)); err != nil {
				t.Fatal(err)
			}
			_ = c.SetReadDeadline(time.Now().Add(patience))
			if _, err := io.Copy(io.Discard, c); errors.Is(err, os.ErrDeadlineExceeded) {
				t.Error("the connection stays")
			}
			eventually(t, "a log line", func() bool { return l.contains("handshake") })

			conn, r := connect(t, e.Server, zmq4.Req, "")
			if err := conn.SendMsg(zmq4.NewMsgFrom(nil, []byte("ping"))); err != nil {
				t.Fatal(err)
			}
			if m := receive(t, conn, r); string(m.Frames[1]) != "ping" {
				t.Errorf("echo %q", m.Frames)
			}
		})
	}
}

func TestPingAndPropertyCase(t *testing.T) {
	var l logged
	e := newEcho(t, &l)
	c := raw(t, e.Server)
	body := "\x05READY\x0bSOCKET-type\x00\x00\x00\x03REQ"
	_, err := c.Write([]byte(padded(greeting) + "\x04" + string(rune(len(body))) + body + "\x04\x0a\x04PING\x00\x10ctx" +
		"\x01\x00\x00\x01x"))
	if err != nil {
		t.Fatal(err)
	}
	_ = c.SetReadDeadline(time.Now().Add(patience))
	if _, err := io.CopyN(io.Discard, c, 64); err != nil {
		t.Fatal(err)
	}
	if _, _, err := readFrame(c, 1000); err != nil { // READY
		t.Fatal(err)
	}
	flags, frame, err := readFrame(c, 1000)
	if err != nil || flags != flagCommand || string(frame) != "\x04PONGctx" {
		t.Errorf("%d %q %v", flags, frame, err)
	}
	m, err := readMessage(c, DefaultLimits(), none)
	if err != nil || len(m) != 2 || string(m[1]) != "x" {
		t.Errorf("%q %v", m, err)
	}
}

func TestCloseDelivers(t *testing.T) {
	const n = 5000
	var l logged
	var router *Router
	config := l.config()
	config.Handle = func(p *Peer, _ Message) {
		for i := range n {
			_ = router.Send(p.Identity(), Message{[]byte(strconv.Itoa(i)), make([]byte, 1000)})
		}
		go func() { _ = router.Close(context.Background()) }()
	}
	router, err := NewRouter("tcp://127.0.0.1:0", config)
	if err != nil {
		t.Fatal(err)
	}
	conn, r := connect(t, router.Server, zmq4.Dealer, "me")
	if err := conn.SendMsg(zmq4.NewMsgString("go")); err != nil {
		t.Fatal(err)
	}
	for i := range n {
		if m := receive(t, conn, r); string(m.Frames[0]) != strconv.Itoa(i) {
			t.Fatalf("%q, not %d", m.Frames[0], i)
		}
	}
	if _, err := conn.RecvMsg(); !errors.Is(err, io.EOF) {
		t.Errorf("after the last: %v", err)
	}
	_ = r.Close()
	_ = router.Close(t.Context())
	if err := router.Send("me", Message{{}}); !errors.Is(err, ErrClosed) {
		t.Errorf("send after close: %v", err)
	}
}

func TestSendWait(t *testing.T) {
	var l logged
	config := l.config()
	config.Handle = func(*Peer, Message) {}
	router, err := NewRouter("tcp://127.0.0.1:0", config)
	if err != nil {
		t.Fatal(err)
	}
	defer router.Close(t.Context())
	sent := make(chan error, 1)
	go func() { sent <- router.SendWait(t.Context(), "late", Message{[]byte("hello")}) }()
	conn, r := connect(t, router.Server, zmq4.Dealer, "late")
	if m := receive(t, conn, r); string(m.Frames[0]) != "hello" {
		t.Errorf("%q", m.Frames)
	}
	if err := <-sent; err != nil {
		t.Error(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if err := router.SendWait(ctx, "never", nil); !errors.Is(err, ErrClosed) {
		t.Errorf("nobody: %v", err)
	}
}

func TestStaleSocketFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	old, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Listen("ipc://"+path, Config{}); err == nil {
		t.Fatal("a socket in use is taken over")
	}
	old.SetUnlinkOnClose(false)
	_ = old.Close()
	s, err := Listen("ipc://"+path, Config{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := Listen("udp://x", Config{}); err == nil {
		t.Error("udp is accepted")
	}
}
