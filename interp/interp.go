package interp

import "github.com/rivulet-go/rivulet/interp/supervisor"

// Options configure a Session.
type Options = supervisor.Options

// Session runs cells in a child process and implements kernel.Interpreter.
type Session = supervisor.Session

// NewSession starts a session process in the background and returns at once.
func NewSession(o Options) (*Session, error) { return supervisor.New(o) }
