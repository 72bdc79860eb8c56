// Package batch is the one data type of the engine: a stream of Arrow record batches, and what is done to single
// batches everywhere.
//
//	source ─► Stream ─► Op ─► Op ─► Stream ─► merge ─► Snapshot ─► display
//
// Invariants:
//  1. Yield gives: the receiver of a batch releases it exactly once, also when it breaks out.
//  2. An Op releases its input before it yields what it made from it.
//  3. At most one (nil, err), last; a cancelled context ends a stream with its error.
//  4. Text may come coded: see coded.go.
//  5. Functions over single batches borrow their arguments and give results that the caller releases.
//
// Read stream.go first, then snapshot.go; take.go, filter.go and concat.go are the kernels that operators share.
package batch
