package check

import (
	"fmt"
	"go/ast"
	"go/token"
	"strings"
)

// refuse finds what can't be had in cells and shows in the syntax alone.
func (t *task) refuse() {
	for _, c := range comments(t.src.text) {
		switch {
		case strings.HasPrefix(c.text, "//go:embed"):
			t.refuseAt(c, "//go:embed can't be had in cells: read the file with os.ReadFile")
		case strings.HasPrefix(c.text, "//go:linkname"):
			line, _ := t.src.lineColumn(c.off)
			t.notes = append(t.notes, fmt.Sprintf("line %d: //go:linkname has no effect in cells; call what the package exports", line))
		}
	}
	for _, it := range t.items {
		for _, n := range it.nodes() {
			ast.Inspect(n, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.FuncLit:
					return false
				case *ast.ReturnStmt:
					t.returns[n.Pos()] = true
					for _, r := range n.Results {
						t.returns[r.Pos()] = true
					}
					t.fail(n, "return outside a function: a cell runs to its end; put the code into a func, or what follows into an if")
				}
				return true
			})
		}
	}
}

func (t *task) refuseAt(c comment, msg string) {
	t.diags = append(t.diags, Diagnostic{Pos: t.src.position(c.off), End: t.src.position(c.off + len(strings.TrimSpace(c.text))), Msg: msg})
}

// refuseSettings finds assignments to variables of compiled packages.
func (a *attempt) refuseSettings() {
	check := func(x ast.Expr) {
		if v := a.compiledVariable(x); v != nil {
			name := v.Pkg().Name() + "." + v.Name()
			msg := fmt.Sprintf("setting compiled package variables can't be had: %s belongs to package %s; ", name, v.Pkg().Path())
			msg += "keep the value in a variable of your own and use that"
			a.clash = append(a.clash, a.t.s.diagnostic(x.Pos(), x.End(), msg))
		}
	}
	for _, u := range a.files {
		ast.Inspect(u.file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.AssignStmt:
				for _, x := range n.Lhs {
					check(x)
				}
			case *ast.IncDecStmt:
				check(n.X)
			case *ast.RangeStmt:
				if n.Tok == token.ASSIGN {
					for _, x := range []ast.Expr{n.Key, n.Value} {
						if x != nil {
							check(x)
						}
					}
				}
			}
			return true
		})
	}
}
