package lowertest

import (
	"fmt"
	"strings"
)

// expr is an expression of type t that neither panics nor changes a variable.
func (g *generator) expr(t *typ, depth int) string {
	if depth <= 0 {
		return g.leaf(t)
	}
	for range 4 {
		if text := g.tryExpr(t, depth); text != "" {
			return text
		}
	}
	return g.leaf(t)
}

func (g *generator) leaf(t *typ) string {
	if g.n(4) > 0 {
		if text := g.read(t); text != "" {
			return text
		}
	}
	return g.literal(t, 0)
}

// variable is an expression that is no constant.
func (g *generator) variable(t *typ, depth int) string {
	text := g.expr(t, depth)
	if constant(text) {
		return "k(" + text + ")"
	}
	return text
}

// constant reports whether the text of an expression is that of a constant: only literals are.
func constant(text string) bool {
	if i := strings.IndexByte(text, '('); i > 0 && strings.HasSuffix(text, ")") {
		text = text[i+1:]
	}
	return text[0] == '"' || text[0] == '-' || '0' <= text[0] && text[0] <= '9' || strings.HasPrefix(text, "true") || strings.HasPrefix(text, "false")
}

func (g *generator) tryExpr(t *typ, depth int) string {
	if n := g.n(20); n < 7 {
		return g.generalExpr(t, depth, n)
	}
	switch t.kind {
	case boolean:
		return g.boolExpr(t, depth)
	case integer:
		return g.intExpr(t, depth)
	case float, complexNumber:
		return g.floatExpr(t, depth)
	case str:
		return g.stringExpr(t, depth)
	case slice:
		return g.sliceExpr(t, depth)
	case function:
		return g.funcExpr(t, depth)
	case iface:
		return g.ifaceExpr(t, depth)
	case parameter:
		return g.leaf(t)
	case pointer:
		return g.pointerExpr(t, depth)
	}
	return g.literal(t, depth)
}

// generalExpr are expressions of all types.
func (g *generator) generalExpr(t *typ, depth, n int) string {
	switch n {
	case 0:
		return g.pureCall(t, depth)
	case 1:
		return fmt.Sprintf("lg(%q, %s)", g.name("t"), g.expr(t, depth-1))
	case 2:
		if t.kind == parameter {
			return ""
		}
		return fmt.Sprintf("func() %s { return %s }()", t, g.inLiteral([]*typ{t}, func() string { return g.expr(t, depth-1) }))
	case 3:
		return fmt.Sprintf("choose(%s, %s, %s)", g.expr(boolType, depth-1), g.typed(t, depth-1), g.typed(t, depth-1))
	case 4:
		if t.kind != parameter {
			return g.wrapped(t, depth)
		}
	case 5:
		return g.genericCall(t, depth)
	case 6:
		return g.methodCall(t, depth)
	}
	return ""
}

// typed is an expression whose type is t by itself.
func (g *generator) typed(t *typ, depth int) string {
	text := g.expr(t, depth)
	if t.kind == iface || t.kind == function || t.kind <= str {
		return g.convertText(t, text)
	}
	return text
}

func (g *generator) convertText(t *typ, text string) string {
	if t.name == "" {
		return "(" + t.String() + ")(" + text + ")"
	}
	return t.name + "(" + text + ")"
}

// wrapped takes the value out of something that holds it.
func (g *generator) wrapped(t *typ, depth int) string {
	e := g.typed(t, depth-1)
	switch g.n(8) {
	case 0:
		return fmt.Sprintf("[]%s{%s, %s}[%s]", t, e, g.expr(t, depth-1), g.index("2"))
	case 1:
		return fmt.Sprintf("map[int]%s{%d: %s}[1]", t, 1, e)
	case 2:
		return fmt.Sprintf("struct{ f %s; g int }{%s, %d}.f", t, e, g.n(9))
	case 3:
		return fmt.Sprintf("<-sent(%s)", e)
	case 4:
		return fmt.Sprintf("*ptr(%s)", e)
	case 5:
		if g.has(interfaces) && t.kind != iface {
			return fmt.Sprintf("any(%s).(%s)", e, t)
		}
	case 6:
		return fmt.Sprintf("[...]%s{%d: %s}[%s]", t, 1, e, "1")
	}
	return "k(" + e + ")"
}

func (g *generator) index(n string) string {
	return fmt.Sprintf("ix(%s, %s)", g.leaf(intType), n)
}

var comparisons = []string{"==", "!=", "<", "<=", ">", ">="}

func (g *generator) boolExpr(t *typ, depth int) string {
	var text string
	switch g.n(6) {
	case 0:
		text = g.expr(boolType, depth-1) + " && " + g.expr(boolType, depth-1)
	case 1:
		text = g.expr(boolType, depth-1) + " || " + g.expr(boolType, depth-1)
	case 2:
		return unary("!", g.parens(g.expr(t, depth-1)))
	case 3:
		u := g.anyTyp(2, (*typ).comparable)
		text = g.parens(g.variable(u, depth-1)) + " " + pick(g, comparisons[:2]) + " " + g.parens(g.expr(u, depth-1))
	default:
		u := g.anyTyp(1, (*typ).ordered)
		text = g.variable(u, depth-1) + " " + pick(g, comparisons) + " " + g.parens(g.expr(u, depth-1))
	}
	if t.defined {
		return t.String() + "(" + text + ")"
	}
	return "(" + text + ")"
}

func (g *generator) parens(text string) string {
	if strings.ContainsAny(text, " {") && !strings.HasPrefix(text, "(") {
		return "(" + text + ")"
	}
	return text
}

func (g *generator) intExpr(t *typ, depth int) string {
	x := g.parens(g.variable(t, depth-1))
	switch g.n(12) {
	case 0, 1, 2:
		return "(" + x + " " + pick(g, []string{"+", "-", "*"}) + " " + g.parens(g.expr(t, depth-1)) + ")"
	case 3:
		return "(" + x + " " + pick(g, []string{"/", "%"}) + " (" + g.parens(g.variable(t, depth-1)) + "|1))"
	case 4:
		return "(" + x + " " + pick(g, []string{"&", "|", "^", "&^"}) + " " + g.parens(g.expr(t, depth-1)) + ")"
	case 5:
		return "(" + x + " " + pick(g, []string{"<<", ">>"}) + " " + g.shiftCount(depth) + ")"
	case 6:
		return unary(pick(g, []string{"-", "^", "+"}), x)
	case 7:
		u := pick(g, intTypes)
		return t.String() + "(" + g.variable(u, depth-1) + ")"
	case 8:
		u := g.anyTyp(2, func(t *typ) bool {
			return t.kind == slice || t.kind == mapping || t.kind == str || t.kind == array
		})
		if u.kind != integer {
			return t.String() + "(k(len(" + g.expr(u, depth-1) + ")))"
		}
	case 9:
		return t.String() + "(small(float64(" + g.variable(float64Type, depth-1) + ")))"
	case 10:
		return "min(" + x + ", " + g.parens(g.expr(t, depth-1)) + ")"
	case 11:
		if t.is(byteType) {
			return "char(" + g.expr(stringType, depth-1) + ", " + g.leaf(intType) + ")"
		}
	}
	return "(" + x + " + " + g.literal(t, 0) + ")"
}

func unary(op, x string) string {
	if strings.ContainsAny(x[:1], "+-!^&*<") {
		x = "(" + x + ")"
	}
	return op + x
}

// shiftCount is a count of any size that is not negative.
func (g *generator) shiftCount(depth int) string {
	u := pick(g, intTypes)
	if !u.unsigned {
		return "(" + g.variable(u, depth-1) + " & 63)"
	}
	return g.parens(g.variable(u, depth-1))
}

func (g *generator) floatExpr(t *typ, depth int) string {
	x := g.parens(g.variable(t, depth-1))
	switch g.n(5) {
	case 0, 1:
		return "(" + x + " " + pick(g, []string{"+", "-", "*"}) + " " + g.parens(g.expr(t, depth-1)) + ")"
	case 2:
		return unary("-", x)
	case 3:
		if t.kind == complexNumber {
			return t.String() + "(complex(" + g.variable(float64Type, depth-1) + ", " + g.expr(float64Type, depth-1) + "))"
		}
		return t.String() + "(" + g.variable(pick(g, intTypes), depth-1) + ")"
	}
	if t.kind == complexNumber {
		return x
	}
	return "(" + x + " / " + g.parens(g.variable(t, depth-1)) + ")"
}

func (g *generator) stringExpr(t *typ, depth int) string {
	x := g.parens(g.variable(t, depth-1))
	var text string
	switch g.n(6) {
	case 0, 1:
		return "(" + x + " + " + g.parens(g.expr(t, depth-1)) + ")"
	case 2:
		u := g.anyTyp(2, (*typ).printable)
		text = "short(fmt.Sprint(" + g.expr(u, depth-1) + "))"
	case 3:
		return "cut(" + x + ", " + g.expr(intType, depth-1) + ", " + g.expr(intType, depth-1) + ")"
	case 4:
		text = "string(rune(" + g.variable(runeType, depth-1) + "))"
	default:
		text = "string([]" + pick(g, []string{"byte", "rune"}) + "(" + x + "))"
	}
	if t.defined {
		return t.String() + "(" + text + ")"
	}
	return text
}

func (g *generator) sliceExpr(t *typ, depth int) string {
	switch g.n(5) {
	case 0:
		return fmt.Sprintf("append(slices.Clip(%s), %s)", g.convertText(t, g.expr(t, depth-1)), g.expr(t.elem, depth-1))
	case 1:
		return fmt.Sprintf("part(%s, %s, %s)", g.convertText(t, g.expr(t, depth-1)), g.expr(intType, depth-1), g.expr(intType, depth-1))
	case 2:
		return fmt.Sprintf("make(%s, %d)", t, g.n(4))
	case 3:
		if x := g.read(t); x != "" {
			return fmt.Sprintf("append(%s[:len(%s):len(%s)], %s...)", x, x, x, g.expr(t, depth-1))
		}
	}
	return g.literal(t, depth)
}

func (g *generator) pointerExpr(t *typ, depth int) string {
	if x := g.read(t); x != "" && g.n(2) == 0 {
		return x
	}
	if t.elem.kind == structure && g.n(2) == 0 {
		return "&" + g.literal(t.elem, depth-1)
	}
	return "ptr(" + g.typed(t.elem, depth-1) + ")"
}

func (g *generator) funcExpr(t *typ, depth int) string {
	if x := g.read(t); x != "" && g.n(2) == 0 {
		return x
	}
	for _, f := range g.funcs {
		u := &typ{kind: function, params: f.params, results: f.results}
		if !f.depth && f.cost <= closureCost && (f.pure || !g.fn.pure) && u.String() == t.String() {
			return f.name
		}
	}
	return g.funcLiteral(t, depth)
}

// ifaceExpr is a value of an interface type that is not nil.
func (g *generator) ifaceExpr(t *typ, depth int) string {
	if t.name == "any" {
		u := g.anyTyp(2, (*typ).plain)
		return g.typed(u, depth-1)
	}
	if len(t.impls) == 0 {
		return g.leaf(t)
	}
	return g.expr(pick(g, t.impls), depth-1)
}

// inLiteral writes what stands in a function literal that is called at once.
func (g *generator) inLiteral(results []*typ, write func() string) string {
	outer := g.fn
	g.fn = &context{outer: outer, pure: true, results: results, literal: true, times: outer.times}
	var text string
	g.inScope(func() { text = write() })
	outer.cost += g.fn.cost
	g.fn = outer
	return text
}
