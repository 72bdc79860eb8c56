package complete

import "github.com/rivulet-go/rivulet/interp/packages"

// Standard is the Library of what is compiled in.
type Standard struct{}

var _ Library = Standard{}

// Paths are those that cells can import.
func (Standard) Paths() []string { return packages.Paths() }

// Name is the name of a package.
func (Standard) Name(path string) string { return packages.Name(path) }

// Doc is the comment of a symbol.
func (Standard) Doc(path, symbol string) string { return packages.Doc(path, symbol) }
