package lower

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// conv is an expression, converted as Go does by itself where a value of type t is wanted.
func (f *function) conv(e ast.Expr, t types.Type) string {
	t = f.subst(f.env, t)
	if f.isNil(e) {
		return f.zero(t)
	}
	if tv := f.info.Types[e]; tv.Value != nil {
		from := plainDefault(f.subst(f.env, tv.Type))
		if isInterface(t) {
			return f.convert(f.constant(tv.Value, from), from, t)
		}
		return f.constant(tv.Value, t)
	}
	if text, ok := f.plannedValue(e, t); ok {
		return text
	}
	text := f.expr(e)
	if isInterface(t) && !isInterface(f.typeOf(e)) && isTest(e) {
		text = "(" + text + ")" // or yaegi writes the outcome to an interface as to a bool
	}
	return f.convert(text, f.typeOf(e), t)
}

// isTest reports whether an expression is an operation that gives a bool.
func isTest(e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.BinaryExpr:
		return e.Op.Precedence() <= token.EQL.Precedence()
	case *ast.UnaryExpr:
		return e.Op == token.NOT
	}
	return false
}

// mapKey is the key of a map of type container.
func (f *function) mapKey(e ast.Expr, container, key types.Type) string {
	text := f.toContainer(container, f.conv(e, key), key)
	if text == "nil" {
		return typeName(f.typ(f.subst(f.env, key))) + "(nil)"
	}
	return text
}

// convert changes a value from the representation of one type to that of another to which it is assignable.
func (f *function) convert(text string, from, to types.Type) string {
	switch {
	case from == nil || to == nil:
		return text
	case isUntypedNil(from):
		return f.zero(to)
	}
	from = plainDefault(from)
	switch {
	case types.Identical(from, to):
		return text
	case isInterface(to):
		if isInterface(from) {
			return text
		}
		return f.box(text, from)
	}
	if _, ok := to.Underlying().(*types.Chan); ok {
		return text
	}
	return f.recast(text, from, to)
}

// recast changes between types of the same underlying type.
func (f *function) recast(text string, from, to types.Type) string {
	ft, tt := f.typ(from), f.typ(to)
	switch {
	case f.isExternal(to) && f.differsBelow(to) && !f.isExternal(from):
		return f.toExternal(text, to)
	case f.isExternal(from) && f.differsBelow(from) && !f.isExternal(to):
		return f.recastInternal(text, from, to)
	case ft == tt:
		return text
	case tt == "interface{}":
		return "interface{}(" + f.functionValue(text, from) + ")"
	case ft == "interface{}":
		return f.uncut(text, from)
	}
	return typeName(tt) + "(" + text + ")"
}

// typeName is a type's text as a conversion takes it. yaegi does not see a type in a name between parentheses.
func typeName(t string) string {
	for _, r := range t {
		if r != '.' && r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') {
			return "(" + t + ")"
		}
	}
	return t
}

// functionValue makes a value of a function's name or literal. yaegi hands a literal on without its variables, so it goes
// through a call; a name is no value before it is converted.
func (f *function) functionValue(text string, t types.Type) string {
	if _, ok := t.Underlying().(*types.Signature); !ok {
		return text
	}
	r := f.typ(t)
	switch {
	case r == "interface{}":
		return text
	case strings.HasPrefix(text, "func"):
		return f.keep(text, r)
	case numbered(text):
		return "(" + r + ")(" + text + ")"
	}
	return text
}

// keep passes a function literal through a call.
func (f *function) keep(text, r string) string {
	name := f.helper("keep", r, func(name string) {
		fmt.Fprintf(&f.unit.funcs, "func %s(f %s) %s {\nreturn f\n}\n", name, r, r)
	})
	return name + "(" + text + ")"
}

// nameAsValue makes a value of a function's name.
func (f *function) nameAsValue(text string, t types.Type) string {
	if strings.HasPrefix(text, "func") {
		return text
	}
	return f.functionValue(text, t)
}

// conversion is T(x).
func (f *function) conversion(e *ast.CallExpr, to types.Type) string {
	arg := e.Args[0]
	if f.isNil(arg) {
		if z := f.zero(to); z != "nil" {
			return z
		}
		return typeName(f.typ(to)) + "(nil)"
	}
	from := plainDefault(f.typeOf(arg))
	if tv := f.info.Types[arg]; tv.Value != nil {
		if isInterface(to) {
			return "interface{}(" + f.conv(arg, to) + ")"
		}
		if b, ok := to.Underlying().(*types.Basic); ok && sameClass(from, b) {
			return f.constant(tv.Value, to)
		}
	}
	x := f.expr(arg)
	if isInterface(to) {
		if isInterface(from) {
			return x
		}
		return "interface{}(" + f.box(x, from) + ")"
	}
	if types.Identical(from.Underlying(), to.Underlying()) || f.typ(from) == "interface{}" || f.typ(to) == "interface{}" {
		if text := f.recast(x, from, to); text != x {
			return text
		}
		return f.grouped(arg, x)
	}
	if p, ok := to.Underlying().(*types.Pointer); ok {
		if _, ok := from.Underlying().(*types.Pointer); ok && f.typ(from) != f.typ(to) {
			// Two struct types of the same fields are two reflect types.
			return "(*" + f.typ(p.Elem()) + ")(" + f.use("unsafe") + ".Pointer(" + x + "))"
		}
	}
	return typeName(f.typ(to)) + "(" + x + ")"
}

func sameClass(t types.Type, b *types.Basic) bool {
	f, ok := t.Underlying().(*types.Basic)
	if !ok {
		return false
	}
	for _, class := range []types.BasicInfo{types.IsString, types.IsBoolean, types.IsNumeric} {
		if f.Info()&class != 0 && b.Info()&class != 0 {
			return true
		}
	}
	return false
}
