// Package lower turns checked Go into text that yaegi runs rightly.
//
//	checked cell ─► types: structs without methods, interface{} ─► functions ─► statements ─► expressions ─► text
//	                       │                                                        │
//	                  registered with the run-time (interp/rt)              boundary to compiled code
//
// What yaegi sees is a plain core: functions, global variables, struct types, basic types, slices, maps, arrays,
// channels, closures, pointers and interface{}. Methods become functions that take the receiver first. Generic
// functions and types are instantiated by demand. Interfaces are erased: an interface value holds the value itself where
// its reflect type tells the Go type, and a box (a one-field struct with a tag of its own) otherwise; a method call
// through an interface calls a dispatch function, which asserts one type after the other.
//
// Invariants: every name in the text is unique in its session (globals) or function (locals); every statement is preceded
// by a line directive of the cell; constants are folded; nothing is emitted that is not reached, except the methods
// of types that enter an interface.
//
// Read lower.go first, then types.go, function.go, stmt.go and expr.go.
package lower
