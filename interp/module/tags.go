package module

import (
	"go/build"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// portableTags ask for Go code in place of assembly, each step where the one before leaves some: first what says just
// that, then what also gives up other things, such as package unsafe.
var portableTags = [][]string{
	{},
	{"purego", "noasm", "nosimd"},
	{"purego", "noasm", "nosimd", "generic", "safe", "nounsafe", "appengine", "math_big_pure_go"},
}

// portableArch is an architecture for which nobody writes assembly, as large as those for which people do.
const portableArch = "wasm"

// safeTags ask for code without package unsafe, which may look into values of the interpreter's.
var safeTags = []string{"disableunsafe", "nounsafe", "purego", "safe"}

// buildContext chooses files as go build does without cgo.
func buildContext(tags []string) *build.Context {
	c := build.Default
	c.GOOS, c.GOARCH = runtime.GOOS, runtime.GOARCH
	c.CgoEnabled = false
	c.Compiler = "gc"
	c.BuildTags = tags
	c.GOROOT, c.GOPATH = "", "" // a module's packages are neither
	return &c
}

// assembles reports whether a module has assembly for this target anywhere. It decides about the tags of all its packages
// at once, so that they agree on what is in which file, in whatever order they are loaded.
func assembles(dir string, tags []string) bool {
	c := buildContext(tags)
	for rel := range moduleDirs(dir) {
		inside := filepath.Join(dir, filepath.FromSlash(rel))
		entries, _ := os.ReadDir(inside) // what can't be read is reported when a package is
		for _, entry := range entries {
			if filepath.Ext(entry.Name()) != ".s" {
				continue
			}
			if matches, err := c.MatchFile(inside, entry.Name()); err == nil && matches {
				return true
			}
		}
	}
	return false
}

// tagSteps are the sets of build tags to try for a module's packages, the best first.
func tagSteps(dir string, tags []string) [][]string {
	var steps [][]string
	for _, portable := range portableTags {
		steps = append(steps, slices.Compact(slices.Sorted(slices.Values(slices.Concat(tags, portable)))))
	}
	if assembles(dir, tags) {
		return steps[1:]
	}
	return steps
}

// ignoredDir reports whether the go command sees no packages in a directory of that name.
func ignoredDir(name string) bool {
	return name == "testdata" || name == "vendor" || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_")
}

func isFile(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.Mode().IsRegular()
}

func isDirectory(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}
