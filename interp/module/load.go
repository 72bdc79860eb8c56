package module

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Load reads a package and all that it imports from modules, and returns them with every package after those it imports.
// Packages of the standard library and native ones are left out. A package with a Problem is among them, and so is each
// that imports it, with the same problem. Modules are downloaded as needed, but a version that an earlier Load has handed
// out is not changed: what would is ErrConflict.
func (g *Graph) Load(ctx context.Context, importPath string, progress func(string)) ([]Package, error) {
	done, err := g.take(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	next := g.current().clone()
	if _, ok := g.Provides(importPath); !ok {
		return nil, &Error{Path: importPath, Err: ErrUnknown, Hint: "%get it first"}
	}
	if err := Importable("", importPath); err != nil {
		return nil, err
	}
	l := &loader{task: g.store.newTask(ctx, next.changes, progress), state: next, native: g.options.Native, packages: g.kept()}
	defer g.store.Close()
	if err := l.load(ctx, []string{importPath}); err != nil {
		return nil, err
	}
	ordered, err := l.order(importPath)
	if err != nil {
		return nil, err
	}
	for _, path := range slices.Sorted(maps.Keys(g.used)) {
		if old, now := g.used[path], next.version(path); old != now {
			return nil, &Error{
				Path: importPath, Err: fmt.Errorf("%w: it needs %s@%s, and %s is in use", ErrConflict, path, now, old),
				Hint: fmt.Sprintf("%%get %s@%s", path, now),
			}
		}
	}
	g.commit(next, l.packages, nil)
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, p := range ordered {
		g.used[p.Module] = p.Version
	}
	return ordered, nil
}

// kept are the packages that need not be read again: those whose files can't change.
func (g *Graph) kept() map[string]Package {
	g.mu.RLock()
	defer g.mu.RUnlock()
	kept := maps.Clone(g.packages)
	maps.DeleteFunc(kept, func(_ string, p Package) bool { return p.Local() || strings.HasPrefix(p.Problem, importsPrefix) })
	return kept
}

// importsPrefix begins the problem of a package that has none of its own.
const importsPrefix = "it imports "
