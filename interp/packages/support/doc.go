// Package support is the compiled half of the generic declarations that cells have from package overlay: what needs the runtime,
// without type parameters.
//
//	cell ──► overlay (Go source, one copy for each type) ──► support ──► standard library
//
// Values cross as unsafe.Pointer or inside closures, never as any where a cell gets them back: a value that enters an
// interface of compiled code may be another one there. Read support.go first.
package support
