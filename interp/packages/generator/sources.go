package generator

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rivulet-go/rivulet/interp/packages/archive"
)

// replaced is code of generic packages that only the runtime can have, and what does the same in plain Go.
var replaced = []struct{ file, old, new string }{
	{"maps/maps.go", "import (\n\t_ \"unsafe\"\n)\n\n", ""},
	{"maps/maps.go", "// clone is implemented in the runtime package.\n//\n//go:linkname clone maps.clone\nfunc clone(m any) any\n\n", ""},
	{"maps/maps.go", "\treturn clone(m).(M)\n", "\tr := make(M, len(m))\n\tfor k, v := range m {\n\t\tr[k] = v\n\t}\n\treturn r\n"},
}

// plainSources are the files of the generic packages that the toolchain has in plain Go. Package iter is not among them.
func plainSources(list []*listed) ([]archive.Entry, error) {
	var entries []archive.Entry
	for _, p := range list {
		if !slices.Contains(Sourced, p.ImportPath) || p.ImportPath == "iter" {
			continue
		}
		for _, name := range p.GoFiles {
			text, err := os.ReadFile(filepath.Join(p.Dir, name))
			if err != nil {
				return nil, fmt.Errorf("generator: %w", err)
			}
			e := archive.Entry{Name: p.ImportPath + "/" + name, Text: text}
			if err := replace(&e); err != nil {
				return nil, err
			}
			entries = append(entries, e)
		}
	}
	return entries, nil
}

func replace(e *archive.Entry) error {
	for _, r := range replaced {
		if r.file != e.Name {
			continue
		}
		text, ok := cutOnce(string(e.Text), r.old, r.new)
		if !ok {
			return fmt.Errorf("generator: %s: the text to replace is not there once: %q", e.Name, r.old)
		}
		e.Text = []byte(text)
	}
	return nil
}

// cutOnce replaces the one place of old.
func cutOnce(text, old, new string) (string, bool) {
	before, after, found := strings.Cut(text, old)
	if !found || strings.Contains(after, old) {
		return "", false
	}
	return before + new + after, true
}
