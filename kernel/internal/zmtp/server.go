package zmtp

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/go-zeromq/zmq4"
)

const (
	handshakeTimeout = 10 * time.Second
	lateDrain        = 10 * time.Second
	maxPeers         = 1024
)

// Config says what a Server is. Handle and Left are called from the peer's reader; a Handle that blocks stops reading
// from that peer alone.
type Config struct {
	Name   string // for the log: shell, iopub, ...
	Type   zmq4.SocketType
	Limits Limits // the zero value is DefaultLimits
	Logger *slog.Logger
	Handle func(*Peer, Message)
	// Welcome gives the first message of a subscription, which its subscriber gets alone; nil gives none.
	Welcome func(prefix string) Message
}

// Server accepts the peers of one socket.
type Server struct {
	config   Config
	listener net.Listener
	group    sync.WaitGroup

	mu        sync.Mutex
	opening   map[net.Conn]struct{} // in their handshake
	peers     map[*Peer]struct{}
	byName    map[string]*Peer
	changed   chan struct{} // closed and replaced when a peer joins
	anonymous uint32
	closed    bool
}

// Listen binds endpoint, tcp://host:port or ipc://path.
func Listen(endpoint string, c Config) (*Server, error) {
	if c.Limits == (Limits{}) {
		c.Limits = DefaultLimits()
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	c.Logger = c.Logger.With("socket", c.Name)
	l, err := listen(endpoint)
	if err != nil {
		return nil, err
	}
	s := &Server{
		config:   c,
		listener: l,
		opening:  map[net.Conn]struct{}{},
		peers:    map[*Peer]struct{}{},
		byName:   map[string]*Peer{},
		changed:  make(chan struct{}),
	}
	s.group.Go(s.accept)
	return s, nil
}

func listen(endpoint string) (net.Listener, error) {
	scheme, address, ok := strings.Cut(endpoint, "://")
	switch {
	case ok && scheme == "tcp":
		return net.Listen("tcp", strings.Replace(address, "*", "", 1))
	case ok && scheme == "ipc":
		removeStale(address)
		l, err := net.Listen("unix", address)
		if err != nil {
			return nil, err
		}
		if err := os.Chmod(address, 0o600); err != nil {
			return nil, errors.Join(err, l.Close())
		}
		return l, nil
	}
	return nil, fmt.Errorf("endpoint %q: neither tcp:// nor ipc://", endpoint)
}

// removeStale removes a socket file that nobody listens on, as libzmq does; it is left by a kernel that was killed.
func removeStale(path string) {
	info, err := os.Lstat(path)
	if err != nil || info.Mode()&os.ModeSocket == 0 {
		return
	}
	if c, err := net.Dial("unix", path); err == nil {
		_ = c.Close()
		return
	}
	_ = os.Remove(path)
}

// Addr is where the server listens.
func (s *Server) Addr() net.Addr { return s.listener.Addr() }

func (s *Server) accept() {
	for {
		c, err := s.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			// Out of file descriptors, usually: it passes.
			s.config.Logger.Warn("accept", "error", err)
			time.Sleep(50 * time.Millisecond)
			continue
		}
		if !s.admit(c) {
			_ = c.Close()
			continue
		}
		s.group.Go(func() { s.serve(c) })
	}
}

func (s *Server) admit(c net.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	if len(s.peers)+len(s.opening) >= maxPeers {
		s.config.Logger.Warn("connection refused", "cause", "too many peers", "limit", maxPeers)
		return false
	}
	s.opening[c] = struct{}{}
	return true
}

func (s *Server) serve(c net.Conn) {
	defer func() {
		if r := recover(); r != nil {
			s.config.Logger.Error("peer", "panic", r, "stack", string(debug.Stack()))
			_ = c.Close()
		}
	}()
	conn, err := s.open(c)
	if err != nil {
		_ = c.Close()
		s.forget(c)
		// Clients look whether the kernel listens, and so do port scanners.
		if !ordinaryEnd(err) && !errors.Is(err, io.ErrUnexpectedEOF) {
			s.config.Logger.Warn("handshake", "peer", c.RemoteAddr(), "error", err)
		}
		return
	}
	p := s.join(conn, c)
	if p == nil {
		_ = c.Close()
		return
	}
	defer s.leave(p)
	s.group.Go(func() {
		if err := p.write(); err != nil {
			p.kill()
		}
	})
	if err := p.read(s.config.Limits, s.config.Handle); !ordinaryEnd(err) {
		s.config.Logger.Warn("peer disconnected", "peer", c.RemoteAddr(), "error", err)
	}
}

// open does the handshake. zmq4's own parsing of a greeting runs on hostile bytes: a panic in it ends this peer only.
func (s *Server) open(c net.Conn) (conn *zmq4.Conn, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%v: %w", r, ErrProtocol)
		}
	}()
	if err := c.SetDeadline(time.Now().Add(handshakeTimeout)); err != nil {
		return nil, err
	}
	rw := bufferedConn{Conn: c, r: bufio.NewReaderSize(c, 16<<10)}
	conn, err = zmq4.Open(rw, nullSecurity{}, s.config.Type, nil, true, nil)
	if err != nil {
		return nil, err
	}
	return conn, c.SetDeadline(time.Time{})
}

func (s *Server) forget(c net.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.opening, c)
}

// join registers the peer. A second peer with the same identity takes the name over, as with ZMQ_ROUTER_HANDOVER:
// clients that reconnect come back before the loss of their old connection is seen. The first one is not disconnected:
// libzmq clients that share an identity (all clients of one KernelManager do) would reconnect and fight for ever.
func (s *Server) join(conn *zmq4.Conn, c net.Conn) *Peer {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.opening, c)
	if s.closed {
		return nil
	}
	id := conn.Peer.Meta[propertyIdentity]
	if id == "" || id[0] == 0 {
		// Identities that begin with zero are the server's to give, so none can collide.
		s.anonymous++
		id = string(binary.BigEndian.AppendUint32([]byte{0}, s.anonymous))
	}
	p := newPeer(conn, c, id)
	p.welcome = s.config.Welcome
	s.peers[p] = struct{}{}
	s.byName[id] = p
	close(s.changed)
	s.changed = make(chan struct{})
	return p
}

func (s *Server) leave(p *Peer) {
	p.kill()
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.peers, p)
	if s.byName[p.identity] != p {
		return
	}
	delete(s.byName, p.identity)
	for other := range s.peers {
		if other.identity == p.identity {
			s.byName[p.identity] = other
			return
		}
	}
}

// lookup finds a peer by identity; changed is closed when another peer has joined.
func (s *Server) lookup(identity string) (p *Peer, changed <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.byName[identity], s.changed
}

// Close stops accepting, delivers what is queued, and disconnects. When ctx ends, what peers have stopped reading is lost, and said
// in the error.
func (s *Server) Close(ctx context.Context) error {
	err := s.listener.Close()
	s.mu.Lock()
	s.closed = true
	for c := range s.opening {
		_ = c.Close()
	}
	for p := range s.peers {
		p.finish()
	}
	s.mu.Unlock()

	done := make(chan struct{})
	go func() {
		s.group.Wait()
		close(done)
	}()
	select {
	case <-done:
		return ignoreClosed(err)
	case <-ctx.Done():
	}
	if s.moved(done) {
		return ignoreClosed(err)
	}
	lost := int64(0)
	s.mu.Lock()
	for p := range s.peers {
		lost += p.QueuedBytes()
		p.kill()
	}
	s.mu.Unlock()
	<-done
	if lost > 0 {
		return fmt.Errorf("close %s: %d bytes undelivered: %w", s.config.Name, lost, ctx.Err())
	}
	return ignoreClosed(err)
}

// moved gives peers that still read, on a busy machine, up to lateDrain more. It says whether all is delivered; it ends
// at once where every peer stands still.
func (s *Server) moved(done <-chan struct{}) bool {
	for late := time.After(lateDrain); s.moving(); {
		select {
		case <-done:
			return true
		case <-late:
			return false
		case <-time.After(20 * time.Millisecond):
		}
	}
	return false
}

func (s *Server) moving() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for p := range s.peers {
		if !p.stalled(200 * time.Millisecond) {
			return true
		}
	}
	return false
}

func ignoreClosed(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// ordinaryEnd says that a peer went away, rather than did something wrong.
func ordinaryEnd(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed) || errors.Is(err, os.ErrDeadlineExceeded) ||
		errors.Is(err, zmq4.ErrClosedConn) || errors.Is(err, ErrClosed) || isReset(err)
}
