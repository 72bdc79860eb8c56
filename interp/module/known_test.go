package module

import (
	"context"
	"fmt"
	"go/ast"
	"go/build"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// known are packages that everybody uses, and what must be as the go command has it.
var known = []string{
	"github.com/google/uuid@v1.6.0",
	"github.com/samber/lo@v1.53.0",
	"gonum.org/v1/gonum/stat@v0.17.0",
	"github.com/mitchellh/mapstructure@v1.5.0",
	"github.com/shopspring/decimal@v1.4.0",
}

// TestKnownModules gets modules from where this machine gets its own, holds their files against go list's, and
// type-checks all of them.
func TestKnownModules(t *testing.T) {
	s, err := ReadSettings()
	if err != nil {
		t.Fatal(err)
	}
	for _, request := range known {
		t.Run(request, func(t *testing.T) { checkKnown(t, s, request) })
	}
}

func checkKnown(t *testing.T, s Settings, request string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	g := newGraph(t, s)
	added, err := g.Get(ctx, query(t, request), nil)
	if err != nil {
		if os.Getenv("CI") == "" {
			t.Skipf("this machine's module proxy doesn't give it: %v", err)
		}
		t.Fatal(err)
	}
	if len(added.Warnings) > 0 {
		t.Errorf("warnings: %q", added.Warnings)
	}
	path, _, _ := strings.Cut(request, "@")
	loaded, err := g.Load(ctx, path, nil)
	if err != nil {
		t.Fatal(err)
	}
	command := newGoCommand(t, s)
	command.env = append(command.env, "GONOSUMDB="+s.NoSumDB, "GONOPROXY="+s.NoProxy, "GOMODCACHE="+s.ModCache)
	command.run(t, "get", request)
	byTags := map[string]map[string]listed{}
	want := map[string]listed{}
	for _, p := range loaded {
		if p.Problem != "" {
			t.Errorf("%s: %s", p.ImportPath, p.Problem)
		}
		tags := strings.Join(p.Tags, ",")
		if byTags[tags] == nil {
			byTags[tags] = command.deps(t, "-tags="+tags, path)
		}
		if w, ok := byTags[tags][p.ImportPath]; ok {
			want[p.ImportPath] = w
		}
	}
	samePackages(t, loaded, want)
	checkTypes(t, loaded)
}

// checkTypes type-checks packages that come in the order of their imports.
func checkTypes(t *testing.T, packages []Package) {
	t.Helper()
	set := token.NewFileSet()
	checked := checkedPackages{known: map[string]*types.Package{}, standard: importer.ForCompiler(set, "gc", nil)}
	for _, p := range packages {
		var files []*ast.File
		for _, name := range p.Files {
			file, err := parser.ParseFile(set, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution|parser.ParseComments)
			if err != nil {
				t.Error(err)
				return
			}
			files = append(files, file)
		}
		config := types.Config{Importer: checked, GoVersion: p.GoVersion, Sizes: types.SizesFor("gc", build.Default.GOARCH)}
		pkg, err := config.Check(p.ImportPath, set, files, nil)
		if err != nil {
			t.Errorf("%s: %v", p.ImportPath, err)
			return
		}
		if pkg.Name() != p.Name {
			t.Errorf("%s is called %s, not %s", p.ImportPath, pkg.Name(), p.Name)
		}
		checked.known[p.ImportPath] = pkg
	}
	t.Log(fmt.Sprint(len(packages), " packages type-check"))
}

type checkedPackages struct {
	known    map[string]*types.Package
	standard types.Importer
}

func (c checkedPackages) Import(path string) (*types.Package, error) {
	if p, ok := c.known[path]; ok {
		return p, nil
	}
	return c.standard.Import(path)
}
