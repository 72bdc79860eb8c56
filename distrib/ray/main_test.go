package ray

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	osexec "os/exec"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"

	"github.com/rivulet-go/rivulet/distrib"
	"github.com/rivulet-go/rivulet/distrib/worker"
	"github.com/rivulet-go/rivulet/frame/exec"
	"github.com/rivulet-go/rivulet/frame/memory"
	"github.com/rivulet-go/rivulet/frame/source"
)

// The test's own executable is the worker: it travels through Ray as rivulet does.
func TestMain(m *testing.M) {
	if os.Getenv(socketEnv) != "" {
		if err := ServeChild(context.Background(), memory.Allocator(), runAny); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	code := m.Run()
	if err := closeWarm(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	shared.stop()
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// runAny runs the suite's scripts, which are JSON, and what worker.Encode makes.
func runAny(ctx context.Context, request []byte, input worker.Input, emit worker.Emit) (distrib.BlockID, error) {
	if json.Valid(request) {
		return runScripts(ctx, request, input, emit)
	}
	source.SetAllocator(memory.Allocator())
	env := &exec.Env{Mem: memory.Allocator(), Budget: memory.Default(), Spill: os.TempDir()}
	w := worker.New(env)
	defer w.Close()
	return w.Run(ctx, request, input, emit)
}

// python is an interpreter with package ray.
func python(t testing.TB) string {
	t.Helper()
	path := os.Getenv(PythonEnv)
	if path == "" {
		path = filepath.Join("..", "..", ".venv", "bin", "python")
	}
	if out, err := osexec.CommandContext(t.Context(), path, "-c", "import ray").CombinedOutput(); err != nil {
		t.Skipf("%s has no package ray: %v %s", path, err, out)
	}
	path, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	return path
}
