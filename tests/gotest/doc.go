// Command gotest runs Go's own tests of the language as a notebook would, and judges Rivulet by them.
//
//	GOROOT/test ─► suite ─► runner, some at a time ─► a session process each: declarations, then main()
//	                              │                        interp/supervisor
//	failing.txt, baseline.txt ─► judge ─► passed of all, by folder; what changed
//
// A test is a single file that begins with "// run". Its package clause is blanked out and the rest is one cell;
// main() is the next. It passes where both cells succeed and what it printed is the .out file beside it, or nothing
// where there is none: the rule of Go's own harness, cmd/internal/testdir.
//
// Invariants: every test has a fresh process, a group of its own, limits on time and memory, and no go command on
// PATH. Every test either passes or is in failing.txt with the reason. What raw yaegi passes is in baseline.txt.
//
// Read main.go first, then runner.go and judge.go.
package main
