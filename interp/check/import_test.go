package check

import (
	"fmt"
	"go/importer"
	"go/token"
	"go/types"
	"slices"
	"sync"
)

// gc imports compiled packages of the toolchain, each once.
var gc = sync.OnceValue(func() types.Importer {
	return &cached{of: importer.ForCompiler(token.NewFileSet(), "gc", nil), found: map[string]imported{}}
})

// available are the packages of tests: the toolchain is asked for no others.
var available = []string{
	"bufio", "bytes", "context", "crypto/rand", "encoding/json", "errors", "fmt", "html/template", "image", "image/png", "io", "maps", "math",
	"math/rand", "math/rand/v2", "net/http", "os", "reflect", "slices", "sort", "strconv", "strings", "sync", "text/template", "time",
}

type cached struct {
	mu    sync.Mutex
	of    types.Importer
	found map[string]imported
}

func (c *cached) Import(path string) (*types.Package, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	r, ok := c.found[path]
	if !ok && !slices.Contains(available, path) {
		return nil, fmt.Errorf("no package %q", path)
	}
	if !ok {
		r.pkg, r.err = c.of.Import(path)
		c.found[path] = r
	}
	return r.pkg, r.err
}
