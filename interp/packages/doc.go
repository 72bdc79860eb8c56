// Package packages is everything compiled into the binary that cells can import: the standard library of the Go release that
// built it, and Rivulet's own packages. A user's machine needs no Go toolchain.
//
//	import "strings" ──► Importer ──► types of strings       data/*.types.zst   ──► checker
//	slices.Sort      ──► Source, Overlay ──► Go source       data/std.sources.zst, overlay/
//	                 ──► Native ──► an instance that is compiled
//	strings.ToUpper  ──► Symbol, Symbols ──► reflect.Value   std/, own/         ──► interpreter
//	strings.ToUpper? ──► Doc                                 data/*.docs.zst    ──► inspect
//
// Invariants: nothing is unpacked or built before it is asked for; Paths, the importer and the symbols know the same
// packages; a type has one identity in all packages of an Importer.
//
// What is embedded is made by package generator: go generate ./interp/packages. Read importer.go first.
package packages
