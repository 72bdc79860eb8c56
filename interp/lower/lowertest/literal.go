package lowertest

import (
	"fmt"
	"strconv"
	"strings"
)

var words = []string{"", "a", "b", "go", "é", "日本", "x\xffy", "Hello", "\x00", "z\u00e9"}

// literal is a value of type t as a literal, whose parts are expressions of the given depth.
func (g *generator) literal(t *typ, depth int) string {
	switch t.kind {
	case boolean:
		return g.basic(t, "bool", strconv.FormatBool(g.n(2) == 0))
	case integer:
		return g.intLiteral(t)
	case float:
		return g.basic(t, "float64", pick(g, []string{"0.5", "1.25", "-3.0", "100.0", "1e10", "0.0", "0.1"}))
	case complexNumber:
		return t.String() + "(complex(" + pick(g, []string{"1", "-2.5", "0"}) + ", " + pick(g, []string{"1", "0.5"}) + "))"
	case str:
		return g.basic(t, "string", strconv.Quote(pick(g, words)))
	case structure:
		return g.structLiteral(t, depth)
	case array:
		return g.arrayLiteral(t, depth)
	case slice:
		if g.n(6) == 0 {
			return g.convertText(t, "nil")
		}
		return t.String() + "{" + g.elements(t.elem, g.n(4), depth) + "}"
	case mapping:
		return g.mapLiteral(t, depth)
	case pointer:
		return g.pointerExpr(t, min(depth, 1))
	case function:
		return g.funcLiteral(t, depth)
	case channel:
		var values []string
		for range g.n(3) {
			values = append(values, g.expr(t.elem, depth-1))
		}
		return fmt.Sprintf("channel[%s](%s)", t.elem, strings.Join(values, ", "))
	case iface:
		if t.name == "any" {
			return g.literal(pick(g, []*typ{intType, stringType, float64Type, boolType}), 0)
		}
		return g.literal(pick(g, t.impls), depth)
	case parameter:
		return "*new(" + t.name + ")"
	}
	panic("lowertest: literal of " + t.String())
}

func (g *generator) basic(t *typ, plain, text string) string {
	if t.name == plain {
		return text
	}
	return t.String() + "(" + text + ")"
}

func (g *generator) intLiteral(t *typ) string {
	n := int64(g.n(10))
	switch g.n(6) {
	case 0:
		n = int64(g.n(128))
	case 1:
		// The bounds.
		switch {
		case t.unsigned && t.bits == 64:
			return t.String() + "(1<<64 - 1)"
		case t.unsigned:
			n = 1<<t.bits - 1
		default:
			n = -1 << (t.bits - 1)
			if g.n(2) == 0 {
				n = -(n + 1)
			}
		}
	case 2:
		if !t.unsigned {
			n = -n
		}
	}
	return g.basic(t, "int", strconv.FormatInt(n, 10))
}

func (g *generator) elements(t *typ, n, depth int) string {
	var list []string
	for range n {
		list = append(list, g.element(t, depth))
	}
	return strings.Join(list, ", ")
}

// element may leave out the type of a composite literal inside another.
func (g *generator) element(t *typ, depth int) string {
	text := g.expr(t, depth-1)
	if t.kind == structure || t.kind == array {
		if rest, ok := strings.CutPrefix(text, t.String()+"{"); ok && g.n(2) == 0 && strings.Count(text, "{") == 1 && strings.HasSuffix(text, "}") {
			return "{" + rest
		}
	}
	return text
}

func (g *generator) structLiteral(t *typ, depth int) string {
	keyed := g.n(2) == 0
	var parts []string
	for _, f := range t.fields {
		if keyed && g.n(4) == 0 {
			continue
		}
		value := ""
		switch {
		case f.t.kind == pointer && g.n(3) == 0, f.t.kind == function && g.n(2) == 0:
			value = "nil"
		case depth <= 0 && f.t.kind != boolean && f.t.kind != integer && f.t.kind != str:
			value = g.zero(f.t)
		default:
			value = g.expr(f.t, depth-1)
		}
		if keyed {
			value = f.name + ": " + value
		}
		parts = append(parts, value)
	}
	if keyed {
		g.r.Shuffle(len(parts), func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
	}
	return t.String() + "{" + strings.Join(parts, ", ") + "}"
}

// zero is the zero value of a type.
func (g *generator) zero(t *typ) string {
	switch t.kind {
	case boolean, integer, float, complexNumber, str:
		return "*new(" + t.String() + ")"
	case structure, array:
		return t.String() + "{}"
	case parameter:
		return "*new(" + t.name + ")"
	}
	return "nil"
}

func (g *generator) arrayLiteral(t *typ, depth int) string {
	switch g.n(4) {
	case 0:
		return fmt.Sprintf("%s{%d: %s}", t, g.n(t.n), g.element(t.elem, depth))
	case 1:
		return t.String() + "{" + g.elements(t.elem, g.n(t.n+1), depth) + "}"
	case 2:
		if !t.defined {
			return fmt.Sprintf("[...]%s{%s}", t.elem, g.elements(t.elem, t.n, depth))
		}
	}
	return t.String() + "{" + g.elements(t.elem, t.n, depth) + "}"
}

// mapLiteral has at most one entry, unless keys are plainly different.
func (g *generator) mapLiteral(t *typ, depth int) string {
	n := g.n(3)
	if n > 1 && (t.key.kind != integer && t.key.kind != str) {
		n = 1
	}
	var parts []string
	start := g.n(4)
	for i := range n {
		key := ""
		switch {
		case n == 1:
			key = g.expr(t.key, depth-1)
		case t.key.kind == integer:
			key = t.key.String() + "(" + strconv.Itoa(start+i) + ")"
		default:
			key = t.key.String() + "(" + strconv.Quote(words[start+i]) + ")"
		}
		parts = append(parts, key+": "+g.element(t.elem, depth))
	}
	return t.String() + "{" + strings.Join(parts, ", ") + "}"
}

// closureCost bounds the statements that a function value may run.
const closureCost = 30

// funcLiteral is a function literal, which is never pure.
func (g *generator) funcLiteral(t *typ, depth int) string {
	outer := g.fn
	g.fn = &context{outer: outer, pure: outer.pure, results: t.results, literal: true, times: 1, limit: closureCost, deferOK: true}
	var b strings.Builder
	g.inScope(func() {
		var params []string
		for _, p := range t.params {
			name := g.name("p")
			params = append(params, name+" "+p.String())
			g.declare(name, p)
		}
		fmt.Fprintf(&b, "func(%s)%s {\n", strings.Join(params, ", "), resultList(t.results))
		b.WriteString(g.capture(func() {
			if depth > 0 && (!outer.pure || !outer.literal) {
				g.statements(g.n(3))
			}
			g.returnNow(min(depth, 1))
		}))
		b.WriteString("}")
	})
	g.fn = outer
	if t.defined {
		return t.String() + "(" + b.String() + ")"
	}
	return b.String()
}
