package suite

import (
	"errors"
	"fmt"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/rivulet-go/rivulet/interp/check"
	"github.com/rivulet-go/rivulet/interp/packages"
)

func TestMain(m *testing.M) {
	// The decoder of the embedded packages keeps its goroutines.
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/klauspost/compress/zstd.(*blockDec).startBlockDecoder"))
}

const own = "github.com/rivulet-go/rivulet/"

func newSession(change ...func(*check.Options)) *check.Session {
	fset := token.NewFileSet()
	im := packages.NewImporter(fset)
	opts := check.Options{
		Fset: fset, Importer: im, Source: packages.Source, Overlay: packages.Overlay, ByName: packages.ByName,
		Settable:    func(v *types.Var) bool { return v.Pkg().Path() != "os" || !strings.HasPrefix(v.Name(), "Std") },
		Implicit:    []string{own + "frame", own + "display"},
		Predeclared: map[string][]string{own + "frame": {"Read", "Col", "Lit", "When", "Sum", "Mean", "Min", "Max", "Count", "Desc"}},
	}
	for _, f := range change {
		f(&opts)
	}
	s := check.NewSession(opts)
	im.Source = s.FromSource
	return s
}

type cell struct{ code, want string }

// scripts reads a file of the REPL suite.
func scripts(t testing.TB, file string) map[string][]cell {
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string][]cell{}
	for _, script := range strings.Split("\n"+string(data), "\n=== ")[1:] {
		name, body, _ := strings.Cut(script, "\n")
		for part := range strings.SplitSeq(body, "\n---\n") {
			code, want, _ := strings.Cut(part, "\n...\n")
			code = strings.TrimSuffix(code, "\n...")
			code, _, _ = strings.Cut(code, "\n<<<\n")
			found[name] = append(found[name], cell{code, want})
		}
	}
	return found
}

// TestRepl checks the cells of the REPL suite. A cell is accepted, unless its script shows a compile error.
func TestRepl(t *testing.T) {
	files, err := filepath.Glob("../../testdata/repl/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no scripts", err)
	}
	for _, file := range files {
		switch filepath.Base(file) {
		case "failing.txt", "modules.txt": // no cells; cells with lines that are not Go
			continue
		}
		for name, cells := range scripts(t, file) {
			t.Run(strings.TrimSuffix(filepath.Base(file), ".txt")+"/"+name, func(t *testing.T) {
				s := newSession()
				for i, c := range cells {
					checkCell(t, s, c, i+1)
				}
			})
		}
	}
}

func checkCell(t *testing.T, s *check.Session, c cell, number int) {
	t.Helper()
	got, err := s.Check(c.code, number)
	want, compile := "", false
	if _, after, ok := strings.Cut("\n"+c.want, "\nerror: compile error: "); ok {
		want, compile = after, true
		want, _, _ = strings.Cut(want, "\n")
	}
	switch {
	case err == nil && !compile:
		s.Commit(got)
	case err == nil:
		t.Errorf("cell %d:\n%s\naccepted, want %s", number, c.code, want)
	default:
		list, ok := errors.AsType[*check.Errors](err)
		if !ok {
			t.Fatal(err)
		}
		d := list.List[0]
		text, _, _ := strings.Cut(fmt.Sprintf("In[%d]:%d:%d: %s", number, d.Pos.Line, d.Pos.Column, d.Msg), "\n")
		pattern := "^" + strings.ReplaceAll(regexp.QuoteMeta(want), "…", ".*") + "$"
		if !compile || !regexp.MustCompile(pattern).MatchString(text) {
			t.Errorf("cell %d:\n%s\ngot  %s\nwant %s", number, c.code, text, want)
		}
	}
}
