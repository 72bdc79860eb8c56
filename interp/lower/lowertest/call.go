package lowertest

import (
	"fmt"
	"strings"
)

// affordable reports whether something of a cost may be called here, and counts it.
func (g *generator) affordable(cost int) bool {
	if g.fn.limit > 0 && g.fn.cost+cost*g.fn.times > g.fn.limit {
		return false
	}
	for c := g.fn; c.outer != nil && c.limit == 0; c = c.outer {
		if c.outer.limit > 0 && c.outer.cost+cost*c.outer.times > c.outer.limit {
			return false
		}
	}
	g.fn.cost += cost * g.fn.times
	return true
}

// arguments are those of a call; with a function's own recursion, the first is smaller.
func (g *generator) arguments(params []*typ, depth int) string {
	var args []string
	for _, p := range params {
		args = append(args, g.expr(p, depth))
	}
	return strings.Join(args, ", ")
}

// pureCall is a call of a pure function with the one result t.
func (g *generator) pureCall(t *typ, depth int) string {
	var found []*fn
	for _, f := range g.funcs {
		if f.pure && len(f.results) == 1 && f.results[0].is(t) {
			found = append(found, f)
		}
	}
	if len(found) == 0 {
		return ""
	}
	return g.callOf(pick(g, found), depth)
}

// callOf is a call of a declared function; "" where it would run too long.
func (g *generator) callOf(f *fn, depth int) string {
	if !g.affordable(f.cost) {
		return ""
	}
	params := f.params
	first := ""
	if f.depth {
		params, first = params[1:], fmt.Sprint(g.n(4))
		if len(params) > 0 {
			first += ", "
		}
	}
	return f.name + "(" + first + g.arguments(params, depth-1) + ")"
}

// methodCall is a call of a pure method with the result t.
func (g *generator) methodCall(t *typ, depth int) string {
	type candidate struct {
		t *typ
		m *method
	}
	var found []candidate
	for _, u := range g.defined {
		for _, m := range u.methods {
			if m.pure && m.result.is(t) {
				found = append(found, candidate{u, m})
			}
		}
	}
	if len(found) == 0 {
		return ""
	}
	c := pick(g, found)
	if c.t.kind == iface && len(c.t.impls) == 0 || !g.affordable(c.m.cost) {
		return ""
	}
	recv := c.t
	if c.m.pointer {
		recv = &typ{kind: pointer, elem: c.t}
	}
	x := g.typed(recv, depth-1)
	if !strings.HasSuffix(x, ")") || strings.ContainsAny(x[:1], "&*<-(") {
		x = "(" + x + ")"
	}
	args := g.arguments(c.m.params, depth-1)
	switch g.n(4) {
	case 0:
		// A method expression.
		all := x
		if args != "" {
			all += ", " + args
		}
		return "(" + recv.String() + ")." + c.m.name + "(" + all + ")"
	case 1:
		// A method value.
		return fmt.Sprintf("k(%s.%s)(%s)", x, c.m.name, args)
	}
	return x + "." + c.m.name + "(" + args + ")"
}

// impure is a call that may change variables, with its results.
func (g *generator) impure() (call string, results []*typ) {
	if g.fn.literal {
		// What it calls could call it.
		return "", nil
	}
	switch g.n(3) {
	case 0:
		return g.valueCall()
	case 1:
		return g.impureMethod()
	}
	if g.fn.pure || len(g.funcs) == 0 {
		return "", nil
	}
	if f := g.fn.self; f != nil && g.fn.times == 1 && g.n(2) == 0 {
		args := g.arguments(f.params[1:], 1)
		if args != "" {
			args = ", " + args
		}
		return fmt.Sprintf("%s(%s-1%s)", f.name, f.bound, args), f.results
	}
	f := pick(g, g.funcs)
	return g.callOf(f, 2), f.results
}

// valueCall calls a function value in a variable.
func (g *generator) valueCall() (string, []*typ) {
	if g.fn.pure {
		return "", nil
	}
	vars := g.visible(func(_ *scope, v *variable) bool { return v.t.kind == function })
	if len(vars) == 0 || !g.affordable(closureCost) {
		return "", nil
	}
	v := pick(g, vars)
	return v.name + "(" + g.arguments(v.t.params, 2) + ")", v.t.results
}

func (g *generator) impureMethod() (string, []*typ) {
	if g.fn.pure {
		return "", nil
	}
	var calls []string
	var methods []*method
	for _, v := range g.visible(nil) {
		u := v.t
		if u.kind == pointer {
			u = u.elem
		}
		for _, m := range u.methods {
			if !m.pure && u.kind != iface {
				calls, methods = append(calls, v.name), append(methods, m)
			}
		}
	}
	if len(calls) == 0 {
		return "", nil
	}
	i := g.n(len(calls))
	m := methods[i]
	if !g.affordable(m.cost) {
		return "", nil
	}
	return calls[i] + "." + m.name + "(" + g.arguments(m.params, 2) + ")", []*typ{m.result}
}
