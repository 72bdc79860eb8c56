package distrib

import (
	"context"
	"sync"
)

// groups is the splits of a parting, which come while it runs.
type groups struct {
	mu      sync.Mutex
	changed chan struct{} // closed and made anew at each change
	list    []*Blocks
	taken   map[int]bool // refs of these are with their freer
	ended   bool
}

func newGroups() *groups { return &groups{changed: make(chan struct{}), taken: map[int]bool{}} }

func (g *groups) add(b *Blocks) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.list = append(g.list, b)
	close(g.changed)
	g.changed = make(chan struct{})
}

func (g *groups) end() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.ended {
		g.ended = true
		close(g.changed)
	}
}

// next waits for group i; nil where there is none.
func (g *groups) next(ctx context.Context, i int) *Blocks {
	for {
		g.mu.Lock()
		changed, ended := g.changed, g.ended
		if i < len(g.list) {
			defer g.mu.Unlock()
			return g.list[i]
		}
		g.mu.Unlock()
		if ended {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil
		}
	}
}

// take gives the blocks of group i to be freed.
func (g *groups) take(i int) []Ref {
	g.mu.Lock()
	defer g.mu.Unlock()
	if i >= len(g.list) || g.taken[i] {
		return nil
	}
	g.taken[i] = true
	return g.list[i].Refs
}

// rest gives the blocks that take has not given.
func (g *groups) rest() (refs []Ref) {
	for i := range g.list {
		refs = append(refs, g.take(i)...)
	}
	return refs
}
