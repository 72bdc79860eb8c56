package interp

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rivulet-go/rivulet/interp/cell"
	"github.com/rivulet-go/rivulet/kernel"
)

// goOf is the Go of a cell with all in its place: magic lines are blank but for the Go on them.
func goOf(code string) string {
	lines, code := cell.Magics(code)
	for _, line := range lines {
		if slices.Contains(cell.GoBodies, line.Name) {
			text, _ := timed(line)
			code = withLine(code, line.Line, text)
		}
	}
	return code
}

// completeMagic completes what stands on a magic line; nil where the cursor is in Go.
func (s *session) completeMagic(code string, cursor int) *kernel.Completion {
	begin := strings.LastIndexByte(code[:cursor], '\n') + 1
	number := strings.Count(code[:begin], "\n") + 1
	lines, _ := cell.Magics(code)
	at := slices.IndexFunc(lines, func(m cell.Magic) bool { return m.Line == number })
	if at < 0 {
		return nil
	}
	line, start := lines[at], begin+lines[at].Column-1
	typed := code[start:max(cursor, start)]
	word := 1 + strings.LastIndexAny(typed, " \t")
	if word == 0 && strings.HasPrefix(typed, "%") {
		return completeName(typed, start, cursor)
	}
	switch line.Name {
	case "cd", "file", "load", "sh":
		if line.Name == "sh" {
			word = max(word, 1) // behind the !
		}
		return completePath(typed[word:], start+word, cursor)
	case "time", "timeit":
		return nil
	case "config":
		return s.completeConfig(typed, start, cursor)
	}
	return &kernel.Completion{Start: cursor, End: cursor}
}

func completeName(typed string, start, cursor int) *kernel.Completion {
	c := &kernel.Completion{Start: start, End: cursor}
	for _, m := range magics() {
		for word := range strings.FieldsSeq(m.usage) {
			if word[0] == '%' && strings.HasPrefix(word, typed) {
				c.Matches, c.Types = append(c.Matches, word), append(c.Types, "magic")
				c.Signatures = append(c.Signatures, m.purpose)
			}
		}
	}
	return c
}

// completePath completes the name of a file.
func completePath(typed string, start, cursor int) *kernel.Completion {
	c := &kernel.Completion{Start: start, End: cursor}
	dir, name := filepath.Split(typed)
	where, err := expand(dir)
	if err != nil {
		return c
	}
	if where == "" {
		where = "."
	}
	entries, err := os.ReadDir(where)
	if err != nil {
		return c
	}
	for _, e := range entries {
		text := e.Name()
		if !strings.HasPrefix(text, name) || strings.HasPrefix(text, ".") && name == "" {
			continue
		}
		kind := "file"
		if e.IsDir() {
			text, kind = text+"/", "folder"
		}
		c.Matches, c.Types = append(c.Matches, dir+text), append(c.Types, kind)
	}
	return c
}
