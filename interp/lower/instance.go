package lower

import (
	"fmt"
	"go/ast"
	"go/types"
	"path"
	"strings"
)

// instantiate is the name of a function or method of a source package for the given type arguments (of the receiver, for
// a method); it is lowered when that is first asked for. An unwound one takes the stack of defers that runs it.
func (l *Lowering) instantiate(o *types.Func, args []types.Type, unwound bool) string {
	var key strings.Builder
	fmt.Fprintf(&key, "%d.%d", l.objectID(o), l.versions[o])
	for _, t := range args {
		key.WriteByte(',')
		l.writeKey(&key, t)
	}
	if unwound {
		key.WriteByte('!')
	}
	k := key.String()
	if name, ok := l.instances[k]; ok {
		return name
	}
	fn, ok := l.world.Function(o)
	if !ok {
		panic(bug("no source of " + o.FullName()))
	}
	if def := fn.Info.Defs[fn.Decl.Name]; def != nil && def.Pkg() != nil && def.Pkg() != o.Pkg() {
		l.begin([]*types.Package{def.Pkg()}) // an overlay, which no cell imports
	}
	name := l.global(functionBase(o))
	l.instances[k] = name
	l.labels[name] = functionLabel(o)
	sig := o.Signature()
	params := typeParameters(fn)
	env := &environment{types: map[*types.TypeParam]types.Type{}, start: fn.Decl.Pos(), end: fn.Decl.End()}
	for i, t := range args {
		if params[i] != nil {
			env.types[params[i]] = t
		}
	}
	if len(args) > 0 {
		env.key = k
	}
	if hasNamedResults(sig) || fn.Decl.Body != nil && hasDefer(fn.Decl.Body) {
		l.results[name] = true
	}
	l.unit.queue = append(l.unit.queue, func() { l.emitFunction(name, fn, env, unwound) })
	return name
}

func hasNamedResults(sig *types.Signature) bool {
	r := sig.Results()
	return r.Len() > 0 && r.At(0).Name() != ""
}

// typeParameters are the type parameters of a function, or of the receiver of a method, as its source has them; nil for blank.
func typeParameters(fn Function) []*types.TypeParam {
	var names []*ast.Ident
	if fn.Decl.Recv == nil {
		if fn.Decl.Type.TypeParams != nil {
			for _, field := range fn.Decl.Type.TypeParams.List {
				names = append(names, field.Names...)
			}
		}
	} else {
		recv := ast.Unparen(fn.Decl.Recv.List[0].Type)
		if star, ok := recv.(*ast.StarExpr); ok {
			recv = ast.Unparen(star.X)
		}
		var list []ast.Expr
		switch x := recv.(type) {
		case *ast.IndexExpr:
			list = []ast.Expr{x.Index}
		case *ast.IndexListExpr:
			list = x.Indices
		}
		for _, e := range list {
			names = append(names, e.(*ast.Ident))
		}
	}
	var params []*types.TypeParam
	for _, id := range names {
		var p *types.TypeParam
		if o := fn.Info.Defs[id]; o != nil {
			p, _ = o.Type().(*types.TypeParam)
		}
		params = append(params, p)
	}
	return params
}

// functionLabel is what the user calls a function.
func functionLabel(o *types.Func) string {
	label := o.Name()
	if r := o.Signature().Recv(); r != nil {
		if n, ok := types.Unalias(deref(r.Type())).(*types.Named); ok {
			label = n.Obj().Name() + "." + label
		}
	}
	if o.Pkg() != nil && o.Pkg().Path() != "main" {
		label = o.Pkg().Name() + "." + label
	}
	return label
}

func functionBase(o *types.Func) string {
	base := o.Name()
	if r := o.Signature().Recv(); r != nil {
		if n, ok := types.Unalias(deref(r.Type())).(*types.Named); ok {
			base = n.Obj().Name() + "_" + base
		}
	}
	if o.Pkg() != nil && o.Pkg().Path() != "main" {
		base = path.Base(o.Pkg().Path()) + "_" + base
	}
	return base
}
