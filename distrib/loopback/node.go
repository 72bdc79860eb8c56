package loopback

import (
	"context"
	"fmt"
	"sync"

	"github.com/rivulet-go/rivulet/distrib"
	"github.com/rivulet-go/rivulet/distrib/worker"
	"github.com/rivulet-go/rivulet/frame/exec"
)

// node holds blocks and runs requests, until it is lost.
type node struct {
	name   string
	env    *exec.Env
	worker *worker.Worker
	lost   context.Context // ends when the node does
	lose   context.CancelFunc

	mu      sync.Mutex
	blocks  map[int64][]byte
	last    int64
	running int
	ended   bool
}

func newNode(env *exec.Env, name string) *node {
	n := &node{name: name, env: env, worker: worker.New(env), blocks: map[int64][]byte{}}
	n.lost, n.lose = context.WithCancel(context.Background())
	return n
}

// begin makes the context of a request that runs here; end says that it does not any more.
func (n *node) begin(ctx context.Context) (_ context.Context, end func()) {
	n.mu.Lock()
	n.running++
	n.mu.Unlock()
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(n.lost, cancel)
	return ctx, func() {
		stop()
		cancel()
		n.mu.Lock()
		defer n.mu.Unlock()
		n.running--
		n.closeIdle()
	}
}

// end loses the node, or closes it.
func (n *node) end() {
	n.lose()
	n.mu.Lock()
	defer n.mu.Unlock()
	n.ended = true
	clear(n.blocks)
	n.closeIdle()
}

// closeIdle gives back what the worker keeps once nothing uses it: the environment outlives the node.
func (n *node) closeIdle() {
	if n.ended && n.running == 0 {
		n.worker.Close()
	}
}

// lostError says that the node is lost, nil while it is not.
func (n *node) lostError() error {
	if n.lost.Err() != nil {
		return fmt.Errorf("the node is gone: %w", distrib.ErrLost)
	}
	return nil
}

func (n *node) put(b []byte) int64 {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.last++
	if !n.ended {
		n.blocks[n.last] = b
	}
	return n.last
}

func (n *node) get(number int64) ([]byte, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	b, ok := n.blocks[number]
	return b, ok
}

func (n *node) free(number int64) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.blocks, number)
}

func (n *node) held() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return len(n.blocks)
}
