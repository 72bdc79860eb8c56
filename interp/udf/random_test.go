package udf

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
)

// generator writes random functions: of x, y float64, f float32, i, j int, k int8, u uint8, w uint64, b bool, s, t string.
type generator struct {
	r     *rand.Rand
	b     strings.Builder
	vars  map[string][]string // in scope, by type
	count int
}

var randomParams = []struct{ name, typ string }{
	{"x", "float64"},
	{"y", "float64"},
	{"i", "int"},
	{"j", "int"},
	{"k", "int8"},
	{"n", "int32"},
	{"u", "uint8"},
	{"w", "uint64"},
	{"b", "bool"},
	{"s", "string"},
	{"t", "string"},
}

var randomTypes = []string{"float64", "float64", "int", "int", "int8", "int32", "uint8", "uint64", "bool", "string", "float32", "uint32"}

// helpers are what the functions may call; they are a cell of their own.
const helpers = `
import "math"

type pair struct{ a, b float64 }

func (p pair) sum() float64 { return p.a + p.b }

func clamp(x, low, high float64) float64 {
	if x < low {
		return low
	}
	switch {
	case x > high:
		x = high
	case math.IsNaN(x):
		return 0
	}
	return x
}

func sign[T ~int | ~int8 | ~int32 | ~float64](x T) T {
	if x < 0 {
		return -1
	} else if x > 0 {
		return 1
	}
	return x
}

func half(i int) (h int, odd bool) {
	h = i / 2
	odd = i%2 != 0
	return
}
`

func newGenerator(seed uint64) *generator {
	g := &generator{r: rand.New(rand.NewPCG(seed, 7)), vars: map[string][]string{}}
	for _, p := range randomParams {
		g.vars[p.typ] = append(g.vars[p.typ], p.name)
	}
	return g
}

func (g *generator) pick(list ...string) string { return list[g.r.IntN(len(list))] }

// function is a random function's declaration.
func (g *generator) function(name string) string {
	result := g.pick(randomTypes...)
	var params []string
	for _, p := range randomParams {
		params = append(params, p.name+" "+p.typ)
	}
	g.b.Reset()
	fmt.Fprintf(&g.b, "func %s(%s) %s {\n", name, strings.Join(params, ", "), result)
	g.block(result, 1+g.r.IntN(4), 0)
	fmt.Fprintf(&g.b, "\treturn %s\n}\n", g.expr(result, 4))
	return g.b.String()
}

func (g *generator) block(result string, statements, nested int) {
	saved := map[string][]string{}
	maps.Copy(saved, g.vars)
	for range statements {
		g.statement(result, nested)
	}
	g.vars = saved
}

func (g *generator) statement(result string, nested int) {
	tabs := strings.Repeat("\t", nested+1)
	typ := g.pick(randomTypes...)
	switch n := g.r.IntN(12); {
	case n < 3:
		g.count++
		name := fmt.Sprintf("v%d", g.count)
		fmt.Fprintf(&g.b, "%svar %s %s = %s\n%s_ = %s\n", tabs, name, typ, g.expr(typ, 3), tabs, name)
		g.vars[typ] = append(append([]string(nil), g.vars[typ]...), name)
	case n < 5:
		if len(g.vars[typ]) > 0 {
			fmt.Fprintf(&g.b, "%s%s = %s\n", tabs, g.pick(g.vars[typ]...), g.expr(typ, 3))
		}
	case n < 6:
		if typ != "bool" && typ != "string" && len(g.vars[typ]) > 0 {
			fmt.Fprintf(&g.b, "%s%s %s %s\n", tabs, g.pick(g.vars[typ]...), g.pick("+=", "-=", "*="), g.expr(typ, 2))
		}
	case n < 7:
		if len(g.vars["int"]) > 1 {
			a, b := g.pick(g.vars["int"]...), g.pick(g.vars["int"]...)
			if a != b {
				fmt.Fprintf(&g.b, "%s%s, %s = %s, %s\n", tabs, a, b, g.expr("int", 2), g.expr("int", 2))
			}
		}
	case nested > 2:
	case n < 9:
		fmt.Fprintf(&g.b, "%sif %s {\n", tabs, g.expr("bool", 3))
		g.block(result, 1+g.r.IntN(2), nested+1)
		if g.r.IntN(3) == 0 {
			fmt.Fprintf(&g.b, "%s\treturn %s\n", tabs, g.expr(result, 2))
		}
		if g.r.IntN(2) == 0 {
			fmt.Fprintf(&g.b, "%s} else {\n", tabs)
			g.block(result, 1, nested+1)
		}
		fmt.Fprintf(&g.b, "%s}\n", tabs)
	case n < 11:
		g.switchStatement(result, nested)
	default:
		fmt.Fprintf(&g.b, "%sif h, odd := half(%s); odd && h < %s {\n%s\ti = h\n%s}\n", tabs, g.expr("int", 2), g.expr("int", 1), tabs, tabs)
	}
}

func (g *generator) switchStatement(result string, nested int) {
	tabs := strings.Repeat("\t", nested+1)
	tag := g.r.IntN(2) == 0
	if tag {
		fmt.Fprintf(&g.b, "%sswitch %s {\n", tabs, g.expr("int8", 2))
	} else {
		fmt.Fprintf(&g.b, "%sswitch {\n", tabs)
	}
	for c := range 1 + g.r.IntN(3) {
		if tag {
			fmt.Fprintf(&g.b, "%scase %d, %s:\n", tabs, c, g.variable("int8"))
		} else {
			fmt.Fprintf(&g.b, "%scase %s:\n", tabs, g.expr("bool", 2))
		}
		g.block(result, 1, nested+1)
		if g.r.IntN(3) == 0 {
			fmt.Fprintf(&g.b, "%s\treturn %s\n", tabs, g.expr(result, 2))
		}
	}
	if g.r.IntN(2) == 0 {
		fmt.Fprintf(&g.b, "%sdefault:\n", tabs)
		g.block(result, 1, nested+1)
	}
	fmt.Fprintf(&g.b, "%s}\n", tabs)
}

// variable is a variable of a type, or a conversion of one: never a constant.
func (g *generator) variable(typ string) string {
	if list := g.vars[typ]; len(list) > 0 {
		return g.pick(list...)
	}
	switch typ {
	case "float32":
		return "float32(x)"
	case "uint32":
		return "uint32(i)"
	}
	panic(typ)
}

func (g *generator) literal(typ string) string {
	switch typ {
	case "bool":
		return g.pick("true", "false")
	case "string":
		return g.pick(`""`, `"a"`, `"Ab c"`, `"é"`)
	case "float64", "float32":
		return g.pick("0.5", "-3.25", "1e3", "2", "-0.1")
	case "uint8", "uint32", "uint64":
		return g.pick("0", "1", "3", "200")
	}
	return g.pick("0", "1", "-1", "7", "-100", "3")
}

// expr is an expression of a type; its first operand is never constant, so that the compiler folds nothing.
func (g *generator) expr(typ string, depth int) string {
	if depth <= 0 || g.r.IntN(8) == 0 {
		if g.r.IntN(4) == 0 {
			return typ + "(" + g.literal(typ) + ")"
		}
		return g.variable(typ)
	}
	sub := func(t string) string { return g.expr(t, depth-1) }
	first := func(t string) string { return g.dynamic(t, depth-1) }
	switch typ {
	case "bool":
		return g.boolean(sub, first)
	case "string":
		return g.text(sub, first)
	case "float64", "float32":
		return g.float(typ, sub, first)
	}
	return g.integer(typ, sub, first)
}

// dynamic is an expression that is not constant.
func (g *generator) dynamic(typ string, depth int) string {
	if depth <= 0 {
		return g.variable(typ)
	}
	for {
		e := g.expr(typ, depth)
		if !strings.HasPrefix(e, typ+"(") || strings.ContainsAny(e, "xyijknuwst") && !isLiteralConversion(e, typ) {
			return e
		}
	}
}

func isLiteralConversion(e, typ string) bool {
	inner := strings.TrimSuffix(strings.TrimPrefix(e, typ+"("), ")")
	return inner == "true" || inner == "false" || strings.HasPrefix(inner, `"`) || strings.ContainsAny(inner[:1], "0123456789-") && !strings.ContainsAny(inner, "xyijknuw")
}

type gen = func(string) string

func (g *generator) boolean(sub, first gen) string {
	switch g.r.IntN(7) {
	case 0:
		return "!(" + first("bool") + ")"
	case 1:
		return "(" + first("bool") + " && " + sub("bool") + ")"
	case 2:
		return "(" + first("bool") + " || " + sub("bool") + ")"
	case 3:
		return "strings." + g.pick("Contains", "HasPrefix", "HasSuffix", "EqualFold") + "(" + first("string") + ", " + sub("string") + ")"
	case 4:
		return "math.IsNaN(" + first("float64") + ")"
	case 5:
		d := g.variable("int")
		return "(" + d + " != 0 && " + first("int") + "/" + d + " > " + sub("int") + ")"
	}
	t := g.pick("float64", "int", "uint8", "uint64", "string", "int32", "float32")
	return "(" + first(t) + " " + g.pick("==", "!=", "<", "<=", ">", ">=") + " " + sub(t) + ")"
}

func (g *generator) text(sub, first gen) string {
	switch g.r.IntN(6) {
	case 0:
		return "(" + first("string") + " + " + sub("string") + ")"
	case 1:
		return "strings." + g.pick("ToUpper", "ToLower", "TrimSpace") + "(" + first("string") + ")"
	case 2:
		return "strings." + g.pick("TrimPrefix", "TrimSuffix", "Trim") + "(" + first("string") + ", " + sub("string") + ")"
	case 3:
		return "strings.ReplaceAll(" + first("string") + ", " + sub("string") + ", " + g.variable("string") + ")"
	case 4:
		return "(" + g.variable("string") + ")[:" + sub("uint8") + "%2]"
	}
	return g.pick("min", "max") + "(" + first("string") + ", " + sub("string") + ")"
}

func (g *generator) float(typ string, sub, first gen) string {
	switch n := g.r.IntN(8); {
	case n == 0:
		return "-(" + first(typ) + ")"
	case n == 1:
		return typ + "(" + first(g.pick("int", "uint64", "int8", "float64", "float32", "uint32")) + ")"
	case n == 2:
		return g.pick("min", "max") + "(" + first(typ) + ", " + sub(typ) + ")"
	case n == 3 && typ == "float64":
		return "math." + g.pick("Sqrt", "Abs", "Floor", "Ceil", "Trunc", "Round", "Exp", "Log", "Sin", "Cos", "Log1p", "Cbrt") + "(" + first(typ) + ")"
	case n == 4 && typ == "float64":
		return "math." + g.pick("Pow", "Atan2", "Hypot", "Mod", "Max", "Min", "Copysign") + "(" + first(typ) + ", " + sub(typ) + ")"
	case n == 5 && typ == "float64":
		return g.pick("clamp("+first(typ)+", "+sub(typ)+", "+sub(typ)+")", "pair{a: "+first(typ)+", b: "+sub(typ)+"}.sum()", "sign("+first(typ)+")")
	}
	return "(" + first(typ) + " " + g.pick("+", "-", "*", "/") + " " + sub(typ) + ")"
}

func (g *generator) integer(typ string, sub, first gen) string {
	switch n := g.r.IntN(10); {
	case n == 0:
		return g.pick("-", "^") + "(" + first(typ) + ")"
	case n == 1:
		return typ + "(" + first(g.pick("int", "uint64", "int8", "int32", "uint32", "uint8")) + ")"
	case n == 2:
		return "(" + first(typ) + " " + g.pick("/", "%") + " " + g.variable(typ) + ")"
	case n == 3:
		return "(" + first(typ) + " " + g.pick("<<", ">>") + " " + g.pick("("+g.variable("uint8")+"&15)", g.variable("int8"), "3") + ")"
	case n == 4:
		return g.pick("min", "max") + "(" + first(typ) + ", " + sub(typ) + ")"
	case n == 5 && typ == "int":
		return g.pick("len("+first("string")+")", "strings.Index("+first("string")+", "+sub("string")+")", "int("+g.variable("string")+"["+first("int")+"])")
	case n == 6 && (typ == "int" || typ == "int8" || typ == "int32"):
		return "sign(" + first(typ) + ")"
	}
	return "(" + first(typ) + " " + g.pick("+", "-", "*", "&", "|", "^", "&^") + " " + sub(typ) + ")"
}
