package tests

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const module = "github.com/rivulet-go/rivulet"

// allowed is the table of ARCHITECTURE.md: which of our packages a package may import. What those may import is
// allowed too, and packages below a row belong to it. "*" is everything.
var allowed = map[string][]string{
	"":                 {"*"}, // main only wires
	"kernel":           {},
	"interp":           {"kernel", "frame", "display"},
	"frame":            {"frame/batch", "frame/chart", "frame/memory", "frame/expr", "frame/source", "frame/plan", "frame/exec"},
	"frame/batch":      {},
	"frame/memory":     {"frame/batch"},
	"frame/chart":      {"frame/batch"},
	"frame/expr":       {"frame/batch"},
	"frame/parquet":    {"frame/batch"},
	"frame/source":     {"frame/batch", "frame/expr", "frame/parquet"},
	"frame/plan":       {"frame/expr", "frame/source", "frame/memory"},
	"frame/exec":       {"frame/plan", "frame/memory"},
	"distrib":          {"frame/exec"},
	"distrib/store":    {"frame/batch", "frame/memory"},
	"distrib/local":    {"distrib", "distrib/store"},
	"distrib/ray":      {"distrib", "distrib/worker"},
	"distrib/loopback": {"distrib/worker"},
	"distrib/worker":   {"distrib"},
	"display":          {"frame/batch", "frame/chart"},
	"kernelspec":       {"kernel"},
	"wheel":            {"kernelspec"},
	"tests":            {"*"},
}

type listedPackage struct {
	ImportPath string
	Dir        string
	Name       string
	GoFiles    []string
	Imports    []string
}

func listPackages(t *testing.T) []listedPackage {
	t.Helper()
	command := exec.CommandContext(t.Context(), "go", "list", "-e", "-json=ImportPath,Dir,Name,GoFiles,Imports", module+"/...")
	command.Stderr = os.Stderr
	out, err := command.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var packages []listedPackage
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listedPackage
		err := decoder.Decode(&p)
		if errors.Is(err, io.EOF) {
			return packages
		}
		if err != nil {
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
}

// row is the longest row of the table that path lies under.
func row(path string) (string, bool) {
	path = strings.TrimPrefix(strings.TrimPrefix(path, module), "/")
	for path != "" {
		if _, ok := allowed[path]; ok {
			return path, true
		}
		parent := filepath.ToSlash(filepath.Dir(path))
		if parent == "." {
			return "", false
		}
		path = parent
	}
	return "", true
}

// reach is everything that the row may import, its own packages included.
func reach(name string) map[string]bool {
	reached := map[string]bool{}
	var add func(string)
	add = func(name string) {
		if reached[name] {
			return
		}
		reached[name] = true
		for _, next := range allowed[name] {
			add(next)
		}
	}
	add(name)
	return reached
}

func TestImportTable(t *testing.T) {
	packages := listPackages(t)
	if len(packages) < len(allowed)/2 {
		t.Fatalf("go list found only %d packages", len(packages))
	}
	for _, p := range packages {
		from, ok := row(p.ImportPath)
		if !ok {
			t.Errorf("%s is not in the table of packages", p.ImportPath)
			continue
		}
		may := reach(from)
		for _, imported := range p.Imports {
			if imported != module && !strings.HasPrefix(imported, module+"/") {
				continue
			}
			to, _ := row(imported)
			if !may[to] && !may["*"] {
				t.Errorf("%s imports %s: the table of packages does not allow it", p.ImportPath, imported)
			}
		}
	}
}

func TestOnlyInterpKnowsTheInterpreter(t *testing.T) {
	for _, p := range listPackages(t) {
		from, _ := row(p.ImportPath)
		if from == "interp" {
			continue
		}
		for _, imported := range p.Imports {
			if strings.HasPrefix(imported, "github.com/traefik/yaegi") {
				t.Errorf("%s imports %s", p.ImportPath, imported)
			}
		}
	}
}

func TestEveryPackageHasDoc(t *testing.T) {
	for _, p := range listPackages(t) {
		if p.Name == "main" || len(p.GoFiles) == 0 {
			continue
		}
		if !slices.Contains(p.GoFiles, "doc.go") {
			t.Errorf("%s has no doc.go", p.ImportPath)
		}
	}
}

// maxLines is the length over which a file has to be split.
const maxLines = 500

func TestNoFileIsTooLong(t *testing.T) {
	checked := 0
	err := filepath.WalkDir("..", func(path string, entry os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() {
			hidden := strings.HasPrefix(name, ".") && path != ".."
			if hidden || slices.Contains([]string{"bin", "data", "out", "testdata", "node_modules"}, name) {
				return filepath.SkipDir
			}
			return nil
		}
		if extension := filepath.Ext(name); extension != ".go" && extension != ".py" {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		checked++
		generated := strings.HasPrefix(string(text), "// Code generated")
		if lines := strings.Count(string(text), "\n"); lines > maxLines && !generated {
			t.Errorf("%s has %d lines, more than %d", path, lines, maxLines)
		}
		return nil
	})
	if err != nil || checked == 0 {
		t.Fatalf("%d files checked: %v", checked, err)
	}
}
