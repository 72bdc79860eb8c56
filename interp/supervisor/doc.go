// Package supervisor is the kernel's side of the process split: it starts the session process, sends it cells, hands
// its outputs to the cell that they belong to, and survives whatever the session does to itself.
//
//	kernel.Interpreter
//	      │ Execute
//	   Session ──► child (one process, its own group) ──► interp.Serve
//	      ▲           │ main pipe: frames in order
//	      └───────────┤ raw fds 1 and 2: compiled code, fatal traces; read dry before each frame is delivered
//	                  └ control pipe: interrupt, ping
//
// Invariants: no child outlives its Session (own process group, parent-death signal, and its pipe closes with us); a
// dead child ends the cell that ran with a CellError{Lost: true}, and the next Execute finds a new child; an
// interrupted cell ends within GraceTime or its child is killed. Read session.go first, then child.go.
package supervisor
