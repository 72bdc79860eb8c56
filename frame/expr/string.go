package expr

import (
	"fmt"
	"go/token"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
)

var binaryText = [...]string{
	Add: "+", Subtract: "-", Multiply: "*", Divide: "/", Modulo: "%",
	Equal: "==", NotEqual: "!=", Less: "<", LessEqual: "<=", Greater: ">", GreaterEqual: ">=", And: "&&", Or: "||",
}

// String is the operator as Go writes it.
func (op BinaryOp) String() string {
	if int(op) < len(binaryText) {
		return binaryText[op]
	}
	return fmt.Sprintf("BinaryOp(%d)", uint8(op))
}

// String is the operator as Go writes it.
func (op UnaryOp) String() string {
	if op == Not {
		return "!"
	}
	return "-"
}

// Precedences are those of Go's grammar, so that Parse reads back what String writes.
const (
	precedenceUnary   = 6
	precedencePrimary = 7
)

func (op BinaryOp) precedence() int {
	switch op {
	case Or:
		return 1
	case And:
		return 2
	case Equal, NotEqual, Less, LessEqual, Greater, GreaterEqual:
		return 3
	case Add, Subtract:
		return 4
	default:
		return 5
	}
}

func precedence(e Expr) int {
	switch e := e.(type) {
	case Binary:
		return e.Op.precedence()
	case Unary:
		return precedenceUnary
	default:
		return precedencePrimary
	}
}

func parenthesised(e Expr, least int) string {
	if precedence(e) < least {
		return "(" + text(e) + ")"
	}
	return text(e)
}

func text(e Expr) string {
	if e == nil {
		return "null"
	}
	return e.String()
}

func (e Column) String() string {
	if token.IsIdentifier(e.Name) {
		switch e.Name {
		case "true", "false", "nil", "null":
		default:
			return e.Name
		}
	}
	return "col(" + strconv.Quote(e.Name) + ")"
}

func (e Literal) String() string {
	switch v := e.Value.(type) {
	case nil:
		return "null"
	case bool:
		return strconv.FormatBool(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case uint64:
		return "uint(" + strconv.FormatUint(v, 10) + ")"
	case float64:
		return floatText(v)
	case string:
		return strconv.Quote(v)
	case []byte:
		return "binary(" + strconv.Quote(string(v)) + ")"
	case time.Time:
		return "timestamp(" + strconv.Quote(v.Format(time.RFC3339Nano)) + ", \"" + timeUnit(v).String() + "\", \"UTC\")"
	case time.Duration:
		return "duration(" + strconv.Quote(v.String()) + ", \"ns\")"
	default:
		return fmt.Sprintf("literal(%T)", v)
	}
}

func floatText(v float64) string {
	switch {
	case math.IsNaN(v):
		return `float("NaN")`
	case math.IsInf(v, 1):
		return `float("+Inf")`
	case math.IsInf(v, -1):
		return `float("-Inf")`
	}
	s := strconv.FormatFloat(v, 'g', -1, 64)
	if !strings.ContainsAny(s, ".e") {
		s += ".0"
	}
	return s
}

func (e Binary) String() string {
	p := e.Op.precedence()
	return parenthesised(e.Left, p) + " " + e.Op.String() + " " + parenthesised(e.Right, p+1)
}

func (e Unary) String() string {
	// -(3) negates, -3 is a literal; --x and -(-3) need the parentheses too.
	if e.Op == Negate {
		switch e.X.(type) {
		case Literal, Unary:
			return "-(" + text(e.X) + ")"
		}
	}
	return e.Op.String() + parenthesised(e.X, precedenceUnary)
}

func (e Call) String() string { return e.Func + "(" + list(e.Args) + ")" }

func (e Case) String() string { return "when(" + list(e.Children()) + ")" }

func (e Alias) String() string { return "as(" + text(e.X) + ", " + strconv.Quote(e.Name) + ")" }

func (e Aggregate) String() string {
	if e.X == nil {
		return string(e.Func) + "()"
	}
	if f, ok := e.X.(Fold); ok {
		return f.String()
	}
	return string(e.Func) + "(" + list(e.Children()) + ")"
}

func (e Cast) String() string {
	x := text(e.X)
	switch t := e.To.(type) {
	case *arrow.TimestampType:
		return fmt.Sprintf("timestamp(%s, %q, %q)", x, t.Unit.String(), t.TimeZone)
	case *arrow.DurationType:
		return fmt.Sprintf("duration(%s, %q)", x, t.Unit.String())
	case *arrow.Decimal128Type:
		return fmt.Sprintf("decimal(%s, %d, %d)", x, t.Precision, t.Scale)
	case nil:
		return "cast(" + x + ")"
	}
	if name, ok := castNames[e.To.ID()]; ok {
		return name + "(" + x + ")"
	}
	return fmt.Sprintf("cast(%s, %q)", x, e.To.String())
}

func list(es []Expr) string {
	parts := make([]string, len(es))
	for i, e := range es {
		parts[i] = text(e)
	}
	return strings.Join(parts, ", ")
}
