package ray

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	osexec "os/exec"
	"path/filepath"
	"sync"
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

// cluster is a Ray cluster of two nodes, the second of which sees neither the checkout nor temporary files.
type cluster struct {
	Address   string
	Dashboard string
	Hidden    bool
	Nodes     []struct{ Raylet int }

	once    sync.Once
	command *osexec.Cmd
	in      io.Closer
	err     error
}

// shared is for tests that leave their cluster as it was.
var shared cluster

func twoNodes(t testing.TB) *cluster {
	t.Helper()
	path := python(t)
	shared.once.Do(func() { shared.err = shared.start(path, "--dashboard", "--store-mb", "600") })
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	return &shared
}

func (c *cluster) start(python string, args ...string) error {
	args = append([]string{filepath.Join("..", "..", "tests", "ray_cluster.py")}, args...)
	c.command = osexec.Command(python, args...) //nolint:noctx // it serves many tests
	c.command.Stderr = os.Stderr
	in, err := c.command.StdinPipe()
	if err != nil {
		return err
	}
	out, err := c.command.StdoutPipe()
	if err != nil {
		return err
	}
	if err := c.command.Start(); err != nil {
		return err
	}
	c.in = in
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err != nil {
		return fmt.Errorf("the cluster did not start: %w", err)
	}
	return json.Unmarshal(line, c)
}

func (c *cluster) stop() {
	if c.in != nil {
		_ = c.in.Close()
		_ = c.command.Wait()
	}
}
