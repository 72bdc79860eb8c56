package lower

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/types"
	"strings"
)

// store assigns text to what lhs says.
func (f *function) store(lhs ast.Expr, text string) {
	lhs = ast.Unparen(lhs)
	if isBlank(lhs) {
		f.printf("_ = %s", text)
		return
	}
	f.setPlace(lhs, f.place(lhs), text)
}

// setPlace assigns text to the place of lhs.
func (f *function) setPlace(lhs ast.Expr, place, text string) {
	if _, through := lhs.(*ast.StarExpr); through {
		// Between parentheses, yaegi takes the pointer itself for the place of a composite literal.
		place = strings.TrimSuffix(strings.TrimPrefix(place, "("), ")")
		if isInterface(f.typeOf(lhs)) {
			text = "interface{}(" + text + ")" // or yaegi makes a composite literal something else
		}
	}
	if strings.HasPrefix(text, "(*") && f.isMapElement(lhs) {
		// yaegi takes what a nil pointer leads to for the wish to delete the key.
		text = f.temporary(text, f.typ(f.typeOf(lhs)))
	}
	f.printf("%s = %s", place, f.apart(f.toPlace(lhs, text), f.typeOf(lhs)))
}

// fresh is a value for a new variable. Where a literal makes a list or map, yaegi has it make that in the variable of the
// last iteration, which function literals and pointers may still see.
func fresh(text string) string {
	if strings.HasSuffix(text, "}") && (strings.HasPrefix(text, "[") || strings.HasPrefix(text, "map[")) {
		return "(" + text + ")"
	}
	return text
}

// apart is a value for a variable that is there. yaegi puts a struct that a literal makes in the place of the variable,
// which pointers and function literals then see no more.
func (f *function) apart(text string, t types.Type) string {
	if _, ok := t.Underlying().(*types.Struct); ok && strings.HasPrefix(text, f.typ(t)+"{") {
		return "(" + text + ")"
	}
	return text
}

func (f *function) isMapElement(e ast.Expr) bool {
	x, ok := ast.Unparen(e).(*ast.IndexExpr)
	if !ok {
		return false
	}
	_, ok = f.core(f.info.TypeOf(x.X)).(*types.Map)
	return ok
}

// place is the left side of an assignment.
func (f *function) place(e ast.Expr) string {
	e = ast.Unparen(e)
	switch e := e.(type) {
	case *ast.Ident:
		return f.rawVariable(e)
	case *ast.IndexExpr:
		t := f.typeOf(e.X)
		x := f.open(e.X)
		switch u := t.Underlying().(type) {
		case *types.Map:
			return x + "[" + f.mapKey(e.Index, t, u.Key()) + "]"
		case *types.Pointer:
			return "(*" + x + ")[" + f.checkedIndex(e, "(*"+x+")") + "]"
		}
		return x + "[" + f.checkedIndex(e, x) + "]"
	case *ast.SelectorExpr:
		s := f.info.Selections[e]
		if s == nil {
			return f.rawVariable(e.Sel)
		}
		return f.fieldPlace(f.primary(e.X), f.subst(f.env, s.Recv()), s.Obj())
	}
	return f.expr(e)
}

// fieldPlace is the place of a field of x.
func (f *function) fieldPlace(x string, recv types.Type, field types.Object) string {
	_, index, _ := types.LookupFieldOrMethod(recv, true, field.Pkg(), field.Name())
	x, t := f.path(x, recv, index[:len(index)-1])
	owner := deref(t)
	return x + "." + f.fieldOf(owner, owner.Underlying().(*types.Struct), index[len(index)-1])
}

func (f *function) rawVariable(id *ast.Ident) string {
	o := f.info.Uses[id]
	if o == nil {
		o = f.info.Defs[id]
	}
	if other, ok := f.alias[o]; ok {
		o = other
	}
	if v, ok := o.(*types.Var); ok && v.Pkg() != nil && v.Parent() == v.Pkg().Scope() && !f.world.IsSource(v.Pkg()) {
		f.set[v] = true
		return f.compiledVariable(v)
	}
	return f.ident(id)
}

// toPlace brings a value into the form of the container that a place lies in.
func (f *function) toPlace(e ast.Expr, text string) string {
	switch e := e.(type) {
	case *ast.IndexExpr:
		return f.toContainer(f.typeOf(e.X), text, f.typeOf(e))
	case *ast.SelectorExpr:
		s := f.info.Selections[e]
		if s == nil {
			t := f.typeOf(e)
			if o := f.info.Uses[e.Sel]; f.world.IsSource(o.Pkg()) {
				return text
			}
			return f.outValue(target{}, text, t, t)
		}
		recv := f.subst(f.env, s.Recv())
		_, index, _ := types.LookupFieldOrMethod(recv, true, s.Obj().Pkg(), s.Obj().Name())
		owner := deref(recv)
		for _, i := range index[:len(index)-1] {
			owner = deref(owner.Underlying().(*types.Struct).Field(i).Type())
		}
		return f.toContainer(owner, text, f.typeOf(e))
	}
	return text
}

// fixedPlace evaluates the operands of a left side now, and gives what assigns to it later.
func (f *function) fixedPlace(l ast.Expr) func(string) {
	l = ast.Unparen(l)
	if isBlank(l) {
		return func(v string) { f.printf("_ = %s", v) }
	}
	place := f.fixedOperands(l)
	return func(v string) { f.setPlace(l, place, v) }
}

// fixedOperands is the text of a left side with its operands in variables.
func (f *function) fixedOperands(l ast.Expr) string {
	switch e := ast.Unparen(l).(type) {
	case *ast.IndexExpr:
		t := f.typeOf(e.X)
		switch u := t.Underlying().(type) {
		case *types.Map:
			m, k := f.temporary(f.open(e.X), ""), f.temporary(f.conv(e.Index, u.Key()), f.typ(u.Key()))
			return m + "[" + f.toContainer(t, k, u.Key()) + "]"
		case *types.Array:
			x := f.fixedOperands(e.X)
			return x + "[" + f.fixedIndex(e.Index) + "]"
		}
		x := f.temporary(f.open(e.X), "")
		if _, ok := t.Underlying().(*types.Pointer); ok {
			x = "(*" + x + ")"
		}
		return x + "[" + f.fixedIndex(e.Index) + "]"
	case *ast.StarExpr:
		return "(*" + f.temporary(f.open(e.X), "") + ")"
	case *ast.SelectorExpr:
		s := f.info.Selections[e]
		if s == nil {
			break
		}
		recv := f.subst(f.env, s.Recv())
		x := ""
		if isPointer(recv) {
			x = f.temporary(f.open(e.X), "")
		} else {
			x = f.fixedOperands(e.X)
		}
		return f.fieldPlace(x, recv, s.Obj())
	}
	return f.place(l)
}

func (f *function) fixedIndex(e ast.Expr) string {
	if f.info.Types[e].Value != nil {
		return f.integer(e)
	}
	return f.temporary(f.integer(e), "")
}

// address is the address of a place of type t. yaegi takes what a call points to for no place.
func (f *function) address(place string, t types.Type) string {
	p, ok := pointedTo(place)
	if !ok {
		return "&" + place
	}
	r := "*" + f.typ(t)
	name := f.helper("same", r, func(name string) {
		fmt.Fprintf(&f.unit.funcs, "func %s(p %s) %s {\nif p == nil {\n%s()\n}\nreturn p\n}\n", name, r, r, rt("NilDereference"))
	})
	return name + "(" + p + ")"
}

// pointedTo is the p of a text (*p), where p is the result of a call.
func pointedTo(text string) (p string, ok bool) {
	if !strings.HasPrefix(text, "(*") || !strings.HasSuffix(text, "))") {
		return "", false
	}
	p = text[2 : len(text)-1]
	e, err := parser.ParseExpr(p)
	if err != nil {
		return "", false
	}
	_, ok = ast.Unparen(e).(*ast.CallExpr)
	return p, ok
}
