package lowertest

import (
	"fmt"
	"strings"
)

// genericFunc is a generic function. Its type parameters stand for types for which ok holds.
type genericFunc struct {
	name   string
	params []string // parameter and result types, with T and U for type parameters
	result string
	ok     func(*typ) bool
	cost   int
}

// fixedGenerics are in the prelude.
var fixedGenerics = []genericFunc{
	{name: "choose", params: []string{"bool", "T", "T"}, result: "T"},
	{name: "first", params: []string{"[]T", "T"}, result: "T"},
	{name: "biggest", params: []string{"T", "T"}, result: "T", ok: (*typ).ordered},
	{name: "total", params: []string{"T", "T"}, result: "T", ok: (*typ).ordered},
	{name: "pair[T]", params: []string{"T", "T"}, result: "T"},
	{name: "stacked", params: []string{"T", "T"}, result: "T"},
	{name: "looked", params: []string{"string", "T"}, result: "T"},
	{name: "viaList", params: []string{"T", "T"}, result: "T"},
	{name: "applied", params: []string{"T", "func(T) T"}, result: "T"},
	{name: "viaAny", params: []string{"T"}, result: "T"},
	{name: "sumOf", params: []string{"T", "T"}, result: "T", ok: func(t *typ) bool { return t.kind == integer || t.kind == float }},
}

// genericCall is a call of a generic function with the result t.
func (g *generator) genericCall(t *typ, depth int) string {
	if !g.has(generics) || t.kind == parameter {
		return ""
	}
	var f genericFunc
	if n := g.n(len(fixedGenerics) + len(g.generic)); n < len(fixedGenerics) {
		f = fixedGenerics[n]
	} else {
		f = *g.generic[n-len(fixedGenerics)]
	}
	if f.ok != nil && !f.ok(t) || !g.affordable(f.cost+5) {
		return ""
	}
	var args []string
	for _, p := range f.params {
		u := g.instance(p, t)
		if u.kind == function {
			// It is called, so it must be pure.
			args = append(args, g.inLiteral(u.results, func() string { return g.funcLiteral(u, depth-1) }))
			continue
		}
		args = append(args, g.typed(u, depth-1))
	}
	name := f.name
	if g.n(3) == 0 && !strings.HasSuffix(name, "]") {
		name += "[" + t.String() + "]"
	}
	return strings.Replace(name, "[T]", "["+t.String()+"]", 1) + "(" + strings.Join(args, ", ") + ")"
}

func (g *generator) instance(p string, t *typ) *typ {
	switch p {
	case "T":
		return t
	case "[]T":
		return &typ{kind: slice, elem: t}
	case "func(T) T":
		return &typ{kind: function, params: []*typ{t}, results: []*typ{t}}
	case "bool":
		return boolType
	case "string":
		return stringType
	}
	return intType
}

// defineGeneric declares a generic function whose body knows nothing of its type parameter but what the constraint says.
func (g *generator) defineGeneric() {
	f := &genericFunc{name: g.name("G")}
	t := &typ{kind: parameter, name: "T"}
	constraint := "any"
	switch g.n(3) {
	case 0:
		constraint = "number"
		t = &typ{kind: integer, name: "T", unsigned: true, bits: 7} // what all integers can be
		f.ok = func(t *typ) bool { return t.kind == integer }
	case 1:
		constraint = "comparable"
		f.ok = (*typ).comparable
	}
	var params []*typ
	for range 1 + g.n(3) {
		p := pick(g, []string{"T", "T", "[]T", "int", "bool", "string"})
		f.params = append(f.params, p)
		params = append(params, g.instance(p, t))
	}
	f.cost = g.writeFunc(fmt.Sprintf("%s[T %s]", f.name, constraint), params, []*typ{t}, true, nil, nil)
	// What infers T must be there.
	for i, p := range f.params {
		if strings.Contains(p, "T") {
			break
		}
		if i == len(f.params)-1 {
			f.name += "[T]"
		}
	}
	g.generic = append(g.generic, f)
}
