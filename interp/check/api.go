package check

import (
	"go/ast"
	"go/token"
	"go/types"
)

// Importer finds compiled packages.
type Importer interface {
	Import(path string) (*types.Package, error)
}

// Loader finds packages that exist only as source, such as those of modules. A package that it does not know gives nil, nil.
type Loader interface {
	Load(path string) (*Files, error)
}

// Files is the source of a package: the files that are part of the build.
type Files struct {
	Dir       string            // names the files in positions
	Text      map[string]string // file name to text
	GoVersion string            // of its module, such as "go1.21"; "": the session's
	// Embeds are the files that a pattern of go:embed means, relative to Dir.
	Embeds map[string][]string
	// Lacks are the functions (f, or T.m) without a body, and why they have none.
	Lacks map[string]string
}

// Options configure a session.
type Options struct {
	Importer Importer
	// Source has the source of packages that are not compiled as a whole, because all in them is generic, by file name. nil: there
	// are none. Where the types of other packages refer to such a package, the Importer has to get it from Session.FromSource.
	Source func(path string) (files map[string]string, ok bool)
	// Overlay has the source of the generic declarations of packages that are otherwise compiled. nil: there are none.
	Overlay func(path string) (text string, ok bool)
	// ByName gives the import paths of the packages with a name, which are imported by themselves where there is but one. nil:
	// nothing is imported by itself.
	ByName func(name string) []string
	Loader Loader // nil: there are none
	// Implicit are the paths of packages that need no import.
	Implicit []string
	// Predeclared are functions that need no package name: names by the path of their package.
	Predeclared map[string][]string
	// Label names a cell in messages; nil: "In[n]".
	Label func(cell int) string
	// Settable says which variables of compiled packages cells may set; nil: none.
	Settable func(*types.Var) bool
	// Fset is the file set of the session; nil: a new one.
	Fset *token.FileSet
}

// Cell is a checked cell.
type Cell struct {
	Number int
	Src    string
	Fset   *token.FileSet
	// Pkg is the package of all cells; its scope, the parent of all objects outside functions, has what the cell that was checked
	// last declares. Scope is a copy with what this cell declares.
	Pkg   *types.Package
	Scope *types.Scope
	// Info is that of all syntax trees of this cell, those of replayed declarations included.
	Info *types.Info
	// Files are its declarations, those of replayed ones, and a function _ of its statements. Positions lie in the texts of the
	// cells that the declarations came from.
	Files []*ast.File
	// Funcs are the functions and methods to lower now: the cell's own, then the replayed ones of earlier cells. Where a
	// method keeps its Obj, that is not the object of the Decl's name in another Info, and the parameters of its signature are
	// not the Defs of those in Decl: take parameters from Decl.
	Funcs []*Func
	// Types are the types (aliases too) that were declared or replayed now, in no order that matters.
	Types []*types.TypeName
	// Vars are the package-level variables that come into being now, hidden ones included.
	Vars []*types.Var
	// Body is what runs, in order.
	Body []Item
	// Show is the expression of the last statement, where that is one; it is in Body too.
	Show ast.Expr
	// Program says that the cell is a package main whose func main is to be called.
	Program bool
	// Inits are the functions init, in order. They are in Funcs too.
	Inits []*Func
	// Notes are remarks for the user.
	Notes []string
	// Imports are the packages that the cell uses.
	Imports []*types.Package

	commit *commit
}

// Item is a step of a cell: a statement, or the definition of package-level variables.
type Item struct {
	// Stmt is a statement; nil: a definition. Statements of all items lie in one function body, so that labels and goto work.
	Stmt ast.Stmt
	// Lhs are the variables that come into being; nil for blank.
	Lhs []*types.Var //nolint:revive // as in go/ast
	// Rhs are their values: as many as Lhs, or one call, index, assertion or receive that gives all. None: zero values.
	Rhs []ast.Expr //nolint:revive // as in go/ast
	// Type is the type expression of a var declaration, nil where there is none.
	Type ast.Expr
	// Pos and End are where the item stands in the cell.
	Pos, End token.Pos
	// Hidden says for each of Lhs that it is a variable without a name of the user's: the next item assigns it to the
	// variable that the user means. nil: none is.
	Hidden []bool
}

// Func is a function or method with its source.
type Func struct {
	Obj  *types.Func
	Decl *ast.FuncDecl
	Info *types.Info
	Cell int // 0: of a package
	// GoVersion is that of the file, such as "go1.21"; "": the session's.
	GoVersion string
}

// Source is a package, or a part of one, that was checked from source.
type Source struct {
	Path  string
	Pkg   *types.Package // its own: not the one that cells import, where that is a compiled one
	Info  *types.Info
	Files []*ast.File
	Funcs map[*types.Func]*ast.FuncDecl
	// Dir, Embeds and Lacks are those of its Files.
	Dir    string
	Embeds map[string][]string
	Lacks  map[string]string
}

// Diagnostic is one error of a cell.
type Diagnostic struct {
	Pos, End token.Position // End is past the last column; it may be zero
	Msg      string
	Notes    []Note
}

// Note adds to a Diagnostic.
type Note struct {
	Pos token.Position // zero: none
	Msg string
}

// Errors are all errors of a cell, in the order of the text.
type Errors struct { //nolint:errname // it is several
	List []Diagnostic
}
