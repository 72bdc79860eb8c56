package complete

import (
	"os"
	"path/filepath"
	"strings"
	"time"
)

// maxNames bounds the names of a directory that are offered.
const maxNames = 1000

// typeWords are what Cast and Types take, kindWords what Join does, formatWords what Format does.
var (
	typeWords   = []string{"bool", "binary", "date", "datetime", "duration", "float", "int", "string", "time", "uint"}
	kindWords   = []string{"inner", "left"}
	formatWords = []string{"arrow", "csv", "ndjson", "parquet", "tsv"}
)

// words adds those that a parameter of package frame takes; false where it takes others too.
func (q *query) words(c columnCall) bool {
	p := parameter(c.fun.Signature(), c.index)
	if p == nil || c.fun.Pkg() == nil || c.fun.Pkg().Path() != framePath {
		return false
	}
	switch {
	case p.Name() == "typeName" || p.Name() == "types":
		q.addText(Constant, near, "", typeWords...)
	case p.Name() == "kind":
		q.addText(Constant, near, "", kindWords...)
	case c.fun.Name() == "Format" && receiverName(c.fun) == "":
		q.addText(Constant, near, "", formatWords...)
	default:
		return false
	}
	return true
}

// takesPath says whether an argument is the path of a file.
func takesPath(c columnCall) bool {
	p := parameter(c.fun.Signature(), c.index)
	if p == nil || c.fun.Pkg() == nil {
		return false
	}
	switch c.fun.Pkg().Path() {
	case "os", framePath:
	default:
		return false
	}
	switch p.Name() {
	case "path", "name", "filename", "dir", "dirname", "oldpath", "oldname":
		return receiverName(c.fun) == "" || c.fun.Name() == "Write"
	}
	return false
}

// paths adds the names in the directory of the path that has been typed; it gives where the last name begins in it.
func (q *query) paths(c columnCall) (from int) {
	typed := q.head()
	from = strings.LastIndexByte(typed, '/') + 1
	dir := typed[:from]
	if rest, ok := strings.CutPrefix(dir, "~/"); ok && c.fun.Pkg().Path() == framePath {
		home, err := os.UserHomeDir()
		if err != nil {
			return from
		}
		dir = filepath.Join(home, rest)
	}
	if dir == "" {
		dir = "."
	}
	found := make(chan []os.DirEntry, 1)
	go func() { found <- namesIn(dir) }()
	select {
	case entries := <-found:
		for _, e := range entries {
			if strings.HasPrefix(e.Name(), ".") && !strings.HasPrefix(typed[from:], ".") {
				continue
			}
			name := e.Name()
			if e.IsDir() {
				name += "/"
			}
			if text, ok := q.escape(name); ok {
				q.addText(Path, near, "", text)
			}
		}
	case <-time.After(q.o.Wait):
	}
	return from
}

// namesIn are what a directory holds, as far as it can be read.
func namesIn(dir string) []os.DirEntry {
	d, err := os.Open(dir)
	if err != nil {
		return nil
	}
	defer d.Close()
	entries, err := d.ReadDir(maxNames)
	if err != nil {
		return nil
	}
	return entries
}
