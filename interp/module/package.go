package module

import (
	"path"
	"slices"
	"strings"
)

// Package is the Go source of one package as it is to be interpreted.
type Package struct {
	ImportPath string
	Name       string // of its package clauses
	Module     string // the path of the module that it is part of
	Version    string // of the module; empty for a local directory
	Dir        string // absolute
	GoVersion  string // the language version of its module, such as "go1.21"; "go1.16" if it names none
	Tags       []string
	Files      []string            // in Dir, sorted; without tests
	Imports    []string            // sorted, each once
	Embeds     map[string][]string // patterns of go:embed to the files they match, relative to Dir, with slashes
	Problem    string              // why it can't be interpreted, with file and line; empty if it can
	Lacks      map[string]string   // its functions that have no body in Go, and why they can't be called, with file and line
}

// Local reports whether the package is a directory of the user's, whose files may change.
func (p Package) Local() bool { return p.Version == "" }

// Internal reports whether only packages of a tree may import the path, and the root of that tree.
func Internal(importPath string) (root string, internal bool) {
	elements := strings.Split(importPath, "/")
	for i, element := range slices.Backward(elements) {
		if element == "internal" {
			return path.Join(elements[:i]...), true
		}
	}
	return "", false
}

// Importable is an error if the package from may not import a path, as it is internal to another tree. An empty from is a
// cell.
func Importable(from, importPath string) error {
	root, internal := Internal(importPath)
	if !internal || from != "" && (from == root || strings.HasPrefix(from, root+"/")) {
		return nil
	}
	e := &Error{Path: importPath, Err: ErrInternal}
	if from != "" {
		e.Hint = from + " is outside of " + root
	} else {
		e.Hint = "only packages below " + root + " may import it"
	}
	return e
}
