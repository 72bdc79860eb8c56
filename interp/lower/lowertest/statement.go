package lowertest

import (
	"fmt"
	"slices"
	"strings"
)

// statements writes n statements, or fewer if they would run too long.
func (g *generator) statements(n int) {
	for range n {
		if !g.affordable(1) {
			return
		}
		g.statement()
	}
}

// statement writes one statement. One that can't be written here is replaced by a definition.
func (g *generator) statement() {
	kinds := []func() bool{
		g.define, g.define, g.define, g.assign, g.assign, g.assign, g.assignOp, g.assignOp, g.assignSeveral, g.assignSeveral,
		g.callStatement, g.callStatement, g.callStatement, g.copyStatement, g.copyStatement, g.deferStatement, g.tryStatement,
		g.branch, g.branch, g.pointerStatement, g.mapStatement, g.methodValue, g.localType, g.gotoStatement, g.loopClosures, g.defineSeveral, g.show,
	}
	if g.nesting < 3 {
		kinds = append(kinds, g.ifStatement, g.ifStatement, g.forStatement, g.forStatement, g.rangeStatement, g.rangeStatement, g.rangeStatement,
			g.switchStatement, g.switchStatement, g.closureStatement, g.closureStatement, g.selectStatement, g.typeSwitch, g.block, g.goStatement)
	}
	g.nesting++
	defer func() { g.nesting-- }()
	for range 5 {
		if pick(g, kinds)() {
			return
		}
	}
	g.define()
}

func (g *generator) use(name string) { g.line("_ = %s", name) }

func (g *generator) define() bool {
	t := g.tryTyp(3)
	name := g.name("v")
	switch n := g.n(6); {
	case n == 0 && !t.nilable():
		g.line("var %s %s", name, t)
	case n == 1:
		g.line("var %s %s = %s", name, t, g.expr(t, 3))
	default:
		g.line("%s := %s", name, g.typed(t, 3))
	}
	g.use(name)
	g.declare(name, t)
	return true
}

func (g *generator) defineSeveral() bool {
	t, u := g.tryTyp(2), g.tryTyp(2)
	a, b := g.name("v"), g.name("v")
	switch g.n(3) {
	case 0:
		g.line("%s, %s := %s, %s", a, b, g.typed(t, 2), g.typed(u, 2))
	case 1:
		g.line("var %s, %s %s = %s, %s", a, b, t, g.expr(t, 2), g.expr(t, 2))
		u = t
	default:
		// A constant, and what is made of it.
		n := g.n(100)
		g.line("const %s, %sc = %d << 2, %q", a, a, n, pick(g, words))
		g.line("%s := %s + %s(len(%sc))", b, a, "int", a)
		g.use(b)
		g.declare(b, intType)
		return true
	}
	g.use(a)
	g.use(b)
	g.declare(a, t)
	g.declare(b, u)
	return true
}

func assignable(t *typ) bool { return t.kind != parameter }

// place picks a place to assign to.
func (g *generator) place(ok func(*typ) bool) (path, bool) {
	found := g.places(ok)
	if len(found) == 0 {
		return path{}, false
	}
	return pick(g, found), true
}

func (g *generator) assign() bool {
	p, ok := g.place(assignable)
	if !ok {
		return false
	}
	g.guarded(p.guards, func() { g.line("%s = %s", p.text, g.expr(p.t, 3)) })
	return true
}

func (g *generator) assignOp() bool {
	p, ok := g.place(func(t *typ) bool { return t.numeric() || t.kind == str })
	if !ok {
		return false
	}
	g.guarded(p.guards, func() {
		switch n := g.n(8); {
		case p.t.kind == integer && n < 2:
			g.line("%s%s", p.text, pick(g, []string{"++", "--"}))
		case p.t.kind == integer && n == 2:
			g.line("%s %s= %s", p.text, pick(g, []string{"<<", ">>"}), g.shiftCount(2))
		case p.t.kind == integer && n == 3:
			g.line("%s %s= %s | 1", p.text, pick(g, []string{"/", "%"}), g.parens(g.variable(p.t, 2)))
		case p.t.kind == integer && n < 6:
			g.line("%s %s= %s", p.text, pick(g, []string{"&", "|", "^", "&^"}), g.expr(p.t, 2))
		case p.t.kind == str:
			g.line("%s = short(%s + %s)", p.text, p.text, g.parens(g.expr(p.t, 2)))
		default:
			g.line("%s %s= %s", p.text, pick(g, []string{"+", "-", "*"}), g.expr(p.t, 2))
		}
	})
	return true
}

// assignSeveral assigns in parallel, most often to places of the same type what is in them.
func (g *generator) assignSeveral() bool {
	p, ok := g.place(assignable)
	if !ok {
		return false
	}
	same := g.places(func(t *typ) bool { return t.is(p.t) })
	list := []path{p}
	for range 1 + g.n(2) {
		q := pick(g, same)
		if g.n(4) == 0 {
			if other, ok := g.place(assignable); ok {
				q = other
			}
		}
		list = append(list, q)
	}
	var left, right, guards []string
	for i, q := range list {
		left = append(left, q.text)
		guards = append(guards, q.guards...)
		r := list[(i+1)%len(list)]
		if r.t.is(q.t) && !q.t.nilable() && g.n(4) > 0 {
			right = append(right, r.text)
		} else {
			right = append(right, g.expr(q.t, 2))
		}
	}
	if g.n(8) == 0 {
		left[0] = "_"
		right[0] = g.typed(list[0].t, 1)
	}
	g.guarded(guards, func() { g.line("%s = %s", strings.Join(left, ", "), strings.Join(right, ", ")) })
	return true
}

// callStatement calls what may change variables, and keeps the results.
func (g *generator) callStatement() bool {
	call, results := g.impure()
	if call == "" {
		return false
	}
	if len(results) == 0 || g.n(4) == 0 {
		g.line("%s", call)
		return true
	}
	var names []string
	for i, t := range results {
		if i > 0 && g.n(4) == 0 {
			names = append(names, "_")
			continue
		}
		n := g.name("c")
		names = append(names, n)
		if i == 0 && g.n(3) == 0 {
			if v := g.variableOf(t); v != "" && len(results) == 1 {
				g.line("%s = %s", v, call)
				return true
			}
		}
	}
	g.line("%s := %s", strings.Join(names, ", "), call)
	for i, n := range names {
		if n != "_" {
			g.use(n)
			if !results[i].nilable() {
				g.declare(n, results[i])
			}
		}
	}
	return true
}

// variableOf is the name of a variable that can be assigned to.
func (g *generator) variableOf(t *typ) string {
	if t.nilable() {
		return ""
	}
	vars := g.visible(func(s *scope, v *variable) bool { return !v.fixed && v.t.is(t) && (!g.fn.pure || s.fn == g.fn) })
	if len(vars) == 0 {
		return ""
	}
	return pick(g, vars).name
}

// copyStatement copies a value, changes the copy or the original, and shows both.
func (g *generator) copyStatement() bool {
	vars := g.visible(func(s *scope, v *variable) bool {
		return !v.fixed && (v.t.kind == structure || v.t.kind == array) && (!g.fn.pure || s.fn == g.fn)
	})
	if len(vars) == 0 {
		return false
	}
	v := pick(g, vars)
	var found []path
	g.paths(path{text: v.name, t: v.t}, 3, true, func(p path) {
		if p.t.kind == structure || p.t.kind == array {
			found = append(found, p)
		}
	})
	p := pick(g, found)
	g.guarded(p.guards, func() {
		name := g.name("y")
		switch g.n(6) {
		case 0:
			g.line("%s := %s", name, p.text)
		case 1:
			g.line("var %s %s = %s", name, p.t, p.text)
		case 2:
			g.line("%s := func(a %s) %s { return a }(%s)", name, p.t, p.t, p.text)
		case 3:
			g.line("%s := []%s{%s}[0]", name, p.t, p.text)
		case 4:
			g.line("%s := any(%s).(%s)", name, p.text, p.t)
		default:
			g.line("%s := <-sent(%s)", name, p.text)
		}
		g.use(name)
		g.inScope(func() {
			c := g.declare(name, p.t)
			for range 2 {
				g.change(c)
			}
			g.change(v)
			g.showPaths(path{text: name, t: p.t})
		})
	})
	g.showPaths(path{text: v.name, t: v.t})
	return true
}

// change assigns to some part of a variable.
func (g *generator) change(v *variable) {
	var found []path
	g.paths(path{text: v.name, t: v.t}, 3, true, func(p path) {
		if p.text != v.name && (!g.fn.pure || !p.shared) && assignable(p.t) {
			found = append(found, p)
		}
	})
	if len(found) == 0 {
		return
	}
	p := pick(g, found)
	g.guarded(p.guards, func() { g.line("%s = %s", p.text, g.expr(p.t, 1)) })
}

// show prints a variable.
func (g *generator) show() bool {
	vars := g.visible(func(s *scope, _ *variable) bool { return s.fn != nil })
	if len(vars) == 0 || g.fn.times > 12 {
		return false
	}
	v := pick(g, vars)
	g.showPaths(path{text: v.name, t: v.t})
	return true
}

// showAll prints all variables of the function.
func (g *generator) showAll() {
	vars := g.visible(func(s *scope, _ *variable) bool { return s.fn == g.fn })
	for i, v := range vars {
		if i < 12 && v.t.kind != parameter {
			g.showPaths(path{text: v.name, t: v.t})
		}
	}
}

// showPaths prints what can be reached from a path and prints the same each time.
func (g *generator) showPaths(from path) {
	if g.fn.pure {
		return
	}
	var shown []string
	g.paths(from, 2, false, func(p path) {
		if p.t.printable() && len(shown) < 4 && !slices.ContainsFunc(shown, func(s string) bool { return strings.HasPrefix(p.text, s) }) {
			shown = append(shown, p.text)
		}
	})
	if len(shown) > 0 {
		g.line("show(%q, %s)", fmt.Sprint(from.text), strings.Join(shown, ", "))
	}
}

// returnNow returns from the function.
func (g *generator) returnNow(depth int) {
	results := g.fn.results
	switch {
	case len(results) == 0:
		return
	case len(g.fn.named) > 0 && g.n(2) == 0 && !slices.ContainsFunc(results, (*typ).nilable):
		g.line("return")
		return
	}
	var values []string
	for _, t := range results {
		values = append(values, g.expr(t, depth))
	}
	g.line("return %s", strings.Join(values, ", "))
}
