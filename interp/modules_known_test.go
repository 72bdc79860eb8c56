package interp

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rivulet-go/rivulet/interp/module"
)

// moduleProgram is a program of testdata/modules. It begins with a line that says what it wants: "// get module@version".
type moduleProgram struct {
	name, get, text string
	want            string // what it prints, from a file of its name; TestModulesCompiled has made it
}

func modulePrograms(t *testing.T) []moduleProgram {
	t.Helper()
	files, err := filepath.Glob("testdata/modules/*.go")
	if err != nil || len(files) < 5 {
		t.Fatal("programs are missing", files, err)
	}
	var list []moduleProgram
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		p := moduleProgram{name: strings.TrimSuffix(filepath.Base(file), ".go"), text: string(text)}
		line, _, _ := strings.Cut(p.text, "\n")
		var ok bool
		if p.get, ok = strings.CutPrefix(line, "// get "); !ok {
			t.Fatalf("%s: the first line doesn't say what it gets", file)
		}
		want, err := os.ReadFile(p.output())
		if err != nil && !*rewrite {
			t.Fatal(err)
		}
		p.want = string(want)
		list = append(list, p)
	}
	return list
}

func (p moduleProgram) output() string { return filepath.Join("testdata", "modules", p.name+".out") }

// obtain skips the test where this machine's settings don't give the module. In CI that is an error.
func (p moduleProgram) obtain(t *testing.T) {
	t.Helper()
	settings, err := module.ReadSettings()
	if err != nil {
		t.Fatal(err)
	}
	store, err := module.Open(settings)
	if err != nil {
		t.Fatal(err)
	}
	q, err := module.ParseGet("%get " + p.get)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	if _, err := module.NewGraph(store, module.Options{}).Get(ctx, q, nil); err != nil {
		if os.Getenv("CI") == "" {
			t.Skipf("this machine's module proxy doesn't give it: %v", err)
		}
		t.Fatal(err)
	}
}

// TestModules runs programs that use other people's modules, each as a cell.
func TestModules(t *testing.T) {
	for _, p := range modulePrograms(t) {
		t.Run(p.name, func(t *testing.T) {
			p.obtain(t)
			s := newTestSession(t)
			if err := s.Execute(t.Context(), "%get "+p.get, &testCell{count: 1}); err != nil {
				t.Fatal(err)
			}
			c := &testCell{count: 2}
			start := time.Now()
			err := s.Execute(t.Context(), p.text, c)
			t.Logf("%.2f s", time.Since(start).Seconds())
			if got := c.text("stdout"); err != nil || got != p.want {
				t.Errorf("%v\n%s", c.golden(err), difference(got, p.want))
			}
		})
	}
}

// difference is the first line in which two texts differ.
func difference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			return "line " + itoa(i+1) + "\ngot  " + g[i] + "\nwant " + w[i]
		}
	}
	return "one is longer: " + itoa(len(g)) + " lines, and want " + itoa(len(w))
}

// TestModulesCompiled compiles the same programs and compares what they print.
func TestModulesCompiled(t *testing.T) {
	for _, p := range modulePrograms(t) {
		t.Run(p.name, func(t *testing.T) {
			p.obtain(t)
			dir := t.TempDir()
			write(t, filepath.Join(dir, "go.mod"), "module program\n\ngo 1.26\n")
			write(t, filepath.Join(dir, "main.go"), p.text)
			goCommand(t, dir, "get", p.get)
			got := string(goCommand(t, dir, "run", "-mod=mod", "."))
			switch {
			case *rewrite:
				write(t, p.output(), got)
			case got != p.want:
				t.Errorf("%s is not what compiled Go prints: %s", p.output(), difference(p.want, got))
			}
		})
	}
}
