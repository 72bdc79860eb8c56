package lower

import (
	"go/ast"
	"go/types"
)

// native is the compiled instance of a generic function of the standard library that an expression names, as a call's
// target; false where there is none.
func (f *function) native(fun ast.Expr, sig *types.Signature) (target, bool) {
	id := calleeName(fun)
	if id == nil {
		return target{}, false
	}
	inst, generic := f.info.Instances[id]
	o := f.objectOf(id)
	if !generic || o == nil || o.Pkg() == nil {
		return target{}, false
	}
	var args []string
	for t := range inst.TypeArgs.Types() {
		t = f.subst(f.env, t)
		if !basicParts(t) {
			return target{}, false
		}
		args = append(args, types.TypeString(t, nil))
	}
	path, name, ok := f.world.Native(o.Pkg().Path(), o.Name(), args)
	if !ok {
		return target{}, false
	}
	return target{fun: f.use(path) + "." + name, sig: sig, compiled: true, path: o.FullName()}, true
}

// calleeName is the name of the function that an expression is, with or without type arguments.
func calleeName(fun ast.Expr) *ast.Ident {
	switch x := ast.Unparen(fun).(type) {
	case *ast.Ident:
		return x
	case *ast.SelectorExpr:
		return x.Sel
	case *ast.IndexExpr:
		return calleeName(x.X)
	case *ast.IndexListExpr:
		return calleeName(x.X)
	}
	return nil
}

// basicParts reports whether a type is a basic type, or a slice or map of those, without a name of its own.
func basicParts(t types.Type) bool {
	switch t := types.Unalias(t).(type) {
	case *types.Basic:
		return true
	case *types.Slice:
		return basicParts(t.Elem())
	case *types.Map:
		return basicParts(t.Key()) && basicParts(t.Elem())
	}
	return false
}
