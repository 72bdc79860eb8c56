package lower

import (
	"fmt"
	"go/types"
)

// assert is x.(t), which panics where x holds something else.
func (f *function) assert(x string, t, from types.Type) string {
	if isInterface(t) {
		return rt("AssertI") + "(" + x + ", " + f.interfaceID(t) + ")"
	}
	return f.assertion(t, from) + "(" + x + ")"
}

// assertion is a helper that asserts t and panics with Go's words.
func (f *function) assertion(t, from types.Type) string {
	name := f.helper("assert", f.key(t)+" "+f.key(from), func(name string) {
		text := f.capture(func() {
			f.printf("func %s(x interface{}) %s {", name, f.typ(t))
			f.printf("var r %s = %s", f.typ(t), f.zero(t))
			ok := f.assertOK("r", "ok", "x", t)
			f.printf("if !%s {", ok)
			f.printf("%s(x, %q, %q)", rt("NotA"), f.registry.TypeText(from), f.registry.TypeText(t))
			f.printf("}\nreturn r\n}")
		})
		f.unit.funcs.WriteString(text)
	})
	return name
}

// assertOK writes statements that set value, where it is not empty, and a new variable ok; it gives the name of ok.
// value is set only where the assertion holds.
func (f *function) assertOK(value, ok, x string, t types.Type) string {
	if isInterface(t) {
		if isEmptyInterface(t) {
			f.printf("var %s bool = %s != nil", ok, x)
		} else {
			f.printf("var %s bool = %s(%s, %s)", ok, rt("Implements"), x, f.interfaceID(t))
		}
		if value != "" {
			f.printf("if %s {\n%s = %s\n}", ok, value, x)
		}
		return ok
	}
	e := f.enter(t)
	f.printf("var %s bool", ok)
	if f.reflected(e) {
		f.assertFunction(value, ok, x, e)
		return ok
	}
	if value == "" {
		f.printf("_, %s = %s.(%s)", ok, x, e.text)
		f.exactly(ok, x, e)
		return ok
	}
	v := f.local("v_")
	f.printf("var %s %s", v, e.text)
	f.printf("%s, %s = %s.(%s)", v, ok, x, e.text)
	f.exactly(ok, x, e)
	part := ""
	if e.boxed {
		part = ".V"
	}
	f.printf("if %s {\n%s = %s%s\n}", ok, value, v, part)
	return ok
}

// reflected reports whether values of a type may come without their box: functions that package reflect has had, which has
// no name for their types.
func (f *function) reflected(e *entry) bool {
	_, ok := e.typ.Underlying().(*types.Signature)
	return ok && e.boxed
}

// assertFunction is assertOK for such a type: a function of its form that has no box is taken for one of it.
func (f *function) assertFunction(value, ok, x string, e *entry) {
	v, bare := f.local("v_"), f.typ(e.typ)
	f.printf("var %s %s\n%s, %s = %s.(%s)", v, e.text, v, ok, x, e.text)
	if value != "" {
		f.printf("if %s {\n%s = %s.V\n}", ok, value, v)
	}
	f.printf("if !%s && %s(%s, (*%s)(nil)) {\n%s = true", ok, rt("Holds"), x, bare, ok)
	if value != "" {
		f.printf("%s = %s.(%s)", value, x, bare)
	}
	f.printf("}")
}

// exactly asks again where yaegi takes any type that is assignable, such as a defined slice type for a plain one.
func (f *function) exactly(ok, x string, e *entry) {
	if e.boxed {
		return
	}
	switch e.typ.(type) {
	case *types.Slice, *types.Map, *types.Chan, *types.Signature, *types.Pointer, *types.Array:
		if !f.plain(e.typ) {
			return
		}
	default:
		return
	}
	if _, pointer := e.typ.(*types.Pointer); pointer {
		return
	}
	f.printf("if %s {\n%s = %s(%s, (*%s)(nil))\n}", ok, ok, rt("Holds"), x, e.text)
}

// matches is a condition on x, which is evaluated once, for a case of a type switch.
func (f *function) matches(x string, t types.Type) string {
	if isInterface(t) {
		if isEmptyInterface(t) {
			return x + " != nil"
		}
		return rt("Implements") + "(" + x + ", " + f.interfaceID(t) + ")"
	}
	return f.assertOK("", f.local("ok_"), x, t)
}

// held is the value of type t in x, which is known to hold one.
func (f *function) held(x string, t types.Type) string {
	if isInterface(t) {
		return x
	}
	e := f.enter(t)
	if f.reflected(e) {
		return f.assertion(t, emptyInterface) + "(" + x + ")"
	}
	if e.boxed {
		return x + ".(" + e.text + ").V"
	}
	return fmt.Sprintf("%s.(%s)", x, e.text)
}
