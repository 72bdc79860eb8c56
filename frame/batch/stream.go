package batch

import (
	"context"
	"iter"

	"github.com/apache/arrow/go/v17/arrow"
)

// Stream is a sequence of record batches. It is single use; the receiver owns each batch it is given and
// releases it once, also when it breaks out. At most one (nil, err) comes, last.
type Stream = iter.Seq2[arrow.Record, error]

// Op turns a stream into a stream: every physical operator is one. An Op releases its input batch before it yields
// what it made from it, and ends with the context's error when the context is cancelled.
type Op func(context.Context, Stream) Stream
