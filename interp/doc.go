// Package interp is the Go language in cells, and the session process in which they run.
//
//	kernel ─► NewSession (supervisor) ─► child process: Serve
//	                                       │ execute
//	                           check (go/types) ─► lower ─► compile ─► run ─► show the last value
//	                                                         yaegi, rt  │
//	                                     display, streams ◄─────────────┘
//
// Invariants: a cell compiles as a whole before any of it runs, and one that does not compile leaves no name behind;
// output belongs to the cell whose goroutine, or whose goroutine's ancestor, made it; a cell ends only when its own
// goroutine has ended, so nothing of it can run on into the next cell's frame.
//
// Read serve.go first, then language.go and run.go; each subpackage has a doc.go of its own.
package interp
