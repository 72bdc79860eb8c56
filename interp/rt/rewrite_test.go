package rt

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/ast/astutil"
)

// rewrite lowers the body of a function with results sig.
func (l *testLowering) rewrite(root ast.Node, sig *types.Signature) {
	sigs := []*types.Signature{sig}
	pre := func(c *astutil.Cursor) bool {
		if f, ok := c.Node().(*ast.FuncLit); ok {
			sigs = append(sigs, l.info.TypeOf(f).(*types.Signature))
		}
		if e, ok := c.Node().(ast.Expr); ok {
			if tv, ok := l.info.Types[e]; ok && tv.IsType() {
				if _, ok := e.(*ast.FuncType); !ok {
					n := l.expr(l.repr(tv.Type))
					l.after[n] = tv.Type
					c.Replace(n)
					return false
				}
			}
		}
		return true
	}
	post := func(c *astutil.Cursor) bool {
		switch n := c.Node().(type) {
		case *ast.FuncLit:
			sigs = sigs[:len(sigs)-1]
		case *ast.CompositeLit:
			_, elided := l.info.TypeOf(n).Underlying().(*types.Pointer)
			l.composite(n)
			if elided {
				e := &ast.UnaryExpr{Op: token.AND, X: n}
				l.after[e] = l.info.TypeOf(n)
				c.Replace(e)
			}
		case *ast.ReturnStmt:
			res := sigs[len(sigs)-1].Results()
			for i, e := range n.Results {
				if len(n.Results) == res.Len() {
					n.Results[i] = l.toIface(e, l.typeOf(e), res.At(i).Type())
				}
			}
		case *ast.AssignStmt:
			if n.Tok == token.ASSIGN && len(n.Lhs) == len(n.Rhs) {
				for i, e := range n.Rhs {
					n.Rhs[i] = l.toIface(e, l.typeOf(e), l.typeOf(n.Lhs[i]))
				}
			}
		case *ast.CallExpr:
			if e := l.call(n); e != nil {
				l.after[e] = l.info.TypeOf(n)
				c.Replace(e)
			}
		}
		return true
	}
	astutil.Apply(root, pre, post)
}

func (l *testLowering) composite(n *ast.CompositeLit) {
	t := l.info.TypeOf(n)
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	s := structType(t)
	for i, e := range n.Elts {
		kv, keyed := e.(*ast.KeyValueExpr)
		want := elemType(t)
		if s != nil && keyed {
			for f := range s.Fields() {
				if f.Name() == kv.Key.(*ast.Ident).Name {
					want = f.Type()
				}
			}
		} else if s != nil {
			want = s.Field(i).Type()
		}
		if keyed {
			kv.Key = l.toIface(kv.Key, l.typeOf(kv.Key), keyType(t))
			kv.Value = l.toIface(kv.Value, l.typeOf(kv.Value), want)
		} else {
			n.Elts[i] = l.toIface(e, l.typeOf(e), want)
		}
	}
	if n.Type == nil { // elided
		n.Type = l.expr(l.repr(t))
	}
}

// call lowers method calls and arguments; nil leaves the expression.
func (l *testLowering) call(n *ast.CallExpr) ast.Expr {
	if t, ok := l.after[n.Fun]; ok && len(n.Args) == 1 && !isFunc(t) {
		return l.conversion(n, t)
	}
	sig, ok := l.typeOf(n.Fun).(*types.Signature)
	if !ok {
		return nil
	}
	sel, ok := n.Fun.(*ast.SelectorExpr)
	var method *types.Selection
	if ok {
		method = l.info.Selections[sel]
	}
	compiled := ok && method == nil
	if method != nil && method.Kind() == types.MethodVal {
		compiled = !l.user(deref1(method.Recv()))
	}
	for i, a := range n.Args {
		if method != nil && l.info.Types[a].Value != nil {
			if p := paramType(sig, i, n.Ellipsis.IsValid()); !types.IsInterface(p) {
				n.Args[i] = l.conv(a, p)
				continue
			}
		}
		n.Args[i] = l.argument(a, l.typeOf(a), paramType(sig, i, n.Ellipsis.IsValid()), compiled)
	}
	switch {
	case method == nil || method.Kind() != types.MethodVal:
	case types.IsInterface(method.Recv()):
		args := append([]ast.Expr{sel.X, l.expr(fmt.Sprintf("%q", sel.Sel.Name))}, n.Args...)
		call := &ast.CallExpr{Fun: l.expr("rv.Call"), Args: args}
		if sig.Results().Len() == 0 {
			return call
		}
		return &ast.TypeAssertExpr{X: &ast.IndexExpr{X: call, Index: l.expr("0")}, Type: l.expr(l.repr(sig.Results().At(0).Type()))}
	case !compiled && len(method.Index()) == 1:
		x := sel.X
		f := method.Obj().(*types.Func)
		_, want := f.Type().(*types.Signature).Recv().Type().(*types.Pointer)
		_, have := method.Recv().(*types.Pointer)
		if want && !have {
			x = &ast.UnaryExpr{Op: token.AND, X: x}
		} else if have && !want {
			x = &ast.StarExpr{X: x}
		}
		return &ast.CallExpr{Fun: ast.NewIdent(l.funcName(f)), Args: append([]ast.Expr{x}, n.Args...)}
	}
	if compiled && sig.Results().Len() == 1 && types.IsInterface(sig.Results().At(0).Type()) {
		return &ast.CallExpr{Fun: l.expr("rv.In"), Args: []ast.Expr{n}}
	}
	return nil
}

func (l *testLowering) conversion(n *ast.CallExpr, t types.Type) ast.Expr {
	if types.IsInterface(t) {
		return l.toIface(n.Args[0], l.typeOf(n.Args[0]), t)
	}
	if id, ok := n.Args[0].(*ast.Ident); ok && id.Name == "nil" {
		n.Fun = &ast.ParenExpr{X: n.Fun}
		return nil
	}
	if _, ok := n.Args[0].(*ast.CompositeLit); ok {
		return n.Args[0]
	}
	n.Fun = &ast.ParenExpr{X: n.Fun}
	return nil
}

func (l *testLowering) argument(a ast.Expr, from, to types.Type, compiled bool) ast.Expr {
	a = l.toIface(a, from, to)
	i, ok := to.Underlying().(*types.Interface)
	if !compiled || !ok {
		return a
	}
	if i.NumMethods() == 0 {
		return &ast.CallExpr{Fun: l.expr("rv.Out"), Args: []ast.Expr{a}}
	}
	name := types.TypeString(to, (*types.Package).Name)
	return l.expr(fmt.Sprintf("rv.As(%s, (*%s)(nil)).(%s)", types.ExprString(a), name, name))
}

func isFunc(t types.Type) bool { _, ok := t.(*types.Signature); return ok }

func deref1(t types.Type) types.Type {
	if p, ok := t.(*types.Pointer); ok {
		return p.Elem()
	}
	return t
}

func paramType(sig *types.Signature, i int, spread bool) types.Type {
	n := sig.Params().Len()
	if sig.Variadic() && i >= n-1 && !spread {
		return sig.Params().At(n - 1).Type().(*types.Slice).Elem()
	}
	return sig.Params().At(i).Type()
}
