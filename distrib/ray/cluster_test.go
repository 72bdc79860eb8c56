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
	"slices"
	"sync/atomic"
	"testing"

	arrowmemory "github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/rivulet-go/rivulet/distrib"
	"github.com/rivulet-go/rivulet/distrib/enginetest"
	"github.com/rivulet-go/rivulet/distrib/local"
	"github.com/rivulet-go/rivulet/distrib/worker"
	"github.com/rivulet-go/rivulet/frame/exec"
	"github.com/rivulet-go/rivulet/frame/memory"
)

// cluster is a Ray cluster of two nodes, the second of which sees neither the checkout nor temporary files.
type cluster struct {
	Address   string
	Dashboard string
	Hidden    bool
	Nodes     []struct{ Raylet int }
	Folder    string   // where the first node logs and spills
	Busy      []string // nodes whose processors were still lent when nothing ran

	command *osexec.Cmd
	in      io.WriteCloser
	out     *bufio.Reader
}

// shared is the cluster of all tests, one after the other. Who damages it repairs it.
var shared cluster

func twoNodes(t testing.TB) *cluster {
	t.Helper()
	if shared.command == nil {
		if err := shared.start(python(t), "--dashboard", "--store-mb", "600"); err != nil {
			t.Fatal(err)
		}
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
	c.in, c.out = in, bufio.NewReader(out)
	return c.read()
}

func (c *cluster) read() error {
	line, err := c.out.ReadBytes('\n')
	if err != nil {
		return fmt.Errorf("the cluster did not start: %w", err)
	}
	return json.Unmarshal(line, c)
}

// mend puts another node in the place of the second.
func (c *cluster) mend(t *testing.T) {
	t.Helper()
	_, err := io.WriteString(c.in, "node\n")
	if err == nil {
		err = c.read()
	}
	if err != nil || len(c.Nodes) != 2 {
		_ = closeWarm()
		c.stop() // the next test starts another
		t.Fatalf("%d nodes, %v", len(c.Nodes), err)
	}
}

// rest waits until no task has a processor. Ray seldom keeps one lent of a worker that was killed, for good: such a node is replaced.
func (c *cluster) rest(t *testing.T) {
	t.Helper()
	_, err := io.WriteString(c.in, "idle\n")
	if err == nil {
		err = c.read()
	}
	switch {
	case err != nil:
		t.Error(err)
	case slices.Contains(c.Busy, "127.0.0.2"):
		t.Log("the first node keeps its processor lent")
		_ = closeWarm()
		c.stop()
	case len(c.Busy) > 0:
		logs, _ := filepath.Glob(fmt.Sprintf("/proc/%d/root/tmp/ray/session_*/logs/raylet.out", c.Nodes[1].Raylet))
		for _, name := range logs {
			b, _ := os.ReadFile(name)
			t.Logf("the second node keeps its processor lent: %s", b[max(0, len(b)-10_000):])
		}
		c.mend(t)
	}
}

func (c *cluster) stop() {
	if c.in != nil {
		_ = c.in.Close()
		_ = c.command.Wait()
		*c = cluster{}
	}
}

// warm is the engine of the tests that need none of their own: a new one needs new processes on all nodes.
var warm struct {
	lent
	engine *Engine
}

// lent allocates with what the running test has lent.
type lent struct {
	target atomic.Pointer[arrowmemory.Allocator]
}

func (l *lent) Allocate(size int) []byte             { return (*l.target.Load()).Allocate(size) }
func (l *lent) Reallocate(size int, b []byte) []byte { return (*l.target.Load()).Reallocate(size, b) }
func (l *lent) Free(b []byte)                        { (*l.target.Load()).Free(b) }

// closeWarm ends the shared engine.
func closeWarm() error {
	if warm.engine == nil {
		return nil
	}
	err := warm.engine.Close()
	warm.engine = nil
	return err
}

// open is an engine on the shared cluster whose records are made with mem. The test leaves it as it was.
func open(t testing.TB, mem arrowmemory.Allocator) *Engine {
	t.Helper()
	warm.target.Store(&mem)
	if warm.engine == nil {
		warm.engine = connect(t, twoNodes(t), &warm.lent)
	}
	return warm.engine
}

// openOwn is an engine that the test may break.
func openOwn(t testing.TB, mem arrowmemory.Allocator) *Engine {
	t.Helper()
	e := connect(t, twoNodes(t), mem)
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

// markEnv tells children of one engine from others.
const markEnv = "RIVULET_TEST_ENGINE"

var engines int // opened so far

func connect(t testing.TB, c *cluster, mem arrowmemory.Allocator) *Engine {
	t.Helper()
	env := &exec.Env{Mem: mem, Budget: memory.NewBudget(1 << 30), Spill: os.TempDir()}
	engines++
	e, err := Open(context.Background(), Options{
		Address: c.Address, Python: python(t), Encode: encodeAny, Mem: mem, Local: local.New(env, 2),
		Environment: map[string]string{markEnv: fmt.Sprintf("%d-%d", os.Getpid(), engines)},
	})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// encodeAny makes requests for runAny.
func encodeAny(ctx context.Context, to worker.Carrier, task distrib.Task, splits []distrib.Split) (worker.Request, error) {
	if _, ok := splits[0].Split.(*enginetest.Script); ok {
		return encodeScripts(ctx, to, task, splits)
	}
	return worker.Encode(ctx, to, task, splits)
}
