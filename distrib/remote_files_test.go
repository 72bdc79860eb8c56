package distrib_test

import (
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/plan"
	"github.com/rivulet-go/rivulet/frame/source"
)

// Nodes read files that they do not see by their pieces; when a run has ended they hold none.
func TestBlindNodes(t *testing.T) {
	for _, ext := range []string{".parquet", ".arrow"} {
		b := newBench(t, 256<<20)
		in := b.add("a", rand.New(rand.NewPCG(4, 7)), 6_000, 400, 1000)
		var paths []string
		for _, name := range []string{"x", "y", "z"} {
			path := filepath.Join(t.TempDir(), name+ext)
			rows := batch.PlainStream(b.mem, b.pool.Run(t.Context(), in))
			if _, err := source.Write(t.Context(), path, in.Schema(), rows, source.Options{}); err != nil {
				t.Fatal(err)
			}
			paths = append(paths, path)
		}
		src, err := source.Open(t.Context(), paths, source.Options{})
		if err != nil {
			t.Fatal(err)
		}
		sort := b.must(plan.NewSort(b.must(plan.NewScan(t.Context(), src)), []plan.SortKey{{X: col("f")}, {X: col("k")}}))
		want, err := b.run(t.Context(), b.pool, sort)
		if err != nil {
			t.Fatal(err)
		}
		e := b.remote(3, 64<<10)
		e.Blind()
		got, err := b.run(t.Context(), b.pool, sort)
		if d := differ(got, want); err != nil || d != "" || len(got) != 18_000 {
			t.Errorf("%s: %v %s", ext, err, d)
		}
		if e.Tasks() < 3 {
			t.Errorf("%s: %d tasks", ext, e.Tasks())
		}
	}
}
