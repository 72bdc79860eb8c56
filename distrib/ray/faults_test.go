package ray

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow/array"
	arrowmemory "github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/rivulet-go/rivulet/distrib"
	"github.com/rivulet-go/rivulet/distrib/enginetest"
	"github.com/rivulet-go/rivulet/frame/plan"
)

// fixed is a list of splits for one lane.
type fixed struct {
	splits []enginetest.Script
	next   int
}

func (f *fixed) Next(context.Context) (distrib.Split, bool, error) {
	if f.next == len(f.splits) {
		return distrib.Split{}, false, nil
	}
	f.next++
	return distrib.Split{Index: f.next - 1, Split: &f.splits[f.next-1]}, true, nil
}

// folder is one that the second node sees too.
func folder(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "ray-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// producers are the processes in which streams run now.
func producers(t testing.TB, dir string) (pids []int) {
	t.Helper()
	files, _ := filepath.Glob(filepath.Join(dir, "*"))
	for _, f := range files {
		if b, err := os.ReadFile(f); err == nil {
			if pid, err := strconv.Atoi(string(b)); err == nil {
				pids = append(pids, pid)
			}
		}
	}
	return pids
}

func alive(pid int) bool {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && !strings.Contains(string(b), ") Z ")
}

func parent(t testing.TB, pid int) int {
	t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(b), ") ")
	ppid, err := strconv.Atoi(strings.Fields(rest)[1])
	if err != nil {
		t.Fatal(err)
	}
	return ppid
}

func kill(t *testing.T, pid int) {
	t.Helper()
	t.Cleanup(func() {
		if shared.command != nil {
			shared.rest(t)
		}
	})
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Errorf("kill %d: %v", pid, err)
	}
}

func scripts(dir string, splits, blocks, rows int, pause time.Duration) *fixed {
	f := &fixed{}
	for i := range splits {
		f.splits = append(f.splits, enginetest.Script{
			Start: int64(1000 * i), Blocks: blocks, Rows: rows, Pause: pause, Place: int64(i), Running: dir,
		})
	}
	return f
}

// exact reads a task to its end and checks that each block came once, in order and whole. at is called before each is taken.
func exact(t *testing.T, e *Engine, f *fixed, at func(distrib.Ref)) {
	t.Helper()
	task := distrib.Task{Stage: 3, Source: "script", Fragment: plan.Fragment{Schema: enginetest.Schema}, Splits: f}
	want := distrib.BlockID{Stage: 3}
	for ref, err := range e.Submit(t.Context(), task) {
		if err != nil {
			t.Fatal(err)
		}
		if ref.ID != want {
			t.Fatalf("block %v came where %v was due", ref.ID, want)
		}
		at(ref)
		if ref.Last {
			want.Split, want.Seq = want.Split+1, 0
			continue
		}
		script := f.splits[ref.ID.Split]
		rec, err := e.Get(t.Context(), ref)
		if err != nil {
			t.Fatal(err)
		}
		values := rec.Column(0).(*array.Int64).Int64Values()
		if v := script.Start + int64(ref.ID.Seq); len(values) != max(script.Rows, 1) || values[0] != v || values[len(values)-1] != v {
			t.Errorf("block %v has %d rows of %d, want %d of %d", ref.ID, len(values), values[0], script.Rows, v)
		}
		rec.Release()
		e.Free(ref)
		want.Seq++
	}
	if want.Split != len(f.splits) {
		t.Errorf("%d splits ended, want %d", want.Split, len(f.splits))
	}
}

func TestCancelKeepsTheWorkerWarm(t *testing.T) {
	e := open(t, arrowmemory.NewGoAllocator())
	for name, rows := range map[string]int{"small blocks": 1, "large blocks": 1 << 19} {
		for state, pause := range map[string]time.Duration{"producing": 0, "waiting": time.Hour} {
			t.Run(name+" "+state, func(t *testing.T) {
				dir := folder(t)
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				var cancelled time.Time
				var before []int
				go func() {
					for len(producers(t, dir)) == 0 {
						time.Sleep(10 * time.Millisecond)
					}
					time.Sleep(500 * time.Millisecond) // the blocks ahead are made
					before = producers(t, dir)
					cancelled = time.Now()
					cancel()
				}()
				task := distrib.Task{Source: "script", Splits: scripts(dir, 1, -1, rows, pause)}
				for ref, err := range e.Submit(ctx, task) {
					if err != nil && !errors.Is(err, context.Canceled) {
						t.Error(err)
					}
					if err == nil {
						<-ctx.Done()
					}
					e.Free(ref)
				}
				took := time.Since(cancelled)
				t.Logf("the operator stopped %v after the cancel", took)
				if took > forceAfter { // make bench-ray has the figure
					t.Errorf("a cancel took %v", took)
				}
				if left := producers(t, dir); len(left) > 0 || len(before) != 1 {
					t.Fatalf("%v run, before the cancel it was %v", left, before)
				}
				if !alive(before[0]) {
					t.Errorf("worker %d was lost with the task", before[0])
				}
			})
		}
	}
}

func TestKilledWorkers(t *testing.T) {
	for name, victim := range map[string]func(t *testing.T, child int) int{
		"child":  func(_ *testing.T, child int) int { return child },
		"worker": func(t *testing.T, child int) int { return parent(t, child) },
	} {
		for size, rows := range map[string]int{"small blocks": 1, "large blocks": 1 << 16} {
			t.Run(name+" "+size, func(t *testing.T) {
				e := open(t, arrowmemory.NewGoAllocator())
				dir := folder(t)
				var killed []int
				exact(t, e, scripts(dir, 3, 12, rows, 20*time.Millisecond), func(ref distrib.Ref) {
					if ref.ID.Seq != 5 || len(killed) >= 2 {
						return
					}
					for _, pid := range producers(t, dir) {
						if !slices.Contains(killed, pid) {
							kill(t, victim(t, pid))
							killed = append(killed, pid)
						}
					}
					clear := func() { // what was killed could not
						files, _ := filepath.Glob(filepath.Join(dir, "*"))
						for _, f := range files {
							_ = os.Remove(f)
						}
					}
					clear()
				})
				if len(killed) == 0 {
					t.Error("nothing was killed")
				}
				for _, pid := range killed {
					for start := time.Now(); alive(pid); time.Sleep(10 * time.Millisecond) {
						if time.Since(start) > 5*time.Second {
							t.Fatalf("child %d runs on", pid)
						}
					}
				}
			})
		}
	}
}

// A task that kills every worker it gets is reported, with its name.
func TestAlwaysKilled(t *testing.T) {
	e := open(t, arrowmemory.NewGoAllocator())
	dir := folder(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		for ctx.Err() == nil {
			files, _ := filepath.Glob(filepath.Join(dir, "*"))
			for _, f := range files {
				if b, err := os.ReadFile(f); err == nil {
					if pid, err := strconv.Atoi(string(b)); err == nil {
						_ = os.Remove(f)
						_ = syscall.Kill(pid, syscall.SIGKILL)
					}
				}
			}
			time.Sleep(5 * time.Millisecond)
		}
	}()
	task := distrib.Task{Source: "script", Splits: scripts(dir, 1, -1, 1, 100*time.Millisecond)}
	var last error
	for ref, err := range e.Submit(t.Context(), task) {
		e.Free(ref)
		last = err
	}
	if !errors.Is(last, distrib.ErrLost) || !strings.Contains(last.Error(), "script 0/0") || !strings.Contains(last.Error(), "SIGKILL") {
		t.Errorf("%v", last)
	}
}

func TestKilledGlue(t *testing.T) {
	e := openOwn(t, arrowmemory.NewGoAllocator())
	dir := folder(t)
	task := distrib.Task{Source: "script", Splits: scripts(dir, 1, -1, 1, 20*time.Millisecond)}
	var last error
	var children []int
	for ref, err := range e.Submit(t.Context(), task) {
		e.Free(ref)
		if last = err; ref.ID.Seq == 5 && children == nil {
			children = producers(t, dir)
			kill(t, e.glue.(*glue).command.Process.Pid)
		}
	}
	if last == nil || errors.Is(last, distrib.ErrLost) || !strings.Contains(last.Error(), "connection") {
		t.Errorf("a glue that was killed became %v", last)
	}
	if len(children) == 0 {
		t.Error("nothing ran")
	}
	for _, pid := range children {
		for start := time.Now(); alive(pid); time.Sleep(50 * time.Millisecond) {
			if time.Since(start) > 10*time.Second {
				t.Fatalf("child %d outlives its glue", pid)
			}
		}
	}
	for _, err := range e.Submit(t.Context(), task) {
		if err == nil {
			t.Error("a lost connection gave a block")
		}
	}
}

// A node that goes away takes running tasks and finished blocks with it: both are made again.
func TestKilledNode(t *testing.T) {
	c, e := twoNodes(t), open(t, arrowmemory.NewGoAllocator())
	dir := folder(t)
	var held []distrib.Ref
	second, lost := "", 0
	for _, n := range nodes(t, e) {
		if n.Address == "127.0.0.3" {
			second = n.ID
		}
	}
	var group sync.WaitGroup
	var mu sync.Mutex
	for lane := range 2 {
		group.Go(func() {
			f := scripts(dir, 2, 6, 1<<16, 200*time.Millisecond)
			for i := range f.splits {
				f.splits[i].Start += int64(lane) * 100
			}
			task := distrib.Task{Stage: lane, Source: "script", Splits: f}
			for ref, err := range e.Submit(t.Context(), task) {
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				if !ref.Last {
					held = append(held, ref)
				}
				if b, ok := ref.Handle.(*block); ok && b.node == second {
					if lost++; lost == 3 {
						kill(t, c.Nodes[1].Raylet)
						t.Cleanup(func() { c.mend(t) })
					}
				}
				mu.Unlock()
			}
		})
	}
	group.Wait()
	by := map[string]int{}
	for _, ref := range held {
		by[ref.Handle.(*block).node]++
		rec, err := e.Get(t.Context(), ref)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := rec.Column(0).(*array.Int64).Value(0), int64(1000*ref.ID.Split+100*ref.ID.Stage+ref.ID.Seq); got != want {
			t.Errorf("block %v holds %d, want %d", ref.ID, got, want)
		}
		rec.Release()
		e.Free(ref)
	}
	t.Logf("blocks by node: %v", by)
	if len(held) != 24 || len(by) != 2 {
		t.Errorf("%d blocks on %d nodes", len(held), len(by))
	}
}
