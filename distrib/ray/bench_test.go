package ray

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rivulet-go/rivulet/distrib"
	"github.com/rivulet-go/rivulet/distrib/enginetest"
	"github.com/rivulet-go/rivulet/frame/memory"
)

func benchEngine(b *testing.B) *Engine {
	b.Helper()
	e := open(b, memory.Allocator())
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

// BenchmarkTwentyBlocks is the experiment that began this project: 20 blocks of 50 MB by one worker, each given when it is made,
// beside the same task that makes all before it gives the first. In turns, so that both meet the same machine.
func BenchmarkTwentyBlocks(b *testing.B) {
	e := benchEngine(b)
	dir := folder(b)
	ways := []*way{{name: "yielded"}, {name: "list", list: true}}
	for range 3 { // alone: what a list needed stays with its worker
		ways[0].run(b, e, dir, true)
	}
	for b.Loop() {
		for _, w := range ways {
			w.run(b, e, dir, w.list)
		}
	}
	for _, w := range ways {
		slices.Sort(w.firsts)
		b.ReportMetric(float64(w.firsts[len(w.firsts)/2].Milliseconds()), "ms/first-"+w.name)
		b.ReportMetric(w.cpu.Seconds()/float64(len(w.firsts)), "cpu-s/"+w.name)
		b.ReportMetric(w.child, "MB/child-"+w.name)
		b.ReportMetric(w.worker, "MB/worker-"+w.name)
	}
	each := func(w *way) float64 { return w.cpu.Seconds() / float64(len(w.firsts)) }
	b.ReportMetric(100*(each(ways[0])/each(ways[1])-1), "%cpu-more-yielded")
}

// way is one way to give blocks, and what it took.
type way struct {
	name          string
	list          bool
	firsts        []time.Duration
	cpu           time.Duration
	child, worker float64 // MB
}

func (w *way) run(b *testing.B, e *Engine, dir string, memory bool) {
	pids := children(e)
	before := cpuTime(b)
	start := time.Now()
	drain(b, e, &fixed{splits: []enginetest.Script{{Blocks: 20, Rows: 50 << 17, Running: dir, List: w.list}}}, func(ref distrib.Ref) {
		if ref.ID.Seq == 0 {
			w.firsts = append(w.firsts, time.Since(start))
		}
		for _, pid := range pids {
			if !memory {
				break
			}
			w.child = max(w.child, peakMB(pid))
			w.worker = max(w.worker, peakMB(parent(b, pid)))
		}
	})
	w.cpu += cpuTime(b) - before
}

// peakMB is the memory of a process that no file is behind, not even one in memory.
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

// cpuTime is what this process and all that it has started, the cluster among them, have used of processors so far.
func cpuTime(b *testing.B) time.Duration {
	b.Helper()
	files, _ := filepath.Glob("/proc/[0-9]*/stat")
	parents, ticks := map[int]int{}, map[int]int64{}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			continue
		}
		_, rest, _ := strings.Cut(string(text), ") ")
		fields := strings.Fields(rest)
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(f)))
		parents[pid], _ = strconv.Atoi(fields[1])
		for _, field := range fields[11:15] { // its own time, and that of children that have ended
			n, _ := strconv.ParseInt(field, 10, 64)
			ticks[pid] += n
		}
	}
	sum := int64(0)
	for pid := range ticks {
		for p := pid; p > 1; p = parents[p] {
			if p == os.Getpid() {
				sum += ticks[pid]
				break
			}
		}
	}
	return time.Duration(sum) * (time.Second / 100)
}
