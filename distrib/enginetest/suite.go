package enginetest

import (
	"context"
	"errors"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/apache/arrow/go/v17/arrow/array"
	arrowmemory "github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/rivulet-go/rivulet/distrib"
	"github.com/rivulet-go/rivulet/frame/plan"
)

// Run checks what every engine promises. open makes an engine whose blocks are made with mem.
func Run(t *testing.T, open func(t *testing.T, mem arrowmemory.Allocator) distrib.Engine) {
	for name, test := range map[string]func(*suite){
		"order":          (*suite).order,
		"error":          (*suite).failure,
		"cancel":         (*suite).cancel,
		"break":          (*suite).breakOut,
		"panic":          (*suite).panics,
		"lost":           (*suite).notLost,
		"free":           (*suite).free,
		"shared queue":   (*suite).shared,
		"already ended":  (*suite).cancelled,
		"submit, closed": (*suite).closed,
	} {
		t.Run(name, func(t *testing.T) {
			mem := arrowmemory.NewCheckedAllocator(arrowmemory.NewGoAllocator())
			defer mem.AssertSize(t, 0)
			engine := open(t, mem)
			test(&suite{T: t, mem: mem, engine: engine, running: sharedFolder(t)})
			if err := engine.Close(); err != nil {
				t.Errorf("close: %v", err)
			}
		})
	}
}

// sharedFolder is one that other mount namespaces see too, where there are any.
func sharedFolder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "enginetest-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

type suite struct {
	*testing.T
	mem     arrowmemory.Allocator
	engine  distrib.Engine
	script  script
	running string
}

func (s *suite) task() distrib.Task {
	return distrib.Task{Stage: 7, Source: "script", Fragment: plan.Fragment{Schema: Schema}, Splits: &s.script}
}

func (s *suite) add(split Script) {
	split.Place, split.Running, split.Mem = int64(len(s.script.splits)), s.running, s.mem
	s.script.splits = append(s.script.splits, &split)
}

// count adds a split of blocks that hold start, start+1, …
func (s *suite) count(start int64, blocks int) { s.add(Script{Start: start, Blocks: blocks}) }

// endless adds a split that goes on until it is stopped.
func (s *suite) endless() { s.add(Script{Blocks: -1}) }

func (s *suite) value(ctx context.Context, ref distrib.Ref) int64 {
	s.Helper()
	rec, err := s.engine.Get(ctx, ref)
	if err != nil {
		s.Fatal(err)
	}
	defer rec.Release()
	return rec.Column(0).(*array.Int64).Value(0)
}

func (s *suite) stopped() {
	s.Helper()
	running, err := os.ReadDir(s.running)
	if err != nil || len(running) > 0 {
		s.Errorf("%d producers run after their task has ended: %v", len(running), err)
	}
}

func (s *suite) order() {
	for i := range 10 {
		s.count(int64(100*i), i%4)
	}
	at := distrib.BlockID{Stage: 7}
	for ref, err := range s.engine.Submit(s.Context(), s.task()) {
		if err != nil {
			s.Fatal(err)
		}
		if ref.ID != at {
			s.Errorf("block %v came where %v was due", ref.ID, at)
		}
		if ref.Last {
			if at.Seq != at.Split%4 || ref.Done.Rows != int64(at.Seq) || ref.Done.Covered.Start != int64(at.Split) {
				s.Errorf("split %d ended after %d blocks with %+v", at.Split, at.Seq, ref.Done)
			}
			at.Split, at.Seq = at.Split+1, 0
			continue
		}
		if got, want := s.value(s.Context(), ref), int64(100*at.Split+at.Seq); got != want || ref.Rows != 1 || ref.Bytes <= 0 {
			s.Errorf("block %v holds %d, want %d; %d rows, %d bytes", ref.ID, got, want, ref.Rows, ref.Bytes)
		}
		s.engine.Free(ref)
		at.Seq++
	}
	if at.Split != 10 {
		s.Errorf("%d splits ended, want 10", at.Split)
	}
	s.stopped()
}

func (s *suite) failure() {
	s.count(0, 1)
	s.add(Script{Start: 1, Blocks: 1, Fails: true})
	s.count(9, 1)
	good, failed := 0, false
	for ref, err := range s.engine.Submit(s.Context(), s.task()) {
		if failed {
			s.Error("something came after the error")
		}
		if err != nil {
			failed = true
			if ref.ID != (distrib.BlockID{Stage: 7, Split: 1, Seq: 1}) || !strings.Contains(err.Error(), "bad value") {
				s.Errorf("%v: %v", ref.ID, err)
			}
			continue
		}
		if !ref.Last {
			good++
			s.engine.Free(ref)
		}
	}
	if good != 2 || !failed {
		s.Errorf("%d good blocks, want 2; failed: %v", good, failed)
	}
	s.stopped()
}

func (s *suite) cancel() {
	s.endless()
	ctx, cancel := context.WithCancel(s.Context())
	defer cancel()
	blocks := 0
	var last error
	for ref, err := range s.engine.Submit(ctx, s.task()) {
		if last = err; err != nil {
			continue
		}
		s.engine.Free(ref)
		if blocks++; blocks == 3 {
			cancel()
		}
	}
	if !errors.Is(last, context.Canceled) {
		s.Errorf("a cancelled task ended with %v", last)
	}
	s.stopped()
}

func (s *suite) cancelled() {
	s.endless()
	ctx, cancel := context.WithCancel(s.Context())
	cancel()
	for ref, err := range s.engine.Submit(ctx, s.task()) {
		if err == nil {
			s.Error("a task that was cancelled before it began gave a block")
			s.engine.Free(ref)
		}
	}
	s.stopped()
}

func (s *suite) breakOut() {
	s.endless()
	for ref, err := range s.engine.Submit(s.Context(), s.task()) {
		if err != nil {
			s.Fatal(err)
		}
		s.engine.Free(ref)
		break
	}
	s.stopped()
}

func (s *suite) panics() {
	s.add(Script{Start: 1, Blocks: 1, Panics: true})
	var last error
	for ref, err := range s.engine.Submit(s.Context(), s.task()) {
		if last = err; err == nil {
			s.engine.Free(ref)
		}
	}
	if last == nil || !strings.Contains(last.Error(), "the operator is broken") || !strings.Contains(last.Error(), "script") {
		s.Errorf("a panic became %v", last)
	}
	s.stopped()
}

func (s *suite) notLost() {
	s.add(Script{Fails: true})
	for _, err := range s.engine.Submit(s.Context(), s.task()) {
		if err == nil || errors.Is(err, distrib.ErrLost) {
			s.Errorf("%v: a task's own error must not look like a lost task", err)
		}
	}
}

func (s *suite) free() {
	s.count(0, 2)
	for ref, err := range s.engine.Submit(s.Context(), s.task()) {
		if err != nil {
			s.Fatal(err)
		}
		if ref.Last {
			continue
		}
		rec, err := s.engine.Get(s.Context(), ref)
		if err != nil {
			s.Fatal(err)
		}
		s.engine.Free(ref)
		s.engine.Free(ref)
		if got := rec.Column(0).(*array.Int64).Value(0); got != int64(ref.ID.Seq) {
			s.Errorf("a record that was got before its block was freed holds %d", got)
		}
		rec.Release()
		if rec, err := s.engine.Get(s.Context(), ref); !errors.Is(err, distrib.ErrFreed) {
			s.Errorf("getting a freed block gave %v, %v", rec, err)
		}
	}
}

func (s *suite) shared() {
	for i := range 40 {
		s.count(int64(i), 1)
	}
	var mu sync.Mutex
	var group sync.WaitGroup
	seen := map[int]int{}
	for range 3 {
		group.Go(func() {
			before := -1
			for ref, err := range s.engine.Submit(s.Context(), s.task()) {
				if err != nil {
					s.Error(err)
					return
				}
				if ref.ID.Split < before {
					s.Errorf("split %d came after %d", ref.ID.Split, before)
				}
				before = ref.ID.Split
				mu.Lock()
				if !ref.Last {
					seen[ref.ID.Split]++
				}
				mu.Unlock()
				s.engine.Free(ref)
			}
		})
	}
	group.Wait()
	for i := range 40 {
		if seen[i] != 1 {
			s.Errorf("split %d was given %d times", i, seen[i])
		}
	}
}

func (s *suite) closed() {
	s.count(0, 1)
	if err := s.engine.Close(); err != nil {
		s.Fatal(err)
	}
	for ref, err := range s.engine.Submit(s.Context(), s.task()) {
		if err == nil {
			s.Errorf("a closed engine gave %v", ref.ID)
		}
	}
	s.stopped()
}
