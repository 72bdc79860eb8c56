package ray

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/ipc"
	arrowmemory "github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/rivulet-go/rivulet/distrib"
	"github.com/rivulet-go/rivulet/distrib/local"
	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/exec"
	"github.com/rivulet-go/rivulet/frame/memory"
	"github.com/rivulet-go/rivulet/frame/plan"
	"github.com/rivulet-go/rivulet/frame/source"
)

// parts writes files into dir that hold the rows of a table, and gives their pattern.
func parts(t *testing.T, env *exec.Env, dir, ext string, files, rows int) string {
	t.Helper()
	src, err := source.Open(t.Context(), []string{table(t, t.TempDir(), rows)}, source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	scan := must(t)(plan.NewScan(t.Context(), src))
	for i := range files {
		in := batch.PlainStream(env.Mem, distrib.NewRunnerEnv(local.New(env, 1), env).Run(t.Context(), scan))
		path := filepath.Join(dir, fmt.Sprintf("part%d.%s", i, ext))
		if ext == "arrows" {
			streamTo(t, path, scan.Schema(), in)
		} else if _, err := source.Write(t.Context(), path, scan.Schema(), in, source.Options{}); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "*."+ext)
}

// streamTo writes Arrow's stream form, of which batches are read in order.
func streamTo(t *testing.T, path string, schema *arrow.Schema, in batch.Stream) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w := ipc.NewWriter(f, ipc.WithSchema(schema))
	for rec, err := range in {
		if err == nil {
			err = w.Write(rec)
			rec.Release()
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

// Files that the second node does not see are read on both nodes all the same, and sent once; so are files behind an address.
func TestHiddenFiles(t *testing.T) {
	mem := arrowmemory.NewCheckedAllocator(arrowmemory.NewGoAllocator())
	defer mem.AssertSize(t, 0)
	source.SetAllocator(mem)
	defer source.SetAllocator(arrowmemory.DefaultAllocator)
	env := &exec.Env{Mem: mem, Budget: memory.NewBudget(1 << 30), Spill: t.TempDir()}
	here := local.New(env, 2)
	e, err := Open(t.Context(), Options{Address: twoNodes(t).Address, Python: python(t), Mem: mem, Local: here})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	dir := t.TempDir()
	web := httptest.NewServer(http.FileServer(http.Dir(dir)))
	defer web.Close()
	paths := map[string][]string{}
	for _, ext := range []string{"parquet", "arrow", "arrows"} {
		paths[ext] = []string{parts(t, env, dir, ext, 4, 150_000)}
	}
	for i := range 4 {
		paths["http"] = append(paths["http"], fmt.Sprintf("%s/part%d.parquet", web.URL, i))
	}
	for name, list := range paths {
		t.Run(name, func(t *testing.T) {
			src, err := source.Open(t.Context(), list, source.Options{})
			if err != nil {
				t.Fatal(err)
			}
			before := e.Tasks()
			for _, ask := range []string{"groups", "filter", "sort"} {
				n := questions[ask](t, must(t)(plan.NewScan(t.Context(), src)))
				want, err := answer(t.Context(), env, here, n)
				if err != nil {
					t.Fatal(err)
				}
				got, err := answer(t.Context(), env, e, n)
				if err != nil {
					t.Fatal(err)
				}
				if got != want || want == "" {
					t.Errorf("%s: %d bytes of rows here, %d on the cluster", ask, len(want), len(got))
				}
			}
			after := e.Tasks()
			for _, n := range e.Nodes() {
				if after[n.ID] == before[n.ID] {
					t.Errorf("nothing ran on %s", n.Address)
				}
			}
		})
	}
	var size int64
	for _, ext := range []string{"parquet", "arrow"} {
		for i := range 4 {
			info, err := os.Stat(filepath.Join(dir, fmt.Sprintf("part%d.%s", i, ext)))
			if err != nil {
				t.Fatal(err)
			}
			size += info.Size()
		}
	}
	t.Logf("%d bytes were sent of files of %d", e.files.bytes, size)
	if e.files.bytes == 0 || e.files.bytes > size+size/10 {
		t.Errorf("%d bytes were sent of files of %d", e.files.bytes, size)
	}
	refusesLarge(t, e, paths["parquet"])
}

func refusesLarge(t *testing.T, e *Engine, paths []string) {
	t.Helper()
	t.Setenv(UploadEnv, "100KB")
	src, err := source.Open(t.Context(), paths, source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, err = range distrib.NewRunnerEnv(e, &exec.Env{Mem: e.options.Mem, Budget: memory.NewBudget(1 << 30)}).Run(t.Context(), must(t)(plan.NewScan(t.Context(), src))) {
		if err != nil {
			break
		}
	}
	if err == nil || !strings.Contains(err.Error(), "part0.parquet: node 127.0.0.3 does not see this file") || !strings.Contains(err.Error(), UploadEnv) {
		t.Errorf("a file that is too large: %v", err)
	}
}

// What nobody reads makes room, the oldest first.
func TestUploadsMakeRoom(t *testing.T) {
	var f files
	add := func(name string, bytes int64) *upload {
		u := f.use(fileKey{path: name})
		if len(u.pieces) == 0 {
			u.pieces[0] = distrib.Ref{Bytes: bytes}
			f.grow(u, bytes)
		}
		return u
	}
	a, b := add("a", 10), add("b", 20)
	if free := f.release(a, 100); free != nil {
		t.Errorf("there is room, and %v are freed", free)
	}
	f.release(b, 100)
	f.release(add("a", 10), 100) // used after b
	c := add("c", 80)
	if free := f.release(add("d", 5), 100); len(free) != 1 || free[0].Bytes != 20 || f.bytes != 95 {
		t.Errorf("%v are freed, %d bytes are left", free, f.bytes)
	}
	d := add("d", 5)
	if free := f.release(c, 0); len(free) != 2 || f.bytes != 5 { // d is being read
		t.Errorf("%v are freed, %d bytes are left", free, f.bytes)
	}
	if free := f.release(d, 0); len(free) != 1 || f.bytes != 0 || len(f.uploaded) != 0 {
		t.Errorf("%v are freed, %d bytes are left", free, f.bytes)
	}
}
