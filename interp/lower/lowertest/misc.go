package lowertest

import (
	"fmt"
	"strings"
)

// typeSwitch asks what an interface holds.
func (g *generator) typeSwitch() bool {
	if !g.has(interfaces) || len(g.fn.loops) > 4 {
		return false
	}
	x := g.expr(anyType, 2)
	if g.n(2) == 0 && len(g.ifaces) > 0 {
		t := pick(g, g.ifaces)
		x = g.expr(t, 2)
	}
	v := g.name("x")
	seen := map[string]bool{}
	head := fmt.Sprintf("switch %s := any(%s).(type) {", v, x)
	g.inLoop(false, head, func() {
		for range 1 + g.n(4) {
			t := g.anyTyp(2, func(t *typ) bool { return t.kind != parameter })
			if len(g.ifaces) > 0 && g.n(4) == 0 {
				t = pick(g, g.ifaces)
			}
			if seen[t.String()] || t.name == "any" || t.name == "T" {
				continue
			}
			seen[t.String()] = true
			g.line("case %s:", t)
			g.use(v)
			g.inScope(func() {
				g.declare(v, t).fixed = true
				if t.nilable() && t.kind != iface {
					g.scope.vars = nil
				}
				g.statements(1 + g.n(2))
			})
		}
		if g.n(2) == 0 {
			g.line("case nil, [5]int16, [7]string, error:\nlg(\"several\", fmt.Sprint(%s))", v)
		}
		g.line("default:\n_ = %s", v)
		g.body(1, 1)
	})
	return true
}

// deferStatement defers something that changes a variable.
func (g *generator) deferStatement() bool {
	if !g.has(defers) || !g.fn.deferOK || g.fn.times > 6 {
		return false
	}
	g.fn.cost += 5 * g.fn.times
	p, ok := g.place(func(t *typ) bool { return !t.nilable() && t.kind != parameter })
	if !ok || len(p.guards) > 0 || g.fn.pure {
		g.line("defer lg(%q, %s)", g.name("d"), g.expr(intType, 1))
		return true
	}
	switch g.n(4) {
	case 0:
		g.line("defer func() { %s = %s }()", p.text, g.expr(p.t, 1))
	case 1:
		n := g.name("a")
		g.line("defer func(%s %s) { %s = %s; lg(%q, 1) }(%s)", n, p.t, p.text, n, g.name("d"), g.expr(p.t, 1))
	case 2:
		if v := g.variableOf(p.t); v != "" {
			g.line("defer set(&%s, %s)", v, g.typed(p.t, 1))
		}
	default:
		g.line("defer func() { lg(%q, fmt.Sprint(recover())) }()", g.name("r"))
	}
	return true
}

// tryStatement does what may panic, and shows the panic.
func (g *generator) tryStatement() bool {
	if g.fn.pure {
		return false
	}
	g.line("try(func() {")
	switch g.n(9) {
	case 0:
		g.line("show(\"\", []int{1, 2}[k(%s)])", g.expr(intType, 1))
	case 1:
		g.line("show(\"\", 7 %s k(%s))", pick(g, []string{"/", "%"}), g.expr(intType, 1))
	case 2:
		t := g.anyTyp(1, func(t *typ) bool { return t.printable() && t.kind != parameter })
		g.line("show(\"\", any(%s).(%s))", g.expr(anyType, 1), t)
	case 3:
		g.line("var m map[string]int\nm[%s]++", g.expr(stringType, 1))
	case 4:
		g.line("panic(%s)", g.expr(anyType, 1))
	case 5:
		g.line("s := %s\nshow(\"\", s[k(%s):k(%s)])", g.expr(stringType, 1), g.leaf(intType), g.leaf(intType))
	case 6:
		g.line("var p *struct{ a int; b [3]string }\np.b[%d] = %s", g.n(3), g.expr(stringType, 1))
	case 7:
		g.line("defer func() { panic(fmt.Sprint(recover(), \" again\")) }()\npanic(%s)", g.expr(stringType, 1))
	default:
		g.line("show(\"\", %s == %s)", g.convertText(anyType, g.expr(&typ{kind: slice, elem: intType}, 1)), g.convertText(anyType, g.expr(&typ{kind: slice, elem: intType}, 1)))
	}
	g.line("})")
	return true
}

// closureStatement makes a function value, changes what it has captured, and calls it.
func (g *generator) closureStatement() bool {
	if !g.has(closures) || g.fn.pure {
		return false
	}
	t := g.funcTyp(1)
	n := g.name("h")
	g.line("%s := %s", n, g.funcLiteral(t, 2))
	g.use(n)
	g.declare(n, t).fixed = true
	g.assign()
	if g.fn.literal || !g.affordable(closureCost) {
		return true
	}
	call := n + "(" + g.arguments(t.params, 1) + ")"
	if len(t.results) == 1 && t.results[0].printable() {
		g.line("show(%q, %s)", n, call)
	} else {
		g.line("%s", call)
	}
	return true
}

// loopClosures gathers closures over the variables of a loop and calls them after it.
func (g *generator) loopClosures() bool {
	if !g.has(closures) || g.fn.pure || g.fn.literal || g.tooDeep() || !g.affordable(20) {
		return false
	}
	i, list := g.name("i"), g.name("hs")
	head := pick(g, []string{"for %s := 0; %s < 3; %s++ {", "for %s := range 3 {", "for %s := range [3]string{} {", "for _, %s := range []int{4, 5} {", "for %s := range count(3) {"})
	head = strings.ReplaceAll(head, "%s", i)
	if strings.Contains(head, "count") && !g.has(rangeFuncs) {
		return false
	}
	g.line("var %s []func() int", list)
	g.line("%s", head)
	g.inScope(func() {
		g.line("j := %s * 10\n_ = j", i)
		g.line("%s = append(%s, func() int { %s })", list, list, pick(g, []string{"j++; " + i + "++; return " + i + " + j", "j += " + i + "; return j", "return " + i}))
		if g.n(2) == 0 && !strings.Contains(head, "< 3") {
			g.line("%s += 100", i)
		}
	})
	g.line("}")
	g.line("for _, h := range %s { show(%q, h(), h()) }", list, list)
	return true
}

// selectStatement selects what is ready.
func (g *generator) selectStatement() bool {
	if !g.has(channels) || g.fn.pure || len(g.fn.loops) > 4 {
		return false
	}
	t := g.tryTyp(2)
	c, v := g.name("ch"), g.name("w")
	g.line("%s := make(chan %s, 2)", c, t)
	ready := g.n(2) == 0
	if ready {
		g.line("%s <- %s", c, g.expr(t, 2))
		if g.n(2) == 0 {
			g.line("close(%s)", c)
		}
	}
	g.inLoop(false, "select {", func() {
		switch {
		case ready && g.n(2) == 0:
			g.line("case %s, ok := <-%s:\n_, _ = %s, ok\nlg(%q, ok)", v, c, v, g.name("s"))
		case ready:
			g.line("case %s := <-%s:\n_ = %s", v, c, v)
		default:
			g.line("case %s <- %s:", c, g.expr(t, 2))
			v = ""
		}
		g.inScope(func() {
			if v != "" && !t.nilable() {
				g.declare(v, t)
			}
			g.statements(1 + g.n(2))
		})
		if g.n(2) == 0 {
			g.line("case <-make(chan int):")
			g.body(1, 1)
		}
	})
	return true
}

// goStatement computes in goroutines and waits for them.
func (g *generator) goStatement() bool {
	if !g.has(channels) || g.fn.pure || g.fn.times > 2 || g.fn.literal {
		return false
	}
	t := g.tryTyp(2)
	list := g.name("out")
	e := g.inLiteral([]*typ{t}, func() string { return g.expr(t, 1) })
	switch g.n(2) {
	case 0:
		g.line("%s := make([]%s, 3)\n{\nvar wg sync.WaitGroup\nfor i := range %s {\nwg.Add(1)\ngo func(x %s) { defer wg.Done(); %s[i] = x }(%s)\n}\nwg.Wait()\n}", list, t, list, t, list, e)
	default:
		g.line("var %s []%s\n{\nc := make(chan %s)\ngo func() { defer close(c); for range 2 { c <- %s } }()\nfor v := range c { %s = append(%s, v) }\n}", list, t, t, g.literal(t, 0), list, list)
	}
	g.use(list)
	g.declare(list, &typ{kind: slice, elem: t})
	return true
}

// pointerStatement takes the address of a place, and assigns through it.
func (g *generator) pointerStatement() bool {
	if !g.has(pointers) || g.fn.pure {
		return false
	}
	p, ok := g.place(func(t *typ) bool { return t.kind != parameter })
	if !ok || p.entry {
		return false
	}
	g.guarded(p.guards, func() {
		n := g.name("p")
		g.line("%s := &%s", n, p.text)
		g.inScope(func() {
			v := g.declare(n, &typ{kind: pointer, elem: p.t})
			g.line("*%s = %s", n, g.expr(p.t, 2))
			g.change(v)
			if g.n(2) == 0 {
				g.line("lg(%q, %s == &%s)", g.name("q"), n, p.text)
			}
		})
	})
	return true
}

func (g *generator) mapStatement() bool {
	p, ok := g.place(func(t *typ) bool { return t.kind == mapping })
	if !ok || g.fn.pure {
		return false
	}
	g.guarded(p.guards, func() {
		switch g.n(3) {
		case 0:
			g.line("delete(%s, %s)", p.text, g.expr(p.t.key, 1))
		case 1:
			v, ok := g.name("v"), g.name("ok")
			g.line("%s, %s := %s[%s]\n_, _ = %s, %s\nlg(%q, %s)", v, ok, p.text, g.expr(p.t.key, 1), v, ok, g.name("o"), ok)
		default:
			g.line("if %s != nil { %s[%s] = %s }", p.text, p.text, g.expr(p.t.key, 1), g.expr(p.t.elem, 2))
		}
	})
	return true
}

// methodValue binds a receiver, changes it and calls.
func (g *generator) methodValue() bool {
	if g.fn.pure || g.fn.literal {
		return false
	}
	for _, v := range g.visible(nil) {
		if v.fixed || len(v.t.methods) == 0 || v.t.kind == iface || g.n(2) == 0 {
			continue
		}
		m := pick(g, v.t.methods)
		if !m.result.printable() || !g.affordable(m.cost) {
			continue
		}
		n := g.name("mv")
		g.line("%s := %s.%s", n, v.name, m.name)
		g.change(v)
		g.line("show(%q, %s(%s))", n, n, g.arguments(m.params, 1))
		return true
	}
	return false
}

// localType declares a type in the function.
func (g *generator) localType() bool {
	name := "local"
	if g.n(2) == 0 {
		name = g.name("local")
	}
	t := g.anyTyp(2, func(t *typ) bool { return t.printable() })
	v := g.name("v")
	g.line("{\ntype %s struct { f %s; g []%s }", name, t, name)
	g.line("%s := %s{f: %s}", v, name, g.expr(t, 2))
	// Not an append to its own field: the compiler writes the field before it reads the variable.
	g.line("%s.g = []%s{%s, {}}", v, name, v)
	if !g.fn.pure {
		g.line("show(%q, %s, any(%s).(%s).f)", v, v, v, name)
		g.line("fmt.Printf(\"%%T\\n\", %s)", v)
	}
	g.line("}")
	return true
}

func (g *generator) gotoStatement() bool {
	if !g.has(labels) || g.fn.times > 10 {
		return false
	}
	l, n := g.name("again"), g.name("n")
	g.line("%s := 0\n%s:\n%s++\nif %s < %d && %s { goto %s }", n, l, n, n, 2+g.n(3), g.parens(g.expr(boolType, 1)), l)
	g.declare(n, intType)
	return true
}
