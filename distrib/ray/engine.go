package ray

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	arrowmemory "github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/rivulet-go/rivulet/distrib"
	"github.com/rivulet-go/rivulet/distrib/worker"
	"github.com/rivulet-go/rivulet/frame/batch"
)

// Options say where the cluster is and how the session takes part.
type Options struct {
	// Address is HOST:PORT of the cluster's head, http://HOST:PORT of its dashboard, or "" for a cluster on this machine that
	// lives as long as the engine.
	Address string
	// Python is the interpreter that has package ray; "" looks for one (see FindPython).
	Python string
	// CPUs and StoreBytes are those of a cluster on this machine; 0 leaves them to Ray.
	CPUs       int
	StoreBytes int64
	// Encode makes requests; nil is worker.Encode.
	Encode Encode
	// Local runs what can't travel; nil makes that an error.
	Local distrib.Engine
	// Mem is where the records of Get are made.
	Mem arrowmemory.Allocator
	// Environment is added to that of the children.
	Environment map[string]string
}

// Engine is a connection to a Ray cluster. It is safe for concurrent use.
type Engine struct {
	options Options
	session *session
	glue    program
	hello   event
	slots   int
	ahead   int   // blocks of a task that are unread
	credit  int   // and on their way
	memory  int64 // bytes of one task
	inputs  int64 // bytes that Ray may fetch for one task
	files   files
	names   names
	closed  atomic.Bool
	running atomic.Int64 // tasks
	tasks   struct {
		sync.Mutex
		ended map[string]int
	}
}

var (
	_ distrib.Remote  = (*Engine)(nil)
	_ distrib.Checker = (*Engine)(nil)
)

const (
	// retries is how often Ray runs a lost task again.
	retries = 3
	// closeTimeout is how long the glue may take to cancel what runs.
	closeTimeout = 10 * time.Second
	// blockBytes is about how large blocks get.
	blockBytes = 16 << 20
	maxAhead   = 8
	// sharedTimeout is for all nodes to say whether they see a file; a node that has no worker yet starts one.
	sharedTimeout = 30 * time.Second
	// greetTimeout is for something that listens and is no Ray cluster: Ray itself tries for minutes.
	greetTimeout = 40 * time.Second
)

// Open starts the glue and connects it with the cluster.
func Open(ctx context.Context, o Options) (*Engine, error) {
	if o.Encode == nil {
		o.Encode = worker.Encode
	}
	if o.Mem == nil {
		o.Mem = arrowmemory.DefaultAllocator
	}
	glue, conn, err := start(ctx, o)
	if err != nil {
		return nil, err
	}
	e := &Engine{options: o, glue: glue, session: newSession(newFrames(conn), o.Mem)}
	limited, cancel := context.WithTimeout(ctx, greetTimeout)
	defer cancel()
	stop := context.AfterFunc(limited, func() { _ = conn.Close() })
	err = e.greet()
	if !stop() {
		err = fmt.Errorf("no answer of a Ray cluster in %v: %w", greetTimeout, limited.Err())
		if ctx.Err() != nil {
			err = ctx.Err()
		}
	}
	if err != nil {
		glue.kill()
		_ = conn.Close()
		return nil, glue.explain(err)
	}
	e.session.remains = glue.last
	go e.session.serve()
	return e, nil
}

// program is the glue, wherever it runs.
type program interface {
	// wait waits for its end, which was asked for, and enforces it when that takes too long.
	wait(timeout time.Duration) error
	kill()
	// explain makes an error of the start one for the user.
	explain(error) error
	// last is what is known of its end, which nobody asked for: how it ended and what it wrote.
	last() string
}

func start(ctx context.Context, o Options) (program, net.Conn, error) {
	if o.Address != "" {
		if err := CheckAddress(o.Address); err != nil {
			return nil, nil, err
		}
	}
	if isURL(o.Address) {
		return submitJob(ctx, o.Address)
	}
	return spawn(ctx, o)
}

// greet exchanges the first frames and hands over what workers need.
func (e *Engine) greet() error {
	f := e.session.frames
	err := f.send(map[string]any{
		"t": "hello", "protocol": protocol, "address": e.options.Address, "cpus": e.options.CPUs, "store": e.options.StoreBytes,
		"head": headTimeout().Seconds(),
	}, nil)
	if err != nil {
		return err
	}
	type packing struct {
		executable
		error
	}
	ready := make(chan packing, 1)
	go func() {
		x, err := packed()
		ready <- packing{x, err}
	}()
	hello, err := f.receive(nil)
	if err != nil {
		return err
	}
	if hello.Kind != "hello" {
		return &refusal{hello.Error}
	}
	p := <-ready
	if p.error != nil {
		return p.error
	}
	for _, part := range p.parts {
		if err := f.send(command{Kind: "binary_part"}, part); err != nil {
			return err
		}
	}
	source, version, err := workerSource()
	if err != nil {
		return err
	}
	e.hello = hello
	e.measure()
	return f.send(map[string]any{
		"t": "start", "source": source,
		"spec": map[string]any{"module": version, "binary": p.name, "environment": e.environment()},
	}, nil)
}

// headTimeoutEnv is for how many seconds the head of the cluster may be away while nothing is given up.
const headTimeoutEnv = "RIVULET_RAY_HEAD_TIMEOUT"

func headTimeout() time.Duration {
	if s, err := strconv.ParseFloat(os.Getenv(headTimeoutEnv), 64); err == nil && s > 0 {
		return time.Duration(s * float64(time.Second))
	}
	return 30 * time.Second
}

// refusal is the glue's own word on why there is no connection.
type refusal struct{ text string }

func (r *refusal) Error() string { return r.text }

// Slots implements distrib.Engine.
func (e *Engine) Slots() int { return e.slots }

// Nodes is what the cluster was when the engine was opened.
func (e *Engine) Nodes() []Node { return e.hello.Nodes }

// Version is Ray's, and Python's.
func (e *Engine) Version() (ray, python string) { return e.hello.Ray, e.hello.Python }

// Dashboard is the address of Ray's dashboard, "" where there is none.
func (e *Engine) Dashboard() string {
	switch at := e.hello.Dashboard; {
	case isURL(e.options.Address): // as the session reaches it
		return e.options.Address
	case at == "" || isURL(at):
		return at
	default:
		return "http://" + at
	}
}

// block is the Handle of this engine's Refs.
type block struct {
	number int64
	node   string
	freed  atomic.Bool
}

// Get implements distrib.Engine.
func (e *Engine) Get(ctx context.Context, ref distrib.Ref) (arrow.Record, error) {
	b, ok := ref.Handle.(*block)
	if !ok && e.options.Local != nil {
		return e.options.Local.Get(ctx, ref)
	}
	if !ok || b.freed.Load() {
		return nil, fmt.Errorf("block %s: %w", ref.ID, distrib.ErrFreed)
	}
	r, err := e.session.call(ctx, command{Kind: "get", Block: b.number}, nil)
	if err != nil {
		if ctx.Err() == nil && e.session.reason() == nil {
			err = fmt.Errorf("block %s on node %s: %w: %w", ref.ID, e.nodeName(b.node), distrib.ErrLost, err)
		}
		return nil, err
	}
	return r.record, nil
}

// Free implements distrib.Engine.
func (e *Engine) Free(refs ...distrib.Ref) {
	var numbers []int64
	for _, ref := range refs {
		b, ok := ref.Handle.(*block)
		switch {
		case !ok && e.options.Local != nil:
			e.options.Local.Free(ref)
		case ok && !b.freed.Swap(true):
			numbers = append(numbers, b.number)
		}
	}
	if len(numbers) > 0 {
		_ = e.session.frames.send(command{Kind: "free", Blocks: numbers}, nil) // a glue that is gone holds nothing
	}
}

// Lost implements distrib.Checker.
func (e *Engine) Lost(ctx context.Context, refs []distrib.Ref) []bool {
	lost := make([]bool, len(refs))
	var numbers []int64
	var at []int
	for i, ref := range refs {
		if b, ok := ref.Handle.(*block); ok {
			if lost[i] = b.freed.Load(); !lost[i] {
				numbers, at = append(numbers, b.number), append(at, i)
			}
		}
	}
	if len(numbers) == 0 {
		return lost
	}
	r, err := e.session.call(ctx, command{Kind: "lost", Blocks: numbers}, nil)
	if err != nil || len(r.Gone) != len(at) {
		return lost // whoever reads them will see
	}
	for i, gone := range r.Gone {
		lost[at[i]] = gone
	}
	return lost
}

// Put makes a block of a record, which it does not take over. It lies in the object store of the session's node.
func (e *Engine) Put(ctx context.Context, rec arrow.Record) (distrib.Ref, error) {
	b, err := batch.Encode(rec)
	if err != nil {
		return distrib.Ref{}, err
	}
	r, err := e.session.call(ctx, command{Kind: "put"}, b)
	if err == nil && r.Error != "" {
		err = errors.New(r.Error)
	}
	if err != nil {
		return distrib.Ref{}, fmt.Errorf("store a block: %w", err)
	}
	return distrib.Ref{Rows: rec.NumRows(), Bytes: batch.Bytes(rec), Handle: &block{number: r.Block}}, nil
}

// Close cancels what runs, ends the glue, and waits for it.
func (e *Engine) Close() error {
	if e.closed.Swap(true) {
		return nil
	}
	_ = e.session.frames.send(command{Kind: "bye"}, nil)
	err := e.glue.wait(closeTimeout)
	_ = e.session.frames.conn.Close()
	e.session.end(errClosed)
	return err
}

var errClosed = errors.New("the engine is closed")
