package distrib

import (
	"context"
	"io"
	"iter"

	"github.com/apache/arrow/go/v17/arrow"
)

// Engine runs tasks. A task is a generator: its blocks leave as they are produced, by reference.
type Engine interface {
	// Submit starts a task and yields its blocks as produced; breaking out cancels it. The receiver owns every Ref
	// that it is given and frees it. Each split ends with a Ref that has Last set. An error comes last, with a Ref
	// whose ID says where in the order it stands; one that wraps ErrLost means that the task can be run again. When
	// Submit's sequence has ended, nothing of the task runs any more.
	Submit(context.Context, Task) iter.Seq2[Ref, error]
	// Get gives the record of a block; the caller releases it. It may be called until the block is freed.
	Get(context.Context, Ref) (arrow.Record, error)
	// Free drops blocks that nobody will Get again.
	Free(...Ref)
	// Slots is how many tasks run at once.
	Slots() int
	io.Closer
}

// Remote is an engine whose tasks run in other processes. Blocks stay where they were made, and tasks read them there.
type Remote interface {
	Engine
	// Put makes a block of a record, which stays the caller's.
	Put(context.Context, arrow.Record) (Ref, error)
	// Dashboard is the address of the cluster's own page, "" where there is none.
	Dashboard() string
}
