package module

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	gomod "golang.org/x/mod/module"
	"golang.org/x/sync/errgroup"
)

// loader reads packages for a state that isn't in use yet, and adds to its requirements as it goes.
type loader struct {
	*task
	state    *state
	native   func(string) bool
	packages map[string]Package
}

// finish checks what the requests have come to, and reads the packages that they name.
func (l *loader) finish(ctx context.Context, targets []target) (Added, error) {
	var added Added
	var paths []string
	for _, target := range targets {
		if target.module == "" {
			continue
		}
		if err := l.wantExact(target); err != nil {
			return added, err
		}
		selected := l.state.list.selected[target.module]
		dir, err := l.moduleDir(ctx, gomod.Version{Path: target.module, Version: selected})
		if err != nil {
			return added, err
		}
		if hasPackage(dir, strings.TrimPrefix(strings.TrimPrefix(target.pkg, target.module), "/")) {
			paths = append(paths, target.pkg)
		} else if target.pkg != target.module {
			return added, &Error{Path: target.pkg, Err: fmt.Errorf("module %s has no such package", target.module), Hint: suggestPackage(dir, target.module, target.pkg)}
		}
	}
	if err := l.load(ctx, paths); err != nil {
		return added, err
	}
	for _, target := range targets {
		if target.module == "" {
			continue
		}
		if err := l.wantExact(target); err != nil { // what was loaded may have raised it
			return added, err
		}
		m := l.state.module(target.module)
		added.Modules = append(added.Modules, m)
		f, err := l.goMod(ctx, gomod.Version{Path: m.Path, Version: l.state.list.selected[m.Path]})
		if err != nil {
			return added, err
		}
		if warning := tooNew(m, f); warning != "" {
			added.Warnings = append(added.Warnings, warning)
		}
	}
	for _, path := range paths {
		if _, err := l.order(path); err != nil {
			return added, err
		}
		p := l.packages[path]
		if len(p.Files) == 0 && path == p.Module {
			continue // a module's root may hold tests alone; it is the module that was asked for
		}
		added.Packages = append(added.Packages, path)
		if p.Problem != "" {
			added.Warnings = append(added.Warnings, fmt.Sprintf("%s can't be interpreted: %s", path, p.Problem))
		} else if n := len(p.Lacks); n > 0 {
			first := slices.Min(slices.Collect(maps.Values(p.Lacks)))
			added.Warnings = append(added.Warnings, fmt.Sprintf("%s lacks functions (%d), one because %s", path, n, first))
		}
	}
	return added, nil
}

// wantExact is an error if another version than the one asked for was selected.
func (l *loader) wantExact(t target) error {
	if t.exact && l.state.list.selected[t.module] != t.version {
		return l.state.list.conflict(t.module, t.version)
	}
	return nil
}

// load reads packages and all they import. A module that provides one becomes a requirement, which may raise versions and
// bring modules: then all is read again. Only an import that is still lacking then is looked up, as go get does.
func (l *loader) load(ctx context.Context, paths []string) error {
	for {
		found, lacking, err := l.walk(ctx, paths)
		if err != nil {
			return err
		}
		roots := maps.Clone(l.state.roots)
		for _, p := range found {
			if _, ok := roots[p.Module]; !ok {
				roots[p.Module] = l.state.list.selected[p.Module]
			}
		}
		promoted := len(roots) > len(l.state.roots)
		if !promoted {
			for _, path := range slices.Sorted(maps.Keys(lacking)) {
				m, err := l.resolve(ctx, Request{Path: path}, l.state.list.selected)
				if err != nil {
					return fmt.Errorf("%s imports %w", lacking[path], err)
				}
				roots[m.Path] = m.Version
			}
		}
		if !promoted && len(lacking) == 0 {
			maps.Copy(l.packages, found)
			return nil
		}
		if maps.Equal(roots, l.state.roots) {
			path := slices.Min(slices.Collect(maps.Keys(lacking)))
			return &Error{Path: lacking[path], Err: fmt.Errorf("it imports %s: %w in the version that is needed", path, ErrUnknown)}
		}
		before := l.state.list.selected
		if l.state.list, err = l.build(ctx, roots); err != nil {
			return err
		}
		l.state.roots = roots
		if len(lacking) == 0 && !slices.ContainsFunc(slices.Collect(maps.Values(found)), func(p Package) bool {
			return before[p.Module] != l.state.list.selected[p.Module]
		}) {
			maps.Copy(l.packages, found)
			return nil
		}
	}
}

// walk reads packages wave by wave. lacking are the imports that no module provides, and who imports them.
func (l *loader) walk(ctx context.Context, paths []string) (found map[string]Package, lacking map[string]string, err error) {
	found, lacking = map[string]Package{}, map[string]string{}
	importers := map[string]string{}
	for wave := slices.Clone(paths); len(wave) > 0; {
		read := make([]Package, len(wave))
		group, ctx := errgroup.WithContext(ctx)
		group.SetLimit(maxParallel)
		for i, path := range wave {
			group.Go(func() error {
				var err error
				read[i], err = l.read1(ctx, path)
				if errors.Is(err, ErrUnknown) && importers[path] != "" {
					return nil // read[i] stays empty
				}
				return err
			})
		}
		if err := group.Wait(); err != nil {
			return nil, nil, err
		}
		var next []string
		for i, path := range wave {
			p := read[i]
			if p.ImportPath == "" {
				lacking[path] = importers[path]
				continue
			}
			for _, imported := range p.Imports {
				if _, ok := importers[imported]; ok || slices.Contains(paths, imported) || !l.wanted(imported) {
					continue
				}
				importers[imported] = path
				next = append(next, imported)
			}
			found[path] = p
		}
		wave = next
	}
	return found, lacking, nil
}

// wanted reports whether an import is to be read from a module.
func (l *loader) wanted(importPath string) bool {
	if importPath == "C" || importPath == "unsafe" || l.native != nil && l.native(importPath) {
		return false
	}
	first, _, _ := strings.Cut(importPath, "/")
	return strings.Contains(first, ".") || slices.ContainsFunc(prefixes(importPath), func(p string) bool {
		_, ok := l.state.list.selected[p]
		return ok
	})
}

// prefixes are a path and its parents, longest first.
func prefixes(importPath string) []string {
	var list []string
	for p := importPath; p != "." && p != "/"; p = path.Dir(p) {
		list = append(list, p)
	}
	return list
}

// read1 reads one package, from the module with the longest path that has it.
func (l *loader) read1(ctx context.Context, importPath string) (Package, error) {
	for _, p := range prefixes(importPath) {
		version, ok := l.state.list.selected[p]
		if !ok {
			continue
		}
		if known, ok := l.packages[importPath]; ok && !known.Local() && known.Module == p && known.Version == l.state.version(p) {
			return known, nil
		}
		m := gomod.Version{Path: p, Version: version}
		dir, err := l.moduleDir(ctx, m)
		if err != nil {
			return Package{}, err
		}
		rel := strings.TrimPrefix(strings.TrimPrefix(importPath, p), "/")
		if !hasPackage(dir, rel) {
			continue
		}
		f, err := l.goMod(ctx, m)
		if err != nil {
			return Package{}, err
		}
		return await(ctx, func() (Package, error) {
			return inspect(Package{
				ImportPath: importPath, Module: p, Version: l.state.version(p),
				Dir: filepath.Join(dir, filepath.FromSlash(rel)), GoVersion: f.language(),
			}, l.tagSteps(m, dir))
		})
	}
	return Package{}, &Error{Path: importPath, Err: ErrUnknown, Hint: "%get it first"}
}

// tagSteps looks for a module's assembly once, and again in a local directory.
func (l *loader) tagSteps(m gomod.Version, dir string) [][]string {
	results := &l.steps
	if _, local := l.changes.of(m); local == "" {
		results = &l.Store.steps
	}
	find, _ := results.LoadOrStore(dir, sync.OnceValue(func() [][]string { return tagSteps(dir, l.settings.Tags) }))
	return find.(func() [][]string)()
}

// moduleDir is a module's directory; the state remembers it.
func (l *loader) moduleDir(ctx context.Context, m gomod.Version) (string, error) {
	l.mu.Lock()
	dir, ok := l.state.dirs[m]
	l.mu.Unlock()
	if _, local := l.changes.of(m); ok && local == "" {
		return dir, nil
	}
	dir, err := l.dir(ctx, m)
	if err == nil {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.state.dirs[m] = dir
	}
	return dir, err
}

// order sorts what a package imports before it, and hands a problem on to those that import the package that has it.
func (l *loader) order(importPath string) ([]Package, error) {
	var ordered []Package
	const visiting, visited = 1, 2
	marks := map[string]int{}
	var visit func(importPath string) error
	visit = func(importPath string) error {
		marks[importPath] = visiting
		p := l.packages[importPath]
		for _, imported := range p.Imports {
			q, ok := l.packages[imported]
			if !ok || !l.wanted(imported) {
				continue
			}
			if marks[imported] == visiting {
				return &Error{Path: importPath, Err: fmt.Errorf("it imports %s, and that imports it", imported)}
			}
			if marks[imported] == 0 {
				if err := visit(imported); err != nil {
					return err
				}
				q = l.packages[imported]
			}
			if err := Importable(importPath, imported); err != nil && p.Problem == "" {
				p.Problem = err.Error()
			}
			if q.Problem != "" && p.Problem == "" {
				p.Problem = importsPrefix + imported + ": " + strings.TrimPrefix(q.Problem, importsPrefix)
			}
		}
		marks[importPath] = visited
		l.packages[importPath] = p
		ordered = append(ordered, p)
		return nil
	}
	return ordered, visit(importPath)
}
