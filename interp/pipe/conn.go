package pipe

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"unicode/utf8"
)

// MaxFrame is the largest frame in bytes that a Conn takes.
const MaxFrame = 512 << 20

// ErrTooLarge reports a frame over MaxFrame.
var ErrTooLarge = errors.New("pipe: frame too large")

// Conn frames messages over a byte stream. Send may be called from any goroutine, Receive from one.
type Conn struct {
	rw io.ReadWriteCloser
	r  *bufio.Reader

	mu sync.Mutex // serialises writes
}

// NewConn wraps a byte stream, which Close closes.
func NewConn(rw io.ReadWriteCloser) *Conn {
	return &Conn{rw: rw, r: bufio.NewReaderSize(rw, 64<<10)}
}

// Send writes one message, whose text arrives byte for byte. It blocks while the other end lags: this is the back-pressure
// of outputs.
func (c *Conn) Send(m *Message) error {
	if !utf8.ValidString(m.Text) {
		encoded := *m
		encoded.Bytes, encoded.Text = []byte(m.Text), ""
		m = &encoded
	}
	var buffers [][]byte
	total := 0
	if m.Comm != nil {
		buffers, m.Sizes = m.Comm.Buffers, nil
	}
	for _, b := range buffers {
		m.Sizes = append(m.Sizes, len(b))
		total += len(b)
	}
	body, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("pipe: %s message: %w", m.Kind, err)
	}
	if total += len(body); total > MaxFrame {
		return fmt.Errorf("%w: %d bytes in a %s message", ErrTooLarge, total, m.Kind)
	}
	frame := make([]byte, 4+len(body))
	binary.BigEndian.PutUint32(frame, uint32(len(body)))
	copy(frame[4:], body)
	c.mu.Lock()
	defer c.mu.Unlock()
	_, err = c.rw.Write(frame)
	for _, b := range buffers {
		if err == nil && len(b) > 0 {
			_, err = c.rw.Write(b)
		}
	}
	return err
}

// Receive reads the next message; io.EOF when the other end has closed between frames.
func (c *Conn) Receive() (*Message, error) {
	var head [4]byte
	if _, err := io.ReadFull(c.r, head[:]); err != nil {
		return nil, err
	}
	n := binary.BigEndian.Uint32(head[:])
	if n > MaxFrame {
		return nil, fmt.Errorf("%w: %d bytes", ErrTooLarge, n)
	}
	body := make([]byte, n)
	if _, err := io.ReadFull(c.r, body); err != nil {
		return nil, err
	}
	m := new(Message)
	if err := json.Unmarshal(body, m); err != nil {
		return nil, fmt.Errorf("pipe: %w", err)
	}
	if m.Bytes != nil {
		m.Text, m.Bytes = string(m.Bytes), nil
	}
	if err := c.receiveBuffers(m, int(n)); err != nil {
		return nil, err
	}
	return m, nil
}

// receiveBuffers reads what follows the frame of m, which has n bytes.
func (c *Conn) receiveBuffers(m *Message, n int) error {
	if len(m.Sizes) > 0 && m.Comm == nil {
		return errors.New("pipe: buffers of no message")
	}
	for _, size := range m.Sizes {
		if size < 0 || size > MaxFrame-n {
			return fmt.Errorf("%w: a buffer of %d bytes", ErrTooLarge, size)
		}
		n += size
		b := make([]byte, size)
		if _, err := io.ReadFull(c.r, b); err != nil {
			return err
		}
		m.Comm.Buffers = append(m.Comm.Buffers, b)
	}
	return nil
}

// Close closes the stream; a pending Receive ends.
func (c *Conn) Close() error { return c.rw.Close() }
