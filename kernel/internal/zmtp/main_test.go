package zmtp

import (
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-zeromq/zmq4"
	"github.com/go-zeromq/zmq4/security/null"
	"go.uber.org/goleak"
)

const patience = 10 * time.Second

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// logged is a log that tests read.
type logged struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logged) contains(s string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Contains(l.text.String(), s)
}

func (l *logged) config() Config {
	return Config{Name: "test", Logger: slog.New(slog.NewTextHandler(l, nil))}
}

func eventually(t *testing.T, what string, f func() bool) {
	t.Helper()
	for begin := time.Now(); time.Since(begin) < patience; time.Sleep(time.Millisecond) {
		if f() {
			return
		}
	}
	t.Fatalf("%s does not happen", what)
}

func raw(t *testing.T, s *Server) net.Conn {
	t.Helper()
	c, err := net.Dial(s.Addr().Network(), s.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// connect is a client by zmq4's own connection.
func connect(t *testing.T, s *Server, kind zmq4.SocketType, identity string) (*zmq4.Conn, net.Conn) {
	t.Helper()
	c := raw(t, s)
	conn, err := zmq4.Open(c, null.Security(), kind, zmq4.SocketIdentity(identity), false, nil)
	if err != nil {
		t.Fatal(err)
	}
	return conn, c
}

func receive(t *testing.T, conn *zmq4.Conn, raw net.Conn) zmq4.Msg {
	t.Helper()
	if err := raw.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	m, err := conn.RecvMsg()
	if err != nil {
		t.Fatal(err)
	}
	return m
}
