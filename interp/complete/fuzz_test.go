package complete

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzComplete asks about all kinds of places in texts that may be anything: nothing panics, nothing changes, and what is
// to be replaced lies in the text.
func FuzzComplete(f *testing.F) {
	for _, text := range []string{
		"p.|", "strings.ToU|", "table[\"|", "Point{X: 1, |}", "func f(a int) {\n\tfor i := range a {\n\t\ti.|", "import (\n\"fmt|",
		"flights.Filter(Col(\"|", "x := `a|", "'|", "switch x := any(p).(type) {\ncase |", "outer:\nfor {\n\tbreak o|", "é.|", "%get a|b",
		"type T[P any] struct { f P }\nT[int]{|", "double(|", "\xff|\xfe", "for|", "go func() { defer func() { p.| }() }()",
		"flights = flights.Select(flights.Columns()...)\nflights.Floats(\"|", "/* |", "0x1|", "a.b.c.|.d", "f := func() {}; f.|()",
	} {
		code, cursor := cut(text)
		f.Add(code, cursor)
	}
	files, err := filepath.Glob("../testdata/*.txt")
	if err != nil || len(files) == 0 {
		f.Fatal("no cells", err)
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		for cell := range strings.SplitSeq(string(data), "---\n") {
			f.Add(cell, len(cell)/2)
		}
	}
	s := testSession(f)
	f.Fuzz(func(t *testing.T, text string, cursor int) {
		names := strings.Join(s.check.Names(), " ")
		r := s.Complete(text, cursor)
		at := min(max(cursor, 0), len(text))
		if r.Start < 0 || r.Start > r.End || r.End > len(text) || r.Start > at {
			t.Errorf("%q at %d: from %d to %d", text, cursor, r.Start, r.End)
		}
		for _, i := range r.Items {
			if i.Text == "" || strings.ContainsRune(i.Text, 'Ꝏ') && !strings.ContainsRune(text, 'Ꝏ') || i.Kind == "" || !utf8.ValidString(i.Detail) && utf8.ValidString(text) {
				t.Errorf("%q at %d: %+v", text, cursor, i)
			}
		}
		s.Inspect(text, cursor, cursor&1)
		if after := strings.Join(s.check.Names(), " "); after != names {
			t.Errorf("%q at %d changes the session: %s", text, cursor, after)
		}
	})
}

// TestEveryPlace asks at places all over real cells, cut off there or whole.
func TestEveryPlace(t *testing.T) {
	s := testSession(t)
	files, err := filepath.Glob("../testdata/repl/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no cells", err)
	}
	step := 199
	if os.Getenv("RIVULET_EVERY_PLACE") != "" {
		step = 1
	}
	asked, found := 0, 0
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for i, cell := range strings.Split(string(data), "---\n") {
			cell, _, _ = strings.Cut(cell, "...\n")
			for at := i % step; at <= len(cell); at += step {
				for _, text := range []string{cell[:at], cell} {
					asked++
					if len(s.Complete(text, at).Items) > 0 {
						found++
					}
					if _, ok := s.Inspect(text, at, at&1); ok {
						found++
					}
				}
			}
		}
	}
	if found < asked/3 {
		t.Errorf("%d of %d places have answers", found, asked)
	}
}
