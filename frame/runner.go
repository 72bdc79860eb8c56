package frame

import (
	"context"
	"iter"
	"sync/atomic"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/memory"
	"github.com/rivulet-go/rivulet/frame/plan"
)

// Runner executes plans. The process that serves cells sets one with SetRunner; frames keep no reference to it.
type Runner interface {
	// Run gives the exact result, each batch once.
	Run(ctx context.Context, n plan.Node) batch.Stream
	// Watch gives what is known so far, again and again; the last snapshot is exact.
	Watch(ctx context.Context, n plan.Node) iter.Seq2[batch.Snapshot, error]
}

// placer is a Runner that knows where stages run.
type placer interface {
	// Placement says where the stages of a plan run, a line each; "" where all run in this process.
	Placement(n plan.Node) string
}

var (
	currentRunner  atomic.Pointer[Runner]
	currentContext atomic.Pointer[func() context.Context]
)

// SetRunner binds all frames of the process to r; nil unbinds them.
func SetRunner(r Runner) {
	if r == nil {
		currentRunner.Store(nil)
		return
	}
	currentRunner.Store(&r)
}

// SetContext says how the context of the running cell is found. Actions without a context parameter use it, so that
// an interrupt of the cell cancels them. Without it they use context.Background.
func SetContext(f func() context.Context) {
	if f == nil {
		currentContext.Store(nil)
		return
	}
	currentContext.Store(&f)
}

func cellContext() context.Context {
	if f := currentContext.Load(); f != nil {
		if ctx := (*f)(); ctx != nil {
			return ctx
		}
	}
	return context.Background()
}

func runner() (Runner, error) {
	if r := currentRunner.Load(); r != nil {
		return *r, nil
	}
	return nil, ErrNoRunner
}

// watchPlan is what is known of the result of n, again and again.
func watchPlan(ctx context.Context, r Runner, n plan.Node) iter.Seq2[batch.Snapshot, error] {
	return func(yield func(batch.Snapshot, error) bool) {
		for s, err := range r.Watch(ctx, n) {
			if err == nil && s.Record != nil {
				s.Record, err = batch.Plain(memory.Allocator(), s.Record)
			}
			if !yield(s, err) || err != nil {
				return
			}
		}
	}
}

// runPlan is the exact result of n as a stream, whose text may be coded.
func runPlan(ctx context.Context, n plan.Node) batch.Stream {
	r, err := runner()
	if err != nil {
		return failed(err)
	}
	return r.Run(ctx, n)
}
