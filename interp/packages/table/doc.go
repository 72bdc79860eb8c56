// Package table describes the symbols of compiled packages as static data.
//
// The generated packages std and own hold one Package a file. Everything in it is laid out by the linker: functions,
// addresses of variables and nil pointers of types in interface values need no code at start and no heap. Maps in the form
// that the interpreter wants are made for one package at a time, when it is asked for.
//
//	std, own ──[]*Package──► packages ──map──► interpreter
//
// Invariant: every list of a Package is sorted by name, because Lookup searches it. Read package.go first.
package table
