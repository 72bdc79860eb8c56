// Package distrib runs plans: it implements frame's Runner on any Engine.
//
//	plan ─► Optimize, Cut ─► stages ─► Task per lane ─► Engine ─► Ref, Ref, … ─► merger (split order)
//	                                                                               │
//	                     Run: batches, Watch: snapshots ◄─ stages above ◄─ gather ◄─┘
//
// A lane is a task that serves many splits: it takes them from a queue, runs the stage's fragment over each, and yields
// blocks named (stage, split, sequence). The merger puts the blocks of all lanes in that order, so a result never
// depends on which lane was faster: rows keep file order, groups keep the order of their first row.
//
// Where the engine is Remote, joins' build sides are sent to its workers (broadcast.go), and many groups, rows to sort or both sides of
// a join are exchanged there (exchange.go); the stage above runs in the tasks that read an exchange (phase.go), so that only results
// pass through this process (spread.go). Lost blocks are made again from the splits
// that they came from (lineage.go), slow splits are tried twice (assist.go).
//
// Invariants:
//
//  1. What a task yields for a split depends on the split and the fragment alone. A lost task is run again and the
//     blocks that arrived already are dropped by their identity.
//
//  2. The lane that has the lowest unfinished split is never kept waiting by the others; the others wait when they
//     hold more than their share. So buffering is bounded and there is no deadlock.
//
//  3. When a run ends, for whatever reason, its tasks are cancelled and waited for, its blocks freed, its splits and
//     join tables closed.
//
//  4. A snapshot is computed from whole splits, always a prefix of each scan, and names exactly those.
//     One that is a sample is some of the result's rows and names nothing.
//
//  5. Rows come in the same order from every engine. Groups are exchanged in the shards that one process merges them in. A join whose
//     table does not fit in memory gives its rows part by part, wherever it runs.
//
// Read engine.go and task.go first, then pool.go, run.go, lanes.go, merger.go, gather.go; then spread.go, phase.go and exchange.go; watch.go and sample.go last.
package distrib
