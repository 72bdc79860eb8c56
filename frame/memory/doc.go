// Package memory is where Rivulet's memory is counted and where it comes from.
//
//	who holds batches ─► Reservation ─► Budget ── refused ─► Spill (unlinked file, Arrow IPC)
//	who builds columns ─► Allocator ─► Pool ─► mmap, recycled
//
// A Budget counts what operators hold; it never allocates. Reserve first, then allocate: Arrow's Allocate can't fail.
// Pass-through operators do not reserve. The Pool keeps column data off the Go heap, so that the collector neither
// scans it nor counts it, and gives freed blocks to the next batch: touching fresh pages costs more than parsing them.
//
// Invariants:
//  1. A Reservation that is refused keeps its old size.
//  2. A block of the Pool belongs to one holder; Free gives it back once, with the slice that Allocate returned (any
//     length, the capacity untouched).
//  3. The Pool holds at most its cap of idle bytes; the rest goes back to the system, after seconds in which nobody needed it or in place of
//     what is new: idle bytes never raise the peak beyond the cap.
//  4. A spill file has no name from the moment it exists: no crash leaves one behind.
//
// Read budget.go first, then pool.go and spill.go.
package memory
