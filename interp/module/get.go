package module

import (
	"context"
	"errors"
	"fmt"
	"go/version"
	"io/fs"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	gomod "golang.org/x/mod/module"
)

// Added is what a Get has brought.
type Added struct {
	Modules  []Module // one for each request, in their order; none for one that lets a module go
	Packages []string // the import paths that the requests name, where there is a package
	Changed  []Change // how the build list differs from the one before, sorted by path
	Stale    []string // packages that a Load has handed out and whose source is another now, sorted
	Warnings []string // what the user should know: retracted, deprecated, written for a newer Go, can't be interpreted
}

// Change is a module whose version is another now.
type Change struct {
	Path     string
	Old, New string // empty: not in the build list; localVersion for a directory that nothing requires
}

// String says it to the user: a line for each module that was asked for, for each other whose version changed, and for
// each warning.
func (a Added) String() string {
	var b strings.Builder
	asked := map[string]bool{}
	for _, m := range a.Modules {
		asked[m.Path] = true
		if m.Version == "" {
			fmt.Fprintf(&b, "%s => %s\n", m.Path, m.Dir)
		} else {
			fmt.Fprintf(&b, "%s %s\n", m.Path, m.Version)
		}
	}
	for _, c := range a.Changed {
		switch {
		case asked[c.Path] || c.Old == "":
		case c.New == "":
			fmt.Fprintf(&b, "%s %s is no longer needed\n", c.Path, c.Old)
		default:
			fmt.Fprintf(&b, "%s %s, was %s\n", c.Path, c.New, c.Old)
		}
	}
	for _, warning := range a.Warnings {
		fmt.Fprintf(&b, "warning: %s\n", warning)
	}
	return b.String()
}

// Get makes modules importable: all that the query asks for, or none. progress, which may be nil, is told what is being
// waited for. When ctx ends, Get returns its cause at once.
func (g *Graph) Get(ctx context.Context, q Query, progress func(string)) (Added, error) {
	done, err := g.take(ctx)
	if err != nil {
		return Added{}, err
	}
	defer done()
	before := g.current()
	next := before.clone()
	targets, err := g.localRequests(next, q)
	if err != nil {
		return Added{}, err
	}
	t := g.store.newTask(ctx, next.changes, progress)
	defer g.store.Close()
	for i, r := range q.Requests {
		if targets[i].module != "" || r.Version == "none" {
			continue
		}
		m, err := t.resolve(ctx, r, before.list.selected)
		if err != nil {
			return Added{}, err
		}
		next.roots[m.Path] = m.Version
		next.asked[m.Path] = true
		targets[i] = target{module: m.Path, version: m.Version, pkg: r.Path, exact: isExact(r.Version)}
	}
	if next.list, err = t.build(ctx, next.roots); err != nil {
		return Added{}, err
	}
	l := &loader{task: t, state: next, native: g.options.Native, packages: map[string]Package{}}
	added, err := l.finish(ctx, targets)
	if err != nil {
		return Added{}, err
	}
	added.Changed = changes(before, next)
	added.Warnings = append(added.Warnings, t.warnings(ctx, next, targets)...)
	again := map[string]bool{}
	for _, target := range targets {
		if target.module != "" && next.version(target.module) == "" {
			again[target.module] = true
		}
	}
	added.Stale = g.commit(next, l.packages, again)
	return added, nil
}

// target is what a request has come to.
type target struct {
	module, version string // no module: nothing to add
	pkg             string // the import path that was named, a package or not
	exact           bool   // no other version will do
}

func isExact(query string) bool {
	return !slices.Contains([]string{"", "latest", "upgrade", "patch"}, query)
}

// localRequests takes the directories and the removals of a query, and what the directories' go.mod files replace.
func (g *Graph) localRequests(next *state, q Query) ([]target, error) {
	targets := make([]target, len(q.Requests))
	changes := next.changes.clone()
	for i, r := range q.Requests {
		switch {
		case r.Dir != "":
			root, module, pkg, err := g.localModule(r)
			if err != nil {
				return nil, err
			}
			changes.asked[module] = root
			next.roots[module] = localVersion
			next.asked[module] = true
			targets[i] = target{module: module, version: localVersion, pkg: pkg}
		case r.Version == "none":
			if _, ok := next.roots[r.Path]; !ok {
				return nil, &Error{Path: r.Path, Err: errors.New("no %get has asked for it")}
			}
			delete(changes.asked, r.Path)
			delete(next.roots, r.Path)
			delete(next.asked, r.Path)
		}
	}
	for _, path := range slices.Sorted(maps.Keys(changes.asked)) {
		dir := changes.asked[path]
		f, err := localGoMod(path, dir)
		if err != nil {
			return nil, &Error{Path: path, Err: err}
		}
		if err := changes.add(dir, f.replace); err != nil {
			return nil, err
		}
	}
	next.changes = changes
	return targets, nil
}

// localModule finds the module of a directory, and the package that the directory is.
func (g *Graph) localModule(r Request) (root, module, pkg string, err error) {
	base, err := g.base()
	if err != nil {
		return "", "", "", err
	}
	dir, err := absolute(r.Dir, base)
	if err != nil {
		return "", "", "", err
	}
	root, declared, err := moduleRoot(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist) && r.Path != "" && isDirectory(dir):
		return dir, r.Path, r.Path, nil // no go.mod: the request says the path
	case errors.Is(err, fs.ErrNotExist) && isDirectory(dir):
		return "", "", "", &Error{Path: r.Dir, Err: errors.New("no go.mod there or above"), Hint: "say the module's path: %get path => " + r.Dir}
	case err != nil:
		return "", "", "", &Error{Path: r.Dir, Err: err}
	}
	rel, err := filepath.Rel(root, dir)
	if err != nil {
		return "", "", "", err
	}
	if r.Path == "" {
		return root, declared, path.Join(declared, filepath.ToSlash(rel)), nil
	}
	if rel != "." {
		return "", "", "", &Error{Path: r.Path, Err: fmt.Errorf("%s is no module, but part of the one in %s", r.Dir, root), Hint: "%get " + r.Dir}
	}
	return root, r.Path, r.Path, nil // a fork keeps the go.mod of the module that it stands in for
}

// commit makes a state the graph's, and finds which of the packages that were handed out are others now. The files of a
// module in again may be others in any case.
func (g *Graph) commit(next *state, packages map[string]Package, again map[string]bool) []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	var stale, modules []string
	for path, p := range g.packages {
		same := next.list.selected[p.Module] != "" && p.Version == next.version(p.Module) && p.Dir == packageDir(next, p)
		if same && !again[p.Module] {
			continue
		}
		delete(g.packages, path)
		if _, ok := g.used[p.Module]; ok {
			stale = append(stale, path)
			modules = append(modules, p.Module)
		}
	}
	for _, module := range modules {
		delete(g.used, module)
	}
	maps.Copy(g.packages, packages)
	g.state = next
	slices.Sort(stale)
	return stale
}

// packageDir is where a package of an earlier state would be in this one.
func packageDir(s *state, p Package) string {
	m := gomod.Version{Path: p.Module, Version: s.list.selected[p.Module]}
	if _, dir := s.changes.of(m); dir != "" {
		return filepath.Join(dir, filepath.FromSlash(strings.TrimPrefix(p.ImportPath, p.Module)))
	}
	return p.Dir
}

func changes(before, after *state) []Change {
	var list []Change
	for path := range after.list.selected {
		if old, now := before.list.selected[path], after.list.selected[path]; old != now {
			list = append(list, Change{Path: path, Old: old, New: now})
		}
	}
	for path, old := range before.list.selected {
		if _, ok := after.list.selected[path]; !ok {
			list = append(list, Change{Path: path, Old: old})
		}
	}
	slices.SortFunc(list, func(a, b Change) int { return strings.Compare(a.Path, b.Path) })
	return list
}

// warnings are what the author of a module says about the version that was asked for. Who can't be reached says nothing.
func (t *task) warnings(ctx context.Context, s *state, targets []target) []string {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	var warnings []string
	for _, target := range targets {
		version := s.version(target.module)
		if target.module == "" || version == "" {
			continue
		}
		l, err := t.list(ctx, target.module)
		if err != nil {
			continue
		}
		newest := t.newestFile(ctx, target.module, l.tagged)
		if newest == nil {
			continue
		}
		if r := retracts(newest.retract, version); r != nil {
			warnings = append(warnings, strings.TrimSuffix(fmt.Sprintf("%s@%s is retracted by its author: %s", target.module, version, r.Rationale), ": "))
		}
		if newest.deprecated != "" {
			warnings = append(warnings, fmt.Sprintf("module %s is deprecated: %s", target.module, newest.deprecated))
		}
	}
	return warnings
}

// tooNew warns of a module that is written for a later release than the one that built this program.
func tooNew(m Module, f *goMod) string {
	if f.goVersion == "" || version.Compare(version.Lang("go"+f.goVersion), ownVersion()) <= 0 {
		return ""
	}
	return fmt.Sprintf("%s needs go%s, and this is %s: it may not work", strings.TrimSuffix(m.Path+"@"+m.Version, "@"), f.goVersion, ownVersion())
}
