// Package lowertest writes random Go programs, to compare what compiled Go makes of them with what the lowering does.
//
//	seed ─► types ─► variables, functions, methods ─► statements ─► expressions ─► text
//
// A program is well-typed, ends soon, prints the same whenever it runs, and depends on nothing that Go leaves open:
//
//   - Only statements of a form of their own call what changes variables; the functions that expressions call are pure
//     but for the trace, whose order Go prescribes.
//   - Nothing panics except in the statements that recover at once, and those call nothing else.
//   - Loops and calls count against a budget; a function calls only earlier ones, or itself with a smaller number.
//   - Nothing depends on addresses, on the order of maps, or on the capacity that append chooses.
//
// Rewrite writes parts of programs, or of any others that are checked, in other ways that mean the same.
//
// Read program.go first, then type.go, statement.go and expression.go.
package lowertest
