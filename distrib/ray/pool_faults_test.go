package ray

import (
	"context"
	"iter"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	arrowmemory "github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/rivulet-go/rivulet/distrib"
	"github.com/rivulet-go/rivulet/distrib/enginetest"
	"github.com/rivulet-go/rivulet/frame/exec"
	"github.com/rivulet-go/rivulet/frame/memory"
	"github.com/rivulet-go/rivulet/frame/plan"
	"github.com/rivulet-go/rivulet/frame/source"
)

// scripted is a source of scripts.
type scripted struct{ *fixed }

func (s scripted) Name() string { return "script" }

func (s scripted) Size() int64 { return 0 }

func (s scripted) Schema(context.Context) (*arrow.Schema, error) { return enginetest.Schema, nil }

func (s scripted) Splits(context.Context, int64) iter.Seq2[source.Split, error] {
	return func(yield func(source.Split, error) bool) {
		for i := range s.splits {
			if !yield(&s.splits[i], nil) {
				return
			}
		}
	}
}

// When a node is lost there are fewer slots than lanes: one that waits for the lost lane's rows must not keep it from running
// again.
func TestPoolSurvivesALostNode(t *testing.T) {
	c, e := twoNodes(t), open(t, arrowmemory.NewGoAllocator())
	dir := folder(t)
	const splits, blocks, rows = 3, 60, 1 << 15
	// A budget of which a lane may be ahead by one block.
	env := &exec.Env{Mem: arrowmemory.NewGoAllocator(), Budget: memory.NewBudget(8 << 20), Spill: t.TempDir()}
	// A new node may wait for its first worker, or the others for word of it.
	for try, start := 0, time.Now(); time.Since(start) < time.Minute; try++ {
		if try%2 > 0 { // splits go to the nodes in turn: however many a try takes, the first one changes
			exact(t, e, scripts(dir, 1, 1, 1, 0), func(distrib.Ref) {})
		}
		n := must(t)(plan.NewScan(t.Context(), scripted{scripts(dir, splits, blocks, rows, 20*time.Millisecond)}))
		ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
		defer cancel()
		killed := make(chan bool, 1)
		go func() {
			hit := killFirst(ctx, t, dir, c.Nodes[1].Raylet)
			killed <- hit
			if !hit {
				cancel()
			}
		}()
		want, got := int64(0), 0
		var last error
		for rec, err := range distrib.NewRunnerEnv(e, env).Run(ctx, n) {
			if last = err; err != nil {
				continue
			}
			if v := rec.Column(0).(*array.Int64).Value(0); v != want || rec.NumRows() != rows {
				t.Fatalf("%d rows of %d, want %d of %d", rec.NumRows(), v, rows, want)
			}
			rec.Release()
			if want++; want%1000 == blocks {
				want += 1000 - blocks
			}
			got++
		}
		cancel()
		if !<-killed {
			continue // the other node made it, or had no worker yet
		}
		if last != nil || got != splits*blocks {
			t.Errorf("%d blocks, want %d; %v", got, splits*blocks, last)
		}
		c.mend(t)
		return
	}
	t.Error("the first split was never on the second node")
}

// killFirst kills the node that makes the first split, which all wait for, if that is the one of raylet.
func killFirst(ctx context.Context, t *testing.T, dir string, raylet int) bool {
	for ; ctx.Err() == nil; time.Sleep(5 * time.Millisecond) {
		files, _ := filepath.Glob(filepath.Join(dir, "*"))
		first := 0
		for _, f := range files {
			if b, err := os.ReadFile(f); err == nil && filepath.Base(f)[0] == '0' {
				first, _ = strconv.Atoi(string(b))
			}
		}
		if len(files) < 2 || first == 0 {
			continue
		}
		time.Sleep(200 * time.Millisecond)
		if parent(t, parent(t, first)) != raylet {
			return false
		}
		kill(t, raylet)
		return true
	}
	return false
}
