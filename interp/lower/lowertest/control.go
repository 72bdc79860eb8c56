package lowertest

import (
	"fmt"
	"slices"
	"strings"
)

// body writes statements in a block that runs times as often.
func (g *generator) body(n, times int) {
	g.fn.times *= times
	g.inScope(func() { g.statements(n) })
	g.fn.times /= times
}

func (g *generator) block() bool {
	if len(g.fn.loops) > 4 {
		return false
	}
	g.line("{")
	g.inScope(func() {
		// A variable that hides another.
		vars := g.visible(func(s *scope, v *variable) bool {
			return s.fn == g.fn && !v.t.nilable() && !v.fixed && !slices.Contains(g.fn.named, v.name)
		})
		if len(vars) > 0 {
			v := pick(g, vars)
			g.line("%s := %s", v.name, g.typed(v.t, 2))
			g.use(v.name)
			g.declare(v.name, v.t)
		}
		g.statements(2)
		if len(vars) > 0 {
			g.showAll()
		}
	})
	g.line("}")
	return true
}

func (g *generator) ifStatement() bool {
	init := ""
	g.inScope(func() {
		if g.n(3) == 0 {
			t := g.tryTyp(1)
			n := g.name("i")
			init = fmt.Sprintf("%s := %s; ", n, g.parens(g.typed(t, 2)))
			g.line("if %s(%s) || k(%s, %s) {", init, g.expr(boolType, 2), g.expr(boolType, 1), n)
			g.declare(n, t)
		} else {
			g.line("if (%s) {", g.expr(boolType, 3))
		}
		g.body(1+g.n(2), 1)
		for range g.n(3) {
			g.line("} else if (%s) {", g.expr(boolType, 2))
			g.body(1+g.n(2), 1)
		}
		if g.n(2) == 0 {
			g.line("} else {")
			g.body(1+g.n(2), 1)
		}
		g.line("}")
	})
	return true
}

// inLoop writes a loop or switch, with a label if its body branches to it.
func (g *generator) inLoop(isLoop bool, head string, write func()) {
	l := &loop{loop: isLoop}
	if g.has(labels) {
		l.label = g.name("L")
	}
	g.fn.loops = append(g.fn.loops, l)
	body := g.capture(write)
	g.fn.loops = g.fn.loops[:len(g.fn.loops)-1]
	if l.used {
		g.line("%s:", l.label)
	}
	g.line("%s", head)
	g.out.WriteString(body)
	g.line("}")
}

func (g *generator) tooDeep() bool { return len(g.fn.loops) > 2 || g.fn.times > 60 }

func (g *generator) forStatement() bool {
	if g.tooDeep() {
		return false
	}
	n := 1 + g.n(4)
	i := g.name("i")
	g.inScope(func() {
		v := g.declare(i, intType)
		v.fixed = g.n(4) > 0 // the body may only count up
		switch g.n(4) {
		case 0:
			g.line("%s := 0", i)
			v.fixed = true
			g.inLoop(true, fmt.Sprintf("for %s < %d && !k(%s) {", i, n, g.leaf(boolType)), func() {
				g.line("%s++", i)
				g.body(1+g.n(3), n)
			})
		case 1:
			v.fixed = true
			g.inLoop(true, fmt.Sprintf("for %s := %d; ; %s-- {", i, n, i), func() {
				g.line("if %s <= 0 { break }", i)
				g.body(1+g.n(3), n)
			})
		case 2:
			t := pick(g, intTypes[1:])
			v.t, v.fixed = t, true
			g.inLoop(true, fmt.Sprintf("for %s, end := %s(0), %s(%d); %s < end; %s++ {", i, t, t, n, i, i), func() { g.body(1+g.n(3), n) })
		default:
			g.inLoop(true, fmt.Sprintf("for %s := 0; %s < %d; %s++ {", i, i, n, i), func() {
				if !v.fixed {
					v.fixed = true
					g.line("if %s { %s++ }", g.parens(g.expr(boolType, 1)), i)
				}
				g.body(1+g.n(3), n)
			})
		}
	})
	return true
}

// rangeStatement ranges over something of few elements.
func (g *generator) rangeStatement() bool {
	if g.tooDeep() {
		return false
	}
	n := 5
	key, value := g.name("k"), g.name("e")
	kt, vt := intType, intType
	x := ""
	single := false
	switch g.n(9) {
	case 0:
		kt = pick(g, intTypes)
		n = 1 + g.n(4)
		x, single = fmt.Sprintf("%s(%d)", kt, n), true
	case 1:
		vt = g.tryTyp(2)
		x = "(" + g.expr(&typ{kind: slice, elem: vt}, 2) + ")"
		x = "few" + x
	case 2, 3:
		vt = g.tryTyp(2)
		a := &typ{kind: array, n: 1 + g.n(3), elem: vt}
		if v := g.variableOf(a); v != "" {
			x = v
		} else {
			x = g.name("a")
			g.line("%s := %s", x, g.literal(a, 2))
			g.declare(x, a)
		}
		if g.n(2) == 0 {
			x = "&" + x
		}
	case 4:
		vt = runeType
		x = "short(" + g.expr(stringType, 2) + ")"
		n = 30
	case 5:
		kt = g.tryTyp(2)
		x, single = fmt.Sprintf("sent(%s, %s)", g.typed(kt, 1), g.typed(kt, 1)), true
		x = "closed(" + x + ")"
	case 6, 7:
		if !g.has(rangeFuncs) {
			return false
		}
		return g.rangeFunc()
	default:
		return g.rangeMap()
	}
	g.rangeOver(x, key, value, kt, vt, n, single)
	return true
}

func (g *generator) rangeOver(x, key, value string, kt, vt *typ, n int, single bool) {
	g.inScope(func() {
		head := fmt.Sprintf("for %s, %s := range %s {", key, value, x)
		switch {
		case single || g.n(4) == 0:
			head = fmt.Sprintf("for %s := range %s {", key, x)
			value = ""
		case g.n(4) == 0:
			head = fmt.Sprintf("for _, %s := range %s {", value, x)
			key = ""
		case g.n(6) == 0:
			head = fmt.Sprintf("for range %s {", x)
			key, value = "", ""
		case kt.is(intType) && g.n(5) == 0:
			// Into places that exist.
			p, ok := g.place(func(t *typ) bool { return t.is(intType) })
			q, ok2 := g.place(func(t *typ) bool { return t.is(vt) })
			if ok && ok2 && len(p.guards) == 0 && len(q.guards) == 0 && !p.entry && !q.entry && !vt.nilable() && p.text != q.text {
				head = fmt.Sprintf("for %s, %s = range %s {", p.text, q.text, x)
				key, value = "", ""
			}
		}
		g.inLoop(true, head, func() {
			if key != "" {
				g.use(key)
				if !kt.nilable() {
					g.declare(key, kt)
				}
			}
			if value != "" {
				g.use(value)
				if !vt.nilable() {
					g.declare(value, vt)
				}
			}
			g.body(1+g.n(3), n)
		})
	})
}

// rangeMap sums up, or ranges over the sorted keys: the order is not given.
func (g *generator) rangeMap() bool {
	k := pick(g, []*typ{intType, stringType, byteType})
	m := &typ{kind: mapping, key: k, elem: g.tryTyp(2)}
	x := g.name("m")
	g.line("%s := %s", x, g.typed(m, 2))
	g.use(x)
	g.declare(x, m)
	if g.n(2) == 0 {
		key, sum := g.name("k"), g.name("sum")
		g.line("%s := 0", sum)
		g.line("for %s, e := range %s {\n%s += len(fmt.Sprint(%s)); _ = e", key, x, sum, key)
		if g.n(2) == 0 {
			g.line("delete(%s, %s)", x, key)
		}
		g.line("}")
		g.declare(sum, intType)
		return true
	}
	g.rangeOver("sorted("+x+")", g.name("k"), g.name("e"), intType, k, 3, false)
	return true
}

// rangeFunc ranges over a function of the prelude.
func (g *generator) rangeFunc() bool {
	t := g.tryTyp(2)
	g.fn.yields++
	defer func() { g.fn.yields-- }()
	switch g.n(3) {
	case 0:
		g.rangeOver(fmt.Sprintf("count(%d)", 1+g.n(3)), g.name("k"), "", intType, nil, 3, true)
	case 1:
		g.rangeOver("each(few("+g.convertText(&typ{kind: slice, elem: t}, g.expr(&typ{kind: slice, elem: t}, 2))+"))", g.name("k"), g.name("e"), intType, t, 4, false)
	default:
		g.rangeOver(fmt.Sprintf("twice(%s)", g.typed(t, 2)), g.name("k"), "", t, nil, 2, true)
	}
	return true
}

// branch leaves a loop, a switch or the function, under a condition.
func (g *generator) branch() bool {
	cond := g.expr(boolType, 2)
	if n := len(g.fn.loops); n > 0 && g.n(4) > 0 {
		l := g.fn.loops[g.n(n)]
		word := "break"
		if l.loop && g.n(2) == 0 {
			word = "continue"
		}
		if l != g.fn.loops[n-1] {
			if l.label == "" {
				return false
			}
		}
		if l != g.fn.loops[n-1] || l.label != "" && g.n(3) == 0 {
			l.used = true
			word += " " + l.label
		}
		g.line("if (%s) { %s }", cond, word)
		return true
	}
	if len(g.fn.results) == 0 || g.fn.literal && len(g.fn.loops) == 0 {
		return false
	}
	g.line("if (%s) {", cond)
	g.returnNow(1)
	g.line("}")
	return true
}

func (g *generator) switchStatement() bool {
	if len(g.fn.loops) > 4 {
		return false
	}
	head := "switch {"
	t := boolType
	if g.n(3) > 0 {
		t = g.anyTyp(2, func(t *typ) bool { return t.comparable() || t.kind == iface && t.name == "any" })
		head = fmt.Sprintf("switch k(%s) {", g.typed(t, 2))
		if g.n(3) == 0 {
			n := g.name("s")
			head = fmt.Sprintf("switch %s := k(%s); k(%s, %s) {", n, g.typed(intType, 1), g.typed(t, 2), n)
		}
	}
	count := 1 + g.n(3)
	def := g.n(2 * count)
	g.inLoop(false, head, func() {
		for i := range count {
			if i == def {
				g.line("default:")
			} else {
				var conds []string
				for range 1 + g.n(2) {
					conds = append(conds, "k("+g.typed(t, 1)+")")
				}
				g.line("case %s:", strings.Join(conds, ", "))
			}
			g.body(1+g.n(2), 1)
			if i < count-1 && g.n(6) == 0 {
				g.line("fallthrough")
			}
		}
	})
	return true
}
