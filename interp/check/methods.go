package check

import (
	"fmt"
	"go/ast"
	"go/types"
)

// named is the type of an earlier cell that a name means, nil where it means none.
func (s *Session) named(name string) *types.Named {
	e := s.names[name]
	if e == nil || e.obj == nil {
		return nil
	}
	tn, ok := e.obj.(*types.TypeName)
	if !ok {
		return nil
	}
	n, ok := types.Unalias(tn.Type()).(*types.Named)
	if !ok || n.Obj().Pkg() != s.pkg {
		return nil
	}
	return n.Origin()
}

// base is the name of the type that a method belongs to: that of its receiver, or what that is an alias of.
func (t *task) base(fn *ast.FuncDecl) string {
	base := receiver(fn)
	for range len(t.types) + 1 {
		spec := t.types[base]
		if spec == nil || !spec.Assign.IsValid() {
			break
		}
		x := ast.Unparen(spec.Type)
		if p, ok := x.(*ast.StarExpr); ok {
			x = ast.Unparen(p.X)
		}
		id, ok := x.(*ast.Ident)
		if !ok {
			return base
		}
		base = id.Name
	}
	if _, own := t.own[base]; own || base == "" {
		return base
	}
	if n := t.s.named(base); n != nil {
		return n.Obj().Name()
	}
	return base
}

// isLone says whether a method's receiver is a type that this attempt does not make, and notes it.
func (a *attempt) isLone(fn *ast.FuncDecl, made map[string]bool) bool {
	base := a.t.base(fn)
	if base == "" || made[base] || fn.Name.Name == "_" {
		return false
	}
	if _, ok := a.t.own[base]; ok {
		return false
	}
	n := a.t.s.named(base)
	if n == nil {
		return false
	}
	if _, ok := n.Underlying().(*types.Interface); ok {
		return false
	}
	a.lone = append(a.lone, &loneMethod{decl: fn, named: n})
	return true
}

// addMethods adds methods to types of earlier cells. go/types finds them there, and types them when it needs to.
func (a *attempt) addMethods() {
	seen := map[*types.Func]bool{}
	for _, m := range a.lone {
		m.obj, _ = a.info.Defs[m.decl.Name].(*types.Func)
		if m.obj == nil {
			continue
		}
		name := m.decl.Name.Name
		m.old = declaredMethod(m.named, name)
		switch {
		case m.old != nil && seen[m.old]:
			d := a.t.s.diagnostic(m.decl.Name.Pos(), m.decl.Name.End(), "method "+m.named.Obj().Name()+"."+name+" already declared in this cell")
			a.clash = append(a.clash, d)
		case m.old != nil:
			seen[m.old] = true
		case field(m.named, name) != nil:
			d := a.t.s.diagnostic(m.decl.Name.Pos(), m.decl.Name.End(), "field and method with the same name "+name)
			d.Notes = []Note{{a.t.s.position(field(m.named, name).Pos()), "other declaration of " + name}}
			a.clash = append(a.clash, d)
		case m.named.TypeParams().Len() > 0:
			// Instances know their methods already: the type must become a new one.
		default:
			a.touched = append(a.touched, save(m.named))
			m.named.AddMethod(m.obj)
			seen[m.obj] = true
		}
	}
}

func declaredMethod(n *types.Named, name string) *types.Func {
	for m := range n.Methods() {
		if m.Name() == name {
			return m
		}
	}
	return nil
}

func field(n *types.Named, name string) *types.Var {
	st, ok := n.Underlying().(*types.Struct)
	if !ok {
		return nil
	}
	for f := range st.Fields() {
		if f.Name() == name {
			return f
		}
	}
	return nil
}

// generations finds the types that must become new ones, because a method of another cell changes its signature, or because
// they are generic: their instances know their methods already. Where a type can't, its declaration no longer type-checks,
// and the method can't change.
func (a *attempt) generations() bool {
	found := false
	for _, m := range a.lone {
		name := m.named.Obj().Name()
		if !m.changes() {
			continue
		}
		if !a.t.fresh[name] {
			a.t.fresh[name], found = true, true
			continue
		}
		msg := fmt.Sprintf("%s.%s needs a new %s, but the declaration of %s no longer type-checks: declare it again", name, m.decl.Name.Name, name, name)
		diag := a.t.s.diagnostic(m.decl.Name.Pos(), m.decl.Name.End(), msg)
		if d := a.declOf(m.decl); d == nil {
			a.clash = append(a.clash, diag)
		} else if a.t.dropped[d] == nil {
			a.t.dropped[d], found = &diag, true
		}
	}
	return found
}

// changes says whether a method can't be added to its type, or take the place of the one that it has.
func (m *loneMethod) changes() bool {
	switch {
	case m.obj == nil || m.obj.Signature().Recv() == nil:
		return false
	case m.old == nil:
		return m.named.TypeParams().Len() > 0
	}
	return !sameMethod(m.old.Signature(), m.obj.Signature())
}

// declOf is the live declaration that a replayed function comes from.
func (a *attempt) declOf(fn *ast.FuncDecl) *decl {
	for _, d := range a.replays {
		if d.fn == fn {
			return d
		}
	}
	return nil
}

// sameMethod says whether two methods of a type have the same receiver and signature, whatever their type parameters are
// called.
func sameMethod(x, y *types.Signature) bool {
	_, px := x.Recv().Type().(*types.Pointer)
	_, py := y.Recv().Type().(*types.Pointer)
	if px != py || x.Variadic() != y.Variadic() || x.RecvTypeParams().Len() != y.RecvTypeParams().Len() {
		return false
	}
	c := comparer{}
	for i := range x.RecvTypeParams().Len() {
		c[x.RecvTypeParams().At(i)] = y.RecvTypeParams().At(i)
	}
	return c.tuple(x.Params(), y.Params()) && c.tuple(x.Results(), y.Results())
}

// comparer compares types of which one may have other type parameters.
type comparer map[*types.TypeParam]*types.TypeParam

func (c comparer) tuple(x, y *types.Tuple) bool {
	if x.Len() != y.Len() {
		return false
	}
	for i := range x.Len() {
		if !c.same(x.At(i).Type(), y.At(i).Type()) {
			return false
		}
	}
	return true
}

func (c comparer) same(x, y types.Type) bool {
	if len(c) == 0 {
		return types.Identical(x, y)
	}
	x, y = types.Unalias(x), types.Unalias(y)
	switch x := x.(type) {
	case *types.TypeParam:
		return types.Type(c[x]) == y || x == y
	case *types.Pointer:
		y, ok := y.(*types.Pointer)
		return ok && c.same(x.Elem(), y.Elem())
	case *types.Slice:
		y, ok := y.(*types.Slice)
		return ok && c.same(x.Elem(), y.Elem())
	case *types.Array:
		y, ok := y.(*types.Array)
		return ok && x.Len() == y.Len() && c.same(x.Elem(), y.Elem())
	case *types.Chan:
		y, ok := y.(*types.Chan)
		return ok && x.Dir() == y.Dir() && c.same(x.Elem(), y.Elem())
	case *types.Map:
		y, ok := y.(*types.Map)
		return ok && c.same(x.Key(), y.Key()) && c.same(x.Elem(), y.Elem())
	case *types.Signature:
		y, ok := y.(*types.Signature)
		return ok && x.Variadic() == y.Variadic() && c.tuple(x.Params(), y.Params()) && c.tuple(x.Results(), y.Results())
	case *types.Named:
		y, ok := y.(*types.Named)
		if !ok || x.Origin() != y.Origin() || x.TypeArgs().Len() != y.TypeArgs().Len() {
			return false
		}
		for i := range x.TypeArgs().Len() {
			if !c.same(x.TypeArgs().At(i), y.TypeArgs().At(i)) {
				return false
			}
		}
		return true
	}
	return types.Identical(x, y) // a struct or interface literal with a type parameter in it counts as changed
}
