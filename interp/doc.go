// Package interp is the Go language in cells, and the session process in which they run.
//
//	kernel ─► NewSession (supervisor) ─► child process: Serve
//	                                       │ execute
//	                                  cell.Lower ─► compile every item ─► run them ─► show the last value
//	                                                   yaegi                 │
//	                                       display, streams ◄────────────────┘
//
// Invariants: a cell compiles as a whole before any of it runs, and one that does not compile leaves no name behind;
// output belongs to the cell whose goroutine, or whose goroutine's ancestor, made it; a cell ends only when its own
// goroutine has ended, so nothing of it can run on into the next cell's frame.
//
// Read serve.go first, then run.go and compile.go; the subpackages pipe, supervisor and cell stand alone.
package interp
