package lowertest

import (
	"fmt"
	"slices"
	"strings"
)

// defineType declares a type.
func (g *generator) defineType() {
	t := &typ{}
	switch g.n(8) {
	case 0:
		*t = *pick(g, intTypes)
	case 1:
		*t = *pick(g, []*typ{stringType, float64Type, boolType, intType})
	case 2:
		*t = typ{kind: slice, elem: g.tryTyp(1)}
	case 3:
		*t = typ{kind: mapping, key: g.anyTyp(1, (*typ).goodKey), elem: g.tryTyp(1)}
	case 4:
		*t = typ{kind: array, n: 1 + g.n(3), elem: g.tryTyp(1)}
	default:
		t.kind = structure
	}
	name := g.name("T")
	t.name = name
	if t.kind == structure {
		t.fields = g.fields(2, t)
		g.embed(t)
	}
	underlying := g.plainName(t)
	if t.kind > str {
		underlying = t.literal()
	}
	t.name, t.defined = name, true
	fmt.Fprintf(&g.head, "type %s %s\n\n", name, underlying)
	g.defined = append(g.defined, t)
	if g.has(methods) && t.kind != iface && g.n(4) == 0 && t.printable() {
		// A method that package fmt calls.
		fmt.Fprintf(&g.head, "func (x %s) String() string { return %q }\n\n", name, "<"+name+">")
	}
}

// plainName is the predeclared name of a basic type.
func (g *generator) plainName(t *typ) string {
	switch t.kind {
	case boolean:
		return "bool"
	case str:
		return "string"
	case float:
		return fmt.Sprintf("float%d", t.bits)
	case integer:
		for _, u := range intTypes[1:] {
			if u.unsigned == t.unsigned && u.bits == t.bits {
				return u.name
			}
		}
	}
	return "int"
}

// embed makes some fields of a struct embedded ones.
func (g *generator) embed(t *typ) {
	var names []string
	for i := range t.fields {
		f := &t.fields[i]
		u := f.t
		if u.kind == pointer {
			u = u.elem
		}
		if !u.defined || u.kind != structure || u == t || slices.Contains(names, u.name) || g.n(2) == 0 {
			continue
		}
		names = append(names, u.name)
		f.embedded = true
		f.name = u.name
	}
}

// defineInterface declares an interface and methods for some types that implement it.
func (g *generator) defineInterface() {
	t := &typ{kind: iface, name: g.name("I"), defined: true}
	var texts []string
	for range 1 + g.n(2) {
		m := &method{name: g.name("M"), result: g.anyTyp(2, (*typ).printable), pure: true}
		for range g.n(3) {
			m.params = append(m.params, g.anyTyp(1, nil))
		}
		t.methods = append(t.methods, m)
		texts = append(texts, m.name+signature(m.params, []*typ{m.result}))
	}
	fmt.Fprintf(&g.head, "type %s interface { %s }\n\n", t.name, strings.Join(texts, "; "))
	for _, u := range g.defined {
		if u.kind == iface || g.n(2) == 0 && len(t.impls) > 0 {
			continue
		}
		byPointer := g.has(pointers) && g.n(4) == 0
		for _, m := range t.methods {
			own := *m
			own.pointer = byPointer
			g.writeMethod(u, &own)
			u.methods = append(u.methods, &own)
			m.cost = max(m.cost, own.cost)
		}
		if byPointer {
			u = &typ{kind: pointer, elem: u}
		}
		t.impls = append(t.impls, u)
	}
	g.ifaces = append(g.ifaces, t)
	g.defined = append(g.defined, t)
}

// defineMethod declares a method, which may change what its receiver points to.
func (g *generator) defineMethod() {
	t := pick(g, g.defined)
	if t.kind == iface {
		return
	}
	m := &method{name: g.name("m"), result: g.tryTyp(2), pure: g.n(2) == 0, pointer: g.has(pointers) && g.n(2) == 0}
	for range g.n(3) {
		m.params = append(m.params, g.tryTyp(1))
	}
	g.writeMethod(t, m)
	t.methods = append(t.methods, m)
}

func (g *generator) writeMethod(t *typ, m *method) {
	recv, name := t, g.name("r")
	if m.pointer {
		recv = &typ{kind: pointer, elem: t}
	}
	m.cost = g.writeFunc(fmt.Sprintf("(%s %s) %s", name, recv, m.name), m.params, []*typ{m.result}, m.pure, nil, func() {
		g.declare(name, recv)
	})
}

func (g *generator) defineGlobal() {
	t := g.tryTyp(3)
	name := g.name("g")
	g.fn = &context{times: 1, pure: true}
	text := g.literal(t, 2)
	fmt.Fprintf(&g.head, "var %s %s = %s\n\n", name, t, text)
	g.declare(name, t)
}

// defineFunc declares a function.
func (g *generator) defineFunc() {
	f := &fn{name: g.name("f"), pure: g.n(2) == 0, depth: g.n(5) == 0}
	if f.depth {
		f.params = append(f.params, intType)
	}
	for range g.n(4) {
		f.params = append(f.params, g.tryTyp(2))
	}
	for range g.n(3) {
		f.results = append(f.results, g.tryTyp(2))
	}
	if f.pure && len(f.results) == 0 {
		f.results = []*typ{g.tryTyp(1)}
	}
	f.cost = g.writeFunc(f.name, f.params, f.results, f.pure, f, nil)
	if f.depth {
		f.cost *= 8
	}
	g.funcs = append(g.funcs, f)
}

// writeFunc writes a function or method and gives the number of statements that a call may run.
func (g *generator) writeFunc(head string, params, results []*typ, pure bool, self *fn, begin func()) int {
	outer, saved := g.fn, g.out
	g.out = &strings.Builder{}
	g.fn = &context{pure: pure, results: results, times: 1, limit: 300, deferOK: true}
	if self != nil && self.depth {
		g.fn.self = self
		g.fn.limit = 60
	}
	g.inScope(func() {
		if begin != nil {
			begin()
		}
		var names []string
		for i, p := range params {
			n := g.name("p")
			names = append(names, n+" "+p.String())
			g.declare(n, p).fixed = self != nil && self.depth && i == 0
			if self != nil && self.depth && i == 0 {
				self.bound = n
			}
		}
		named := len(results) > 0 && g.n(3) == 0
		list := resultList(results)
		if named {
			list = g.namedResults(results)
		}
		g.line("func %s(%s)%s {", head, strings.Join(names, ", "), list)
		if self != nil && self.depth {
			g.line("if %s <= 0 {", self.bound)
			if len(results) == 0 {
				g.line("return")
			}
			g.returnNow(1)
			g.line("}")
		}
		g.statements(1 + g.n(4))
		if len(results) == 0 {
			g.showAll()
		}
		g.returnNow(2)
		g.line("}\n")
	})
	g.head.WriteString(g.out.String())
	cost := g.fn.cost
	g.out, g.fn = saved, outer
	return cost + 1
}

// namedResults gives the results names, as variables.
func (g *generator) namedResults(results []*typ) string {
	var parts []string
	for _, t := range results {
		n := g.name("res")
		g.fn.named = append(g.fn.named, n)
		parts = append(parts, n+" "+t.String())
		if !t.nilable() {
			g.declare(n, t)
		}
	}
	return " (" + strings.Join(parts, ", ") + ")"
}

// nilable reports whether the zero value can't be used as any other.
func (t *typ) nilable() bool {
	return t.kind == pointer || t.kind == function || t.kind == iface || t.kind == channel
}
