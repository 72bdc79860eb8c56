package loopback

import (
	"bytes"
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"iter"
	"math"
	"os"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/apache/arrow/go/v17/arrow"
	arrowmemory "github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/rivulet-go/rivulet/distrib"
	"github.com/rivulet-go/rivulet/distrib/worker"
	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/exec"
)

// ErrClosed is the error of what is submitted after Close.
var ErrClosed = errors.New("engine is closed")

// Engine is nodes, and the session's side of them. It is safe for concurrent use.
type Engine struct {
	mem     arrowmemory.Allocator
	local   distrib.Engine
	encode  Encode
	blind   bool
	next    atomic.Int64
	tasks   atomic.Int64
	fetched atomic.Int64
	closed  atomic.Bool

	mu      sync.Mutex
	session *node // holds what is put
	nodes   []*node
	kill    func(distrib.BlockID) bool
	hang    func(distrib.BlockID) bool
	kills   int
}

// Encode makes requests: worker.Encode, or what a test has of its own.
type Encode func(context.Context, worker.Carrier, distrib.Task, []distrib.Split) (worker.Request, error)

// New makes an engine of nodes, each of which works in an environment of its own. Records of Get are made in mem. local runs what
// can't travel; nil makes that an error.
func New(mem arrowmemory.Allocator, local distrib.Engine, nodes ...*exec.Env) *Engine {
	e := &Engine{mem: mem, local: local, session: newNode(nil, ""), encode: worker.Encode, kill: never, hang: never}
	for _, env := range nodes {
		e.nodes = append(e.nodes, newNode(env, fmt.Sprintf("node-%d", len(e.nodes)+1)))
	}
	return e
}

func never(distrib.BlockID) bool { return false }

// Hang sets what says, of each block that comes, whether its task gives nothing from there on.
func (e *Engine) Hang(when func(distrib.BlockID) bool) { e.hang = when }

// Kill sets what says, of each block that comes, whether its node is lost then, with all that it holds and runs. Another takes its
// place.
func (e *Engine) Kill(when func(distrib.BlockID) bool) { e.kill = when }

// Kills is how many nodes were lost.
func (e *Engine) Kills() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.kills
}

// Tasks is how many requests were run.
func (e *Engine) Tasks() int { return int(e.tasks.Load()) }

// Fetched is how many rows came to the session.
func (e *Engine) Fetched() int64 { return e.fetched.Load() }

// Held is how many blocks nodes hold.
func (e *Engine) Held() (blocks int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, n := range slices.Concat(e.nodes, []*node{e.session}) {
		blocks += n.held()
	}
	return blocks
}

// handle is that of this engine's Refs.
type handle struct {
	node   *node
	number int64
	freed  atomic.Bool
}

// Blind makes nodes see no files.
func (e *Engine) Blind() { e.blind = true }

// Shared implements worker.Carrier.
func (e *Engine) Shared(string) bool { return !e.blind }

// Upload implements worker.Carrier: each time anew.
func (e *Engine) Upload(ctx context.Context, path string, pieces []int64) (refs []distrib.Ref, release func(), err error) {
	release = func() { e.Free(refs...) }
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	for _, i := range pieces {
		rec, err := worker.Piece(f, i)
		if err != nil {
			release()
			return nil, nil, err
		}
		ref, err := e.Put(ctx, rec)
		rec.Release()
		if err != nil {
			release()
			return nil, nil, err
		}
		refs = append(refs, ref)
	}
	return refs, release, nil
}

// Slots implements distrib.Engine.
func (e *Engine) Slots() int { return len(e.nodes) }

// WorkerBytes implements distrib.Sized.
func (e *Engine) WorkerBytes() int64 {
	e.mu.Lock()
	defer e.mu.Unlock()
	least := int64(math.MaxInt64)
	for _, n := range e.nodes {
		least = min(least, n.env.Budget.Total())
	}
	return least
}

// pick gives nodes in turn.
func (e *Engine) pick() *node {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.nodes[int(e.next.Add(1))%len(e.nodes)]
}

// lose puts another node in the place of one.
func (e *Engine) lose(n *node) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for i, have := range e.nodes {
		if have == n {
			e.nodes[i] = newNode(n.env, n.name)
			e.kills++
			n.end()
		}
	}
}

// Submit implements distrib.Engine.
func (e *Engine) Submit(ctx context.Context, task distrib.Task) iter.Seq2[distrib.Ref, error] {
	return func(yield func(distrib.Ref, error) bool) {
		at := distrib.BlockID{Stage: task.Stage, Role: task.Role}
		for want := 1; ; want = want%3 + 1 {
			if e.closed.Load() {
				yield(distrib.Ref{ID: at}, ErrClosed)
				return
			}
			splits, err := take(ctx, task.Splits, want)
			if len(splits) > 0 && !e.run(ctx, task, splits, yield) {
				return
			}
			if err != nil {
				at.Split = err.at
				yield(distrib.Ref{ID: at}, err.error)
				return
			}
			if len(splits) == 0 {
				return
			}
		}
	}
}

// located is an error and the split that it came instead of.
type located struct {
	error
	at int
}

func take(ctx context.Context, from distrib.Splits, want int) (splits []distrib.Split, failed *located) {
	for len(splits) < want {
		s, ok, err := from.Next(ctx)
		if err != nil {
			return splits, &located{err, s.Index}
		}
		if !ok {
			break
		}
		splits = append(splits, s)
	}
	return splits, nil
}

// run runs some splits on a node and says whether to go on.
func (e *Engine) run(ctx context.Context, task distrib.Task, splits []distrib.Split, yield func(distrib.Ref, error) bool) bool {
	at := distrib.BlockID{Stage: task.Stage, Split: splits[0].Index, Role: task.Role}
	request, err := e.encode(ctx, e, task, splits)
	defer func() {
		e.Free(request.Own...)
		request.Release()
	}()
	if errors.Is(err, worker.ErrStays) && e.local != nil {
		return e.here(ctx, task, splits, yield)
	}
	if err != nil {
		yield(distrib.Ref{ID: at}, err)
		return false
	}
	e.tasks.Add(1)
	n := e.pick()
	ctx, end := n.begin(ctx)
	defer end()
	input := func(ctx context.Context, i int) (arrow.Record, error) {
		return e.read(ctx, n.env.Mem, request.Inputs[i])
	}
	more := true
	at, err = n.worker.Run(ctx, request.Bytes, input, func(ctx context.Context, ref distrib.Ref, rec arrow.Record) error {
		ref, err := e.take(n, ref, rec)
		if err == nil && e.hang(ref.ID) {
			e.Free(ref)
			<-ctx.Done()
			return ctx.Err()
		}
		if err == nil && e.kill(ref.ID) {
			e.lose(n)
		}
		if err == nil {
			err = n.lostError()
		}
		if err != nil {
			return err
		}
		if more = yield(ref, nil); !more {
			return errStopped
		}
		return nil
	})
	if !more {
		return false
	}
	if err != nil {
		err = worker.DecodeError(worker.EncodeError(err))
	}
	if lost := n.lostError(); lost != nil && err != nil {
		err = lost
	}
	if err != nil {
		yield(distrib.Ref{ID: at}, err)
	}
	return err == nil
}

var errStopped = errors.New("nobody wants more")

// take keeps the bytes of a block where it was made, and sends its Ref as bytes too.
func (e *Engine) take(n *node, ref distrib.Ref, rec arrow.Record) (distrib.Ref, error) {
	var h *handle
	if rec != nil {
		b, err := batch.Encode(rec)
		rec.Release()
		if err != nil {
			return ref, err
		}
		h = &handle{node: n, number: n.put(b)}
	}
	var wire bytes.Buffer
	if err := gob.NewEncoder(&wire).Encode(&ref); err != nil {
		return ref, err
	}
	var out distrib.Ref
	err := gob.NewDecoder(&wire).Decode(&out)
	out.Node = n.name
	if h != nil {
		out.Handle = h
	}
	return out, err
}

// here runs splits in this process.
func (e *Engine) here(ctx context.Context, task distrib.Task, splits []distrib.Split, yield func(distrib.Ref, error) bool) bool {
	task.Splits = distrib.ListOf(splits...)
	for ref, err := range e.local.Submit(ctx, task) {
		if !yield(ref, err) || err != nil {
			return false
		}
	}
	return true
}

// Put implements distrib.Remote.
func (e *Engine) Put(_ context.Context, rec arrow.Record) (distrib.Ref, error) {
	b, err := batch.Encode(rec)
	if err != nil {
		return distrib.Ref{}, err
	}
	h := &handle{node: e.session, number: e.session.put(b)}
	return distrib.Ref{Rows: rec.NumRows(), Bytes: batch.Bytes(rec), Handle: h}, nil
}

// Dashboard implements distrib.Remote: there is none.
func (e *Engine) Dashboard() string { return "" }

// Lost implements distrib.Checker.
func (e *Engine) Lost(_ context.Context, refs []distrib.Ref) []bool {
	lost := make([]bool, len(refs))
	for i, ref := range refs {
		if h, ok := ref.Handle.(*handle); ok {
			_, held := h.node.get(h.number)
			lost[i] = !held
		}
	}
	return lost
}

// Get implements distrib.Engine.
func (e *Engine) Get(ctx context.Context, ref distrib.Ref) (arrow.Record, error) {
	e.fetched.Add(ref.Rows)
	return e.read(ctx, e.mem, ref)
}

func (e *Engine) read(ctx context.Context, mem arrowmemory.Allocator, ref distrib.Ref) (arrow.Record, error) {
	h, ok := ref.Handle.(*handle)
	if !ok && e.local != nil {
		return e.local.Get(ctx, ref)
	}
	if !ok || h.freed.Load() {
		return nil, fmt.Errorf("block %s: %w", ref.ID, distrib.ErrFreed)
	}
	b, ok := h.node.get(h.number)
	if !ok {
		return nil, fmt.Errorf("block %s was on a node that is gone: %w", ref.ID, distrib.ErrLost)
	}
	return batch.Decode(mem, b)
}

// Free implements distrib.Engine.
func (e *Engine) Free(refs ...distrib.Ref) {
	for _, ref := range refs {
		h, ok := ref.Handle.(*handle)
		switch {
		case !ok && e.local != nil:
			e.local.Free(ref)
		case ok && !h.freed.Swap(true):
			h.node.free(h.number)
		}
	}
}

// Close implements distrib.Engine.
func (e *Engine) Close() error {
	if e.closed.Swap(true) {
		return nil
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, n := range slices.Concat(e.nodes, []*node{e.session}) {
		n.end()
	}
	return nil
}
