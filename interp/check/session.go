package check

import (
	"fmt"
	"go/token"
	"go/types"
)

// FileName is the name of the file that positions of a cell carry.
func FileName(number int) string { return fmt.Sprintf("/cell/%d/_.go", number) }

// Session is what the cells of a session have declared. It is not safe for concurrent use.
type Session struct {
	opts Options
	fset *token.FileSet
	pkg  *types.Package
}

type commit struct{}

// NewSession is a session without cells.
func NewSession(opts Options) *Session {
	s := &Session{opts: opts, fset: opts.Fset, pkg: types.NewPackage("main", "main")}
	if s.fset == nil {
		s.fset = token.NewFileSet()
	}
	return s
}

// Fset is the file set of all positions. Files of cells are called as FileName says, and lines and columns are those of the
// cell's text.
func (s *Session) Fset() *token.FileSet { return s.fset }

// Check parses and type-checks a cell. The error is an *Errors; nothing changes in the session before Commit.
func (s *Session) Check(src string, number int) (*Cell, error) { panic("not yet") }

// Commit makes the names of a checked cell visible to later cells.
func (s *Session) Commit(c *Cell) { panic("not yet") }

// FuncOf is the source of a function or method: one of a cell, also where it has been redefined since, or one of a package
// that was checked from source. It takes origins and instances. nil: a compiled one.
func (s *Session) FuncOf(f *types.Func) *Func { panic("not yet") }

// Source is the checked source of a package, nil where it has none. The error says what is wrong with the source.
func (s *Session) Source(path string) (*Source, error) { panic("not yet") }
