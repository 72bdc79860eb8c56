package wire

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"sync"
)

// Port is an open comm.
type Port struct {
	ID, Target string
	Owner      Owner
	// Receive takes what comes, comm_close included; it must not wait. Whoever opens or accepts the port sets it before more can
	// come; nil drops.
	Receive func(d *Delivery, p Packet)
}

// Accept takes a comm that a front end has opened, and sets its Receive.
type Accept func(d *Delivery, port *Port, open Packet)

type target struct {
	owner  Owner
	accept Accept
}

var hub = struct {
	mu      sync.Mutex
	ports   map[string]*Port
	targets map[string]target
}{ports: map[string]*Port{}, targets: map[string]target{}}

// Listen has accept take what front ends open for a target, in the name of owner, which may be nil where accept calls no function
// of a cell. It replaces an earlier one.
func Listen(name string, owner Owner, accept Accept) {
	hub.mu.Lock()
	defer hub.mu.Unlock()
	hub.targets[name] = target{owner, accept}
}

// Dial opens a comm. An empty id becomes a fresh one.
func Dial(owner Owner, id, target string, open Packet, receive func(*Delivery, Packet)) (*Port, error) {
	if id == "" {
		id = NewID()
	}
	p := &Port{ID: id, Target: target, Owner: owner, Receive: receive}
	open.Target = target
	hub.mu.Lock()
	hub.ports[id] = p
	hub.mu.Unlock()
	if err := p.send(owner.Send, Open, open); err != nil {
		p.forget()
		return nil, err
	}
	return p, nil
}

// NewID is a fresh comm_id or display_id.
func NewID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

func (p *Port) send(by func(Packet) error, kind string, m Packet) error {
	total := 0
	for _, b := range m.Buffers {
		total += len(b)
	}
	if total > MaxBufferBytes {
		return fmt.Errorf("%w: %d bytes", ErrTooLarge, total)
	}
	m.Kind, m.ID = kind, p.ID
	return by(m)
}

// Send sends data, metadata and buffers in the name of the owner.
func (p *Port) Send(m Packet) error {
	if !p.isOpen() {
		return ErrClosed
	}
	return p.send(p.Owner.Send, Msg, m)
}

// Close closes the comm; it is no error where it is closed already.
func (p *Port) Close(data json.RawMessage) error {
	if !p.forget() {
		return nil
	}
	return p.send(p.Owner.Send, Close, Packet{Data: data})
}

func (p *Port) isOpen() bool {
	hub.mu.Lock()
	defer hub.mu.Unlock()
	return hub.ports[p.ID] == p
}

// forget says whether it was open.
func (p *Port) forget() bool {
	hub.mu.Lock()
	defer hub.mu.Unlock()
	if hub.ports[p.ID] != p {
		return false
	}
	delete(hub.ports, p.ID)
	return true
}

// Delivery is the handling of one packet that came.
type Delivery struct {
	answer func(Packet) error
	jobs   []*job
}

// Answer sends a message of port as the answer to what came.
func (d *Delivery) Answer(port *Port, m Packet) error {
	if !port.isOpen() {
		return ErrClosed
	}
	return port.send(d.answer, Msg, m)
}

// Refuse closes a port as the answer to what came.
func (d *Delivery) Refuse(port *Port) {
	port.forget()
	_ = port.send(d.answer, Close, Packet{}) // a pipe that broke has no reader left
}

// Deliver takes a packet that came. Its answers go through answer. The functions of cells that it causes are queued; Wait waits
// for them.
func Deliver(p Packet, answer func(Packet) error) *Delivery {
	d := &Delivery{answer: answer}
	hub.mu.Lock()
	port, to := hub.ports[p.ID], hub.targets[p.Target]
	switch {
	case p.Kind == Open && port == nil && to.accept != nil:
		port = &Port{ID: p.ID, Target: p.Target, Owner: to.owner}
		hub.ports[p.ID] = port
	case p.Kind == Close:
		delete(hub.ports, p.ID)
	}
	hub.mu.Unlock()
	switch {
	case p.Kind == Open && to.accept != nil && port.Receive == nil:
		to.accept(d, port, p)
	case p.Kind == Open, p.Kind == Msg && port == nil:
		d.Refuse(&Port{ID: p.ID})
	case port != nil && port.Receive != nil:
		port.Receive(d, p)
	}
	return d
}
