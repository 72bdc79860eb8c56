package udf

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
)

// Cell is a checked piece of source: a cell, or a file of a package.
type Cell struct {
	Fset  *token.FileSet
	Info  *types.Info // Types, Defs, Uses, Selections, Instances and Implicits are needed
	Files []*ast.File
	// Text is the source between two positions of the cell.
	Text func(from, to token.Pos) string
	// Label is what the user calls a file; nil: its name.
	Label func(filename string) string

	assigned map[types.Object]bool // filled by assignedIn
}

// Declaration is how an object of a cell came to be.
type Declaration struct {
	// Object is what counts now: of a function that a later cell declared again, the later one.
	Object types.Object
	// Node is an *ast.FuncDecl, *ast.TypeSpec, *ast.ValueSpec, or the *ast.AssignStmt of x := ….
	Node ast.Node
	Cell *Cell
	// Assigned says of a variable that something beside its declaration assigns to it or takes its address, in any cell.
	Assigned bool
}

// Declarations gives the declaration of an object that cells share: package-level functions, types, constants, variables,
// and methods. It is false for all others.
type Declarations func(types.Object) (*Declaration, bool)

// Error is a function that can't become part of a plan.
type Error struct {
	Pos     token.Pos // in the cell given to Extract
	Message string
}

func (e *Error) Error() string { return e.Message }

// Assigned are the variables that something in the files assigns to, beside their declarations, or whose address it
// takes. It serves to fill Declaration.Assigned.
func Assigned(info *types.Info, files ...*ast.File) map[types.Object]bool {
	out := map[types.Object]bool{}
	mark := func(e ast.Expr) {
		if id, ok := ast.Unparen(e).(*ast.Ident); ok {
			if obj := info.Uses[id]; obj != nil {
				out[obj] = true
			}
		}
	}
	for _, file := range files {
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.AssignStmt:
				for _, l := range n.Lhs {
					mark(l)
				}
			case *ast.IncDecStmt:
				mark(n.X)
			case *ast.UnaryExpr:
				if n.Op == token.AND {
					mark(n.X)
				}
			case *ast.RangeStmt:
				if n.Tok == token.ASSIGN {
					mark(n.Key)
					mark(n.Value)
				}
			}
			return true
		})
	}
	return out
}

// assignedIn says whether the cell itself assigns to a variable of its functions.
func (c *Cell) assignedIn(obj types.Object) bool {
	if c.assigned == nil {
		c.assigned = Assigned(c.Info, c.Files...)
	}
	return c.assigned[obj]
}

// place is a position as errors name it: In[3]:4.
func (c *Cell) place(pos token.Pos) string {
	p := c.Fset.Position(pos)
	if c.Label != nil {
		p.Filename = c.Label(p.Filename)
	}
	if p.Filename == "" {
		return fmt.Sprintf("line %d", p.Line)
	}
	return fmt.Sprintf("%s:%d", p.Filename, p.Line)
}

// local finds the declaration of an object inside a function of the cell.
func (c *Cell) local(obj types.Object) *Declaration {
	var found ast.Node
	for _, file := range c.Files {
		// Files of checked cells are put together: their declarations have positions, the file as a whole has none.
		for _, d := range file.Decls {
			ast.Inspect(d, func(n ast.Node) bool {
				if n == nil || obj.Pos() < n.Pos() || obj.Pos() >= n.End() {
					return false
				}
				switch n.(type) {
				case *ast.ValueSpec, *ast.TypeSpec, *ast.AssignStmt:
					found = n
				}
				return true
			})
		}
	}
	if found == nil {
		return nil
	}
	return &Declaration{Object: obj, Node: found, Cell: c, Assigned: c.assignedIn(obj)}
}

// initialiser is the expression with which a variable was declared; nil where there is none of its own.
func (d *Declaration) initialiser() ast.Expr {
	switch n := d.Node.(type) {
	case *ast.ValueSpec:
		if len(n.Names) != len(n.Values) {
			return nil
		}
		for i, name := range n.Names {
			if d.Cell.Info.Defs[name] == d.Object {
				return n.Values[i]
			}
		}
	case *ast.AssignStmt:
		if n.Tok != token.DEFINE || len(n.Lhs) != len(n.Rhs) {
			return nil
		}
		for i, l := range n.Lhs {
			if id, ok := l.(*ast.Ident); ok && d.Cell.Info.Defs[id] == d.Object {
				return n.Rhs[i]
			}
		}
	}
	return nil
}
