package check

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"
)

// FileName is the name of the file that positions of a cell carry.
func FileName(number int) string { return fmt.Sprintf("/cell/%d/_.go", number) }

// Session is what the cells of a session have declared. It is not safe for concurrent use.
type Session struct {
	opts Options
	fset *token.FileSet
	// pkg is the package of all cells. Its scope is emptied for each cell.
	pkg *types.Package

	names    map[string]*entry
	dots     []string // paths of dot imports, the last one first
	decls    []*decl  // live declarations, in the order in which they were made
	funcs    map[*types.Func]*Func
	imports  map[string]imported
	sources  map[string]*Source // packages that are source as a whole
	overlays map[string]*Source
	retired  map[*types.Package]*Source // what was once in sources, and what earlier cells still use
	loading  []string                   // paths of packages that are being checked from source
	sizes    types.Sizes
	pending  *Cell     // checked, not yet committed
	open     *Partial  // not necessarily closed
	partial  token.Pos // where the files of the last partial cell begin in fset
}

// entry is what a name means: a package, or an object.
type entry struct {
	path   string       // of a package, else ""
	member string       // a predeclared function of that package
	obj    types.Object // nil: a package
	decl   *decl        // nil: a variable, a package, or predeclared
	cell   int          // the cell with its source; 0: predeclared
	made   int          // the cell that made this generation of it
}

// decl is a live declaration: a function, a method, a type, or a group of constants.
type decl struct {
	fn   *ast.FuncDecl
	typ  *ast.TypeSpec
	con  *ast.GenDecl
	keys []string          // what it declares: "f", "T", or "T.M"
	uses map[string]bool   // keys of what it uses
	env  map[string]string // what names mean that may mean something else later: paths of packages, or predeclared
	cell int
	made int
	// stale says that it did not type-check when something that it uses was redefined.
	stale bool
}

// recv is the name of the receiver's base type, "" where it is no method.
func (d *decl) recv() string {
	if d.fn == nil {
		return ""
	}
	return receiver(d.fn)
}

// commit is what a checked cell changes in its session.
type commit struct {
	names   map[string]*entry
	dots    []string
	remove  map[*decl]bool
	decls   []*decl
	stale   []*decl
	touched []saved
	before  map[*types.Func]*Func // what FuncOf gave before
}

// NewSession is a session without cells.
func NewSession(opts Options) *Session {
	s := &Session{
		opts: opts, fset: opts.Fset, pkg: types.NewPackage("main", "main"),
		names: map[string]*entry{}, funcs: map[*types.Func]*Func{},
		imports: map[string]imported{}, sources: map[string]*Source{}, overlays: map[string]*Source{}, retired: map[*types.Package]*Source{},
		sizes: sizes(),
	}
	if s.fset == nil {
		s.fset = token.NewFileSet()
	}
	s.predeclare()
	return s
}

// Fset is the file set of all positions. Files of cells are called as FileName says, and lines and columns are those of the
// cell's text.
func (s *Session) Fset() *token.FileSet { return s.fset }

// Pkg is the package of all cells.
func (s *Session) Pkg() *types.Package { return s.pkg }

func (s *Session) label(n int) string {
	if s.opts.Label != nil {
		return s.opts.Label(n)
	}
	return fmt.Sprintf("In[%d]", n)
}

// Check parses and type-checks a cell. The error is an *Errors. Names become visible with Commit; a cell that is not
// committed before the next Check is forgotten.
func (s *Session) Check(src string, number int) (*Cell, error) {
	s.Discard()
	c, errs := s.check(src, number)
	if len(errs) > 0 {
		return nil, &Errors{s.finish(errs)}
	}
	s.pending = c
	c.commit.before = map[*types.Func]*Func{}
	for _, f := range c.Funcs {
		c.commit.before[f.Obj] = s.funcs[f.Obj]
		s.funcs[f.Obj] = f
	}
	return c, nil
}

// Discard forgets a checked cell that has not been committed.
func (s *Session) Discard() {
	if s.open != nil {
		s.open.Close()
		s.open = nil
	}
	if s.pending == nil {
		return
	}
	restore(s.pending.commit.touched)
	for obj, f := range s.pending.commit.before {
		if f == nil {
			delete(s.funcs, obj)
			continue
		}
		s.funcs[obj] = f
	}
	s.pending = nil
}

// Commit makes the names of a checked cell visible to later cells.
func (s *Session) Commit(c *Cell) {
	if s.pending != c || c == nil {
		return
	}
	s.pending = nil
	maps.Copy(s.names, c.commit.names)
	for _, path := range c.commit.dots {
		s.dots = append([]string{path}, slices.DeleteFunc(s.dots, func(p string) bool { return p == path })...)
	}
	s.decls = slices.DeleteFunc(s.decls, func(d *decl) bool { return c.commit.remove[d] })
	s.decls = append(s.decls, c.commit.decls...)
	for _, d := range c.commit.stale {
		d.stale = true
	}
}
