package comm

import (
	"encoding/json"
	"fmt"
	"sync"

	"github.com/rivulet-go/rivulet/display/internal/wire"
)

// Errors of comms.
var (
	ErrNoCell   = wire.ErrNoCell   // there is no cell to open one in
	ErrClosed   = wire.ErrClosed   // it is closed
	ErrTooLarge = wire.ErrTooLarge // the buffers of a message are over 256 MiB together
)

// Message is what a front end sends: data, which is JSON, and binary buffers.
type Message struct {
	Data    json.RawMessage
	Buffers [][]byte
}

// Decode reads the data into what into points at, as json.Unmarshal does.
func (m Message) Decode(into any) error { return json.Unmarshal(m.Data, into) }

// Comm is a channel to the front ends.
type Comm struct {
	port *wire.Port

	mu        sync.Mutex
	onMessage func(Message)
	onClose   func()
}

// Open opens a comm with a target that front ends know. data becomes a JSON object; nil is an empty one. A front end that does not
// know the target closes the comm.
func Open(target string, data any, buffers ...[]byte) (*Comm, error) {
	owner, err := wire.Current()
	if err != nil {
		return nil, err
	}
	raw, err := encode(data)
	if err != nil {
		return nil, err
	}
	c := &Comm{}
	// Nothing can come before the front end has heard of it.
	c.port, err = wire.Dial(owner, "", target, wire.Packet{Data: raw, Buffers: buffers}, func(d *wire.Delivery, p wire.Packet) {
		c.receive(d, owner, p)
	})
	if err != nil {
		return nil, err
	}
	return c, nil
}

// Listen has accept called for each comm that a front end opens with a target. It replaces an earlier function for that target.
func Listen(target string, accept func(c *Comm, open Message)) error {
	owner, err := wire.Current()
	if err != nil {
		return err
	}
	wire.Listen(target, owner, func(d *wire.Delivery, port *wire.Port, open wire.Packet) {
		c := &Comm{port: port}
		port.Receive = func(d *wire.Delivery, p wire.Packet) { c.receive(d, owner, p) }
		d.Call(owner, nil, func() { accept(c, message(open)) })
	})
	return nil
}

func message(p wire.Packet) Message { return Message{Data: p.Data, Buffers: p.Buffers} }

func encode(data any) (json.RawMessage, error) {
	if data == nil {
		return nil, nil
	}
	raw, err := json.Marshal(data)
	if err != nil {
		return nil, fmt.Errorf("comm: data: %w", err)
	}
	if len(raw) == 0 || raw[0] != '{' {
		return nil, fmt.Errorf("comm: data: %T is no JSON object", data)
	}
	return raw, nil
}

// receive queues what came; the function to call is looked up when its turn comes.
func (c *Comm) receive(d *wire.Delivery, owner wire.Owner, p wire.Packet) {
	d.Call(owner, nil, func() {
		c.mu.Lock()
		onMessage, onClose := c.onMessage, c.onClose
		c.mu.Unlock()
		switch {
		case p.Kind == wire.Close && onClose != nil:
			onClose()
		case p.Kind == wire.Msg && onMessage != nil:
			onMessage(message(p))
		}
	})
}

// ID is the comm_id.
func (c *Comm) ID() string { return c.port.ID }

// OnMessage has f called for each message; nil drops them. It gives the comm back.
func (c *Comm) OnMessage(f func(Message)) *Comm {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.onMessage = f
	return c
}

// OnClose has f called when a front end closes the comm. It gives the comm back.
func (c *Comm) OnClose(f func()) *Comm {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.onClose = f
	return c
}

// Send sends data, which becomes a JSON object, and buffers to all front ends. It returns ErrClosed where the comm is closed, and
// ErrTooLarge for buffers of more than 256 MiB.
func (c *Comm) Send(data any, buffers ...[]byte) error {
	raw, err := encode(data)
	if err != nil {
		return err
	}
	return c.port.Send(wire.Packet{Data: raw, Buffers: buffers})
}

// Close closes the comm. To close a closed one is no error.
func (c *Comm) Close() error { return c.port.Close(nil) }
