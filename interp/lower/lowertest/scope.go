package lowertest

import (
	"fmt"
	"slices"
	"strings"
)

// scope is a block with its variables.
type scope struct {
	outer *scope
	fn    *context // nil for globals
	vars  []*variable
}

type variable struct {
	name  string
	t     *typ
	fixed bool // must not be assigned: a loop's counter, an index in use
}

// inScope writes a block.
func (g *generator) inScope(write func()) {
	g.scope = &scope{outer: g.scope, fn: g.fn}
	write()
	g.scope = g.scope.outer
}

func (g *generator) declare(name string, t *typ) *variable {
	v := &variable{name: name, t: t}
	g.scope.vars = append(g.scope.vars, v)
	return v
}

// visible are the variables in scope; a function that is pure does not see the globals that others change.
func (g *generator) visible(ok func(*scope, *variable) bool) []*variable {
	var list []*variable
	hidden := map[string]bool{}
	for s := g.scope; s != nil; s = s.outer {
		for _, v := range s.vars {
			if !hidden[v.name] && (ok == nil || ok(s, v)) {
				list = append(list, v)
			}
		}
		for _, v := range s.vars {
			hidden[v.name] = true
		}
	}
	return list
}

// path is how a value is reached from a variable.
type path struct {
	text   string
	t      *typ
	shared bool     // through something that other values may share
	guards []string // conditions under which it exists
	entry  bool     // of a map: not addressable
}

// paths are the ways from a variable to values, at most depth steps away. Where place, it must be possible to assign
// to them or, if conditions may be asked for, to reach through them.
func (g *generator) paths(p path, depth int, guarded bool, visit func(path)) {
	visit(p)
	if depth == 0 {
		return
	}
	next := func(q path) {
		q.shared = q.shared || p.shared
		q.guards = append(slices.Clone(p.guards), q.guards...)
		g.paths(q, depth-1, guarded, visit)
	}
	switch p.t.kind {
	case structure:
		g.fieldPaths(p, next)
	case array:
		i := fmt.Sprint(g.n(p.t.n))
		if g.n(3) == 0 {
			i = fmt.Sprintf("ix(%d, %d)", g.n(9), p.t.n)
		}
		next(path{text: p.text + "[" + i + "]", t: p.t.elem, entry: p.entry})
	case pointer:
		text := "(*" + p.text + ")"
		q := path{text: text, t: p.t.elem, shared: true}
		if strings.ContainsAny(p.text, ".[(") {
			if !guarded {
				return
			}
			q.guards = []string{p.text + " != nil"}
		}
		if p.t.elem.kind == structure {
			visit(path{text: text, t: p.t.elem, shared: true, guards: append(slices.Clone(p.guards), q.guards...)})
			q.text = p.text // the selector goes through by itself
			q.shared = true
			g.fieldPaths(q, next)
			return
		}
		next(q)
	case slice:
		if guarded {
			i := g.n(3)
			next(path{text: fmt.Sprintf("%s[%d]", p.text, i), t: p.t.elem, shared: true, guards: []string{fmt.Sprintf("len(%s) > %d", p.text, i)}})
		}
	case mapping:
		key := g.plainly(func() string { return g.literal(p.t.key, 0) })
		if guarded {
			visit(path{text: fmt.Sprintf("%s[%s]", p.text, key), t: p.t.elem, shared: true, entry: true, guards: append(slices.Clone(p.guards), p.text+" != nil")})
			return
		}
		next(path{text: fmt.Sprintf("%s[%s]", p.text, key), t: p.t.elem, shared: true, entry: true})
	}
}

// plainly writes something without variables.
func (g *generator) plainly(write func() string) string {
	saved := g.plain
	g.plain = true
	defer func() { g.plain = saved }()
	return write()
}

func (g *generator) fieldPaths(p path, next func(path)) {
	for _, f := range p.t.fields {
		q := p
		q.text, q.t = p.text+"."+f.name, f.t
		next(q)
		if !f.embedded || f.t.kind != structure {
			continue
		}
		for _, inner := range f.t.fields {
			if p.t.promotes(inner.name, f) {
				q.text, q.t = p.text+"."+inner.name, inner.t
				next(q)
			}
		}
	}
}

// promotes reports whether a field of an embedded struct can be reached without its name.
func (t *typ) promotes(name string, through field) bool {
	for _, f := range t.fields {
		if f.name == name {
			return false
		}
		u := f.t
		if u.kind == pointer {
			u = u.elem
		}
		if f.embedded && f.name != through.name && slices.ContainsFunc(u.fields, func(f field) bool { return f.name == name }) {
			return false
		}
	}
	return true
}

// read finds an expression of type t among the variables: "" if there is none.
func (g *generator) read(t *typ) string {
	if g.plain {
		return ""
	}
	var found []string
	for _, v := range g.visible(nil) {
		g.paths(path{text: v.name, t: v.t}, 3, false, func(p path) {
			if p.t.is(t) && (t.kind != pointer && t.kind != function && t.kind != iface && t.kind != channel || p.text == v.name) {
				found = append(found, p.text)
			}
		})
	}
	if len(found) == 0 {
		return ""
	}
	return pick(g, found)
}

// places are what can be assigned to, of a type for which ok holds.
func (g *generator) places(ok func(*typ) bool) []path {
	var found []path
	vars := g.visible(func(s *scope, v *variable) bool {
		return !v.fixed && (!g.fn.pure || s.fn == g.fn)
	})
	for _, v := range vars {
		if v.t.kind == parameter {
			continue
		}
		g.paths(path{text: v.name, t: v.t}, 4, true, func(p path) {
			if !ok(p.t) || g.fn.pure && p.shared {
				return
			}
			found = append(found, p)
		})
	}
	return found
}

// guarded writes a statement under the conditions of places.
func (g *generator) guarded(guards []string, write func()) {
	guards = slices.Compact(guards)
	if len(guards) == 0 {
		write()
		return
	}
	g.line("if %s {", strings.Join(guards, " && "))
	write()
	g.line("}")
}
