// Package complete answers what can stand at the cursor of a cell that is being written, and what the name there is.
//
//	text, cursor ─► place: word, string or comment around it
//	             ─► check.Partial: types of the cell as far as it has been written
//	             ─► members, names in scope, fields, keys, columns ─► order ─► Result
//	             ─► object, or call around the cursor            ─► Description
//
// Invariants: no code of a user runs, only values that are there are looked at, and none while a cell runs; no text makes
// it panic; nothing changes in the session. A Completer is used by one goroutine at a time, as its Checker is.
//
// Read complete.go first.
package complete
