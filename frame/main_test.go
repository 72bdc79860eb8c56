package frame_test

import (
	"context"
	"os"
	"testing"

	"go.uber.org/goleak"

	"github.com/rivulet-go/rivulet/distrib"
	"github.com/rivulet-go/rivulet/distrib/local"
	"github.com/rivulet-go/rivulet/frame"
	"github.com/rivulet-go/rivulet/frame/exec"
	"github.com/rivulet-go/rivulet/frame/memory"
)

var runner frame.Runner

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "frame")
	if err != nil {
		panic(err)
	}
	env := &exec.Env{Mem: memory.Allocator(), Budget: memory.Default(), Spill: dir}
	engine := local.New(env, 2)
	runner = distrib.NewRunnerEnv(engine, env)
	frame.SetRunner(runner)
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		frame.SetRunner(nil)
		engine.Close()
		os.RemoveAll(dir)
		os.Exit(code)
	}))
}

// interrupted sets a cell's context that is cancelled already.
func interrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	frame.SetContext(func() context.Context { return ctx })
	t.Cleanup(func() { frame.SetContext(nil) })
}

// noRunner takes the engine away for one test.
func noRunner(t *testing.T) {
	frame.SetRunner(nil)
	t.Cleanup(func() { frame.SetRunner(runner) })
}
