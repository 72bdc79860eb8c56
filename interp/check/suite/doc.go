// Package suite tests the checker with the packages that cells can import: on the scripts of the REPL suite, on Go's own
// packages, and its speed.
//
//	testdata/repl/*.txt ─► check.Session ─► accepted, or the error that the script shows
//
// It is a package of its own because linking all packages takes a while. Read suite_test.go.
package suite
