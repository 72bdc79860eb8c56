package interp

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rivulet-go/rivulet/kernel"
)

var rewrite = flag.Bool("rewrite", false, "rewrite the golden files")

// TestScripts runs the multi-cell scripts of testdata. A file holds scripts ("=== name"), each with cells ("---" before
// the next) and, after a line "...", what the cell shows: events, then its error.
func TestScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no scripts", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			t.Parallel()
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var out strings.Builder
			for _, script := range strings.Split("\n"+string(data), "\n=== ")[1:] {
				name, body, _ := strings.Cut(script, "\n")
				fmt.Fprintf(&out, "=== %s\n", name)
				t.Run(name, func(t *testing.T) { out.WriteString(runScript(t, body)) })
			}
			got := out.String()
			if *rewrite {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

func runScript(t *testing.T, body string) string {
	s := newTestSession(t)
	var out strings.Builder
	for i, text := range strings.Split(strings.TrimSuffix(body, "\n"), "\n---\n") {
		code, want, _ := strings.Cut(text+"\n", "\n...\n")
		code = strings.TrimSuffix(code, "\n")
		c := &testCell{count: i + 1}
		err := s.Execute(t.Context(), code, c)
		got := c.golden(err)
		if i > 0 {
			out.WriteString("---\n")
		}
		fmt.Fprintf(&out, "%s\n...\n%s", code, got)
		if got != want && !*rewrite {
			t.Errorf("cell %d:\n%s\ngot:\n%s\nwant:\n%s", i+1, code, got, want)
		}
	}
	return out.String()
}

var (
	colours = regexp.MustCompile("\x1b\\[[0-9;]*[mK]")
	address = regexp.MustCompile(`0x[0-9a-f]{6,}`)
)

// golden is the text form of what a cell has shown.
func (c *testCell) golden(err error) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var b strings.Builder
	for _, e := range c.events {
		text := strings.TrimSuffix(e.text, "\n")
		fmt.Fprintf(&b, "%s: %s\n", e.kind, strings.ReplaceAll(text, "\n", "\n    "))
	}
	if err != nil {
		var ce *kernel.CellError
		if !errors.As(err, &ce) {
			return b.String() + "error: " + err.Error() + "\n"
		}
		fmt.Fprintf(&b, "error: %s: %s\n", ce.Name, ce.Value)
		for _, l := range ce.Traceback {
			fmt.Fprintf(&b, "  %s\n", strings.TrimRight(colours.ReplaceAllString(l, ""), " "))
		}
	}
	return address.ReplaceAllString(b.String(), "0x")
}
