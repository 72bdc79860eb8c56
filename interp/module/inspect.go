package module

import (
	"errors"
	"fmt"
	"go/build"
	"io/fs"
	"iter"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// inspect reads which files of p.Dir are the package, and whether it can be interpreted. steps are the build tags to try,
// the best first; the first that leaves no problem is taken, then what is for an architecture without assembly, then the
// first that lacks the bodies of some functions, else the first.
func inspect(p Package, steps [][]string) (Package, error) {
	var best Package
	for i, tags := range steps {
		tried, err := inspectWith(p, buildContext(tags))
		if err != nil {
			return Package{}, err
		}
		if tried.Problem == "" && len(tried.Lacks) == 0 {
			return withoutUnsafe(tried)
		}
		if i == 0 || best.Problem != "" && tried.Problem == "" {
			best = tried
		}
	}
	if slices.Contains(best.Imports, "syscall") { // each architecture has its own system calls
		return best, nil
	}
	portable := buildContext(best.Tags)
	portable.GOARCH = portableArch
	detects := p.ImportPath == "golang.org/x/sys/cpu" // what the processor can do: nothing, to code without assembly
	if detects {
		portable.GOOS = "js"
	}
	if tried, err := inspectWith(p, portable); err == nil && tried.Problem == "" && (len(tried.Lacks) == 0 || detects) {
		return tried, nil
	}
	return best, nil
}

// withoutUnsafe is the package with other files, where it has some that do without package unsafe.
func withoutUnsafe(p Package) (Package, error) {
	if !slices.Contains(p.Imports, "unsafe") {
		return p, nil
	}
	tags := slices.Compact(slices.Sorted(slices.Values(slices.Concat(p.Tags, safeTags))))
	tried, err := inspectWith(Package{
		ImportPath: p.ImportPath, Module: p.Module, Version: p.Version, Dir: p.Dir, GoVersion: p.GoVersion,
	}, buildContext(tags))
	if err != nil || tried.Problem != "" || slices.Contains(tried.Imports, "unsafe") {
		return p, err
	}
	return tried, nil
}

func inspectWith(p Package, c *build.Context) (Package, error) {
	p.Tags = c.BuildTags
	built, err := c.ImportDir(p.Dir, 0)
	if isAs[*build.NoGoError](err) {
		p.Problem = p.excluded(built)
		return p, nil
	}
	if built != nil {
		p.Name = built.Name
		p.Files = built.GoFiles
		p.Imports = slices.Clone(built.Imports)
	}
	if multiple, ok := errors.AsType[*build.MultiplePackageError](err); ok {
		p.Problem = fmt.Sprintf("%s and %s are of different packages, %s and %s", multiple.Files[0], multiple.Files[1], multiple.Packages[0], multiple.Packages[1])
		return p, nil
	}
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
		return p, &Error{Path: p.ImportPath, Err: err}
	}
	if err != nil { // a file that doesn't parse
		p.Problem = strings.ReplaceAll(err.Error(), p.Dir+string(filepath.Separator), "")
		return p, nil
	}
	if len(built.GoFiles) == 0 {
		p.Problem = p.excluded(built)
		return p, nil
	}
	slices.Sort(p.Imports)
	p.Problem, p.Lacks = problem(p, built, c.GOARCH)
	if p.Problem == "" && len(built.EmbedPatterns) > 0 {
		p.Embeds, p.Problem = embeds(p.Dir, built)
	}
	return p, nil
}

// excluded says why no file of a directory is left.
func (p Package) excluded(built *build.Package) string {
	if built != nil {
		for _, name := range built.IgnoredGoFiles {
			if line := importLine(filepath.Join(p.Dir, name), "C"); line > 0 {
				return fmt.Sprintf("it needs cgo (%s:%d imports C), and has no Go code to do without", name, line)
			}
		}
		if len(built.IgnoredGoFiles) > 0 {
			return fmt.Sprintf("its build constraints leave no file for %s/%s (%s)", buildContext(nil).GOOS, buildContext(nil).GOARCH, built.IgnoredGoFiles[0])
		}
		if len(built.TestGoFiles)+len(built.XTestGoFiles) > 0 {
			return "it has only tests"
		}
	}
	return "it has no Go files"
}

// hasPackage reports whether a directory of a module has Go files, and no go.mod that makes it part of another module.
func hasPackage(dir, rel string) bool {
	if rel != "" {
		for d := filepath.Join(dir, filepath.FromSlash(rel)); len(d) > len(dir); d = filepath.Dir(d) {
			if isFile(filepath.Join(d, "go.mod")) {
				return false
			}
		}
	}
	entries, err := os.ReadDir(filepath.Join(dir, filepath.FromSlash(rel)))
	return err == nil && slices.ContainsFunc(entries, func(e fs.DirEntry) bool {
		return !e.IsDir() && strings.HasSuffix(e.Name(), ".go")
	})
}

// moduleDirs are the directories of a module that may hold packages, relative to its root, parents first. One that can't
// be read holds none.
func moduleDirs(root string) iter.Seq[string] {
	return func(yield func(string) bool) {
		var visit func(rel string) bool
		visit = func(rel string) bool {
			if !yield(rel) {
				return false
			}
			entries, _ := os.ReadDir(filepath.Join(root, filepath.FromSlash(rel)))
			for _, entry := range entries {
				name := entry.Name()
				inside := path.Join(rel, name)
				if !entry.IsDir() || ignoredDir(name) || isFile(filepath.Join(root, filepath.FromSlash(inside), "go.mod")) {
					continue
				}
				if !visit(inside) {
					return false
				}
			}
			return true
		}
		visit("")
	}
}

// suggestPackage names a package of a module whose last element is that of a path that isn't one.
func suggestPackage(dir, module, importPath string) string {
	for rel := range moduleDirs(dir) {
		if _, internal := Internal(rel); !internal && path.Base(rel) == path.Base(importPath) && hasPackage(dir, rel) {
			return fmt.Sprintf("did you mean %s?", path.Join(module, rel))
		}
	}
	return ""
}

// packagesIn are the packages of a module that a cell can import.
func packagesIn(dir, module string, tags []string) []string {
	c := buildContext(tags)
	var paths []string
	for rel := range moduleDirs(dir) {
		if _, internal := Internal(rel); internal {
			continue
		}
		built, err := c.ImportDir(filepath.Join(dir, filepath.FromSlash(rel)), 0)
		if err == nil && built.Name != "main" && len(built.GoFiles) > 0 {
			paths = append(paths, path.Join(module, rel))
		}
	}
	slices.Sort(paths)
	return paths
}
