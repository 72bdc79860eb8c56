// Package generator makes what package packages embeds: symbol tables, export data, documentation, and the sources of generic
// packages. It needs the Go toolchain; the binary that embeds its output does not.
//
//	go list -export ──► types ──┬──► std/*.go, own/*.go     tables of compiled symbols
//	                            └──► data/*.types.zst       export data
//	go list (files) ──► go/doc, sources ──► data/*.docs.zst, data/std.sources.zst
//
// Std and Own give file names and contents below interp/packages. A test compares Own with the files on disk, so that they can't
// fall behind the sources of the packages. Both give the same bytes for the same input. Read generator.go first.
package generator
