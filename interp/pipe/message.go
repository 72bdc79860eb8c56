package pipe

import "github.com/rivulet-go/rivulet/kernel"

// File descriptors of the session process.
const (
	MainFD    = 3
	ControlFD = 4
)

// Kind says what a message is.
type Kind string

// From the kernel to the session.
const (
	Execute    Kind = "execute"
	Complete   Kind = "complete"
	Inspect    Kind = "inspect"
	InputReply Kind = "input_reply"
)

// Comm is a message of a comm, in either direction. From the kernel it has a Seq, which its answers and the Reply that
// ends it have too; what a cell says has its number.
const Comm Kind = "comm"

// From the session to the kernel.
const (
	Ready  Kind = "ready"
	Stream Kind = "stream"
	Show   Kind = "show"
	Update Kind = "update"
	Result Kind = "result"
	Clear  Kind = "clear"
	Next   Kind = "next"
	Input  Kind = "input"
	Done   Kind = "done"
	Reply  Kind = "reply"
)

// On the control pipe.
const (
	Interrupt Kind = "interrupt" // of Cell; 0 is what runs outside of cells
	Ping      Kind = "ping"
	Pong      Kind = "pong"
)

// Message is one frame; which fields count depends on Kind.
type Message struct {
	Kind   Kind               `json:"k"`
	Seq    uint64             `json:"q,omitempty"` // pairs a request with its reply
	Cell   uint64             `json:"c,omitempty"` // the execution that a message belongs to
	Name   string             `json:"n,omitempty"` // stream name
	Text   string             `json:"t,omitempty"` // stream text, code, prompt, input line
	ID     string             `json:"i,omitempty"` // display_id
	Flag   bool               `json:"f,omitempty"` // Clear: wait; Input: password; Next: replace
	Cursor int                `json:"u,omitempty"`
	Detail int                `json:"d,omitempty"`
	Fail   string             `json:"e,omitempty"` // error text of a reply
	Info   *Info              `json:"o,omitempty"`
	Bundle *kernel.Bundle     `json:"b,omitempty"`
	Match  *kernel.Completion `json:"m,omitempty"`
	Error  *kernel.CellError  `json:"r,omitempty"`

	Comm *kernel.CommMessage `json:"p,omitempty"` // its buffers follow the frame as they are

	Sizes []int `json:"s,omitempty"` // of these buffers, in bytes

	// Bytes stands for Text on the way where it is no UTF-8, which JSON can't hold: output is cut anywhere.
	Bytes []byte `json:"x,omitempty"`
}

// Info is what the session needs to know of an execution.
type Info struct {
	Count      int  `json:"count"`
	Silent     bool `json:"silent,omitempty"`
	AllowStdin bool `json:"stdin,omitempty"`
	Live       bool `json:"live,omitempty"`
}
