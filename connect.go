package main

import (
	"cmp"
	"context"
	"iter"
	"os"
	"sync"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/spf13/cobra"

	"github.com/rivulet-go/rivulet/distrib"
	"github.com/rivulet-go/rivulet/distrib/local"
	"github.com/rivulet-go/rivulet/distrib/ray"
	"github.com/rivulet-go/rivulet/distrib/worker"
	"github.com/rivulet-go/rivulet/frame"
	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/exec"
	"github.com/rivulet-go/rivulet/frame/memory"
	"github.com/rivulet-go/rivulet/frame/plan"
	"github.com/rivulet-go/rivulet/frame/source"
	"github.com/rivulet-go/rivulet/interp"
)

// engineEnv is the address of the cluster that a session starts on, as frame.Connect takes it.
const engineEnv = "RIVULET_ENGINE"

// engines are a session's: goroutines always, and a cluster where it is connected with one.
type engines struct {
	env   *exec.Env
	spill string // where spill files go unless %config says it, as the environment has it

	mu       sync.Mutex
	local    *local.Engine
	replaced []*local.Engine // by one with other lanes
	ray      *ray.Engine
	address  string // of the cluster
}

func newEngines(env *exec.Env) *engines {
	return &engines{env: env, local: local.New(env, 0), spill: os.Getenv(memory.SpillDirEnv)}
}

// where is the address that frames run at.
func (e *engines) where() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return cmp.Or(e.address, "local")
}

// here is the engine of this process.
func (e *engines) here() *local.Engine {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.local
}

// connect implements frame.Connector.
func (e *engines) connect(ctx context.Context, address string) (frame.Runner, error) {
	if address == "local" || address == "" {
		e.change(nil, "")
		return distrib.NewRunnerEnv(e.here(), e.env), nil
	}
	cluster, err := ray.Open(ctx, ray.Options{Address: ray.Address(address), Local: e.here(), Mem: e.env.Mem})
	if err != nil {
		return nil, err
	}
	e.change(cluster, address)
	return distrib.NewRunnerEnv(cluster, e.env), nil
}

// change ends the connection with the cluster that was there before.
func (e *engines) change(to *ray.Engine, address string) {
	e.mu.Lock()
	before := e.ray
	e.ray, e.address = to, address
	e.mu.Unlock()
	if before != nil {
		_ = before.Close()
	}
}

func (e *engines) close() {
	e.change(nil, "")
	for _, engine := range append(e.replaced, e.local) {
		_ = engine.Close()
	}
}

// start sets the runner of a new session. A cluster that the environment names is connected with when a frame first runs.
func (e *engines) start() {
	frame.SetConnector(e.connect)
	if address := os.Getenv(engineEnv); address != "" {
		e.address = address
		frame.SetRunner(&lateRunner{engines: e, address: address})
		return
	}
	frame.SetRunner(distrib.NewRunnerEnv(e.here(), e.env))
}

// lateRunner connects before its first run. A failure is tried again by the next.
type lateRunner struct {
	engines *engines
	address string

	mu     sync.Mutex
	runner frame.Runner
}

func (l *lateRunner) connected(ctx context.Context) (frame.Runner, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.runner != nil {
		return l.runner, nil
	}
	var err error
	l.runner, err = l.engines.connect(ctx, l.address)
	return l.runner, err
}

// Placement says where stages run, once there is a connection: see frame.Frame.Explain.
func (l *lateRunner) Placement(n plan.Node) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if p, ok := l.runner.(interface{ Placement(plan.Node) string }); ok {
		return p.Placement(n)
	}
	return ""
}

// Run implements frame.Runner.
func (l *lateRunner) Run(ctx context.Context, n plan.Node) batch.Stream {
	return func(yield func(arrow.Record, error) bool) {
		r, err := l.connected(ctx)
		if err != nil {
			yield(nil, err)
			return
		}
		r.Run(ctx, n)(yield)
	}
}

// Watch implements frame.Runner.
func (l *lateRunner) Watch(ctx context.Context, n plan.Node) iter.Seq2[batch.Snapshot, error] {
	return func(yield func(batch.Snapshot, error) bool) {
		r, err := l.connected(ctx)
		if err != nil {
			yield(batch.Snapshot{}, err)
			return
		}
		r.Watch(ctx, n)(yield)
	}
}

// workerCommand is the child of a Ray worker: it runs tasks.
func workerCommand() *cobra.Command {
	return &cobra.Command{
		Use: "worker", Hidden: true, Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			source.SetAllocator(memory.Allocator())
			interp.UseCompiler()
			env := &exec.Env{Mem: memory.Allocator(), Budget: memory.Default(), Spill: memory.SpillDir()}
			w := worker.New(env)
			defer w.Close()
			return ray.ServeChild(c.Context(), env.Mem, w.Run)
		},
	}
}
