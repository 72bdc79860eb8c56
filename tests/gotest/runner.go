package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/rivulet-go/rivulet/interp/supervisor"
	"github.com/rivulet-go/rivulet/kernel"
)

// Status is how a test ended.
type Status string

// The ends of a test.
const (
	OK      Status = "ok"
	Fail    Status = "fail"    // a cell failed
	Diff    Status = "diff"    // it printed something else than its .out file
	Noise   Status = "noise"   // it printed something and has no .out file
	Timeout Status = "timeout" // it was ended by the clock
	Crash   Status = "crash"   // the session died of it
)

// Result is what a test did.
type Result struct {
	Status  Status  `json:"status"`
	Error   string  `json:"error,omitempty"` // its first line
	Seconds float64 `json:"seconds"`
	full    string
}

// dataBytes bounds what a test may allocate; the machine has to stay usable.
const dataBytes = 6 << 30

// outputBytes bounds what is kept of a test's output.
const outputBytes = 1 << 20

// runner runs tests in sessions.
type runner struct {
	goroot  string
	session []string // argv of a session process
	env     []string
	timeout time.Duration
}

func newRunner(goroot, rivulet string, timeout time.Duration) (*runner, error) {
	rivulet, err := filepath.Abs(rivulet)
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(goroot, "test")
	env := []string{"GOROOT=" + goroot, "PATH=" + withoutGo(os.Getenv("PATH")), "PWD=" + dir, "RIVULET_MEMORY=512MiB"}
	for _, keep := range []string{"HOME", "TMPDIR", "LANG"} {
		if v, ok := os.LookupEnv(keep); ok {
			env = append(env, keep+"="+v)
		}
	}
	return &runner{goroot: goroot, session: []string{rivulet, "session"}, env: env, timeout: timeout}, nil
}

// withoutGo drops the folders of a PATH that have a go command.
func withoutGo(list string) string {
	var kept []string
	for _, dir := range filepath.SplitList(list) {
		if _, err := os.Stat(filepath.Join(dir, "go")); err != nil {
			kept = append(kept, dir)
		}
	}
	return strings.Join(kept, string(filepath.ListSeparator))
}

// run runs one test.
func (r *runner) run(ctx context.Context, name string) Result {
	start := time.Now()
	status, err := r.try(ctx, name)
	result := Result{Status: status, Seconds: time.Since(start).Seconds()}
	if err != nil {
		result.full = err.Error()
		result.Error, _, _ = strings.Cut(result.full, "\n")
	}
	return result
}

func (r *runner) try(ctx context.Context, name string) (Status, error) {
	file := filepath.Join(r.goroot, "test", name)
	source, err := os.ReadFile(file)
	if err != nil {
		return Fail, err
	}
	declarations, err := blankPackage(source)
	if err != nil {
		return Fail, err
	}
	want, err := expected(file)
	if err != nil {
		return Fail, err
	}
	s, err := supervisor.New(supervisor.Options{
		Command: r.session, Env: r.env, Dir: filepath.Join(r.goroot, "test"), Grace: 100 * time.Millisecond,
	})
	if err != nil {
		return Fail, err
	}
	defer end(s)
	if err := s.Ready(ctx); err != nil {
		return Crash, err
	}
	limit := unix.Rlimit{Cur: dataBytes, Max: dataBytes}
	if err := unix.Prlimit(s.PID(), unix.RLIMIT_DATA, &limit, nil); err != nil {
		return Fail, fmt.Errorf("memory limit: %w", err)
	}
	ctx, cancel := clock(ctx, s.PID(), r.timeout)
	defer cancel()
	out := &output{}
	for i, code := range []string{declarations, "main()"} {
		if err := s.Execute(ctx, code, &notebookCell{output: out, count: i + 1}); err != nil {
			return ending(ctx, err, out)
		}
	}
	got := strings.ReplaceAll(out.String(), "\r\n", "\n")
	switch {
	case got == want:
		return OK, nil
	case want == "":
		return Noise, fmt.Errorf("printed %.200q\n%s", got, got)
	}
	return Diff, errors.New(difference(got, want))
}

// end kills a session with all that it started: a test need not end its goroutines.
func end(s *supervisor.Session) {
	if pid := s.PID(); pid > 0 {
		_ = syscall.Kill(-pid, syscall.SIGKILL)
	}
	_ = s.Close()
}

// ending tells what a failed cell means.
func ending(ctx context.Context, err error, out *output) (Status, error) {
	e, ok := errors.AsType[*kernel.CellError](err)
	if ok {
		err = fmt.Errorf("%s: %s\n%s%s", e.Name, strings.ReplaceAll(e.Value, "\n", " | "), out, strings.Join(e.Traceback, "\n"))
	}
	switch {
	case ctx.Err() != nil:
		return Timeout, fmt.Errorf("it did not end in time\n%s", out)
	case ok && e.Lost:
		return Crash, err
	}
	return Fail, err
}

// difference shows the first line in which two outputs differ.
func difference(got, want string) string {
	g, w := strings.SplitAfter(got, "\n"), strings.SplitAfter(want, "\n")
	for i := range max(len(g), len(w)) {
		var a, b string
		if i < len(g) {
			a = g[i]
		}
		if i < len(w) {
			b = w[i]
		}
		if a != b {
			return fmt.Sprintf("line %d of the output is %.200q, want %.200q\n%s", i+1, a, b, got)
		}
	}
	return ""
}

// output is what a test printed, both streams in the order in which they came.
type output struct {
	mu   sync.Mutex
	text strings.Builder
}

func (o *output) add(text string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.text.Len() < outputBytes {
		o.text.WriteString(text)
	}
	return nil
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}
