package ray

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	arrowmemory "github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/rivulet-go/rivulet/distrib"
)

func TestNames(t *testing.T) {
	var n names
	n.add([]Node{{ID: "aaaaaaaaaaaa", Host: "one", Address: "10.0.0.1"}, {ID: "bbbbbbbbbbbb", Host: "vm", Address: "10.0.0.2"}, {ID: "cccccccccccc", Host: "vm", Address: "10.0.0.3"}})
	n.add([]Node{{ID: "dddddddddddd", Host: "one", Address: "10.0.0.1"}, {ID: "eeeeeeeeeeee"}})
	n.add([]Node{{ID: "ffffffffffff", Host: "vm", Address: "10.0.0.3"}}) // in the place of another
	for id, want := range map[string]string{
		"aaaaaaaaaaaa": "one", "bbbbbbbbbbbb": "10.0.0.2", "cccccccccccc": "10.0.0.3", "dddddddddddd": "dddddddd", "eeeeeeeeeeee": "eeeeeeee",
		"ffffffffffff": "ffffffff",
	} {
		if got := n.of(id); got != want {
			t.Errorf("%s is named %q, want %q", id, got, want)
		}
	}
	if got := n.in("node bbbbbbbbbbbb died"); got != "node 10.0.0.2 died" {
		t.Error(got)
	}
}

// Blocks and the ends of splits tell which node made them.
func TestBlocksTellTheirNode(t *testing.T) {
	e := open(t, arrowmemory.NewGoAllocator())
	if at := e.Dashboard(); !strings.HasPrefix(at, "http://") {
		t.Errorf("dashboard %q", at)
	}
	var known []string
	for _, n := range nodes(t, e) { // a node that took another's place has its address, so that its id is its name
		known = append(known, n.Address, shortID(n.ID))
	}
	exact(t, e, scripts(folder(t), 3, 2, 1<<15, 0), func(ref distrib.Ref) {
		if !slices.Contains(known, ref.Node) {
			t.Errorf("block %v was made on %q", ref.ID, ref.Node)
		}
	})
}

// An error shows what its task wrote, where that was; not what others did.
func TestErrorsShowTheLog(t *testing.T) {
	e := open(t, arrowmemory.NewGoAllocator())
	for _, says := range []string{"the first complaint", "the second complaint", ""} {
		f := scripts(folder(t), 1, 1, 1, 0)
		f.splits[0].Says, f.splits[0].Fails = says, true
		err := lastError(e, t.Context(), distrib.Task{Stage: 3, Source: "script", Splits: f})
		if err == nil || errors.Is(err, distrib.ErrLost) || !strings.Contains(err.Error(), "bad value") {
			t.Fatalf("%q became %v", says, err)
		}
		if got, want := strings.Contains(err.Error(), `log of task "script 3/0" on node `), says != ""; got != want || !strings.Contains(err.Error(), says) {
			t.Errorf("%q became %v", says, err)
		}
		if strings.Count(err.Error(), "complaint") > 1 {
			t.Errorf("another task's log: %v", err)
		}
	}
}

func lastError(e *Engine, ctx context.Context, task distrib.Task) (last error) {
	for ref, err := range e.Submit(ctx, task) {
		e.Free(ref)
		last = err
	}
	return last
}

// A task whose workers are killed, Ray's and its child, shows what was written, with names of nodes instead of ids.
func TestLostTasksShowTheLog(t *testing.T) {
	for name, victim := range map[string]func(child int) int{
		"child":  func(child int) int { return child },
		"worker": func(child int) int { return parent(t, child) },
	} {
		t.Run(name, func(t *testing.T) {
			e := open(t, arrowmemory.NewGoAllocator())
			dir := folder(t)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			go killAll(ctx, dir, victim)
			f := scripts(dir, 1, -1, 1, 300*time.Millisecond)
			f.splits[0].Says = "the last words"
			err := lastError(e, t.Context(), distrib.Task{Source: "script", Splits: f})
			if !errors.Is(err, distrib.ErrLost) || !strings.Contains(err.Error(), "the last words") || !strings.Contains(err.Error(), " on node ") {
				t.Errorf("%v", err)
			}
			if slices.ContainsFunc(e.Nodes(), func(n Node) bool { return strings.Contains(err.Error(), n.ID) }) {
				t.Errorf("an id of a node: %v", err)
			}
		})
	}
}

// killAll kills what runs streams that dir tells of.
func killAll(ctx context.Context, dir string, victim func(child int) int) {
	for ctx.Err() == nil {
		files, _ := filepath.Glob(filepath.Join(dir, "*"))
		for _, f := range files {
			b, err := os.ReadFile(f)
			if err != nil {
				continue
			}
			if pid, err := strconv.Atoi(string(b)); err == nil {
				time.Sleep(50 * time.Millisecond) // it has written its words
				_ = os.Remove(f)
				_ = syscall.Kill(victim(pid), syscall.SIGKILL)
			}
		}
		time.Sleep(5 * time.Millisecond)
	}
}
