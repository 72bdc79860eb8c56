package check

import (
	"go/ast"
	"go/types"
)

// compiledVariable is the variable of a compiled package of which an expression denotes all or a part, nil where it denotes
// none that may not be set.
func (a *attempt) compiledVariable(x ast.Expr) *types.Var {
	for {
		switch e := ast.Unparen(x).(type) {
		case *ast.IndexExpr:
			tv, ok := a.info.Types[e.X]
			if !ok {
				return nil
			}
			if _, ok := tv.Type.Underlying().(*types.Array); !ok {
				return nil
			}
			x = e.X
		case *ast.SelectorExpr:
			if sel := a.info.Selections[e]; sel != nil {
				if sel.Indirect() {
					return nil
				}
				x = e.X
				continue
			}
			return a.foreign(a.info.Uses[e.Sel])
		case *ast.Ident:
			return a.foreign(a.info.Uses[e])
		default:
			return nil
		}
	}
}

func (a *attempt) foreign(obj types.Object) *types.Var {
	v, ok := obj.(*types.Var)
	if !ok || v.Pkg() == nil || v.Pkg() == a.pkg || v.Kind() != types.PackageVar || a.t.s.interpreted(v.Pkg()) {
		return nil
	}
	if a.t.s.opts.Settable != nil && a.t.s.opts.Settable(v) {
		return nil
	}
	return v
}
