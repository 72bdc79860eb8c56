package ray

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"iter"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rivulet-go/rivulet/distrib"
	"github.com/rivulet-go/rivulet/frame/exec"
	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/frame/memory"
	"github.com/rivulet-go/rivulet/frame/plan"
	"github.com/rivulet-go/rivulet/frame/source"
)

// BenchmarkShuffle sorts 1 GB on the cluster, and puts it in groups of few rows: all of it goes from task to task. The log shows
// when the tasks of each role ran.
func BenchmarkShuffle(b *testing.B) {
	var c cluster
	if err := c.start(python(b), "--store-mb", "3000"); err != nil {
		b.Fatal(err)
	}
	defer c.stop()
	e := connect(b, &c, memory.Allocator())
	defer e.Close()
	const rows, rowBytes = 30_000_000, 36
	src, err := source.Open(b.Context(), []string{numbers(b, folder(b), rows)}, source.Options{})
	if err != nil {
		b.Fatal(err)
	}
	scan, err := plan.NewScan(b.Context(), src)
	if err != nil {
		b.Fatal(err)
	}
	sorted, err := plan.NewSort(scan, []plan.SortKey{{X: expr.Column{Name: "v"}}})
	if err != nil {
		b.Fatal(err)
	}
	sum := expr.Alias{X: expr.Aggregate{Func: expr.Sum, X: expr.Column{Name: "v"}}, Name: "t"}
	grouped, err := plan.NewAggregate(scan, []expr.Expr{expr.Column{Name: "s"}, expr.Column{Name: "k"}}, []expr.Expr{sum})
	if err != nil {
		b.Fatal(err)
	}
	for _, q := range []struct {
		name string
		n    plan.Node
	}{{"sort", sorted}, {"groups", grouped}} {
		b.Run(q.name, func(b *testing.B) {
			b.SetBytes(rows * rowBytes)
			for b.Loop() {
				line := &timeline{Engine: e, start: time.Now(), spans: map[distrib.Role]*span{}}
				env := &exec.Env{Mem: memory.Allocator(), Budget: memory.NewBudget(4 << 30), Spill: b.TempDir()}
				first, got := time.Duration(0), int64(0)
				for rec, err := range distrib.NewRunnerEnv(line, env).Run(b.Context(), q.n) {
					if err != nil {
						b.Fatal(err)
					}
					if got += rec.NumRows(); first == 0 {
						first = time.Since(line.start)
					}
					rec.Release()
				}
				b.Logf("%d rows in %.2f s, the first after %.2f s;%s", got, time.Since(line.start).Seconds(), first.Seconds(), line)
			}
		})
	}
}

// numbers writes a CSV file of so many rows of 36 bytes in memory.
func numbers(b *testing.B, dir string, rows int) string {
	b.Helper()
	path := filepath.Join(dir, "numbers.csv")
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	w := bufio.NewWriterSize(f, 1<<20)
	_, _ = w.WriteString("id,k,s,v\n")
	var line []byte
	x := uint64(1)
	for i := range rows {
		x = x*6364136223846793005 + 1442695040888963407
		line = strconv.AppendInt(line[:0], int64(i), 10)
		line = strconv.AppendUint(append(line, ','), x>>33%uint64(rows), 10)
		line = strconv.AppendUint(append(line, ",n"...), 1_000_000+x>>40%1_000_000, 10)
		line = strconv.AppendUint(append(line, ','), x>>20%1_000_000, 10)
		line = append(line, ".5\n"...)
		_, _ = w.Write(line)
	}
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
	return path
}

// timeline notes when the tasks of each role run.
type timeline struct {
	*Engine
	start time.Time
	mu    sync.Mutex
	spans map[distrib.Role]*span
}

type span struct {
	from, first, to time.Duration // the first task begins, its first block is there, the last task ends
	blocks          int
	bytes           int64
}

func (l *timeline) Submit(ctx context.Context, task distrib.Task) iter.Seq2[distrib.Ref, error] {
	return func(yield func(distrib.Ref, error) bool) {
		l.mu.Lock()
		if l.spans[task.Role] == nil {
			l.spans[task.Role] = &span{from: time.Since(l.start)}
		}
		s := l.spans[task.Role]
		l.mu.Unlock()
		for ref, err := range l.Engine.Submit(ctx, task) {
			l.mu.Lock()
			if s.to = time.Since(l.start); s.first == 0 {
				s.first = s.to
			}
			if !ref.Last {
				s.blocks++
				s.bytes += ref.Bytes
			}
			l.mu.Unlock()
			if !yield(ref, err) {
				return
			}
		}
	}
}

func (l *timeline) String() (text string) {
	byStart := func(a, b distrib.Role) int { return cmp.Compare(l.spans[a].from, l.spans[b].from) }
	for _, role := range slices.SortedFunc(maps.Keys(l.spans), byStart) {
		s := l.spans[role]
		text += fmt.Sprintf(" %s from %.2f s, first block %.2f s, to %.2f s, %d blocks of %d MB;", cmp.Or(strings.TrimSpace(role.String()), "map"),
			s.from.Seconds(), s.first.Seconds(), s.to.Seconds(), s.blocks, s.bytes>>20)
	}
	return text
}
