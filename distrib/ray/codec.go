package ray

import (
	"context"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/distrib"
)

// socketEnv is the number of a child's socket.
const socketEnv = "RIVULET_WORKER_SOCKET"

// Run runs a request in a child. Inputs are fetched by their number, one at a time. emit takes the record over, which is nil
// where the Ref ends a split; it waits where nobody takes the blocks. An error comes with where it stands in the order.
type Run func(
	ctx context.Context, request []byte,
	input func(ctx context.Context, number int) (arrow.Record, error),
	emit func(context.Context, distrib.Ref, arrow.Record) error,
) (distrib.BlockID, error)

// Encode makes a request of a task over some of its splits, and names the blocks that it reads as inputs.
type Encode func(task distrib.Task, splits []distrib.Split) (request []byte, inputs []distrib.Ref, err error)
