package rt

import (
	"fmt"
	"go/types"
	"reflect"
	"strings"
)

// Format prints the value as fmt prints it in compiled Go.
func (h held) Format(s fmt.State, verb rune) {
	p := printer{r: h.r, s: s}
	p.setVerb(verb)
	n := h.r.dynamic(reflect.ValueOf(h.x), open)
	if !p.methods(n) {
		p.print(n, 0)
	}
	_, _ = s.Write(p.buf)
}

// printer follows the rules of fmt for values whose types are the checker's.
type printer struct {
	r      *Registry
	s      fmt.State
	buf    []byte
	verb   rune
	format string // of the leaves
	plusV  bool
	sharpV bool

	erroring  bool // a wrong verb is reported: no methods are called
	panicking bool // a panic of a method is reported
}

func (p *printer) setVerb(verb rune) {
	p.verb = verb
	p.format = fmt.FormatString(p.s, verb)
	p.plusV = verb == 'v' && p.s.Flag('+') && !p.s.Flag('#')
	p.sharpV = verb == 'v' && p.s.Flag('#')
}

func (p *printer) str(s string) { p.buf = append(p.buf, s...) }

func (p *printer) leaf(x any) { p.buf = fmt.Appendf(p.buf, p.format, x) }

// separate comes between elements.
func (p *printer) separate(i int) {
	switch {
	case i == 0:
	case p.sharpV:
		p.str(", ")
	default:
		p.str(" ")
	}
}

// part prints a part of a value.
func (p *printer) part(n node, depth int) {
	if n.v.IsValid() && n.ro == open && p.methods(n) {
		return
	}
	p.print(n, depth)
}

func (p *printer) print(n node, depth int) {
	v := n.v
	switch v.Kind() {
	case reflect.Invalid:
		if p.verb == 'v' {
			p.str("<nil>")
		} else {
			p.str("%!" + string(p.verb) + "(<nil>)")
		}
	case reflect.Map:
		p.printMap(n, depth)
	case reflect.Struct:
		p.printStruct(n, depth)
	case reflect.Interface:
		p.printInterface(n, depth)
	case reflect.Array, reflect.Slice:
		p.printList(n, depth)
	case reflect.Pointer:
		if depth == 0 && !v.IsNil() {
			switch v.Elem().Kind() {
			case reflect.Array, reflect.Slice, reflect.Struct, reflect.Map:
				p.str("&")
				p.part(p.r.elem(n), depth+1)
				return
			}
		}
		p.printPointer(n)
	case reflect.Chan, reflect.Func, reflect.UnsafePointer:
		p.printPointer(n)
	default:
		p.printBasic(n)
	}
}

func (p *printer) printMap(n node, depth int) {
	end := "]"
	if p.sharpV {
		p.str(p.r.name(n))
		if n.v.IsNil() {
			p.str("(nil)")
			return
		}
		p.str("{")
		end = "}"
	} else {
		p.str("map[")
	}
	ro := n.ro.inner()
	for i, e := range sortedEntries(n.v) {
		p.separate(i)
		p.part(p.r.static(e.key, keyType(n.t), ro), depth+1)
		p.str(":")
		p.part(p.r.static(e.value, elemType(n.t), ro), depth+1)
	}
	p.str(end)
}

func (p *printer) printStruct(n node, depth int) {
	if p.sharpV {
		p.str(p.r.name(n))
	}
	p.str("{")
	for i := range p.r.fields(n) {
		p.separate(i)
		name, f := p.r.field(n, i)
		if p.plusV || p.sharpV {
			p.str(name + ":")
		}
		if f.v.Kind() == reflect.Interface && !f.v.IsNil() && (f.t == nil || types.IsInterface(f.t)) {
			f = p.r.elem(f)
		}
		p.part(f, depth+1)
	}
	p.str("}")
}

func (p *printer) printInterface(n node, depth int) {
	switch {
	case n.t != nil && !types.IsInterface(n.t):
		// A type that contains itself is in an interface, in which nil has no type.
		n.v = n.v.Elem()
		if zero, ok := zeros[reflect.TypeOf(n.t.Underlying())]; ok && !n.v.IsValid() {
			n.v = zero
		}
		if n.v.IsValid() {
			p.part(n, depth)
			return
		}
		if p.sharpV {
			p.str("(" + typeString(n.t) + ")(nil)")
			return
		}
		p.str("<nil>")
	case !n.v.IsNil():
		p.part(p.r.elem(n), depth+1)
	case p.sharpV:
		p.str(p.r.name(n) + "(nil)")
	default:
		p.str("<nil>")
	}
}

// zeros are the zero values of types by what they are.
var zeros = map[reflect.Type]reflect.Value{
	reflect.TypeFor[*types.Map]():   reflect.ValueOf(map[string]any(nil)),
	reflect.TypeFor[*types.Slice](): reflect.ValueOf([]any(nil)),
}

func (p *printer) printList(n node, depth int) {
	if strings.ContainsRune("sqxX", p.verb) && n.v.Type().Elem().Kind() == reflect.Uint8 {
		b := make([]byte, n.v.Len())
		for i := range b {
			b[i] = byte(n.v.Index(i).Uint())
		}
		p.leaf(b)
		return
	}
	start, end := "[", "]"
	if p.sharpV {
		p.str(p.r.name(n))
		if n.v.Kind() == reflect.Slice && n.v.IsNil() {
			p.str("(nil)")
			return
		}
		start, end = "{", "}"
	}
	p.str(start)
	for i := range n.v.Len() {
		p.separate(i)
		p.part(p.r.index(n, i), depth+1)
	}
	p.str(end)
}

func (p *printer) printPointer(n node) {
	u := n.v.UnsafePointer()
	switch {
	case !strings.ContainsRune("vpbodxX", p.verb):
		p.badVerb(n)
	case p.sharpV && u == nil:
		p.str("(" + p.r.name(n) + ")(nil)")
	case p.sharpV:
		p.buf = fmt.Appendf(p.buf, "(%s)(%#x)", p.r.name(n), uintptr(u))
	default:
		p.leaf(u)
	}
}

// printBasic leaves values of basic kinds to fmt, which must not see that they have a named type.
func (p *printer) printBasic(n node) {
	v := n.v
	verbs := "vbgGxXfFeE"
	var x any
	switch v.Kind() {
	case reflect.Bool:
		verbs, x = "tv", v.Bool()
	case reflect.String:
		verbs, x = "vsxXq", v.String()
	case reflect.Float32:
		x = float32(v.Float())
	case reflect.Float64:
		x = v.Float()
	case reflect.Complex64:
		x = complex64(v.Complex())
	case reflect.Complex128:
		x = v.Complex()
	default:
		verbs = "vdboOxXcqU"
		if v.CanInt() {
			x = v.Int()
		} else {
			x = v.Uint()
		}
	}
	switch {
	case p.erroring:
		p.buf = fmt.Appendf(p.buf, fmt.FormatString(p.s, plainVerb(v.Kind())), x)
	case strings.ContainsRune(verbs, p.verb):
		p.leaf(x)
	default:
		p.badVerb(n)
	}
}

// plainVerb does what %v does, except that it takes + and # for flags of its own.
func plainVerb(k reflect.Kind) rune {
	switch k {
	case reflect.Bool:
		return 't'
	case reflect.String:
		return 's'
	case reflect.Float32, reflect.Float64, reflect.Complex64, reflect.Complex128:
		return 'g'
	}
	return 'd'
}

func (p *printer) badVerb(n node) {
	p.str("%!" + string(p.verb) + "(" + p.r.name(n) + "=")
	verb := p.verb
	p.setVerb('v')
	p.plusV, p.sharpV, p.erroring = false, false, true
	p.print(n, 0)
	p.erroring = false
	p.setVerb(verb)
	p.str(")")
}

// fields is the number of fields.
func (r *Registry) fields(n node) int {
	if s := structType(n.t); s != nil {
		return min(s.NumFields(), n.v.NumField())
	}
	return n.v.NumField()
}
