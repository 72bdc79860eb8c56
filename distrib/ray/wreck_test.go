package ray

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	arrowmemory "github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/rivulet-go/rivulet/distrib"
)

// When the head of the cluster is gone for good, what runs ends with one error that says so.
func TestLostHead(t *testing.T) {
	t.Setenv(headTimeoutEnv, "4")
	c := twoNodes(t)
	if err := closeWarm(); err != nil {
		t.Error(err)
	}
	e := openOwn(t, arrowmemory.NewGoAllocator())
	head := descendant(t, c.command.Process.Pid, "gcs_server")
	dir := folder(t)
	task := distrib.Task{Source: "script", Splits: scripts(dir, 1, -1, 1, 50*time.Millisecond)}
	var last error
	var killed time.Time
	for ref, err := range e.Submit(t.Context(), task) {
		e.Free(ref)
		if last = err; ref.ID.Seq == 5 && killed.IsZero() {
			kill(t, head)
			killed = time.Now()
		}
	}
	t.Logf("after %v: %v", time.Since(killed), last)
	if last == nil || errors.Is(last, distrib.ErrLost) || !strings.Contains(last.Error(), "the head of the cluster") || strings.Contains(last.Error(), "\n") {
		t.Errorf("a head that was killed became %v", last)
	}
	if took := time.Since(killed); took > 30*time.Second {
		t.Errorf("that took %v", took)
	}
	// The nodes give up after a minute; until then workers wait.
	for start := time.Now(); len(producers(t, dir)) > 0; time.Sleep(100 * time.Millisecond) {
		if time.Since(start) > 10*time.Second {
			t.Fatalf("%v run on", producers(t, dir))
		}
	}
	shared.stop()
	for start := time.Now(); len(children(e)) > 0; time.Sleep(100 * time.Millisecond) {
		if time.Since(start) > 10*time.Second {
			t.Fatalf("children %v outlive the cluster", children(e))
		}
	}
}

// descendant is a process of that name among those that pid has started.
func descendant(t *testing.T, pid int, name string) int {
	t.Helper()
	files, _ := filepath.Glob("/proc/[0-9]*/comm")
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil || strings.TrimSpace(string(b)) != name {
			continue
		}
		found, _ := strconv.Atoi(filepath.Base(filepath.Dir(f)))
		for p := found; p > 1; p = parent(t, p) {
			if p == pid {
				return found
			}
		}
	}
	t.Fatalf("no process %s", name)
	return 0
}
