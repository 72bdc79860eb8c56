package packages

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
)

// sourceImporter is an Importer whose generic packages are checked from source.
func sourceImporter(t testing.TB) *Importer {
	t.Helper()
	fset := token.NewFileSet()
	im := NewImporter(fset)
	im.Source = func(path string) (*types.Package, error) {
		files, _ := Source(path)
		return check(fset, im, path, files)
	}
	return im
}

func check(fset *token.FileSet, im types.Importer, path string, files map[string]string) (*types.Package, error) {
	var parsed []*ast.File
	for _, name := range slices.Sorted(maps.Keys(files)) {
		f, err := parser.ParseFile(fset, path+"/"+name, files[name], parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		parsed = append(parsed, f)
	}
	config := types.Config{Importer: im, Sizes: types.SizesFor("gc", "amd64")}
	return config.Check(path, fset, parsed, nil)
}

func TestImportAll(t *testing.T) {
	for _, order := range []string{"ascending", "descending"} {
		for _, kind := range []string{"compiled", "source"} {
			t.Run(order+"/"+kind, func(t *testing.T) {
				im := NewImporter(token.NewFileSet())
				if kind == "source" {
					im = sourceImporter(t)
				}
				paths := Paths()
				if order == "descending" {
					slices.Reverse(paths)
				}
				for _, path := range paths {
					p, err := im.Import(path)
					if err != nil {
						t.Fatal(err)
					}
					if !p.Complete() || p.Path() != path || p.Name() != Name(path) {
						t.Errorf("%s: got %v, complete %v", path, p, p.Complete())
					}
					if again, _ := im.Import(path); again != p {
						t.Errorf("%s: imported twice", path)
					}
				}
			})
		}
	}
}

// A type has one identity, whichever package it comes from.
func TestIdentity(t *testing.T) {
	const code = `package p
import ("bytes"; "fmt"; "io"; "iter"; "maps"; "net/http"; "slices"; "strings"; "sync/atomic"; "github.com/rivulet-go/rivulet/frame")
var s iter.Seq[string] = strings.Lines("a")
var all []string = slices.Collect(strings.Lines("a"))
var keys []string = slices.Sorted(maps.Keys(map[string]int{}))
var w io.Writer = &bytes.Buffer{}
var n atomic.Pointer[http.Request]
var next, stop = iter.Pull(slices.Values(all))
func f(r http.ResponseWriter) { fmt.Fprintln(r, frame.Col("x").String(), min(1, 2)); for i, s := range slices.Backward(all) { fmt.Println(i, s) } }
`
	for _, kind := range []string{"compiled", "source"} {
		im := NewImporter(token.NewFileSet())
		if kind == "source" {
			im = sourceImporter(t)
		}
		if _, err := check(im.fset, im, "p", map[string]string{"p.go": code}); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
	}
}

func TestSourceTakesPlace(t *testing.T) {
	im := sourceImporter(t)
	strs, err := im.Import("strings")
	if err != nil {
		t.Fatal(err)
	}
	seq := strs.Scope().Lookup("Lines").Type().(*types.Signature).Results().At(0).Type().(*types.Named).Origin().Obj()
	if !seq.Pos().IsValid() || im.fset.Position(seq.Pos()).Filename != "iter/iter.go" {
		t.Errorf("strings.Lines gives %v, not the type that was checked from source", seq)
	}
	it, _ := im.Import("iter")
	if it.Scope().Lookup("Seq") != types.Object(seq) {
		t.Error("iter.Seq has two identities")
	}
}

func TestAdd(t *testing.T) {
	im := NewImporter(token.NewFileSet())
	own := types.NewPackage("iter", "iter")
	if _, err := im.Import("strings"); err != nil {
		t.Fatal(err)
	}
	if err := im.Add(own); err == nil {
		t.Error("added a package that strings refers to")
	}
	cell := types.NewPackage("cell/1", "cell")
	cell.MarkComplete()
	if err := im.Add(cell); err != nil {
		t.Fatal(err)
	}
}

func TestImportConcurrently(t *testing.T) {
	im := sourceImporter(t)
	var group sync.WaitGroup
	var first sync.Map
	for i := range 4 {
		group.Go(func() {
			for _, path := range []string{"maps", "strings", "net/http", "slices", "go/types", "iter"} {
				p, err := im.Import(path)
				if err != nil {
					t.Error(err)
					return
				}
				if other, loaded := first.LoadOrStore(path, p); loaded && other != any(p) {
					t.Errorf("%s: worker %d has another package", path, i)
				}
			}
		})
	}
	group.Wait()
}

func TestUnknown(t *testing.T) {
	im := NewImporter(token.NewFileSet())
	for path, want := range map[string]string{
		"C":                     "cgo is not available in cells",
		"rand":                  `package "rand" is not available: only the standard library and Rivulet's packages frame and display can be imported; did you mean "crypto/rand", "math/rand" or "math/rand/v2"?`,
		"github.com/x/y":        "only the standard library",
		"internal/abi":          "only the standard library",
		"github.com/x/frame":    `did you mean "github.com/rivulet-go/rivulet/frame"?`,
		"vendor/golang.org/x/y": "only the standard library",
	} {
		if _, err := im.Import(path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestByName(t *testing.T) {
	if got := ByName("rand"); !slices.Equal(got, []string{"crypto/rand", "math/rand", "math/rand/v2"}) {
		t.Errorf("rand: %v", got)
	}
	if got := ByName("nothing"); len(got) != 0 {
		t.Errorf("nothing: %v", got)
	}
	if !Known("unsafe") || Known("internal/abi") || Name("math/rand/v2") != "rand" {
		t.Error("wrong names")
	}
}

func BenchmarkImport(b *testing.B) {
	for _, path := range []string{"fmt", "strings", "net/http", "slices", "go/types", "github.com/rivulet-go/rivulet/frame"} {
		b.Run(path, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := NewImporter(token.NewFileSet()).Import(path); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("source/"+path, func(b *testing.B) {
			for b.Loop() {
				if _, err := sourceImporter(b).Import(path); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
