package distrib

import (
	"context"
	"io"
	"iter"

	"github.com/apache/arrow/go/v17/arrow"
)

// Engine runs tasks. A task is a generator: its blocks leave as they are produced, by reference.
type Engine interface {
	// Submit starts a task and yields its blocks as produced; breaking out cancels it.
	Submit(context.Context, Task) iter.Seq2[Ref, error]
	// Get gives the record of a block; the caller releases it.
	Get(context.Context, Ref) (arrow.Record, error)
	// Free drops blocks that nobody will Get again.
	Free(...Ref)
	// Slots is how many tasks run at once.
	Slots() int
	io.Closer
}
