package complete

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// Ranks of candidates.
const (
	fitsField = iota - 1 // a field of the literal; before all others
	fits                 // it is of the type that is wanted
	fitsToo              // it can be assigned to it
	fitsCall             // what it gives, or makes, when it is called can stand here
	fitsNot
)

// order ranks the candidates by the type that is wanted in the place of a node, whose parent is that number in the path.
func (q *query) order(n ast.Expr, parent int) {
	want := q.wanted(n, parent)
	if want == nil {
		return
	}
	for i := range q.found {
		if c := &q.found[i]; c.obj != nil && c.rank != fitsField {
			c.rank = rank(c.obj, want)
		}
	}
}

func rank(obj types.Object, want types.Type) int {
	switch obj := obj.(type) {
	case *types.Var, *types.Const, *types.Nil:
		switch {
		case types.Identical(obj.Type(), want):
			return fits
		case types.AssignableTo(obj.Type(), want):
			return fitsToo
		}
	case *types.TypeName:
		if types.Identical(obj.Type(), want) {
			return fitsCall
		}
	case *types.Func:
		if types.AssignableTo(obj.Type(), want) {
			return fitsToo
		}
		if r := obj.Signature().Results(); r.Len() == 1 && types.AssignableTo(r.At(0).Type(), want) {
			return fitsCall
		}
	}
	return fitsNot
}

// wanted is the type that the place of a node asks for, nil where it does not matter.
func (q *query) wanted(n ast.Expr, parent int) types.Type {
	t := q.asked(n, parent)
	switch q.before[0] {
	case token.IF, token.LAND, token.LOR, token.NOT:
		t = types.Typ[types.Bool] // also where too much is missing for a tree
	}
	switch t := t.(type) {
	case nil:
		return nil
	case *types.TypeParam:
		return t
	case *types.Basic:
		if t.Kind() == types.Invalid || t.Kind() == types.UntypedNil {
			return nil
		}
		return types.Default(t)
	}
	if i, ok := t.Underlying().(*types.Interface); ok && i.Empty() {
		return nil
	}
	return t
}

func (q *query) asked(n ast.Expr, parent int) types.Type {
	switch x := q.up(parent).(type) {
	case *ast.ParenExpr:
		return q.asked(x, parent+1)
	case *ast.CallExpr:
		return q.argument(x, slices.Index(x.Args, n))
	case *ast.AssignStmt:
		if i := slices.Index(x.Rhs, n); i >= 0 && i < len(x.Lhs) && x.Tok != token.DEFINE && x.Tok != token.SHL_ASSIGN && x.Tok != token.SHR_ASSIGN {
			return q.typeOf(x.Lhs[i])
		}
	case *ast.ValueSpec:
		if x.Type != nil && x.Type != n {
			return q.typeOf(x.Type)
		}
	case *ast.ReturnStmt:
		return at(q.results(), slices.Index(x.Results, n))
	case *ast.SendStmt:
		if c, ok := q.under(x.Chan).(*types.Chan); ok && x.Value == n {
			return c.Elem()
		}
	case *ast.IfStmt:
		return types.Typ[types.Bool]
	case *ast.ForStmt:
		return types.Typ[types.Bool]
	case *ast.CaseClause:
		if s, ok := q.up(parent + 2).(*ast.SwitchStmt); ok && s.Tag != nil {
			return q.typeOf(s.Tag)
		}
		return types.Typ[types.Bool]
	}
	return q.askedInside(n, parent)
}

// askedInside is asked for places inside expressions.
func (q *query) askedInside(n ast.Expr, parent int) types.Type {
	switch x := q.up(parent).(type) {
	case *ast.KeyValueExpr:
		if lit, ok := q.up(parent + 1).(*ast.CompositeLit); ok {
			return q.element(lit, x, n)
		}
	case *ast.CompositeLit:
		if x.Type != n {
			return q.element(x, n, n)
		}
	case *ast.BinaryExpr:
		switch x.Op {
		case token.LAND, token.LOR:
			return types.Typ[types.Bool]
		case token.SHL, token.SHR:
			return nil
		}
		other := x.X
		if other == n {
			other = x.Y
		}
		if t, ok := q.typeOf(other).(*types.Basic); !ok || t.Info()&types.IsUntyped == 0 {
			return q.typeOf(other)
		}
		return q.asked(x, parent+1)
	case *ast.UnaryExpr:
		switch x.Op {
		case token.NOT:
			return types.Typ[types.Bool]
		case token.AND:
			if p, ok := under(q.asked(x, parent+1)).(*types.Pointer); ok {
				return p.Elem()
			}
			return nil
		case token.ARROW:
			return nil
		}
		return q.asked(x, parent+1)
	case *ast.StarExpr:
		if t := q.asked(x, parent+1); t != nil {
			return types.NewPointer(t)
		}
	case *ast.IndexExpr:
		if x.Index != n {
			return nil
		}
		if m, ok := q.under(x.X).(*types.Map); ok {
			return m.Key()
		}
		return types.Typ[types.Int]
	case *ast.SliceExpr:
		if x.X != n {
			return types.Typ[types.Int]
		}
	}
	return nil
}

// argument is the type of a parameter.
func (q *query) argument(call *ast.CallExpr, i int) types.Type {
	if i < 0 {
		return nil
	}
	if tv, ok := q.p.Info.Types[call.Fun]; ok && tv.IsBuiltin() && len(call.Args) > 0 && i > 0 {
		first := q.under(call.Args[0])
		switch id, _ := ast.Unparen(call.Fun).(*ast.Ident); {
		case id == nil:
		case id.Name == "append":
			if s, ok := first.(*types.Slice); ok {
				return s.Elem()
			}
		case id.Name == "delete":
			if m, ok := first.(*types.Map); ok {
				return m.Key()
			}
		case id.Name == "copy":
			return q.typeOf(call.Args[0])
		case id.Name == "make":
			return types.Typ[types.Int]
		}
		return nil
	}
	sig, ok := q.under(call.Fun).(*types.Signature)
	if !ok {
		return nil
	}
	if p := parameter(sig, i); p != nil {
		if s, ok := p.Type().(*types.Slice); ok && sig.Variadic() && i >= sig.Params().Len()-1 && !call.Ellipsis.IsValid() {
			return s.Elem()
		}
		return p.Type()
	}
	return nil
}

// parameter is the one that takes an argument, nil where there is none.
func parameter(sig *types.Signature, i int) *types.Var {
	n := sig.Params().Len()
	if sig.Variadic() && i >= n {
		i = n - 1
	}
	if i < 0 || i >= n {
		return nil
	}
	return sig.Params().At(i)
}

// element is the type of a key or value in a literal; item is the element that it is, or is part of.
func (q *query) element(lit *ast.CompositeLit, item, n ast.Expr) types.Type {
	pair, _ := item.(*ast.KeyValueExpr)
	switch t := pointed(q.typeOf(lit)).(type) {
	case *types.Struct:
		if pair == nil {
			if i := slices.Index(lit.Elts, item); i >= 0 && i < t.NumFields() {
				return t.Field(i).Type()
			}
			return nil
		}
		if key, ok := pair.Key.(*ast.Ident); ok && pair.Value == n {
			for f := range t.Fields() {
				if f.Name() == key.Name {
					return f.Type()
				}
			}
		}
	case *types.Map:
		if pair != nil && pair.Key == n {
			return t.Key()
		}
		return t.Elem()
	case *types.Slice:
		return t.Elem()
	case *types.Array:
		return t.Elem()
	}
	return nil
}

// results are those of the function around the cursor.
func (q *query) results() *types.Tuple {
	for _, n := range q.p.Path {
		switch n := n.(type) {
		case *ast.FuncLit:
			if sig, ok := q.typeOf(n.Type).(*types.Signature); ok {
				return sig.Results()
			}
			return nil
		case *ast.FuncDecl:
			if f, ok := q.p.Info.Defs[n.Name].(*types.Func); ok {
				return f.Signature().Results()
			}
			return nil
		}
	}
	return nil
}

func at(t *types.Tuple, i int) types.Type {
	if i < 0 || i >= t.Len() {
		return nil
	}
	return t.At(i).Type()
}

// typeOf is the type of an expression, nil where it is not known.
func (q *query) typeOf(x ast.Expr) types.Type {
	if t := q.p.Info.TypeOf(x); t != nil && t != types.Typ[types.Invalid] {
		return t
	}
	return nil
}

func (q *query) under(x ast.Expr) types.Type { return under(q.typeOf(x)) }

func under(t types.Type) types.Type {
	if t == nil {
		return nil
	}
	return t.Underlying()
}

// pointed is what a type is made of, or what it points to.
func pointed(t types.Type) types.Type {
	if p, ok := under(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	return under(t)
}
