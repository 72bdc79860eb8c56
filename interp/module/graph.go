package module

import (
	"context"
	"maps"
	"os"
	"slices"
	"sync"

	gomod "golang.org/x/mod/module"
)

// Graph is the modules that one session imports from: what %get has asked for, and what that requires. It is safe for
// concurrent use; one Get or Load works at a time.
type Graph struct {
	store   *Store
	options Options
	turn    chan struct{} // holds a token while a Get or Load works

	mu       sync.RWMutex
	state    *state             // replaced as a whole, when a Get or Load has succeeded
	packages map[string]Package // of the last state, by import path
	used     map[string]string  // module path to the version whose packages a Load has handed out
}

// Options are how a Graph fits into the program around it.
type Options struct {
	// Dir is what relative directories of %get are relative to; empty: the working directory.
	Dir string
	// Native reports whether the interpreter has a package compiled in, so that no module's source is wanted for it. The
	// standard library need not be among them. May be nil.
	Native func(importPath string) bool
}

// Module is one module of the build list.
type Module struct {
	Path    string
	Version string // empty for a local directory
	Dir     string // empty if none of its files has been needed yet
	Asked   bool   // named by a %get, not only required
}

// state is what a build list was made of, and the list. One that a Graph has is never changed.
type state struct {
	roots   map[string]string // module path to version: the requirements of a main module that isn't there
	asked   map[string]bool   // those of them that a %get has named
	changes *replacements
	list    *buildList
	dirs    map[gomod.Version]string
}

// NewGraph is a graph without modules.
func NewGraph(s *Store, options Options) *Graph {
	return &Graph{
		store: s, options: options, turn: make(chan struct{}, 1),
		state: &state{
			roots: map[string]string{}, asked: map[string]bool{}, dirs: map[gomod.Version]string{},
			changes: (&replacements{asked: map[string]string{}}).clone(),
			list:    &buildList{selected: map[string]string{}},
		},
		packages: map[string]Package{}, used: map[string]string{},
	}
}

func (s *state) clone() *state {
	return &state{
		roots: maps.Clone(s.roots), asked: maps.Clone(s.asked), dirs: maps.Clone(s.dirs), changes: s.changes, list: s.list,
	}
}

// version is the version of a module that packages are taken from, empty for a directory.
func (s *state) version(path string) string {
	m, dir := s.changes.of(gomod.Version{Path: path, Version: s.list.selected[path]})
	if dir != "" {
		return ""
	}
	return m.Version
}

// take waits for the turn of a Get or Load.
func (g *Graph) take(ctx context.Context) (done func(), err error) {
	select {
	case g.turn <- struct{}{}:
		return func() { <-g.turn }, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

func (g *Graph) current() *state {
	g.mu.RLock()
	defer g.mu.RUnlock()
	return g.state
}

// Modules is the build list, sorted by path.
func (g *Graph) Modules() []Module {
	s := g.current()
	modules := []Module{}
	for _, path := range slices.Sorted(maps.Keys(s.list.selected)) {
		modules = append(modules, s.module(path))
	}
	return modules
}

func (s *state) module(path string) Module {
	m := gomod.Version{Path: path, Version: s.list.selected[path]}
	return Module{Path: path, Version: s.version(path), Dir: s.dirs[m], Asked: s.asked[path]}
}

// Requests is a query that asks a new graph for what this one was asked for, in the versions that it has.
func (g *Graph) Requests() Query {
	s := g.current()
	var q Query
	for _, path := range slices.Sorted(maps.Keys(s.asked)) {
		r := Request{Path: path, Version: s.list.selected[path]}
		if dir, ok := s.changes.asked[path]; ok {
			r = Request{Path: path, Dir: dir}
		}
		q.Requests = append(q.Requests, r)
	}
	return q
}

// Packages are the import paths in a module that a cell can import, sorted. A module whose files haven't been needed yet
// has none.
func (g *Graph) Packages(modulePath string) []string {
	s := g.current()
	dir := s.module(modulePath).Dir
	if dir == "" {
		return nil
	}
	return packagesIn(dir, modulePath, tagSteps(dir, g.store.settings.Tags)[0])
}

// Package is a package that a Get or Load has read; the error of another says whether a module provides it at all.
func (g *Graph) Package(importPath string) (Package, error) {
	g.mu.RLock()
	p, ok := g.packages[importPath]
	s := g.state
	g.mu.RUnlock()
	if ok {
		return p, nil
	}
	e := &Error{Path: importPath, Err: ErrUnknown, Hint: "%get it first"}
	for _, path := range modulePaths(importPath) {
		if _, ok := s.list.selected[path]; ok {
			e.Err = ErrNotLoaded
			e.Hint = ""
		}
	}
	return Package{}, e
}

// Provides is the module of the build list with the longest path that a package may be in: all that can be said without
// looking into it. It is what tells a package of a module from one of the standard library.
func (g *Graph) Provides(importPath string) (Module, bool) {
	s := g.current()
	for _, path := range prefixes(importPath) {
		if _, ok := s.list.selected[path]; ok {
			return s.module(path), true
		}
	}
	return Module{}, false
}

// base is the directory that relative ones are relative to.
func (g *Graph) base() (string, error) {
	if g.options.Dir != "" {
		return g.options.Dir, nil
	}
	return os.Getwd()
}
