package local

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime"
	"sync/atomic"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/distrib"
	"github.com/rivulet-go/rivulet/distrib/store"
	"github.com/rivulet-go/rivulet/frame/exec"
)

// ErrClosed is the error of what is submitted after Close.
var ErrClosed = errors.New("engine is closed")

// Engine runs tasks in this process.
type Engine struct {
	env    *exec.Env
	slots  int
	store  *store.Store
	closed atomic.Bool
}

var _ distrib.Engine = (*Engine)(nil)

// New makes an engine of so many lanes (0: one for each processor that Go uses) whose operators work in env.
func New(env *exec.Env, lanes int) *Engine {
	if lanes <= 0 {
		lanes = runtime.GOMAXPROCS(0)
	}
	return &Engine{env: env, slots: lanes, store: store.New(env.Budget)}
}

// Submit implements distrib.Engine.
func (e *Engine) Submit(ctx context.Context, task distrib.Task) iter.Seq2[distrib.Ref, error] {
	return func(yield func(distrib.Ref, error) bool) {
		if e.closed.Load() {
			yield(distrib.Ref{}, ErrClosed)
			return
		}
		for block, err := range distrib.Lane(ctx, e.env, task) {
			ref := block.Ref
			if err == nil && block.Record != nil {
				number, reserved := e.store.Put(block.Record)
				ref.Handle, ref.Unreserved = number, !reserved
			}
			if !yield(ref, err) {
				return
			}
		}
	}
}

// Get implements distrib.Engine. It does not copy.
func (e *Engine) Get(_ context.Context, ref distrib.Ref) (arrow.Record, error) {
	if number, ok := ref.Handle.(uint64); ok {
		if rec, ok := e.store.Get(number); ok {
			return rec, nil
		}
	}
	return nil, fmt.Errorf("block %s: %w", ref.ID, distrib.ErrFreed)
}

// Free implements distrib.Engine.
func (e *Engine) Free(refs ...distrib.Ref) {
	for _, ref := range refs {
		if number, ok := ref.Handle.(uint64); ok {
			e.store.Free(number)
		}
	}
}

// Slots implements distrib.Engine.
func (e *Engine) Slots() int { return e.slots }

// Held is how many blocks wait for their consumer, and their bytes.
func (e *Engine) Held() (blocks int, bytes int64) { return e.store.Blocks(), e.store.Bytes() }

// Close implements distrib.Engine. Tasks that run go on until their contexts end.
func (e *Engine) Close() error {
	e.closed.Store(true)
	e.store.Close()
	return nil
}
