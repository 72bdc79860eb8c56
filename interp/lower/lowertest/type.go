package lowertest

import (
	"fmt"
	"slices"
	"strings"
)

type kind int

const (
	boolean kind = iota
	integer
	float
	complexNumber
	str
	structure
	array
	slice
	mapping
	pointer
	function
	channel
	iface
	parameter // of a generic function
)

// typ is a Go type of a program. Two types are identical if their texts are equal.
type typ struct {
	kind     kind
	name     string // of a predeclared or defined type; "" otherwise
	defined  bool
	unsigned bool
	bits     int
	elem     *typ
	key      *typ
	n        int
	fields   []field
	params   []*typ
	results  []*typ
	methods  []*method
	impls    []*typ // of an interface: what its values hold
}

type field struct {
	name     string
	t        *typ
	embedded bool
}

type method struct {
	name    string
	params  []*typ
	result  *typ
	pointer bool // the receiver
	pure    bool
	cost    int
}

func integers(names ...string) []*typ {
	var list []*typ
	for _, n := range names {
		t := &typ{kind: integer, name: n, unsigned: n[0] == 'u', bits: 64}
		for _, bits := range []int{8, 16, 32} {
			if strings.HasSuffix(n, fmt.Sprint(bits)) {
				t.bits = bits
			}
		}
		list = append(list, t)
	}
	return list
}

var (
	intTypes    = integers("int", "int8", "int16", "int32", "int64", "uint", "uint8", "uint16", "uint32", "uint64", "uintptr")
	intType     = intTypes[0]
	boolType    = &typ{kind: boolean, name: "bool"}
	stringType  = &typ{kind: str, name: "string"}
	float64Type = &typ{kind: float, name: "float64", bits: 64}
	float32Type = &typ{kind: float, name: "float32", bits: 32}
	complexType = &typ{kind: complexNumber, name: "complex128"}
	anyType     = &typ{kind: iface, name: "any"}
	runeType    = intTypes[3]
	byteType    = intTypes[6]
)

func (t *typ) String() string {
	if t.name != "" {
		return t.name
	}
	return t.literal()
}

// literal is what the type is made of.
func (t *typ) literal() string {
	switch t.kind {
	case structure:
		var fields []string
		for _, f := range t.fields {
			if f.embedded {
				fields = append(fields, f.t.String())
				continue
			}
			fields = append(fields, f.name+" "+f.t.String())
		}
		return "struct{ " + strings.Join(fields, "; ") + " }"
	case array:
		return fmt.Sprintf("[%d]%s", t.n, t.elem)
	case slice:
		return "[]" + t.elem.String()
	case mapping:
		return fmt.Sprintf("map[%s]%s", t.key, t.elem)
	case pointer:
		return "*" + t.elem.String()
	case channel:
		return "chan " + t.elem.String()
	case function:
		return "func" + signature(t.params, t.results)
	}
	panic("lowertest: literal of " + t.name)
}

func signature(params, results []*typ) string {
	return "(" + list(params) + ")" + resultList(results)
}

func list(types []*typ) string {
	var names []string
	for _, t := range types {
		names = append(names, t.String())
	}
	return strings.Join(names, ", ")
}

func resultList(results []*typ) string {
	switch len(results) {
	case 0:
		return ""
	case 1:
		return " " + results[0].String()
	}
	return " (" + list(results) + ")"
}

func (t *typ) is(u *typ) bool { return t == u || t.String() == u.String() }

// all reports whether a type and all that its values hold satisfy ok.
func (t *typ) all(ok func(*typ) bool) bool {
	seen := map[*typ]bool{}
	var visit func(*typ) bool
	visit = func(t *typ) bool {
		if t == nil || seen[t] {
			return true
		}
		seen[t] = true
		if !ok(t) || !visit(t.elem) || !visit(t.key) {
			return false
		}
		for _, f := range t.fields {
			if !visit(f.t) {
				return false
			}
		}
		for _, i := range t.impls {
			if !visit(i) {
				return false
			}
		}
		return true
	}
	return visit(t)
}

// comparable reports whether values can be compared without a panic.
func (t *typ) comparable() bool {
	switch t.kind {
	case array:
		return t.elem.comparable()
	case structure:
		return !slices.ContainsFunc(t.fields, func(f field) bool { return !f.t.comparable() })
	}
	return !slices.Contains([]kind{slice, mapping, function, iface, parameter}, t.kind)
}

// printable reports whether values print without addresses and without an end: what contains its own type may contain itself.
func (t *typ) printable() bool {
	open := map[*typ]bool{}
	var visit func(*typ) bool
	visit = func(t *typ) bool {
		switch {
		case t == nil:
			return true
		case open[t] || t.kind == pointer || t.kind == function || t.kind == channel:
			return false
		}
		open[t] = true
		defer delete(open, t)
		return visit(t.elem) && visit(t.key) && !slices.ContainsFunc(t.fields, func(f field) bool { return !visit(f.t) }) &&
			!slices.ContainsFunc(t.impls, func(i *typ) bool { return !i.plain() })
	}
	return visit(t)
}

// plain reports whether a value can be put into an interface and be printed with it.
func (t *typ) plain() bool {
	return t.printable() && t.all(func(t *typ) bool { return t.kind != iface && t.kind != parameter })
}

func (t *typ) ordered() bool { return t.kind == integer || t.kind == float || t.kind == str }

func (t *typ) numeric() bool { return t.kind == integer || t.kind == float || t.kind == complexNumber }

// random types

var fieldNames = []string{"a", "b", "C", "D", "x", "y", "Name", "list", "next", "n"}

// anyBasic is a type without parts.
func (g *generator) anyBasic() *typ {
	switch g.n(10) {
	case 0:
		return boolType
	case 1, 2:
		return stringType
	case 3:
		return float64Type
	case 4:
		if g.has(floats) {
			return pick(g, []*typ{float32Type, complexType})
		}
		return intType
	case 5, 6:
		return pick(g, intTypes)
	}
	return intType
}

// anyTyp is a type of the given depth at most, for which ok holds; nil is always.
func (g *generator) anyTyp(depth int, ok func(*typ) bool) *typ {
	for range 12 {
		if t := g.tryTyp(depth); ok == nil || ok(t) {
			return t
		}
	}
	return intType
}

func (g *generator) tryTyp(depth int) *typ {
	if depth == 0 || g.n(3) == 0 {
		return g.anyBasic()
	}
	if len(g.defined) > 0 && g.n(2) == 0 {
		return pick(g, g.defined)
	}
	switch g.n(12) {
	case 0, 1:
		return &typ{kind: array, n: 1 + g.n(3), elem: g.tryTyp(depth - 1)}
	case 2, 3, 4:
		return &typ{kind: slice, elem: g.tryTyp(depth - 1)}
	case 5, 6:
		return &typ{kind: mapping, key: g.anyTyp(1, (*typ).goodKey), elem: g.tryTyp(depth - 1)}
	case 7:
		return &typ{kind: pointer, elem: g.tryTyp(depth - 1)}
	case 8:
		if g.has(closures) {
			return g.funcTyp(depth - 1)
		}
	case 9:
		if g.has(channels) {
			return &typ{kind: channel, elem: g.tryTyp(depth - 1)}
		}
	case 10:
		if g.has(interfaces) {
			return anyType
		}
	}
	if g.has(anonymous) {
		return &typ{kind: structure, fields: g.fields(depth-1, nil)}
	}
	return g.anyBasic()
}

// goodKey reports whether a map with keys of a type prints the same each time.
func (t *typ) goodKey() bool {
	return t.comparable() && t.printable() && t.all(func(t *typ) bool { return t.kind != float && t.kind != complexNumber })
}

func (g *generator) funcTyp(depth int) *typ {
	t := &typ{kind: function}
	for range g.n(3) {
		t.params = append(t.params, g.tryTyp(min(depth, 1)))
	}
	for range g.n(3) {
		t.results = append(t.results, g.tryTyp(min(depth, 1)))
	}
	return t
}

// fields are those of a struct; self is its own type, which it can reach through pointers and the like.
func (g *generator) fields(depth int, self *typ) []field {
	names := slices.Clone(fieldNames)
	g.r.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	var fields []field
	for i := range 1 + g.n(4) {
		fields = append(fields, field{name: names[i], t: g.tryTyp(depth)})
	}
	if self != nil && g.n(3) == 0 {
		k := pick(g, []kind{pointer, slice, mapping})
		t := &typ{kind: k, elem: self}
		if k == mapping {
			t.key = stringType
		}
		fields = append(fields, field{name: names[len(fields)], t: t})
	}
	return fields
}
