package rt

import (
	"fmt"
	"reflect"
	"strings"
)

// stringable are the verbs for which fmt asks Error and String.
const stringable = "vsxXq"

// methods lets the value print itself; it says whether it did.
func (p *printer) methods(n node) bool {
	if p.erroring {
		return false
	}
	if n.ty == nil {
		return n.t == nil && p.compiledMethods(n.v)
	}
	ms := n.ty.bound.Load().methods
	if len(ms) == 0 {
		return false
	}
	if m := ms["Format"]; m != nil && m.str == "func(fmt.State, int32)" {
		p.guard(n, "Format", func() {
			m.callPlain(n.v, anyValue(&state{p}), reflect.ValueOf(p.verb))
		})
		return true
	}
	if p.sharpV {
		return p.ask(n, ms["GoString"], "%s")
	}
	if !strings.ContainsRune(stringable, p.verb) {
		return false
	}
	return p.ask(n, ms["Error"], p.format) || p.ask(n, ms["String"], p.format)
}

// ask prints what a method gives.
func (p *printer) ask(n node, m *method, format string) bool {
	if m == nil || m.str != "func() string" {
		return false
	}
	p.guard(n, m.name, func() {
		p.buf = fmt.Appendf(p.buf, format, m.callPlain(n.v)[0].String())
	})
	return true
}

// compiledMethods leaves compiled values with methods for printing to fmt.
func (p *printer) compiledMethods(v reflect.Value) bool {
	if v.NumMethod() == 0 || !v.CanInterface() {
		return false
	}
	x := v.Interface()
	if held, ok := x.(reflect.Value); ok {
		x = reflected(p.r.ReflectValueString(held))
	}
	_, handled := x.(fmt.Formatter)
	if p.sharpV {
		_, ok := x.(fmt.GoStringer)
		handled = handled || ok
	} else if !handled && strings.ContainsRune(stringable, p.verb) {
		switch x.(type) {
		case error, fmt.Stringer:
			handled = true
		}
	}
	if handled {
		p.leaf(x)
	}
	return handled
}

// reflected is the text of a reflect.Value.
type reflected string

func (r reflected) String() string { return string(r) }

// guard calls a method and prints what it panics with, as fmt does.
func (p *printer) guard(n node, name string, call func()) {
	mark := p.r.traced()
	defer func() {
		v := recover()
		if v == nil {
			return
		}
		if n.v.Kind() == reflect.Pointer && n.v.IsNil() {
			p.r.untrace(mark)
			p.str("<nil>")
			return
		}
		if p.panicking {
			panic(v)
		}
		p.r.untrace(mark)
		p.str("%!" + string(p.verb) + "(PANIC=" + name + " method: ")
		inner := printer{r: p.r, s: noFlags{p}, panicking: true}
		inner.setVerb('v')
		inner.argument(p.r.Normalize(v))
		p.buf = append(p.buf, inner.buf...)
		p.str(")")
	}()
	call()
}

// argument prints a value as an argument of its own.
func (p *printer) argument(x any) {
	n := p.r.dynamic(reflect.ValueOf(x), open)
	if !n.v.IsValid() {
		p.str("<nil>")
		return
	}
	if !p.methods(n) {
		p.print(n, 0)
	}
}

// state is the fmt.State that Format methods of cells write to.
type state struct{ p *printer }

func (s *state) Write(b []byte) (int, error) {
	s.p.buf = append(s.p.buf, b...)
	return len(b), nil
}

// WriteString saves a copy.
func (s *state) WriteString(b string) (int, error) {
	s.p.str(b)
	return len(b), nil
}

func (s *state) Width() (int, bool)     { return s.p.s.Width() }
func (s *state) Precision() (int, bool) { return s.p.s.Precision() }
func (s *state) Flag(c int) bool        { return s.p.s.Flag(c) }

// noFlags is the state of a plain %v.
type noFlags struct{ p *printer }

func (f noFlags) Write(b []byte) (int, error) { return (&state{f.p}).Write(b) }
func (noFlags) Width() (int, bool)            { return 0, false }
func (noFlags) Precision() (int, bool)        { return 0, false }
func (noFlags) Flag(int) bool                 { return false }
