package module

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/modfile"
	gomod "golang.org/x/mod/module"
)

// localVersion is what a module that only a directory has is required at: lower than any that was published.
const localVersion = "v0.0.0-00010101000000-000000000000"

// replacements say which modules come from elsewhere. One that is in use is never changed.
type replacements struct {
	asked    map[string]string               // module path to directory, by %get
	declared map[gomod.Version]gomod.Version // by the go.mod files of those; a directory has no version; no version: all
	by       map[gomod.Version]string        // which directory declares it
}

func (r *replacements) clone() *replacements {
	return &replacements{asked: maps.Clone(r.asked), declared: map[gomod.Version]gomod.Version{}, by: map[gomod.Version]string{}}
}

// of is what stands in for a module: another version, or a directory. Without a replacement it is m itself.
func (r *replacements) of(m gomod.Version) (actual gomod.Version, dir string) {
	if dir, ok := r.asked[m.Path]; ok {
		return m, dir
	}
	for _, key := range []gomod.Version{m, {Path: m.Path}} {
		if to, ok := r.declared[key]; ok {
			if to.Version == "" {
				return m, to.Path
			}
			return to, ""
		}
	}
	return m, ""
}

// add takes the replace directives of a directory's go.mod.
func (r *replacements) add(dir string, directives []*modfile.Replace) error {
	for _, directive := range directives {
		to := directive.New
		if to.Version == "" && !filepath.IsAbs(to.Path) {
			to.Path = filepath.Join(dir, filepath.FromSlash(to.Path))
		}
		if old, ok := r.declared[directive.Old]; ok && old != to {
			return &Error{
				Path: directive.Old.Path, Version: directive.Old.Version,
				Err:  fmt.Errorf("%w: %s and %s replace it differently", ErrConflict, r.by[directive.Old], dir),
				Hint: "say which with %get " + directive.Old.Path + " => directory",
			}
		}
		r.declared[directive.Old] = to
		r.by[directive.Old] = dir
	}
	return nil
}

// moduleRoot finds the directory at or above dir that has a go.mod, and the path that file gives the module.
func moduleRoot(dir string) (root, path string, err error) {
	info, err := os.Stat(dir)
	if err != nil {
		return "", "", errors.Unwrap(err)
	}
	if !info.IsDir() {
		return "", "", errors.New("it is not a directory")
	}
	for root = dir; ; root = filepath.Dir(root) {
		data, err := os.ReadFile(filepath.Join(root, "go.mod"))
		if err == nil {
			if path = modfile.ModulePath(data); path == "" {
				return "", "", fmt.Errorf("%s has no module line", filepath.Join(root, "go.mod"))
			}
			return root, path, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return "", "", err
		}
		if filepath.Dir(root) == root {
			return "", "", fs.ErrNotExist
		}
	}
}

// absolute resolves a directory as %get takes it.
func absolute(dir, base string) (string, error) {
	if rest, found := strings.CutPrefix(dir, "~"); found && (rest == "" || os.IsPathSeparator(rest[0])) {
		home, err := os.UserHomeDir()
		if err != nil {
			return "", err
		}
		return filepath.Join(home, rest), nil
	}
	dir = filepath.FromSlash(dir)
	if !filepath.IsAbs(dir) {
		dir = filepath.Join(base, dir)
	}
	return filepath.Abs(dir)
}
