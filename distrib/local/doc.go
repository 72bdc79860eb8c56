// Package local is the engine of one process: tasks are goroutines of whoever ranges over Submit.
//
//	distrib/pool ─► Submit ─► distrib.Lane (pulled by the pool's goroutine) ─► store ─► Ref
//
// Invariants: a task runs only while its sequence is pulled, so a consumer that stops pulling stops it; nothing is
// left of a task when its sequence ends; a block is the record itself, never a copy.
package local
