package module

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// goCommand runs the go command in a new main module, with a cache of its own, and returns what it prints.
type goCommand struct {
	dir string
	env []string
}

func newGoCommand(t *testing.T, s Settings) *goCommand {
	t.Helper()
	dir := t.TempDir()
	t.Cleanup(func() { _ = removeTree(dir) })
	c := &goCommand{dir: filepath.Join(dir, "main"), env: []string{
		"GOENV=off", "GOWORK=off", "GO111MODULE=on", "GOTOOLCHAIN=local", "CGO_ENABLED=0", "GONOSUMDB=", "GOPRIVATE=",
		"GOPROXY=" + s.Proxy, "GOSUMDB=" + s.SumDB, "GOMODCACHE=" + filepath.Join(dir, "mod"), "GOPATH=" + dir, "GOFLAGS=-mod=mod",
	}}
	if err := os.MkdirAll(c.dir, 0o777); err != nil {
		t.Fatal(err)
	}
	text := "module example.com/main\ngo " + strings.TrimPrefix(ownVersion(), "go") + "\n"
	if err := os.WriteFile(filepath.Join(c.dir, "go.mod"), []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return c
}

func (c *goCommand) try(t *testing.T, args ...string) (string, error) {
	t.Helper()
	command := exec.CommandContext(t.Context(), "go", args...)
	command.Dir = c.dir
	command.Env = append(os.Environ(), c.env...)
	var stderr strings.Builder
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		err = fmt.Errorf("go %s: %w\n%s", strings.Join(args, " "), err, stderr.String())
	}
	return string(out), err
}

func (c *goCommand) run(t *testing.T, args ...string) string {
	t.Helper()
	out, err := c.try(t, args...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// listed is a package as go list describes it.
type listed struct {
	ImportPath string
	Dir        string
	Standard   bool
	GoFiles    []string
	Imports    []string
	EmbedFiles []string
	Module     *struct{ Path, Version, GoVersion string }
}

func (c *goCommand) deps(t *testing.T, args ...string) map[string]listed {
	t.Helper()
	out := c.run(t, append([]string{"list", "-e", "-deps", "-json"}, args...)...)
	packages := map[string]listed{}
	for decoder := json.NewDecoder(strings.NewReader(out)); decoder.More(); {
		var p listed
		if err := decoder.Decode(&p); err != nil {
			t.Fatal(err)
		}
		if !p.Standard {
			packages[p.ImportPath] = p
		}
	}
	return packages
}

// samePackages compares a loaded package and all it imports with what go list says.
func samePackages(t *testing.T, loaded []Package, want map[string]listed) {
	t.Helper()
	if len(loaded) != len(want) {
		t.Errorf("%d packages, go list has %d", len(loaded), len(want))
	}
	before := map[string]bool{}
	for _, p := range loaded {
		w, ok := want[p.ImportPath]
		if !ok {
			t.Errorf("%s: go list hasn't got it", p.ImportPath)
			continue
		}
		if !slices.Equal(p.Files, w.GoFiles) || !slices.Equal(p.Imports, w.Imports) {
			t.Errorf("%s: files %v, imports %v\ngo list has %v, %v", p.ImportPath, p.Files, p.Imports, w.GoFiles, w.Imports)
		}
		if w.Module != nil && (p.Module != w.Module.Path || p.Version != w.Module.Version) {
			t.Errorf("%s is of %s@%s, go list says %v", p.ImportPath, p.Module, p.Version, w.Module)
		}
		var embeds []string
		for _, files := range p.Embeds {
			embeds = append(embeds, files...)
		}
		slices.Sort(embeds)
		if !slices.Equal(slices.Compact(embeds), w.EmbedFiles) {
			t.Errorf("%s embeds %v, go list says %v", p.ImportPath, embeds, w.EmbedFiles)
		}
		for _, imported := range p.Imports {
			if _, ours := want[imported]; ours && !before[imported] {
				t.Errorf("%s comes before %s, which it imports", p.ImportPath, imported)
			}
		}
		before[p.ImportPath] = true
	}
}

// TestRandomGraphs holds the build list against the go command's over random requirements, pruned and not.
func TestRandomGraphs(t *testing.T) {
	for seed := range uint64(20) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 4))
			p := newProxy(t, randomModules(random))
			command := newGoCommand(t, p.settings(t))
			asked := []string{}
			for _, i := range random.Perm(5)[:2] {
				asked = append(asked, fmt.Sprintf("example.com/m%d@v1.%d.0", i, random.IntN(3)))
			}
			_, failed := command.try(t, append([]string{"get"}, asked...)...)
			g := newGraph(t, p.settings(t))
			_, err := g.Get(t.Context(), query(t, strings.Join(asked, " ")), nil)
			if failed != nil || err != nil {
				if failed == nil || err == nil {
					t.Fatalf("%v: %v, but the go command: %v", asked, err, failed)
				}
				return // both say that the two can't be had together
			}
			var got strings.Builder
			for _, m := range g.Modules() {
				fmt.Fprintf(&got, "%s %s\n", m.Path, m.Version)
			}
			want := command.run(t, "list", "-m", "all")
			want = want[strings.Index(want, "\n")+1:]
			if got.String() != want {
				t.Errorf("%v: modules\n%sgo list has\n%s", asked, got.String(), want)
			}
			for _, a := range asked {
				path, _, _ := strings.Cut(a, "@")
				loaded, err := g.Load(t.Context(), path, nil)
				if err != nil {
					t.Fatal(err)
				}
				samePackages(t, loaded, command.deps(t, path))
			}
		})
	}
}

// randomModules are 10 modules in 3 versions, each of which requires some with a higher number, and imports some of those.
func randomModules(random *rand.Rand) string {
	var b strings.Builder
	for i := range 10 {
		for minor := range 3 {
			name := fmt.Sprintf("example.com/m%d@v1.%d.0", i, minor)
			language := []string{"1.16", "1.20"}[random.IntN(2)]
			fmt.Fprintf(&b, "-- %s/go.mod --\nmodule example.com/m%d\ngo %s\n", name, i, language)
			var imports []string
			for j := i + 1; j < 10; j++ {
				if random.IntN(3) == 0 {
					fmt.Fprintf(&b, "require example.com/m%d v1.%d.0\n", j, random.IntN(3))
					if random.IntN(2) == 0 {
						imports = append(imports, fmt.Sprintf("import _ %q\n", fmt.Sprintf("example.com/m%d", j)))
					}
				}
			}
			fmt.Fprintf(&b, "-- %s/m.go --\npackage m%d\n%s", name, i, strings.Join(imports, ""))
		}
	}
	return b.String()
}
