// Package overlay embeds Go source of generic declarations of the standard library, which have no compiled symbols.
//
// Each folder is one package of the library, or the generic part of one; the rest comes from the compiled package of the
// same path, which it may import. What needs the runtime is in package support.
//
//	sync.OnceValue[int] in a cell ──► Generic["sync"] ──► checked, copied for int ──► interpreter
//
// Invariants: the declarations have the names, type parameters and exported methods of the compiled ones; no source refers to a generic declaration
// of the library; one file a package. Read overlay.go first.
package overlay
