package wire

import (
	"encoding/json"
	"errors"
	"sync"
	"sync/atomic"
)

// The kinds of a Packet.
const (
	Open  = "comm_open"
	Msg   = "comm_msg"
	Close = "comm_close"
)

// MaxBufferBytes bounds the buffers of one message together, as the kernel bounds what comes.
const MaxBufferBytes = 256 << 20

var (
	// ErrNoCell says that no cell is there in whose name a comm could be opened.
	ErrNoCell = errors.New("comm: no cell to open it in")
	// ErrClosed says that a comm is closed.
	ErrClosed = errors.New("comm: closed")
	// ErrTooLarge says that the buffers of a message are over MaxBufferBytes.
	ErrTooLarge = errors.New("comm: the buffers of a message are over 256 MiB")
)

// Packet is one message of a comm.
type Packet struct {
	Kind     string          `json:"kind"`
	ID       string          `json:"id"`
	Target   string          `json:"target,omitempty"`
	Data     json.RawMessage `json:"data,omitempty"`
	Metadata map[string]any  `json:"metadata,omitempty"`
	Buffers  [][]byte        `json:"-"`
}

// Owner is the cell that a comm was opened in, or listened for.
type Owner interface {
	// Send sends a packet in the name of the cell, or of another that runs now.
	Send(p Packet) error
	// Run calls f as the cell does: what it prints and shows is of the cell, where a panic is reported too. It returns when f has
	// ended, or was left behind by an interrupt.
	Run(f func())
	// Capture calls f at once. What it prints and shows goes to sink, in order.
	Capture(sink func(Output), f func())
}

var host atomic.Pointer[func() Owner]

// SetHost says in whose name comms are opened: f gives the cell of the calling goroutine, or nil.
func SetHost(f func() Owner) {
	if f == nil {
		host.Store(nil)
		return
	}
	host.Store(&f)
}

// Current is the cell of the calling goroutine.
func Current() (Owner, error) {
	if f := host.Load(); f != nil {
		if o := (*f)(); o != nil {
			return o, nil
		}
	}
	return nil, ErrNoCell
}

var flushers struct {
	mu   sync.Mutex
	list []func()
}

// OnFlush has f called at the end of each cell, so that what it holds back is sent before.
func OnFlush(f func()) {
	flushers.mu.Lock()
	defer flushers.mu.Unlock()
	flushers.list = append(flushers.list, f)
}

// Flush sends what is held back.
func Flush() {
	flushers.mu.Lock()
	list := flushers.list
	flushers.mu.Unlock()
	for _, f := range list {
		f()
	}
}
