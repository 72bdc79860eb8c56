// Package worker carries a task to another process: it makes a request of it, and runs one.
//
//	session: Encode(task, splits) ─► bytes, inputs ──(whatever carries them)──► Run ─► blocks, each with its Ref
//
// A request is data of one version: the plan's fragment, the splits (parts of files by path and range, or their text), and
// which blocks are read. Records in memory are never in it: they are blocks, fetched by their number. There are no
// sockets here.
//
// What can't travel is an error that wraps ErrStays, and the task runs where the session is.
//
// Read request.go, then run.go.
package worker
