// Package store holds blocks by reference while they wait for their consumer.
//
//	lane ─► Put ─► number ─► merger ─► Get, Free ─► consumer
//
// A block in the store is held, so it is reserved from the memory budget. A reservation that is refused does not lose
// the block: Put says so, and the lane that made it waits until it is gone.
//
// Invariants: Get retains the record and copies nothing; a block is freed once; Close frees all.
package store
