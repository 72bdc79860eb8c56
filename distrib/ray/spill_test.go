package ray

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	arrowmemory "github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/rivulet-go/rivulet/distrib/local"
	"github.com/rivulet-go/rivulet/frame/exec"
	"github.com/rivulet-go/rivulet/frame/memory"
	"github.com/rivulet-go/rivulet/frame/plan"
	"github.com/rivulet-go/rivulet/frame/source"
)

// TestSmallStore runs questions where the object stores, the smallest that Ray makes, hold a part of what they exchange: Ray
// spills. make soak has more rows and all questions.
func TestSmallStore(t *testing.T) {
	rows, asks := 4_000_000, []string{"sort"}
	if os.Getenv("RIVULET_SOAK") != "" {
		rows, asks = 10_000_000, shaken
	}
	var c cluster
	if err := c.start(python(t), "--store-mb", "80"); err != nil {
		t.Fatal(err)
	}
	defer c.stop()
	e := connect(t, &c, arrowmemory.NewGoAllocator())
	defer func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	}()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	spilled := make(chan int, 1)
	go func() { spilled <- mostFiles(ctx, filepath.Join(c.Folder, "ray_spilled_objects*", "*")) }()
	env := &exec.Env{Mem: arrowmemory.NewGoAllocator(), Budget: memory.NewBudget(1 << 30), Spill: t.TempDir()}
	src, err := source.Open(t.Context(), []string{wideTable(t, folder(t), rows)}, source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, ask := range asks {
		n := questions[ask](t, must(t)(plan.NewScan(t.Context(), src)))
		want, err := answer(t.Context(), env, local.New(env, 2), n)
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		got, err := answer(t.Context(), env, e, n)
		if err != nil || !same(ask, got, want) {
			t.Errorf("%s: %d bytes of rows, want %d, %v", ask, len(got), len(want), err)
		}
		t.Logf("%s: %d bytes of rows after %v", ask, len(got), time.Since(start))
	}
	cancel()
	if n := <-spilled; n == 0 {
		t.Error("nothing was spilled")
	} else {
		t.Logf("up to %d files were spilled at once", n)
	}
}

// wideTable is table with a column that takes all its bytes in the store.
func wideTable(t *testing.T, dir string, rows int) string {
	t.Helper()
	var b bytes.Buffer
	b.WriteString("id,k,s,v,w\n")
	for i := range rows {
		w := uint64(i) * 0x9E3779B97F4A7C15
		fmt.Fprintf(&b, "%d,%d,name%d,%d.5,%016x%016x\n", i, i*7%1000, i%40, i%977, w, w*w)
	}
	path := filepath.Join(dir, "table.csv")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// mostFiles is how many files match at once at most until ctx is done.
func mostFiles(ctx context.Context, pattern string) (most int) {
	for ctx.Err() == nil {
		files, _ := filepath.Glob(pattern)
		most = max(most, len(files))
		time.Sleep(50 * time.Millisecond)
	}
	return most
}
