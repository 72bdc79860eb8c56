// Package exec holds the physical operators: what a plan's nodes become.
//
//	lane:    split ─► Filter ─► Project ─► Probe ─► PartialAggregate │ PartialSort │ TopK ─┐
//	lane:    split ─► Filter ─► …                                                          ├─► blocks, in split order
//	                                                                                       ▼
//	gather:  FinalAggregate │ MergeSort │ TopK │ Distinct │ Limit │ Tail │ Window │ Preview ─► result
//	build:   the right side of a join ─► BuildJoin ─► JoinTable ─► Probe in the lanes, or Spilled at the gather
//
// Invariants:
//  1. An operator releases its input before it yields what it made from it. The exception is a join whose probe batch
//     has matches for several output batches: it goes before the last of them.
//  2. Whoever holds rows across batches has a grant (env.go) for them. Where the budget refuses, it spills: aggregate,
//     distinct and join part rows by the hash of their key (partition.go), sort and window write sorted runs. One batch is the
//     unit of progress: an empty operator takes a batch whatever the budget says.
//  3. Output depends on the input and on what was refused, never on the clock, map order or a random seed.
//  4. Keys are compared as SQL groups them: null equals null (but matches nothing in a join), NaN equals NaN, -0 equals 0.
//  5. Errors and panics of an operator leave in its stream (guard.go); whatever it holds is freed on every way out.
//
// Read guard.go first, then filter.go, group_table.go, final_aggregate.go, merge_sort.go, join.go and window.go.
package exec
