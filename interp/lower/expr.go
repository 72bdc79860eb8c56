package lower

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"strconv"
	"strings"
)

// expr is the text of an expression's value, as its own type is represented.
func (f *function) expr(e ast.Expr) string {
	tv, known := f.info.Types[e]
	switch {
	case known && tv.Value != nil:
		return f.constant(tv.Value, f.subst(f.env, tv.Type))
	case known && tv.IsType():
		return f.typeText(tv.Type)
	}
	switch e := e.(type) {
	case *ast.Ident:
		return f.nameValue(e)
	case *ast.ParenExpr:
		text := f.expr(e.X)
		if _, ok := e.X.(*ast.CompositeLit); ok {
			return "(" + text + ")" // it may stand in the head of a statement
		}
		return text
	case *ast.FuncLit:
		text := f.funcLit(e, &scope{})
		if f.repeats() {
			return f.closure(f.made(text, f.typ(f.typeOf(e))))
		}
		return text
	case *ast.CompositeLit:
		return f.composite(e, f.typeOf(e))
	case *ast.SelectorExpr:
		return f.selector(e)
	case *ast.IndexExpr:
		return f.index(e)
	case *ast.IndexListExpr:
		return f.instantiated(e.X)
	case *ast.SliceExpr:
		return f.slice(e)
	case *ast.StarExpr:
		return "(*" + f.open(e.X) + ")"
	case *ast.UnaryExpr:
		return f.unary(e)
	case *ast.BinaryExpr:
		return f.binary(e)
	case *ast.TypeAssertExpr:
		return f.assert(f.expr(e.X), f.typeOf(e.Type), f.typeOf(e.X))
	case *ast.CallExpr:
		return f.call(e)
	}
	panic(&UnsupportedError{e.Pos(), fmt.Sprintf("expression %T", e)})
}

// primary is an expression that an index, a selector or the like follows.
func (f *function) primary(e ast.Expr) string {
	text := f.open(e)
	if f.info.Types[e].Value != nil {
		return text
	}
	switch x := ast.Unparen(e).(type) {
	case *ast.BinaryExpr:
		return "(" + text + ")"
	case *ast.UnaryExpr:
		if x.Op != token.ARROW {
			return "(" + text + ")"
		}
	}
	return text
}

// open is an expression whose underlying value is needed: a type that contains itself is taken out of its interface{}.
func (f *function) open(e ast.Expr) string { return f.uncut(f.expr(e), f.typeOf(e)) }

func (f *function) uncut(text string, t types.Type) string {
	if isInterface(t) || f.typ(t) != "interface{}" {
		return text
	}
	u := f.typ(t.Underlying())
	name := f.helper("uncut", u, func(name string) {
		fmt.Fprintf(&f.unit.funcs, "func %s(x interface{}) %s {\nv, _ := x.(%s)\nreturn v\n}\n", name, u, u)
	})
	return name + "(" + text + ")"
}

// cutValue is a new value of type t, put into its interface{} where t contains itself.
func (f *function) cutValue(text string, t types.Type) string {
	if isInterface(t) || f.typ(t) != "interface{}" {
		return text
	}
	return "interface{}(" + text + ")"
}

func (f *function) funcLit(e *ast.FuncLit, sc *scope) string {
	sig := f.core(f.info.TypeOf(e)).(*types.Signature)
	sc.sig = sig
	return "func" + f.funcBody(nil, e.Type, sig, e.Body, sc)
}

func (f *function) ident(id *ast.Ident) string {
	o := f.info.Uses[id]
	if o == nil {
		o = f.info.Defs[id]
	}
	if other, ok := f.alias[o]; ok {
		o = other
	}
	switch o := o.(type) {
	case *types.Nil:
		return "nil"
	case *types.Func:
		return f.funcName(id, o)
	case *types.Var:
		return f.variable(o)
	case *types.Const:
		return f.constant(o.Val(), f.subst(f.env, o.Type()))
	}
	panic(&UnsupportedError{id.Pos(), "name " + id.Name})
}

// nameValue is the value of a name; a compiled function that has interfaces in its signature is wrapped.
func (f *function) nameValue(id *ast.Ident) string {
	text := f.ident(id)
	o := f.objectOf(id)
	if o == nil {
		return text
	}
	t := f.info.TypeOf(id)
	if inst, ok := f.info.Instances[id]; ok {
		t = inst.Type
	}
	t = f.subst(f.env, t)
	if !f.interpreted(o) {
		return f.toInternal(text, t)
	}
	if f.inLiteral() {
		return f.keep(text, f.typ(t)) // or it does nothing where the function is declared further down
	}
	return text
}

// inLiteral reports whether the text stands in a function literal.
func (f *function) inLiteral() bool {
	for s := f.scope; s != nil; s = s.parent {
		if s.parent != nil || s.defers != "" {
			return true
		}
	}
	return false
}

func (f *function) variable(o *types.Var) string {
	if o.Pkg() == nil || o.Parent() != o.Pkg().Scope() && !f.isGlobal(o) {
		return f.name(o)
	}
	if f.world.IsSource(o.Pkg()) {
		return f.object(o)
	}
	if f.set[o] {
		return f.toInternal(f.compiledVariable(o), o.Type())
	}
	return f.toInternal(f.use(o.Pkg().Path())+"."+o.Name(), o.Type())
}

func (f *function) isGlobal(o types.Object) bool {
	_, ok := f.globals[o]
	return ok
}

// funcName is a function of a package, instantiated where it is generic.
func (f *function) funcName(id *ast.Ident, o *types.Func) string {
	if !f.interpreted(o) {
		return f.use(o.Pkg().Path()) + "." + o.Name()
	}
	var args []types.Type
	if inst, ok := f.info.Instances[id]; ok {
		for t := range inst.TypeArgs.Types() {
			args = append(args, f.subst(f.env, t))
		}
	}
	name := f.instantiate(o.Origin(), args, false)
	if f.isLate() {
		return f.lateBound(o, name)
	}
	return name
}

func (f *function) instantiated(e ast.Expr) string {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return f.nameValue(e)
	case *ast.SelectorExpr:
		return f.nameValue(e.Sel)
	}
	panic(&UnsupportedError{e.Pos(), fmt.Sprintf("instance of %T", e)})
}

func (f *function) index(e *ast.IndexExpr) string {
	if _, ok := f.info.TypeOf(e.X).(*types.Signature); ok {
		return f.instantiated(e.X)
	}
	t := f.typeOf(e.X)
	x := f.primary(e.X)
	switch u := t.Underlying().(type) {
	case *types.Map:
		return f.fromContainer(t, x+"["+f.mapKey(e.Index, t, u.Key())+"]", u.Elem())
	case *types.Pointer:
		return "(*" + x + ")[" + f.checkedIndex(e, "(*"+x+")") + "]"
	case *types.Slice:
		return f.fromContainer(t, x+"["+f.checkedIndex(e, x)+"]", u.Elem())
	case *types.Array:
		return f.fromContainer(t, x+"["+f.checkedIndex(e, x)+"]", u.Elem())
	}
	return x + "[" + f.checkedIndex(e, x) + "]"
}

// length is a length or capacity as int, one that no int holds as a negative one.
func (f *function) length(e ast.Expr) string {
	b, ok := f.core(f.info.TypeOf(e)).(*types.Basic)
	if f.info.Types[e].Value == nil && ok && b.Info()&types.IsUnsigned != 0 && b.Kind() != types.Uint8 && b.Kind() != types.Uint16 && b.Kind() != types.Uint32 {
		return rt("Length") + "(uint64(" + f.expr(e) + "))"
	}
	return f.integer(e)
}

// integer is an index or a length, as int.
func (f *function) integer(e ast.Expr) string {
	if tv := f.info.Types[e]; tv.Value != nil {
		return constant.ToInt(tv.Value).ExactString()
	}
	if b, ok := f.core(f.info.TypeOf(e)).(*types.Basic); ok && b.Kind() != types.Int {
		if b.Kind() == types.Uint || b.Kind() == types.Uint64 || b.Kind() == types.Uintptr {
			return rt("Index") + "(uint64(" + f.expr(e) + "))"
		}
		return "int(" + f.expr(e) + ")"
	}
	return f.expr(e)
}

func (f *function) slice(e *ast.SliceExpr) string {
	x := f.primary(e.X)
	switch f.core(f.info.TypeOf(e.X)).(type) {
	case *types.Pointer:
		x = "(*" + x + ")"
	}
	low, high := "", ""
	if e.Low != nil {
		low = f.integer(e.Low)
	}
	if e.High != nil {
		high = f.integer(e.High)
	}
	text := x + "[" + f.checkedLow(e, x, low, high) + ":" + high
	if e.Slice3 {
		text += ":" + f.integer(e.Max)
	}
	return f.cutValue(text+"]", f.typeOf(e))
}

func (f *function) unary(e *ast.UnaryExpr) string {
	switch e.Op {
	case token.AND:
		if c, ok := ast.Unparen(e.X).(*ast.CompositeLit); ok {
			t := f.typeOf(c)
			if text := f.literal(c, t); text != "" {
				return text
			}
			switch t.Underlying().(type) {
			case *types.Struct:
				return "&" + f.composite(c, t)
			}
			return f.pointerTo(f.composite(c, t), t)
		}
		return f.address(f.expr(e.X), f.typeOf(e.X))
	case token.ARROW:
		t := f.typeOf(e.X)
		elem := t.Underlying().(*types.Chan).Elem()
		return f.fromContainer(t, "(<-"+f.open(e.X)+")", elem)
	case token.SUB:
		if b, ok := f.core(f.info.TypeOf(e)).(*types.Basic); ok && b.Info()&types.IsUnsigned != 0 {
			return "(" + f.constant(constant.MakeInt64(0), f.typeOf(e)) + " - " + f.side(e.X, f.typeOf(e), token.SUB, true) + ")"
		}
		if b, ok := f.core(f.info.TypeOf(e)).(*types.Basic); ok && b.Info()&types.IsFloat != 0 {
			return "(" + f.constant(constant.MakeInt64(-1), f.typeOf(e)) + " * " + f.side(e.X, f.typeOf(e), token.MUL, true) + ")"
		}
	case token.ADD:
		return f.grouped(e.X, f.expr(e.X))
	}
	text := f.expr(e.X)
	if _, ok := ast.Unparen(e.X).(*ast.BinaryExpr); ok {
		text = "(" + text + ")"
	}
	if strings.HasPrefix(text, e.Op.String()) {
		text = "(" + text + ")"
	}
	return e.Op.String() + text
}

// pointerTo is a pointer to a new variable.
func (f *function) pointerTo(text string, t types.Type) string {
	r := f.typ(t)
	name := f.helper("pointer", r, func(name string) {
		fmt.Fprintf(&f.unit.funcs, "func %s(v %s) *%s {\nreturn &v\n}\n", name, r, r)
	})
	return name + "(" + text + ")"
}

func (f *function) binary(e *ast.BinaryExpr) string {
	switch e.Op {
	case token.EQL, token.NEQ:
		return f.equal(e)
	case token.SHL, token.SHR:
		return f.shift(f.side(e.X, f.typeOf(e), e.Op, false), e.Op, e.Y)
	}
	t := f.typeOf(e.X)
	if b, ok := t.(*types.Basic); ok && b.Info()&types.IsUntyped != 0 {
		t = f.typeOf(e.Y)
	}
	if e.Op == token.LAND || e.Op == token.LOR {
		return f.logical(e, t)
	}
	return f.side(e.X, t, e.Op, false) + " " + e.Op.String() + " " + f.side(e.Y, t, e.Op, true)
}

// logical is x && y or x || y. yaegi makes a branch of the first thing in x that does nothing by itself, such as the type
// or a key of a composite literal, so a call comes before it.
func (f *function) logical(e *ast.BinaryExpr, t types.Type) string {
	x, y := f.side(e.X, t, e.Op, false), f.side(e.Y, t, e.Op, true)
	if !beginsIdle(x) {
		return x + " " + e.Op.String() + " " + y
	}
	return f.begins(e.Op == token.LAND) + " " + e.Op.String() + " (" + x + ") " + e.Op.String() + " " + y
}

// beginsIdle reports whether the first thing in a text may be one that does nothing: there may be a type in it.
func beginsIdle(text string) bool {
	return strings.Contains(text, "{") || strings.Contains(text, ")(") || strings.Contains(text, "func(")
}

// begins is a call that gives value.
func (f *function) begins(value bool) string {
	text := strconv.FormatBool(value)
	name := f.helper(text, "", func(name string) {
		fmt.Fprintf(&f.unit.funcs, "func %s() bool {\nreturn %s\n}\n", name, text)
	})
	return name + "()"
}

// grouped is the text of an expression that takes the place of one that would need no parentheses.
func (f *function) grouped(e ast.Expr, text string) string {
	if _, ok := ast.Unparen(e).(*ast.BinaryExpr); ok && f.info.Types[e].Value == nil {
		return "(" + text + ")"
	}
	return text
}

// side is an operand of an operation, in parentheses where it needs them: each pair costs yaegi a step.
func (f *function) side(e ast.Expr, t types.Type, op token.Token, right bool) string {
	text := f.operand(e, t)
	inner, ok := ast.Unparen(e).(*ast.BinaryExpr)
	if !ok || f.info.Types[e].Value != nil {
		return text
	}
	if p := inner.Op.Precedence(); p > op.Precedence() || p == op.Precedence() && !right {
		return text
	}
	return "(" + text + ")"
}

// operand is one side of an arithmetic operation or comparison of type t.
func (f *function) operand(e ast.Expr, t types.Type) string {
	if tv := f.info.Types[e]; tv.Value != nil {
		return f.constant(tv.Value, plainDefault(t))
	}
	return f.expr(e)
}

// shift takes care of counts that are negative, or larger than the number is wide.
func (f *function) shift(x string, op token.Token, count ast.Expr) string {
	if tv := f.info.Types[count]; tv.Value != nil {
		n := constant.ToInt(tv.Value).ExactString()
		return x + " " + op.String() + " uint(" + n + ")"
	}
	c := f.side(count, f.typeOf(count), op, true)
	if b, ok := f.core(f.info.TypeOf(count)).(*types.Basic); ok {
		computed := false
		switch ast.Unparen(count).(type) {
		case *ast.BinaryExpr, *ast.UnaryExpr:
			computed = true
		}
		if b.Info()&types.IsUnsigned == 0 {
			c = rt("ShiftCount") + "(int64(" + c + "))"
		} else if b.Kind() != types.Uint || computed { // yaegi wants all of it to have the type of what is shifted
			c = "uint(" + c + ")"
		}
	}
	return x + " " + op.String() + " " + c
}

// equal is x == y or x != y.
func (f *function) equal(e *ast.BinaryExpr) string {
	ex, ey, not := e.X, e.Y, e.Op == token.NEQ
	xt, yt := f.typeOf(ex), f.typeOf(ey)
	if f.isNil(ex) {
		ex, ey, xt, yt = ey, ex, yt, xt
	}
	if f.isNil(ey) {
		return f.open(ex) + " " + e.Op.String() + " nil"
	}
	return f.equalText(f.side(ex, yt, e.Op, false), f.side(ey, xt, e.Op, true), xt, yt, not)
}

func (f *function) isNil(e ast.Expr) bool {
	tv := f.info.Types[e]
	return tv.IsNil() || isUntypedNil(tv.Type)
}

// equalText compares two values of the types xt and yt.
func (f *function) equalText(x, y string, xt, yt types.Type, not bool) string {
	op := " == "
	if not {
		op = " != "
	}
	if isChannel(xt) && isChannel(yt) && !types.Identical(xt, yt) {
		if not {
			return "!" + rt("SameChannel") + "(" + x + ", " + y + ")"
		}
		return rt("SameChannel") + "(" + x + ", " + y + ")"
	}
	switch {
	case isInterface(xt) && !isInterface(yt):
		y = f.convert(y, plainDefault(yt), xt)
	case isInterface(yt) && !isInterface(xt):
		x = f.convert(x, plainDefault(xt), yt)
	case f.byRuntime(xt) && f.byRuntime(yt) && f.typ(plainDefault(xt)) != f.typ(plainDefault(yt)):
		y = f.convert(y, yt, xt)
	}
	if !isInterface(xt) && !isInterface(yt) && !f.byRuntime(xt) && !isAddress(x) && !isAddress(y) {
		return x + op + y
	}
	text := rt("Eq") + "(" + x + ", " + y + ")"
	if not {
		return "!" + text
	}
	return text
}

// isAddress reports whether a text takes an address. To yaegi that of a field has another type than a pointer to such a
// field; and that of a literal would need parentheses in the head of a statement.
func isAddress(text string) bool { return strings.HasPrefix(strings.TrimLeft(text, "("), "&") }

func isChannel(t types.Type) bool {
	_, ok := t.Underlying().(*types.Chan)
	return ok
}

// byRuntime reports whether values of a type are compared by the run-time.
func (f *function) byRuntime(t types.Type) bool {
	switch u := t.Underlying().(type) {
	case *types.Struct, *types.Array, *types.Interface, *types.Chan:
		return true
	case *types.Basic:
		return u.Kind() == types.UnsafePointer || u.Info()&types.IsComplex != 0
	}
	return false
}
