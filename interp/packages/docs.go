package packages

import (
	_ "embed"
	"strings"
	"sync"

	"github.com/rivulet-go/rivulet/interp/packages/archive"
)

//go:embed data/std.docs.zst
var stdDocs string

//go:embed data/own.docs.zst
var ownDocs string

// documentation is what has been unpacked, by path.
var documentation struct {
	sync.Mutex
	archives []*archive.Archive
	packages map[string]map[string]string
}

// Doc is the comment of an exported symbol, without comment marks, "" where there is none. Methods and fields are
// "Builder.WriteString"; a symbol of a group has the group's comment where it has none of its own; "" is the package itself, whose first
// sentence says what it is for. Path "builtin" has what needs no import, such as "append".
func Doc(path, symbol string) string {
	d := &documentation
	d.Lock()
	defer d.Unlock()
	symbols, ok := d.packages[path]
	if ok {
		return symbols[symbol]
	}
	if d.packages == nil {
		d.archives = []*archive.Archive{mustOpen(stdDocs), mustOpen(ownDocs)}
		d.packages = map[string]map[string]string{}
	}
	for _, a := range d.archives {
		if _, ok := a.Note(path); !ok {
			continue
		}
		text, err := a.Get(path)
		if err != nil {
			panic(err)
		}
		symbols = pairs(string(text))
		d.packages[path] = symbols
		break
	}
	return symbols[symbol]
}

// pairs reads names and texts, each ended by a zero byte.
func pairs(text string) map[string]string {
	m := make(map[string]string, strings.Count(text, "\x00")/2)
	for text != "" {
		var name, value string
		name, text, _ = strings.Cut(text, "\x00")
		value, text, _ = strings.Cut(text, "\x00")
		m[name] = value
	}
	return m
}
