package lower

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

func incDec(t token.Token) token.Token {
	if t == token.INC {
		return token.ADD
	}
	return token.SUB
}

func (f *function) assign(s *ast.AssignStmt) {
	switch {
	case s.Tok != token.ASSIGN && s.Tok != token.DEFINE:
		f.opAssign(s.Lhs[0], s.Tok+token.ADD-token.ADD_ASSIGN, s.Rhs[0])
	case len(s.Lhs) != len(s.Rhs):
		f.defineFrom(s.Lhs, s.Rhs[0], s.Tok == token.DEFINE)
	case s.Tok == token.DEFINE:
		f.defineEach(s.Lhs, s.Rhs, true)
	case len(s.Lhs) == 1:
		f.assignOne(s.Lhs[0], s.Rhs[0])
	default:
		f.defineEach(s.Lhs, s.Rhs, false)
	}
}

func isBlank(e ast.Expr) bool {
	id, ok := ast.Unparen(e).(*ast.Ident)
	return ok && id.Name == "_"
}

// assignOne is x = v.
func (f *function) assignOne(lhs, rhs ast.Expr) {
	if isBlank(lhs) {
		f.discard(rhs)
		return
	}
	t := f.typeOf(lhs)
	if f.calls(lhs) && f.calls(rhs) {
		set := f.fixedPlace(lhs)
		set(f.temporary(f.nameAsValue(f.conv(rhs, t), t), f.typ(t)))
		return
	}
	v := f.nameAsValue(f.conv(rhs, t), t)
	if f.namedResultCall(rhs) {
		// yaegi lets the callee write its results straight into the variable.
		n := f.local("t_")
		f.printf("%s := %s", n, v)
		v = n
	}
	f.store(lhs, v)
}

// calls reports whether the evaluation of an expression calls functions or receives, so that its order shows.
func (f *function) calls(e ast.Expr) bool {
	found := false
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.CallExpr:
			found = found || !f.info.Types[n.Fun].IsType()
		case *ast.UnaryExpr:
			found = found || n.Op == token.ARROW
		}
		return !found
	})
	return found
}

// namedResultCall reports whether an expression calls a function that writes to its results while it runs.
func (f *function) namedResultCall(e ast.Expr) bool {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok || f.info.Types[call.Fun].IsType() {
		return false
	}
	return f.builtinOf(ast.Unparen(call.Fun)) == ""
}

// compiledVariable is a variable of a compiled package that is set at some time: yaegi drops what is assigned to a symbol,
// and binds its methods before the cell runs.
func (f *function) compiledVariable(v *types.Var) string {
	return fmt.Sprintf("(*%s(%q, %q).(*%s))", rt("Var"), v.Pkg().Path(), v.Name(), f.externalType(v.Type()))
}

// defined is the object that lhs declares, or nil where it assigns to one that is there.
func (f *function) defined(lhs ast.Expr) types.Object {
	if id, ok := lhs.(*ast.Ident); ok {
		return f.info.Defs[id]
	}
	return nil
}

// declare declares the variable of o with a value.
func (f *function) declare(o types.Object, text string) {
	f.printf("var %s %s = %s", f.name(o), f.typeText(o.Type()), fresh(text))
}

// defineEach is a, b := x, y, or the parallel assignment a, b = x, y.
func (f *function) defineEach(lhs, rhs []ast.Expr, define bool) {
	if len(lhs) == 1 {
		o := f.defined(lhs[0])
		switch {
		case isBlank(lhs[0]):
			f.discard(rhs[0])
		case define && o != nil:
			t := f.subst(f.env, o.Type())
			text := f.nameAsValue(f.conv(rhs[0], t), t)
			f.declare(o, text)
		default:
			f.assignOne(lhs[0], rhs[0])
		}
		return
	}
	// The operands of index expressions and indirections on the left, and the right sides, are evaluated first.
	places := make([]func(string), len(lhs))
	values := make([]string, len(lhs))
	if !define {
		for i, l := range lhs {
			places[i] = f.fixedPlace(l)
		}
	}
	for i, r := range rhs {
		t := f.typeOf(r)
		if o := f.defined(lhs[i]); define && o != nil && !isBlank(lhs[i]) {
			t = f.subst(f.env, o.Type())
		} else if !isBlank(lhs[i]) {
			t = f.typeOf(lhs[i])
		} else if f.isNil(r) {
			continue
		}
		t = plainDefault(t)
		n := f.local("t_")
		f.printf("var %s %s = %s", n, f.typ(t), fresh(f.nameAsValue(f.conv(r, t), t)))
		values[i] = n
	}
	for i, l := range lhs {
		o := f.defined(l)
		switch {
		case isBlank(l):
			if values[i] != "" {
				f.printf("_ = %s", values[i])
			}
		case define && o != nil:
			f.declare(o, values[i])
		case define:
			f.store(l, values[i])
		default:
			places[i](values[i])
		}
	}
}

// temporary evaluates text into a new variable.
func (f *function) temporary(text, t string) string {
	n := f.local("t_")
	text = fresh(text)
	if t == "" {
		f.printf("%s := %s", n, text)
	} else {
		f.printf("var %s %s = %s", n, t, text)
	}
	return n
}

// defineFrom is a, b := f(), v, ok := m[k] and the like.
func (f *function) defineFrom(lhs []ast.Expr, rhs ast.Expr, define bool) {
	var places []func(string)
	for _, l := range lhs {
		if define || isBlank(l) {
			places = append(places, nil)
			continue
		}
		places = append(places, f.fixedPlace(l))
	}
	names, kinds := f.several(lhs, rhs, define)
	for i, l := range lhs {
		if isBlank(l) || names[i] == "" {
			continue
		}
		if o := f.defined(l); o != nil && f.names[o] == names[i] {
			continue
		}
		o := f.defined(l)
		switch {
		case define && o != nil:
			f.declare(o, f.convert(names[i], kinds[i], f.subst(f.env, o.Type())))
		case define:
			f.store(l, f.convert(names[i], kinds[i], f.typeOf(l)))
		default:
			places[i](f.convert(names[i], kinds[i], f.typeOf(l)))
		}
	}
}

// several evaluates an expression that gives two values or more into variables, and tells their types.
// Where define, the variables of lhs themselves are used if that can be.
func (f *function) several(lhs []ast.Expr, rhs ast.Expr, define bool) ([]string, []types.Type) {
	rhs = ast.Unparen(rhs)
	if call, ok := rhs.(*ast.CallExpr); ok {
		tuple := f.typeOf(call).(*types.Tuple)
		var kinds []types.Type
		for v := range tuple.Variables() {
			kinds = append(kinds, v.Type())
		}
		return f.temporaries(call, tuple, f.ownNames(lhs, kinds, define)), kinds
	}
	boolean := types.Typ[types.Bool]
	own := f.ownNames(lhs, []types.Type{f.typeOf(rhs).(*types.Tuple).At(0).Type(), boolean}, define)
	v, ok := own[0], own[1]
	switch e := rhs.(type) {
	case *ast.TypeAssertExpr:
		t := f.typeOf(e.Type)
		x := f.temporary(f.expr(e.X), "interface{}")
		f.printf("var %s %s", v, f.typ(t))
		value := v
		if isBlank(lhs[0]) {
			value = ""
		}
		f.assertOK(value, ok, x, t)
		return []string{v, ok}, []types.Type{t, boolean}
	case *ast.IndexExpr:
		t := f.typeOf(e.X)
		m := t.Underlying().(*types.Map)
		f.printf("%s, %s := %s[%s]", v, ok, f.open(e.X), f.toContainer(t, f.conv(e.Index, m.Key()), m.Key()))
		return []string{f.fromContainer(t, v, m.Elem()), ok}, []types.Type{m.Elem(), boolean}
	case *ast.UnaryExpr:
		t := f.typeOf(e.X)
		elem := t.Underlying().(*types.Chan).Elem()
		f.printf("%s, %s := <-%s", v, ok, f.open(e.X))
		return []string{f.fromContainer(t, v, elem), ok}, []types.Type{elem, boolean}
	}
	panic(&UnsupportedError{rhs.Pos(), fmt.Sprintf("several values of %T", rhs)})
}

// ownNames are the names of the variables that values of the given types are evaluated into: those that lhs defines where
// their types are the same, else new ones.
func (f *function) ownNames(lhs []ast.Expr, kinds []types.Type, define bool) []string {
	names := make([]string, len(kinds))
	for i, t := range kinds {
		if define && i < len(lhs) && !isBlank(lhs[i]) {
			if o := f.defined(lhs[i]); o != nil && types.Identical(f.subst(f.env, o.Type()), t) {
				names[i] = f.name(o)
				continue
			}
		}
		names[i] = f.local("t_")
	}
	return names
}

func isUintptr(t types.Type) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Kind() == types.Uintptr
}

// opAssign is x op= y and, without y, x++ and x--. The operands of x are evaluated once.
func (f *function) opAssign(lhs ast.Expr, op token.Token, rhs ast.Expr) {
	lhs = ast.Unparen(lhs)
	t := f.typeOf(lhs)
	// yaegi has x op= y and x++ for all numbers but these.
	pointer := isUintptr(t)
	direct := op != token.SHL && op != token.SHR && op != token.AND_NOT && !pointer
	set := func(x string) {
		switch {
		case pointer:
			f.printf("%s = %s", x, f.operation(x, op, rhs, t))
		case rhs == nil:
			f.printf("%s%s%s", x, op, op)
		case direct:
			f.printf("%s %s= %s", x, op, f.operand(rhs, t))
		default:
			f.printf("%s = %s", x, f.shiftOrClear(x, op, rhs, t))
		}
	}
	if rhs != nil && f.acts(rhs) && !f.isPlainVariable(lhs) {
		// The operands of the place are evaluated before the function on the right is called.
		place := f.fixedOperands(lhs)
		f.setPlace(lhs, place, f.operation(place, op, rhs, t))
		return
	}
	switch e := lhs.(type) {
	case *ast.IndexExpr:
		if direct {
			set(f.place(e))
		} else {
			set(f.indexedPlace(e))
		}
		return
	case *ast.StarExpr:
		p := f.simple(f.open(e.X), "")
		// yaegi has no x op= y through a pointer.
		f.printf("*%s = %s", p, f.operation("(*"+p+")", op, rhs, t))
		return
	}
	x := f.place(lhs)
	if !direct && strings.ContainsAny(x, "([") {
		p := f.temporary("&"+x, "")
		f.printf("*%s = %s", p, f.operation("(*"+p+")", op, rhs, t))
		return
	}
	set(x)
}

// isPlainVariable reports whether a place is a variable itself.
func (f *function) isPlainVariable(e ast.Expr) bool {
	_, ok := ast.Unparen(e).(*ast.Ident)
	return ok
}

// operation is x op y, or x op 1.
func (f *function) operation(x string, op token.Token, rhs ast.Expr, t types.Type) string {
	switch {
	case rhs == nil:
		return x + " " + op.String() + " " + f.constant(one, t)
	case op == token.SHL || op == token.SHR || op == token.AND_NOT:
		return f.shiftOrClear(x, op, rhs, t)
	}
	return x + " " + op.String() + " " + f.side(rhs, t, op, true)
}

func (f *function) shiftOrClear(x string, op token.Token, rhs ast.Expr, t types.Type) string {
	if op == token.AND_NOT {
		return x + " &^ " + f.side(rhs, t, op, true)
	}
	return f.shift(x, op, rhs)
}

// indexedPlace is an element, with its operands in variables unless they are plain.
func (f *function) indexedPlace(e *ast.IndexExpr) string {
	t := f.typeOf(e.X)
	switch u := t.Underlying().(type) {
	case *types.Map:
		m, k := f.simple(f.open(e.X), ""), f.simple(f.conv(e.Index, u.Key()), f.typ(u.Key()))
		return m + "[" + f.toContainer(t, k, u.Key()) + "]"
	case *types.Array:
		return f.place(e.X) + "[" + f.simple(f.integer(e.Index), "") + "]"
	}
	x, i := f.simple(f.open(e.X), ""), f.simple(f.integer(e.Index), "")
	if _, ok := t.Underlying().(*types.Pointer); ok {
		x = "(*" + x + ")"
	}
	return x + "[" + i + "]"
}

// simple evaluates text into a variable unless it is plain: it can't call or fail.
func (f *function) simple(text, t string) string {
	if !strings.ContainsAny(text, "({[<\"`/%.") {
		return text
	}
	return f.temporary(text, t)
}
