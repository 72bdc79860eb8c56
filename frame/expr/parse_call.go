package expr

import (
	"fmt"
	"go/ast"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/apache/arrow/go/v17/arrow"
)

// call is a function, an aggregate, a cast or one of the forms col, when, as.
func (p *exprParser) call(n *ast.CallExpr) (Expr, error) {
	id, ok := n.Fun.(*ast.Ident)
	if !ok {
		if sel, ok := n.Fun.(*ast.SelectorExpr); ok {
			return nil, p.fail(n, "a function is called as %s(x), not as x.%s()", strings.ToLower(sel.Sel.Name), sel.Sel.Name)
		}
		return nil, p.fail(n, "a call needs the name of a function")
	}
	if n.Ellipsis.IsValid() {
		return nil, p.fail(n, "... is not used here")
	}
	if e, ok, err := p.window(n, id.Name); ok {
		return e, err
	}
	args, err := p.exprs(n.Args)
	if err != nil {
		return nil, err
	}
	name := id.Name
	if at := p.fset.PositionFor(id.Pos(), false).Offset; name == varCall && strings.HasPrefix(p.src[at:], string(Var)) {
		name = string(Var)
	}
	switch {
	case name == "col":
		s, ok := textAt(args, 0)
		if !ok || len(args) != 1 {
			return nil, p.fail(n, "col takes a column's name in quotes: col(\"dep delay\")")
		}
		return Column{s}, nil
	case name == "as":
		s, ok := textAt(args, 1)
		if !ok || len(args) != 2 {
			return nil, p.fail(n, "as takes an expression and a name in quotes: as(x * 2, \"twice\")")
		}
		return Alias{args[0], s}, nil
	case name == "when":
		if len(args) < 2 {
			return nil, p.fail(n, "when takes conditions and values in turn, then the value otherwise: when(x > 0, \"up\", \"down\")")
		}
		return caseOf(args), nil
	case slices.Contains(AggFuncs(), AggFunc(name)) && (len(args) <= 1 || (name != "min" && name != "max")):
		return p.aggregate(n, AggFunc(name), args)
	default:
		return p.function(n, id, args)
	}
}

func textAt(args []Expr, i int) (string, bool) {
	if i >= len(args) {
		return "", false
	}
	l, ok := args[i].(Literal)
	if !ok {
		return "", false
	}
	s, ok := l.Value.(string)
	return s, ok
}

func caseOf(args []Expr) Expr {
	var c Case
	for ; len(args) >= 2; args = args[2:] {
		c.Whens = append(c.Whens, When{args[0], args[1]})
	}
	if len(args) == 1 {
		c.Else = args[0]
	}
	return c
}

func (p *exprParser) aggregate(n ast.Node, f AggFunc, args []Expr) (Expr, error) {
	switch usage, more := f.operands(); {
	case len(args) == 1+more:
		a := Aggregate{Func: f, X: args[0]}
		if more > 0 {
			a.Args = args[1:]
		}
		return a, nil
	case len(args) == 0 && f == Count:
		return Aggregate{Func: Count}, nil
	case more > 0:
		return nil, p.fail(n, "%s takes %d operands, not %d: %s", f, 1+more, len(args), usage)
	}
	return nil, p.fail(n, "%s takes one operand, not %d", f, len(args))
}

func (p *exprParser) function(n ast.Node, id *ast.Ident, args []Expr) (Expr, error) {
	if to, took, err := castTarget(id.Name, args); err != nil {
		return nil, p.fail(n, "%v", err)
	} else if to != nil {
		if took == 0 {
			return nil, p.fail(n, "%s takes a value", id.Name)
		}
		// The literals that String writes with a cast around them.
		if l, ok := args[0].(Literal); ok {
			if v, ok := l.Value.(int64); ok && to.ID() == arrow.UINT64 && v >= 0 {
				return Literal{uint64(v)}, nil
			}
			if v, ok := l.Value.(uint64); ok && to.ID() == arrow.UINT64 {
				return Literal{v}, nil
			}
		}
		return Cast{args[0], to}, nil
	}
	name := id.Name
	switch name {
	case "min":
		name = "least"
	case "max":
		name = "greatest"
	case "len":
		name = "length"
	}
	f, ok := functions[name]
	if !ok {
		return nil, p.fail(n, "%v", unknownFunction(id.Name))
	}
	if err := f.arity(name, len(args)); err != nil {
		return nil, p.fail(n, "%v", err)
	}
	if len(args) == 0 {
		args = nil
	}
	return Call{name, args}, nil
}

// castTarget is the type that a call of a cast names, and how many arguments it takes; nil where it is no cast.
func castTarget(name string, args []Expr) (arrow.DataType, int, error) {
	for id, cast := range castNames {
		if cast == name {
			if len(args) != 1 {
				return nil, 0, fmt.Errorf("%s takes one value, not %d", name, len(args))
			}
			return simpleTypes[id], 1, nil
		}
	}
	unit := arrow.Microsecond
	switch name {
	case "timestamp", "duration":
		if s, ok := textAt(args, 1); ok {
			found := slices.IndexFunc([]string{"s", "ms", "us", "ns"}, func(u string) bool { return u == s })
			if found < 0 {
				return nil, 0, fmt.Errorf("%s: unit %q is not one of s, ms, us, ns", name, s)
			}
			unit = arrow.TimeUnit(found)
		} else if len(args) > 1 {
			return nil, 0, fmt.Errorf("%s takes its unit in quotes: \"s\", \"ms\", \"us\" or \"ns\"", name)
		}
		zone, ok := textAt(args, 2)
		switch {
		case len(args) == 0, name == "duration" && len(args) > 2, len(args) > 3, len(args) == 3 && !ok, !utf8.ValidString(zone):
			return nil, 0, fmt.Errorf("%s takes a value, a unit and (timestamp) a zone: %s(x, \"us\")", name, name)
		case name == "duration":
			return &arrow.DurationType{Unit: unit}, 1, nil
		}
		return &arrow.TimestampType{Unit: unit, TimeZone: zone}, 1, nil
	case "decimal":
		digits, ok1 := intAt(args, 1)
		scale, ok2 := intAt(args, 2)
		if len(args) != 3 || !ok1 || !ok2 {
			return nil, 0, fmt.Errorf("decimal takes a value, the digits, and how many of them stand after the point: decimal(x, 18, 2)")
		}
		return &arrow.Decimal128Type{Precision: digits, Scale: scale}, 1, nil
	}
	return nil, 0, nil
}

func intAt(args []Expr, i int) (int32, bool) {
	if i >= len(args) {
		return 0, false
	}
	l, ok := args[i].(Literal)
	if !ok {
		return 0, false
	}
	v, ok := l.Value.(int64)
	return int32(v), ok && v >= 0 && v <= maxDecimalDigits
}

var simpleTypes = map[arrow.Type]arrow.DataType{
	arrow.BOOL: arrow.FixedWidthTypes.Boolean, arrow.INT64: arrow.PrimitiveTypes.Int64, arrow.UINT64: arrow.PrimitiveTypes.Uint64,
	arrow.FLOAT64: arrow.PrimitiveTypes.Float64, arrow.STRING: arrow.BinaryTypes.String, arrow.BINARY: arrow.BinaryTypes.Binary,
	arrow.DATE32: arrow.FixedWidthTypes.Date32,
}
