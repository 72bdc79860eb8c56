package ray

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"
)

var dialer net.Dialer

// bootstrap imports the glue from an open file. The folder in which the session runs must not shadow modules.
const bootstrap = `import sys
sys.path[:] = [p for p in sys.path if p]
sys.path.insert(0, "/proc/self/fd/4")
import beside
beside.main()`

// glue is the Python process beside the session.
type glue struct {
	command *exec.Cmd
	python  string
	log     tail
	done    chan struct{}
}

// spawn starts the glue with one end of a socket pair.
func spawn(ctx context.Context, o Options) (*glue, net.Conn, error) {
	if o.Address != "" {
		if err := probe(ctx, o.Address); err != nil {
			return nil, nil, err
		}
	}
	if o.Python == "" {
		python, err := FindPython()
		if err != nil {
			return nil, nil, err
		}
		o.Python = python
	}
	archive, err := glueArchive()
	if err != nil {
		return nil, nil, err
	}
	ours, theirs, err := socketPair()
	if err != nil {
		return nil, nil, err
	}
	defer theirs.Close()
	zip, err := memoryFile(archive)
	if err != nil {
		_ = ours.Close()
		return nil, nil, err
	}
	defer zip.Close()
	g := &glue{python: o.Python, done: make(chan struct{})}
	// Not bound to ctx: the glue lives until the socket is closed.
	g.command = exec.Command(o.Python, "-c", bootstrap, "3") //nolint:noctx // see above
	g.command.ExtraFiles = []*os.File{theirs, zip}
	g.command.Stdout, g.command.Stderr = &g.log, &g.log
	g.command.SysProcAttr = ownGroup()
	g.command.Env = append(os.Environ(), "PYTHONUNBUFFERED=1")
	if err := g.command.Start(); err != nil {
		_ = ours.Close()
		return nil, nil, fmt.Errorf("start %s: %w", o.Python, err)
	}
	go func() {
		_ = g.command.Wait()
		close(g.done)
	}()
	return g, ours, nil
}

// wait waits for the end of the glue, which was asked to, and kills it when it takes too long.
func (g *glue) wait(timeout time.Duration) error {
	select {
	case <-g.done:
		return nil
	case <-time.After(timeout):
		g.kill()
		return fmt.Errorf("the glue did not end in %v and was killed", timeout)
	}
}

func (g *glue) last() string {
	select {
	case <-g.done:
	case <-time.After(lastTimeout):
		return ""
	}
	return strings.TrimRight(fmt.Sprintf(" (%v)\n%s", g.command.ProcessState, &g.log), "\n")
}

// lastTimeout is for a glue that has closed its socket to end.
const lastTimeout = time.Second

func (g *glue) kill() {
	_ = g.command.Process.Kill()
	<-g.done
}

// explain adds to an error of the start what the glue wrote, and what to do.
func (g *glue) explain(err error) error {
	text := err.Error()
	if _, ok := errors.AsType[*refusal](err); !ok && !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, context.Canceled) {
		text = "the glue ended before it was connected\n" + g.log.String()
	}
	return fmt.Errorf("start of Ray with %s: %s%s", g.python, text, advice(g.python, text))
}

// tail keeps the end of what is written to it.
type tail struct {
	mu sync.Mutex
	b  []byte
}

const tailBytes = 8 << 10

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.b = append(t.b, p...)
	if len(t.b) > 2*tailBytes {
		t.b = append(t.b[:0], t.b[len(t.b)-tailBytes:]...)
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(bytes.TrimSpace(t.b))
}
