// Package exec runs a file outside a notebook: it is `rivulet exec`.
//
//	notebook, Go program, or Go file with "// %%" cells ─► Cells ─► kernel.Interpreter ─► text on stdout and stderr
//
// Invariants: cells run in order and the first that fails is the last; a display that is updated is printed once, in
// its final state; with Options.Events every output is also written as a line of JSON with its time. Read exec.go first.
package exec
