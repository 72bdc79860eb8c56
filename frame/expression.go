package frame

import (
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/rivulet-go/rivulet/frame/expr"
)

// Expr is an expression over the columns of a frame: a column, a constant, or something computed from them. Its
// methods take expressions and plain Go values alike; a string operand is a constant (name a column with Col).
//
//	df.Filter(Col("dep_delay").Gt(60).And(Col("carrier").Eq("UA")))
//
// A null operand gives null, and Filter keeps only rows where the condition is true, as in SQL.
type Expr struct {
	x   expr.Expr
	err error
}

// Col is the column of that name.
//
//	df.Select(Col("distance").Div(Col("air_time")).As("speed"))
func Col(name string) Expr { return Expr{x: expr.Column{Name: name}} }

// Lit is a constant: nil, a bool, number, string, []byte, time.Time or time.Duration.
//
//	df.WithColumn("source", Lit("nycflights13"))
func Lit(value any) Expr {
	x, err := operand(value)
	return Expr{x: x, err: err}
}

// String is the expression in Go-like syntax, as strings in Filter and WithColumn are written.
func (e Expr) String() string {
	switch {
	case e.err != nil:
		return "error: " + e.err.Error()
	case e.x == nil:
		return "<empty expression>"
	}
	return e.x.String()
}

// As names the column that the expression gives.
//
//	df.GroupBy("carrier").Agg(Mean("dep_delay").As("delay"))
func (e Expr) As(name string) Expr {
	x, err := e.node()
	if err != nil {
		return Expr{err: err}
	}
	if a, ok := x.(expr.Alias); ok {
		x = a.X
	}
	return Expr{x: expr.Alias{X: x, Name: name}}
}

var errEmptyExpr = errors.New("an empty Expr; start one with Col, Lit or When")

func (e Expr) node() (expr.Expr, error) {
	if e.err != nil {
		return nil, e.err
	}
	if e.x == nil {
		return nil, errEmptyExpr
	}
	return e.x, nil
}

// operand turns what a cell passes into an expression; plain values become constants.
func operand(v any) (expr.Expr, error) {
	switch v := v.(type) {
	case Expr:
		return v.node()
	case *Expr:
		if v == nil {
			return nil, errEmptyExpr
		}
		return v.node()
	case Case:
		return v.End().node()
	case Order:
		return nil, errors.New("Desc and Asc belong in Sort only")
	case nil, bool, int64, uint64, float64, string, []byte, time.Time, time.Duration:
		return expr.Literal{Value: v}, nil
	case *Frame:
		return nil, errors.New("a Frame is no value of an expression; Join it, or take a value out with Floats")
	}
	return reflectedLiteral(v)
}

func reflectedLiteral(v any) (expr.Expr, error) {
	r := reflect.ValueOf(v)
	for r.Kind() == reflect.Pointer || r.Kind() == reflect.Interface {
		if r.IsNil() {
			return expr.Literal{}, nil
		}
		r = r.Elem()
		if t, ok := reflect.TypeAssert[time.Time](r); ok {
			return expr.Literal{Value: t}, nil
		}
	}
	switch r.Kind() {
	case reflect.Bool:
		return expr.Literal{Value: r.Bool()}, nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return expr.Literal{Value: r.Int()}, nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return unsignedLiteral(r.Uint()), nil
	case reflect.Float32, reflect.Float64:
		return expr.Literal{Value: r.Float()}, nil
	case reflect.String:
		return expr.Literal{Value: r.String()}, nil
	}
	return nil, fmt.Errorf("a %T is no constant; use a bool, number, string, []byte, time.Time, time.Duration or nil", v)
}

// unsignedLiteral is signed where it fits, so that it compares and adds with int columns without widening.
func unsignedLiteral(u uint64) expr.Expr {
	if u <= 1<<63-1 {
		return expr.Literal{Value: int64(u)}
	}
	return expr.Literal{Value: u}
}

func (e Expr) binary(op expr.BinaryOp, other any) Expr {
	l, err := e.node()
	if err != nil {
		return Expr{err: err}
	}
	r, err := operand(other)
	if err != nil {
		return Expr{err: err}
	}
	return Expr{x: expr.Binary{Op: op, Left: unnamed(l), Right: unnamed(r)}}
}

// unnamed drops a name given by As, which means nothing inside a larger expression.
func unnamed(x expr.Expr) expr.Expr {
	if a, ok := x.(expr.Alias); ok {
		return a.X
	}
	return x
}

// Add is e + other, for numbers; strings are joined, and a duration moves a time.
func (e Expr) Add(other any) Expr { return e.binary(expr.Add, other) }

// Sub is e - other; the difference of two times is a duration.
func (e Expr) Sub(other any) Expr { return e.binary(expr.Subtract, other) }

// Mul is e * other.
func (e Expr) Mul(other any) Expr { return e.binary(expr.Multiply, other) }

// Div is e / other as a float, also for integers: 1/2 is 0.5.
func (e Expr) Div(other any) Expr { return e.binary(expr.Divide, other) }

// Mod is the remainder e % other.
func (e Expr) Mod(other any) Expr { return e.binary(expr.Modulo, other) }

// Neg is -e.
func (e Expr) Neg() Expr { return e.unary(expr.Negate) }

// Eq is e == other.
//
//	df.Filter(Col("carrier").Eq("UA"))
func (e Expr) Eq(other any) Expr { return e.binary(expr.Equal, other) }

// Ne is e != other.
func (e Expr) Ne(other any) Expr { return e.binary(expr.NotEqual, other) }

// Gt is e > other.
func (e Expr) Gt(other any) Expr { return e.binary(expr.Greater, other) }

// Ge is e >= other.
func (e Expr) Ge(other any) Expr { return e.binary(expr.GreaterEqual, other) }

// Lt is e < other.
func (e Expr) Lt(other any) Expr { return e.binary(expr.Less, other) }

// Le is e <= other.
func (e Expr) Le(other any) Expr { return e.binary(expr.LessEqual, other) }

// And is e && other, three-valued: false && null is false.
func (e Expr) And(other any) Expr { return e.binary(expr.And, other) }

// Or is e || other, three-valued: true || null is true.
func (e Expr) Or(other any) Expr { return e.binary(expr.Or, other) }

// Not is !e.
func (e Expr) Not() Expr { return e.unary(expr.Not) }

func (e Expr) unary(op expr.UnaryOp) Expr {
	x, err := e.node()
	if err != nil {
		return Expr{err: err}
	}
	return Expr{x: expr.Unary{Op: op, X: unnamed(x)}}
}

// Cast converts to a type: bool, int, uint, float, string, binary, date, time, datetime or duration. A value that
// does not fit is an error that names it.
//
//	df.WithColumn("flight", Col("flight").Cast("string"))
func (e Expr) Cast(typeName string) Expr {
	x, err := e.node()
	if err != nil {
		return Expr{err: err}
	}
	t, err := parseType(typeName)
	if err != nil {
		return Expr{err: err}
	}
	return Expr{x: expr.Cast{X: unnamed(x), To: t}}
}
