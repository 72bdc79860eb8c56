package check

import (
	"errors"
	"flag"
	"fmt"
	"go/types"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var rewrite = flag.Bool("rewrite", false, "write the golden files anew")

// known are a few packages by name.
var known = map[string][]string{
	"fmt": {"fmt"}, "strings": {"strings"}, "math": {"math"}, "errors": {"errors"}, "sort": {"sort"}, "time": {"time"},
	"os": {"os"}, "http": {"net/http"},
	"rand": {"crypto/rand", "math/rand", "math/rand/v2"}, "template": {"html/template", "text/template"},
}

func newTestSession(tb testing.TB) *Session {
	tb.Helper()
	return NewSession(Options{Importer: gc(), ByName: func(name string) []string { return known[name] }, Predeclared: map[string][]string{"math": {"Sqrt"}}, Implicit: []string{"strings"}})
}

// TestGolden runs the cells of testdata: after "=== name", cells that end in "..." and what comes out, separated by "---".
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no golden files", err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var out strings.Builder
		for script := range strings.SplitSeq(strings.TrimPrefix(string(data), "=== "), "\n=== ") {
			name, body, _ := strings.Cut(script, "\n")
			t.Run(strings.TrimSuffix(filepath.Base(file), ".txt")+"/"+name, func(t *testing.T) {
				if out.Len() > 0 {
					out.WriteByte('\n')
				}
				out.WriteString("=== " + name + "\n")
				runScript(t, body, &out)
			})
		}
		if *rewrite {
			if err := os.WriteFile(file, []byte(out.String()+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func runScript(t *testing.T, body string, out *strings.Builder) {
	s := newTestSession(t)
	texts := map[int]string{}
	for i, part := range strings.Split(strings.TrimSuffix(body, "\n"), "\n---\n") {
		code, want, _ := strings.Cut(part, "\n...")
		want = strings.TrimPrefix(want, "\n")
		code = strings.TrimSuffix(code, "\n...")
		texts[i+1] = code
		c, err := s.Check(code, i+1)
		var got string
		if err != nil {
			list, ok := errors.AsType[*Errors](err)
			if !ok {
				t.Fatal(err)
			}
			var lines []string
			for _, d := range list.List {
				lines = append(lines, Render(d, func(n int) string { return texts[n] }, s.label, Plain)...)
			}
			got = strings.Join(lines, "\n")
		} else {
			got = summary(s, c)
			s.Commit(c)
		}
		if i > 0 {
			out.WriteString("\n---\n")
		}
		out.WriteString(code + "\n...")
		if got != "" {
			out.WriteString("\n" + got)
		}
		if got != want && !*rewrite {
			t.Errorf("cell %d:\n%s\ngot:\n%s\nwant:\n%s", i+1, code, got, want)
		}
	}
}

// summary tells what a cell does, a line for each thing.
func summary(s *Session, c *Cell) string {
	var lines []string
	add := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	qual := types.RelativeTo(s.pkg)
	for _, tn := range c.Types {
		again := ""
		if p := s.position(tn.Pos()); cellOf(p) != c.Number {
			again = " again"
		}
		add("type %s %s%s", tn.Name(), types.TypeString(tn.Type().Underlying(), qual), again)
	}
	for _, f := range c.Funcs {
		name := types.ObjectString(f.Obj, qual)
		if f.Cell != c.Number {
			name += fmt.Sprintf(" again (In[%d])", f.Cell)
		}
		add("%s", name)
	}
	for _, it := range c.Body {
		if it.Stmt != nil {
			add("run %s", piecesOf(s, c, it))
			continue
		}
		var names []string
		for i, v := range it.Lhs {
			switch {
			case v == nil:
				names = append(names, "_")
			case it.Hidden != nil && it.Hidden[i]:
				names = append(names, "("+clean(v.Name())+" "+types.TypeString(v.Type(), qual)+")")
			default:
				names = append(names, v.Name()+" "+types.TypeString(v.Type(), qual))
			}
		}
		add("def %s by %d", strings.Join(names, ", "), len(it.Rhs))
	}
	if c.Show != nil {
		add("show %s", types.TypeString(c.Info.TypeOf(c.Show), qual))
	}
	if c.Program {
		add("program")
	}
	var paths []string
	for _, p := range c.Imports {
		paths = append(paths, p.Path())
	}
	if len(paths) > 0 {
		add("imports %s", strings.Join(paths, " "))
	}
	for _, n := range c.Notes {
		add("note: %s", n)
	}
	return strings.Join(slices.Compact(lines), "\n")
}

// piecesOf is the first line of the text of an item.
func piecesOf(s *Session, c *Cell, it Item) string {
	p, e := s.position(it.Pos), s.position(it.End)
	lines := strings.Split(c.Src, "\n")
	line := lines[p.Line-1]
	if e.Line == p.Line && e.Column-1 <= len(line) {
		return line[p.Column-1 : e.Column-1]
	}
	return line[p.Column-1:]
}
