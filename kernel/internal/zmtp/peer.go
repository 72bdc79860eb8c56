package zmtp

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-zeromq/zmq4"
)

// ErrClosed is what Send answers after the peer or its server has gone.
var ErrClosed = errors.New("connection closed")

const (
	// writeBufferBytes is how much is gathered for one write to the socket.
	writeBufferBytes = 64 << 10
	// writeStepBytes is the most that is written at once, so that a slow peer that reads shows progress.
	writeStepBytes = 1 << 20
	// lingerAfter is how long a peer may take to close its side once all has been sent.
	lingerAfter = 500 * time.Millisecond
)

// Peer is one connection after its handshake.
type Peer struct {
	identity string
	conn     *zmq4.Conn
	raw      net.Conn

	mu        sync.Mutex
	queue     []outgoing
	finishing bool
	closed    bool

	wake     chan struct{} // something to write, or finishing; capacity 1
	dead     chan struct{} // closed by kill
	queued   atomic.Int64  // bytes taken by Send and not yet handed to the operating system
	progress atomic.Int64  // when bytes last went out, or began to wait; nanoseconds since 1970
	topics   topics
	welcome  func(prefix string) Message
}

type outgoing struct {
	message Message
	command []byte // a command frame instead of a message
}

func newPeer(conn *zmq4.Conn, raw net.Conn, identity string) *Peer {
	return &Peer{
		identity: identity,
		conn:     conn,
		raw:      raw,
		wake:     make(chan struct{}, 1),
		dead:     make(chan struct{}),
	}
}

// Identity names the peer: what it chose, or a unique one that begins with a zero byte.
func (p *Peer) Identity() string { return p.identity }

// QueuedBytes is what Send has taken and the operating system has not.
func (p *Peer) QueuedBytes() int64 { return p.queued.Load() }

// Send queues a message. It does not block and does not bound the queue.
func (p *Peer) Send(m Message) error { return p.enqueue(outgoing{message: m}, m.size()) }

func (p *Peer) enqueue(o outgoing, size int64) error {
	p.mu.Lock()
	if p.closed || p.finishing {
		p.mu.Unlock()
		return ErrClosed
	}
	p.queue = append(p.queue, o)
	if p.queued.Add(size) == size {
		p.progress.Store(time.Now().UnixNano())
	}
	p.mu.Unlock()
	p.signal()
	return nil
}

func (p *Peer) signal() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// finish lets the writer send what is queued, then shut the sending side.
func (p *Peer) finish() {
	p.mu.Lock()
	p.finishing = true
	p.mu.Unlock()
	p.signal()
}

// kill closes the connection at once. It may be called more than once.
func (p *Peer) kill() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return
	}
	p.closed = true
	p.queue = nil
	close(p.dead)
	_ = p.conn.Close()
}

// stalled says that nothing has left the queue for at least d.
func (p *Peer) stalled(d time.Duration) bool {
	return p.queued.Load() > 0 && time.Since(time.Unix(0, p.progress.Load())) >= d
}

// read hands messages to handle until the connection ends.
func (p *Peer) read(l Limits, handle func(*Peer, Message)) error {
	for {
		m, err := readMessage(p.conn, l, p.command)
		if err != nil {
			return err
		}
		handle(p, m)
	}
}

func (p *Peer) command(name string, body []byte) error {
	switch name {
	case zmq4.CmdPing:
		// The body is a time to live of 2 bytes and a context that the PONG returns.
		if len(body) < 2 {
			return fmt.Errorf("PING: %w", ErrProtocol)
		}
		pong := append([]byte("\x04PONG"), body[2:]...)
		return p.enqueue(outgoing{command: pong}, int64(len(pong)))
	case zmq4.CmdSubscribe:
		return p.subscribe(string(body))
	case zmq4.CmdUnsubscribe, zmq4.CmdCancel:
		p.topics.remove(string(body))
	case zmq4.CmdError:
		return fmt.Errorf("ERROR from the peer: %w", ErrProtocol)
	}
	return nil
}

// write sends the queue until finish or kill.
func (p *Peer) write() error {
	w := frameWriter{peer: p, buffer: make([]byte, 0, writeBufferBytes)}
	for {
		p.mu.Lock()
		batch, finishing := p.queue, p.finishing
		p.queue = nil
		p.mu.Unlock()
		if len(batch) > 0 {
			if err := w.batch(batch); err != nil {
				return err
			}
			continue
		}
		if finishing {
			return p.shutSending()
		}
		select {
		case <-p.wake:
		case <-p.dead:
			return nil
		}
	}
}

// shutSending ends the stream to the peer and gives it a moment to close its own.
func (p *Peer) shutSending() error {
	c, ok := p.raw.(interface{ CloseWrite() error })
	if !ok {
		return p.raw.Close()
	}
	if err := c.CloseWrite(); err != nil {
		return err
	}
	return p.raw.SetReadDeadline(time.Now().Add(lingerAfter))
}

// frameWriter gathers small frames and passes large ones through.
type frameWriter struct {
	peer   *Peer
	buffer []byte
	sent   int64 // bytes of Peer.queued that the buffer stands for
}

func (w *frameWriter) batch(batch []outgoing) error {
	for i, o := range batch {
		batch[i] = outgoing{}
		if o.command != nil {
			w.buffer = appendHeader(w.buffer, flagCommand, len(o.command))
			w.buffer = append(w.buffer, o.command...)
			w.sent += int64(len(o.command))
			continue
		}
		for j, frame := range o.message {
			flags := byte(flagMore)
			if j == len(o.message)-1 {
				flags = 0
			}
			w.buffer = appendHeader(w.buffer, flags, len(frame))
			if err := w.body(frame); err != nil {
				return err
			}
		}
		w.sent += o.message.size()
	}
	return w.flush()
}

func (w *frameWriter) body(frame []byte) error {
	if len(w.buffer)+len(frame) <= writeBufferBytes-16 {
		w.buffer = append(w.buffer, frame...)
		return nil
	}
	if err := w.flush(); err != nil {
		return err
	}
	for len(frame) > 0 {
		n := min(len(frame), writeStepBytes)
		if err := w.out(frame[:n]); err != nil {
			return err
		}
		frame = frame[n:]
	}
	return nil
}

func (w *frameWriter) flush() error {
	if len(w.buffer) == 0 && w.sent == 0 {
		return nil
	}
	err := w.out(w.buffer)
	w.buffer = w.buffer[:0]
	w.peer.queued.Add(-w.sent)
	w.sent = 0
	return err
}

func (w *frameWriter) out(data []byte) error {
	if len(data) == 0 {
		return nil
	}
	_, err := w.peer.conn.Write(data)
	w.peer.progress.Store(time.Now().UnixNano())
	return err
}

// bufferedConn saves system calls: zmq4.Conn reads a frame in pieces of 2, 7 and n bytes.
type bufferedConn struct {
	net.Conn
	r *bufio.Reader
}

func (c bufferedConn) Read(p []byte) (int, error) { return c.r.Read(p) }
