package ray

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/rivulet-go/rivulet/distrib"
	"github.com/rivulet-go/rivulet/distrib/enginetest"
	"github.com/rivulet-go/rivulet/frame/memory"
)

func benchEngine(b *testing.B) *Engine {
	b.Helper()
	e, err := Open(b.Context(), Options{Address: twoNodes(b).Address, Python: python(b), Encode: encodeScripts, Mem: memory.Allocator()})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = e.Close() })
	for range 2 * e.Slots() { // every slot has its child
		drain(b, e, &fixed{splits: []enginetest.Script{{Blocks: 1, Running: folder(b)}}}, nil)
	}
	return e
}

// drain takes all blocks of a task and frees them.
func drain(b *testing.B, e *Engine, f *fixed, each func(distrib.Ref)) {
	b.Helper()
	for ref, err := range e.Submit(b.Context(), distrib.Task{Source: "script", Splits: f}) {
		if err != nil {
			b.Fatal(err)
		}
		if each != nil && !ref.Last {
			each(ref)
		}
		e.Free(ref)
	}
}

func BenchmarkConnect(b *testing.B) {
	c, path := twoNodes(b), python(b)
	for b.Loop() {
		e, err := Open(b.Context(), Options{Address: c.Address, Python: path, Encode: encodeScripts})
		if err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		_ = e.Close()
		b.StartTimer()
	}
}

// BenchmarkFirstBlock is the time to the first block of a warm worker, in the session's memory.
func BenchmarkFirstBlock(b *testing.B) {
	e := benchEngine(b)
	dir := folder(b)
	var sum time.Duration
	for b.Loop() {
		start := time.Now()
		first := true
		drain(b, e, &fixed{splits: []enginetest.Script{{Blocks: 4, Rows: 1 << 18, Running: dir}}}, func(ref distrib.Ref) {
			if !first {
				return
			}
			first = false
			rec, err := e.Get(b.Context(), ref)
			if err != nil {
				b.Fatal(err)
			}
			rec.Release()
			sum += time.Since(start)
		})
	}
	b.ReportMetric(float64(sum.Milliseconds())/float64(b.N), "ms/first")
}

// BenchmarkTask is what a task costs that gives one small block.
func BenchmarkTask(b *testing.B) {
	e := benchEngine(b)
	dir := folder(b)
	for b.Loop() {
		drain(b, e, &fixed{splits: []enginetest.Script{{Blocks: 1, Running: dir}}}, nil)
	}
}

const blockRows = 1 << 20 // 8 MiB

// BenchmarkByReference passes blocks of 8 MiB by reference, BenchmarkIntoGo also fetches them.
func BenchmarkByReference(b *testing.B) { blocks(b, false) }

func BenchmarkIntoGo(b *testing.B) { blocks(b, true) }

func blocks(b *testing.B, fetch bool) {
	b.Helper()
	e := benchEngine(b)
	dir := folder(b)
	const count = 32
	b.SetBytes(count * blockRows * 8)
	for b.Loop() {
		drain(b, e, &fixed{splits: []enginetest.Script{{Blocks: count, Rows: blockRows, Running: dir}}}, func(ref distrib.Ref) {
			if !fetch {
				return
			}
			rec, err := e.Get(b.Context(), ref)
			if err != nil {
				b.Fatal(err)
			}
			rec.Release()
		})
	}
}

// BenchmarkTwentyBlocks is the experiment that began this project: 20 blocks of 50 MB by one worker.
func BenchmarkTwentyBlocks(b *testing.B) {
	e := benchEngine(b)
	dir := folder(b)
	var first time.Duration
	child, worker := 0.0, 0.0
	for b.Loop() {
		start := time.Now()
		drain(b, e, &fixed{splits: []enginetest.Script{{Blocks: 20, Rows: 50 << 17, Running: dir}}}, func(ref distrib.Ref) {
			if ref.ID.Seq == 0 {
				first += time.Since(start)
			}
			for _, pid := range producers(b, dir) {
				child = max(child, peakMB(pid))
				worker = max(worker, peakMB(parent(b, pid)))
			}
		})
	}
	b.ReportMetric(float64(first.Milliseconds())/float64(b.N), "ms/first")
	b.ReportMetric(child, "MB/child-anonymous")
	b.ReportMetric(worker, "MB/worker-anonymous")
}

// peakMB is the memory of a process that is its own.
func peakMB(pid int) float64 {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(b)) {
		var kB float64
		if n, _ := fmt.Sscanf(line, "RssAnon: %f kB", &kB); n == 1 {
			return kB / 1024
		}
	}
	return 0
}
