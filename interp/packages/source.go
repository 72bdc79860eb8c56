package packages

import (
	_ "embed"
	"path"
	"sync"

	"github.com/rivulet-go/rivulet/interp/packages/archive"
	"github.com/rivulet-go/rivulet/interp/packages/overlay"
)

//go:embed data/std.sources.zst
var stdSources string

var sources = sync.OnceValue(func() *archive.Archive { return mustOpen(stdSources) })

// Source is the Go source of a package that has nothing but generic code, by file name: cmp, iter, maps and slices. It is plain Go: it
// checks without the package's compiled types, and needs nothing that only the runtime has.
func Source(p string) (files map[string]string, ok bool) {
	if file, ok := overlay.Whole[p]; ok {
		return map[string]string{path.Base(file): overlay.Read(file)}, true
	}
	for _, name := range sources().Names() {
		if path.Dir(name) != p {
			continue
		}
		text, err := sources().Get(name)
		if err != nil {
			panic(err)
		}
		if files == nil {
			files = map[string]string{}
		}
		files[path.Base(name)] = string(text)
	}
	return files, files != nil
}

// Overlay is the Go source of the generic declarations of a package that is otherwise compiled, such as sync.OnceValue. It checks as a
// package of the same path, which may import the compiled one.
func Overlay(path string) (src string, ok bool) {
	file, ok := overlay.Generic[path]
	if !ok {
		return "", false
	}
	return overlay.Read(file), true
}
