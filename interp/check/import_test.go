package check

import (
	"go/importer"
	"go/token"
	"go/types"
	"sync"
)

// gc imports compiled packages of the toolchain, each once.
var gc = sync.OnceValue(func() types.Importer {
	return &cached{of: importer.ForCompiler(token.NewFileSet(), "gc", nil), found: map[string]imported{}}
})

type cached struct {
	mu    sync.Mutex
	of    types.Importer
	found map[string]imported
}

func (c *cached) Import(path string) (*types.Package, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	r, ok := c.found[path]
	if !ok {
		r.pkg, r.err = c.of.Import(path)
		c.found[path] = r
	}
	return r.pkg, r.err
}
