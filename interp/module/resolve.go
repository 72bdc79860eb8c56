package module

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strings"

	gomod "golang.org/x/mod/module"
	"golang.org/x/sync/errgroup"
)

// resolve finds the module and version that a request without a directory means: of the modules whose path is the
// request's or a parent of it, the one with the longest path that has it. Without a network, a version that the cache has
// whole will do, though a module with a longer path might exist.
func (t *task) resolve(ctx context.Context, r Request, required map[string]string) (gomod.Version, error) {
	paths := modulePaths(r.Path)
	for _, p := range paths {
		if _, dir := t.changes.of(gomod.Version{Path: p}); dir == "" {
			continue
		}
		if r.Version != "" {
			return gomod.Version{}, &Error{Path: p, Err: fmt.Errorf("it comes from a local directory, which has no versions"), Hint: "%get " + p + "@none lets go of the directory"}
		}
		return gomod.Version{Path: p, Version: localVersion}, nil
	}
	if len(paths) == 0 {
		return gomod.Version{}, &Error{Path: r.Path, Err: errors.New("it is no module path")}
	}
	t.progress("looking up " + r.Path)
	versions, failures := t.pickAll(ctx, paths, r.Version, required)
	var unknown error // whether a longer path is a module, that can't be found out
	for i, p := range paths {
		if failures[i] != nil {
			if unknown == nil && (len(paths) == 1 || !missing(failures[i])) {
				unknown = failures[i]
			}
			continue
		}
		m := gomod.Version{Path: p, Version: versions[i]}
		if _, _, err := t.cache.unpacked(m); unknown != nil && (err != nil || !isExact(r.Version)) {
			return gomod.Version{}, unknown
		}
		if p == r.Path {
			return m, nil
		}
		dir, err := t.dir(ctx, m)
		if err != nil {
			return gomod.Version{}, err
		}
		if hasPackage(dir, strings.TrimPrefix(r.Path, p+"/")) {
			return m, nil
		}
		failures[i] = &Error{
			Path: r.Path, Version: r.Version,
			Err:  fmt.Errorf("%w: module %s@%s has no package %s", ErrNotFound, p, versions[i], strings.TrimPrefix(r.Path, p+"/")),
			Hint: suggestPackage(dir, p, r.Path),
		}
	}
	if unknown != nil {
		return gomod.Version{}, unknown
	}
	return gomod.Version{}, telling(failures)
}

// pickAll asks for all paths at once: where a path is no module, a proxy may take long to find that out.
func (t *task) pickAll(ctx context.Context, paths []string, query string, required map[string]string) (versions []string, failures []error) {
	versions, failures = make([]string, len(paths)), make([]error, len(paths))
	var group errgroup.Group
	for i, p := range paths {
		group.Go(func() error {
			versions[i], failures[i] = t.pick(ctx, p, query, required[p])
			return nil
		})
	}
	_ = group.Wait() // each path has its own error
	return versions, failures
}

// telling is the error that says most: of a module that exists but lacks the package or the version, else of the path
// as it was asked for.
func telling(failures []error) error {
	for _, err := range failures {
		if e, ok := errors.AsType[*Error](err); ok && e.Hint != "" {
			return err
		}
	}
	for _, err := range failures {
		if err != nil && !isAs[*statusError](err) {
			return err
		}
	}
	return failures[0]
}

// modulePaths are the paths that a package's module may have, longest first.
func modulePaths(importPath string) []string {
	var paths []string
	for p := importPath; p != "." && p != "/"; p = path.Dir(p) {
		if gomod.CheckPath(p) == nil {
			paths = append(paths, p)
		}
	}
	return paths
}
