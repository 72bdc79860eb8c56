package ray

import (
	"context"

	"github.com/rivulet-go/rivulet/distrib"
	"github.com/rivulet-go/rivulet/distrib/worker"
)

// socketEnv is the number of a child's socket.
const socketEnv = "RIVULET_WORKER_SOCKET"

// Run runs a request in a child. Inputs are fetched by their number, one at a time. emit takes the record over, which is nil
// where the Ref ends a split; it waits where nobody takes the blocks. An error comes with where it stands in the order.
type Run func(ctx context.Context, request []byte, input worker.Input, emit worker.Emit) (distrib.BlockID, error)

// Encode makes a request of a task over some of its splits.
type Encode func(ctx context.Context, to worker.Carrier, task distrib.Task, splits []distrib.Split) (worker.Request, error)
