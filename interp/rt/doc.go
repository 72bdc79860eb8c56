// Package rt is the run-time that lowered cells call: what the interpreter's plain values lack to be Go's.
//
// The interpreter knows functions, structs without methods, basic types, composites of them and interface{}. Names,
// methods and interfaces of the user's types live here, in a Registry, under the reflect type that their values have
// when they are in an interface:
//
//	lowering ── Declare(id, go/types type, methods) ─┐
//	cell     ── Bind(id, zero value, functions) ─────┴─► Registry ◄─ Of(x): type, methods
//
//	cell ─► Out, Raw, JSON, As ─► compiled function        compiled function ─► In, From ─► cell
//
// Out makes an adapter that compiled code can look at (fmt, log, errors, json); As makes a value of a compiled type, of
// any shape; In and From take them off again. Panics, defers, recover, equality and the printing builtins are here too.
//
// Invariants: a value without anything of the user's passes through every function unchanged; an adapter never
// reaches a cell; fields of structs are addressed by index, since the interpreter changes their names; look-ups take
// no lock. Read registry.go first, then info.go, then adapter.go.
package rt
