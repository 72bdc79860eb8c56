// Package program holds what a user's function is translated to: a straight line of vector operations with the semantics
// of Go, not those of frame/expr. Integers wrap, floats compare by IEEE 754, len counts bytes, and a division by zero is
// a failure of its row.
//
//	func(x, y float64) float64 { … } ──(interp/udf)──► Program ──Load──► Runner ──► Machine, one for each goroutine
//
// Branches are gone: both sides are computed for every row and Select takes one. What may fail has a guard, the rows that
// get there; a failure elsewhere does not count.
//
// Invariants:
//  1. A Program is plain data and travels with the plan. Load checks all of it: what it accepts can't read out of bounds.
//  2. The result is that of compiled Go bit for bit, but for the payload of a NaN. Products and sums are never fused.
//  3. Of several rows that fail, the first is reported, and of a row what fails first.
//
// Read program.go first, then load.go and machine.go.
package program
