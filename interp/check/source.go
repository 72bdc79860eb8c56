package check

import (
	"go/types"
)

type sourced struct {
	src *Source
	err error
}

func (s *Session) checkFiles(path string, files *Files) (*Source, error) { panic("todo") }

func (s *Session) interpreted(pkg *types.Package) bool { return false }

// FuncOf is the source of a function or method: one of a cell, also where it has been redefined since, or one of a package
// that was checked from source. It takes origins and instances. nil: a compiled one.
func (s *Session) FuncOf(f *types.Func) *Func { return s.funcs[f.Origin()] }

// Source is the checked source of a package, nil where it has none. The error says what is wrong with the source.
func (s *Session) Source(path string) (*Source, error) { panic("not yet") }
