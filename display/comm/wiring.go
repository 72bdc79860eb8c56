package comm

import "github.com/rivulet-go/rivulet/display/internal/wire"

// What follows connects comms with the session; cells don't see it.
type (
	// Packet is one message of a comm.
	Packet = wire.Packet
	// Owner is the cell that a comm belongs to.
	Owner = wire.Owner
	// Captured is what a captured function prints or shows.
	Captured = wire.Output
)

// The kinds of outputs.
const (
	StreamOutput = wire.Stream
	ShowOutput   = wire.Show
	UpdateOutput = wire.Update
	ClearOutput  = wire.Clear
)

// SetHost says in whose name comms are opened: f gives the cell of the calling goroutine, or nil.
func SetHost(f func() Owner) { wire.SetHost(f) }

// Deliver takes a packet of a front end, whose answers go through answer. What it gives waits until the functions of cells that
// the packet has caused have returned, or until patience is closed.
func Deliver(p Packet, answer func(Packet) error) (wait func(patience <-chan struct{})) {
	return wire.Deliver(p, answer).Wait
}

// Flush sends what widgets hold back.
func Flush() { wire.Flush() }
