package interp

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// replFailing names the scripts that are known to fail. One that passes must be struck off.
const replFailing = "testdata/repl/failing.txt"

// replTimeout bounds a cell of a script.
const replTimeout = 10 * time.Second

// replScript is a script of testdata/repl: cells and what they must show. The heading of a script without a compiled
// equivalent ends in "(cells only)"; TestReplOracle checks all others.
type replScript struct {
	name      string // topic/name
	heading   string
	cellsOnly bool
	cells     []replCell
}

type replCell struct {
	code  string
	stdin []string // after a line "<<<"
	want  string
}

// TestRepl runs the scripts of testdata/repl. They are written in the format of TestScripts, but the traceback below an
// error may be left out, and "…" in the lines of an error stands for any text.
func TestRepl(t *testing.T) {
	failing := readFailing(t)
	for _, file := range replFiles(t) {
		scripts := readReplFile(t, file)
		t.Run(topic(file), func(t *testing.T) {
			for i := range scripts {
				s := &scripts[i]
				known := slices.Contains(failing, s.name)
				failing = slices.DeleteFunc(failing, func(n string) bool { return n == s.name })
				t.Run(strings.TrimPrefix(s.name, topic(file)+"/"), func(t *testing.T) {
					if !*rewrite {
						t.Parallel()
					}
					s.run(t, known)
				})
			}
		})
		if *rewrite {
			writeReplFile(t, file, scripts)
		}
	}
	for _, name := range failing {
		t.Errorf("%s names %s, which is no script", replFailing, name)
	}
}

// run runs the cells in a session of their own. What they have shown is read after the last: goroutines go on.
func (s *replScript) run(t *testing.T, known bool) {
	session := newTestSession(t)
	cells := make([]*testCell, len(s.cells))
	errs := make([]error, len(s.cells))
	for i, c := range s.cells {
		cells[i] = &testCell{count: i + 1, stdin: c.stdin}
		ctx, cancel := context.WithTimeout(t.Context(), replTimeout)
		errs[i] = session.Execute(ctx, c.code, cells[i])
		cancel()
	}
	var wrong []string
	for i := range s.cells {
		c := &s.cells[i]
		got := cells[i].golden(errs[i])
		if matchGolden(got, c.want) {
			continue
		}
		wrong = append(wrong, fmt.Sprintf("cell %d:\n%s\ngot:\n%swant:\n%s", i+1, c.code, got, c.want))
		if *rewrite && s.cellsOnly {
			c.want = got
		}
	}
	switch {
	case *rewrite:
	case known && len(wrong) == 0:
		t.Errorf("passes: strike it off %s", replFailing)
	case known:
		t.Logf("known to fail (%s); the first difference:\n%s", replFailing, wrong[0])
	case len(wrong) > 0:
		t.Error(strings.Join(wrong, "\n"))
	}
}

// matchGolden compares what a cell has shown with what it must show.
func matchGolden(got, want string) bool {
	if i := strings.Index("\n"+want, "\nerror: "); i >= 0 && strings.Count(want[i:], "\n") == 1 {
		j := strings.Index("\n"+got, "\nerror: ")
		if j < 0 {
			return false
		}
		end := strings.IndexByte(got[j:], '\n')
		got = got[:j+end+1]
	}
	if !strings.Contains(want, "…") {
		return got == want
	}
	gotLines, wantLines := strings.Split(got, "\n"), strings.Split(want, "\n")
	return slices.EqualFunc(gotLines, wantLines, func(g, w string) bool {
		if !strings.Contains(w, "…") {
			return g == w
		}
		pattern := "^" + strings.ReplaceAll(regexp.QuoteMeta(w), "…", ".*") + "$"
		return regexp.MustCompile(pattern).MatchString(g)
	})
}

func replFiles(t testing.TB) []string {
	files, err := filepath.Glob("testdata/repl/*.txt")
	files = slices.DeleteFunc(files, func(f string) bool { return f == replFailing })
	if err != nil || len(files) == 0 {
		t.Fatal("no scripts", err)
	}
	return files
}

func topic(file string) string { return strings.TrimSuffix(filepath.Base(file), ".txt") }

func readFailing(t *testing.T) []string {
	data, err := os.ReadFile(replFailing)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	var names []string
	for line := range strings.Lines(string(data)) {
		name, _, _ := strings.Cut(line, "#") // the reason
		if name = strings.TrimSpace(name); name != "" {
			names = append(names, name)
		}
	}
	return names
}

func readReplFile(t testing.TB, file string) []replScript {
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var scripts []replScript
	for _, text := range strings.Split("\n"+string(data), "\n=== ")[1:] {
		heading, body, _ := strings.Cut(text, "\n")
		name, cellsOnly := strings.CutSuffix(heading, " (cells only)")
		s := replScript{name: topic(file) + "/" + name, heading: heading, cellsOnly: cellsOnly}
		for part := range strings.SplitSeq(strings.TrimSuffix(body, "\n"), "\n---\n") {
			var c replCell
			c.code, c.want, _ = strings.Cut("\n"+part+"\n", "\n...\n")
			code, answers, asks := strings.Cut(c.code, "\n<<<\n")
			if asks {
				c.stdin = strings.Split(answers, "\n")
			}
			c.code = strings.TrimPrefix(code, "\n")
			s.cells = append(s.cells, c)
		}
		if slices.ContainsFunc(scripts, func(o replScript) bool { return o.name == s.name }) {
			t.Fatalf("%s: two scripts are called %s", file, s.name)
		}
		scripts = append(scripts, s)
	}
	return scripts
}

func writeReplFile(t *testing.T, file string, scripts []replScript) {
	var b strings.Builder
	for _, s := range scripts {
		fmt.Fprintf(&b, "=== %s\n", s.heading)
		for i, c := range s.cells {
			if i > 0 {
				b.WriteString("---\n")
			}
			b.WriteString(c.code + "\n")
			if c.stdin != nil {
				b.WriteString("<<<\n" + strings.Join(c.stdin, "\n") + "\n")
			}
			b.WriteString("...\n" + c.want)
		}
	}
	if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}
