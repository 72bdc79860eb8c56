package udf

import (
	"go/ast"
	"go/token"
	"go/types"
)

// checkWrites refuses what would change a captured variable: each process and lane has a copy, or shares one with others.
func (x *extractor) checkWrites(d *unitDecl) {
	cell := d.decl.Cell
	refuse := func(e ast.Expr, what string) {
		id := rootOf(e)
		if id == nil {
			return
		}
		obj := cell.Info.Uses[id]
		if obj == nil || inside(d, obj) {
			return
		}
		obj = origin(obj)
		if decl, ok := x.find(obj); ok {
			obj = decl.Object
		}
		if x.captured[obj] == nil && x.declared[obj] == nil {
			return
		}
		if _, ok := obj.(*types.Var); ok {
			x.refuse(e.Pos(), "the function %s %s, which it captures: it works on a copy, in several lanes at once. Return what you compute, or gather it with Reduce", what, obj.Name())
		}
	}
	ast.Inspect(d.node, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			if n.Tok != token.DEFINE {
				for _, l := range n.Lhs {
					refuse(l, "assigns to")
				}
			}
		case *ast.IncDecStmt:
			refuse(n.X, "assigns to")
		case *ast.RangeStmt:
			if n.Tok == token.ASSIGN {
				refuse(n.Key, "assigns to")
				refuse(n.Value, "assigns to")
			}
		case *ast.UnaryExpr:
			if n.Op == token.AND {
				if _, lit := ast.Unparen(n.X).(*ast.CompositeLit); !lit {
					refuse(n.X, "takes the address of")
				}
			}
		case *ast.CallExpr:
			if id, ok := ast.Unparen(n.Fun).(*ast.Ident); ok && len(n.Args) > 0 {
				if b, ok := cell.Info.Uses[id].(*types.Builtin); ok && (b.Name() == "delete" || b.Name() == "clear" || b.Name() == "copy") {
					refuse(n.Args[0], "changes")
				}
			}
			x.checkMethodWrites(cell, n, refuse)
		}
		return true
	})
}

// checkMethodWrites refuses a method on a captured variable that assigns through its receiver.
func (x *extractor) checkMethodWrites(cell *Cell, call *ast.CallExpr, refuse func(e ast.Expr, what string)) {
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok || cell.Info.Selections[sel] == nil {
		return
	}
	method, ok := cell.Info.Uses[sel.Sel].(*types.Func)
	if !ok {
		return
	}
	decl, ok := x.find(method.Origin())
	if !ok {
		return
	}
	fd, ok := decl.Node.(*ast.FuncDecl)
	if !ok || fd.Recv == nil || len(fd.Recv.List) == 0 || len(fd.Recv.List[0].Names) == 0 || fd.Body == nil {
		return
	}
	if _, pointer := decl.Object.(*types.Func).Signature().Recv().Type().(*types.Pointer); !pointer {
		return
	}
	receiver := decl.Cell.Info.Defs[fd.Recv.List[0].Names[0]]
	writes := false
	mark := func(e ast.Expr) {
		if id := rootOf(e); id != nil && id != e && decl.Cell.Info.Uses[id] == receiver {
			writes = true
		}
	}
	ast.Inspect(fd.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for _, l := range n.Lhs {
				mark(l)
			}
		case *ast.IncDecStmt:
			mark(n.X)
		}
		return !writes
	})
	if writes {
		refuse(sel.X, "calls "+method.Name()+", which changes")
	}
}

// rootOf is the variable of which e is a part; nil where there is none.
func rootOf(e ast.Expr) *ast.Ident {
	for e != nil {
		switch n := e.(type) {
		case *ast.Ident:
			return n
		case *ast.ParenExpr:
			e = n.X
		case *ast.SelectorExpr:
			e = n.X
		case *ast.IndexExpr:
			e = n.X
		case *ast.SliceExpr:
			e = n.X
		case *ast.StarExpr:
			e = n.X
		default:
			return nil
		}
	}
	return nil
}
