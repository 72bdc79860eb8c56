package source

import (
	"context"
	"math"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/frame/parquet"
)

// pruner finds the rows of which a predicate may be true by what is known of parts of them. Rows that it leaves out are such of which the
// predicate is false or null; where nothing is known, all rows stay.
//
// Bounds are compared by the expressions that compare rows, so that conversions and orders are the same. That bounds tell of what lies between
// them holds for every type, but for NaN: writers leave it out of bounds, and it is greater than any number.
type pruner struct {
	rows   int64 // of all parts
	schema *arrow.Schema
	// parts gives where the parts of a column begin, and the end of the last, and their bounds; nil where nothing is known.
	parts func(column string) (edges []int64, b *parquet.Bounds)
	// lacks says whether no row of a column can have a value, which is known in another way; nil for never.
	lacks func(column string, value expr.Literal) bool
}

func (p *pruner) all() rowSpans { return rowSpans(nil).add(0, p.rows) }

// may is the rows of which e may be true.
func (p *pruner) may(e expr.Expr) rowSpans {
	switch e := e.(type) {
	case expr.Alias:
		return p.may(e.X)
	case expr.Literal:
		if e.Value == nil || e.Value == false {
			return nil
		}
	case expr.Binary:
		switch e.Op {
		case expr.And:
			return p.may(e.Left).and(p.may(e.Right))
		case expr.Or:
			return p.may(e.Left).or(p.may(e.Right))
		}
		return p.comparison(e)
	case expr.Unary:
		if not, ok := negated(e); ok {
			return p.may(not)
		}
	case expr.Call:
		return p.call(e)
	}
	return p.all()
}

// mirror is the operator with its operands swapped; false where it compares nothing.
var mirror = map[expr.BinaryOp]expr.BinaryOp{
	expr.Equal: expr.Equal, expr.NotEqual: expr.NotEqual, expr.Less: expr.Greater, expr.LessEqual: expr.GreaterEqual,
	expr.Greater: expr.Less, expr.GreaterEqual: expr.LessEqual,
}

// opposite is the operator that is true where the other is false. It holds for NaN too, which has a place in the order.
var opposite = map[expr.BinaryOp]expr.BinaryOp{
	expr.Equal: expr.NotEqual, expr.NotEqual: expr.Equal, expr.Less: expr.GreaterEqual, expr.LessEqual: expr.Greater,
	expr.Greater: expr.LessEqual, expr.GreaterEqual: expr.Less,
}

// negated is an expression without a Not that is true wherever e is.
func negated(e expr.Unary) (expr.Expr, bool) {
	if e.Op != expr.Not {
		return nil, false
	}
	switch x := e.X.(type) {
	case expr.Alias:
		return negated(expr.Unary{Op: expr.Not, X: x.X})
	case expr.Unary:
		if x.Op == expr.Not {
			return x.X, true
		}
	case expr.Binary:
		left, right := expr.Unary{Op: expr.Not, X: x.Left}, expr.Unary{Op: expr.Not, X: x.Right}
		switch x.Op {
		case expr.And:
			return expr.Binary{Op: expr.Or, Left: left, Right: right}, true
		case expr.Or:
			return expr.Binary{Op: expr.And, Left: left, Right: right}, true
		}
		if op, ok := opposite[x.Op]; ok {
			return expr.Binary{Op: op, Left: x.Left, Right: x.Right}, true
		}
	case expr.Call:
		switch x.Func {
		case "is_null":
			return expr.Call{Func: "is_not_null", Args: x.Args}, true
		case "is_not_null":
			return expr.Call{Func: "is_null", Args: x.Args}, true
		}
	}
	return nil, false
}

// comparison is the rows of which a comparison of a column and a literal may be true.
func (p *pruner) comparison(e expr.Binary) rowSpans {
	op := e.Op
	if _, ok := mirror[op]; !ok {
		return p.all()
	}
	column, isColumn := e.Left.(expr.Column)
	literal, isLiteral := e.Right.(expr.Literal)
	if !isColumn || !isLiteral {
		column, isColumn = e.Right.(expr.Column)
		literal, isLiteral = e.Left.(expr.Literal)
		op = mirror[op]
	}
	if !isColumn || !isLiteral {
		return p.all()
	}
	return p.compare(column.Name, op, literal)
}

func (p *pruner) compare(column string, op expr.BinaryOp, value expr.Literal) rowSpans {
	if value.Value == nil {
		return nil
	}
	if f, ok := value.Value.(float64); ok && math.IsNaN(f) {
		return p.all()
	}
	at := p.schema.FieldIndices(column)
	if len(at) != 1 || p.schema.Field(at[0]).Type.ID() == arrow.FLOAT64 && op != expr.Equal && op != expr.Less && op != expr.LessEqual {
		return p.all()
	}
	if op == expr.Equal && p.lacks != nil && p.lacks(column, value) {
		return nil
	}
	edges, b := p.parts(column)
	if edges == nil || b == nil {
		return p.all()
	}
	mask := within(b, p.schema.Field(at[0]).Type, op, value)
	var out rowSpans
	for i := range edges[1:] {
		if (mask == nil || mask[i]) && b.Nulls[i] != edges[i+1]-edges[i] {
			out = out.add(edges[i], edges[i+1])
		}
	}
	return out
}

// within says of each part whether a value between its bounds can compare so; nil where that can't be told.
func within(b *parquet.Bounds, t arrow.DataType, op expr.BinaryOp, value expr.Literal) []bool {
	least, greatest := expr.Column{Name: "least"}, expr.Column{Name: "greatest"}
	var e expr.Expr
	switch op {
	case expr.Less, expr.LessEqual:
		e = expr.Binary{Op: op, Left: least, Right: value}
	case expr.Greater, expr.GreaterEqual:
		e = expr.Binary{Op: op, Left: greatest, Right: value}
	case expr.Equal:
		e = expr.Binary{
			Op: expr.And, Left: expr.Binary{Op: expr.LessEqual, Left: least, Right: value},
			Right: expr.Binary{Op: expr.GreaterEqual, Left: greatest, Right: value},
		}
	default:
		e = expr.Binary{Op: expr.Or, Left: expr.Binary{Op: op, Left: least, Right: value}, Right: expr.Binary{Op: op, Left: greatest, Right: value}}
	}
	// Bounds that are no bounds tell nothing.
	e = expr.Binary{Op: expr.Or, Left: e, Right: expr.Binary{Op: expr.Greater, Left: least, Right: greatest}}
	fields := []arrow.Field{{Name: "least", Type: b.Least.DataType()}, {Name: "greatest", Type: b.Greatest.DataType()}}
	raw := array.NewRecord(arrow.NewSchema(fields, nil), []arrow.Array{b.Least, b.Greatest}, int64(b.Least.Len()))
	defer raw.Release()
	schema := arrow.NewSchema([]arrow.Field{{Name: "least", Type: t, Nullable: true}, {Name: "greatest", Type: t, Nullable: true}}, nil)
	mem := memory.NewGoAllocator()
	rec, err := conform(mem, "bounds", raw, schema)
	if err != nil {
		return nil
	}
	defer rec.Release()
	bound, err := expr.Bind(e, schema)
	if err != nil {
		return nil
	}
	values, err := bound.Eval(context.Background(), mem, rec)
	if err != nil {
		return nil
	}
	defer values.Release()
	truth, ok := values.(*array.Boolean)
	if !ok {
		return nil
	}
	out := make([]bool, truth.Len())
	for i := range out {
		out[i] = truth.IsNull(i) || truth.Value(i) // null: a bound is not known
	}
	return out
}

func (p *pruner) call(e expr.Call) rowSpans {
	if len(e.Args) == 0 {
		return p.all()
	}
	column, ok := e.Args[0].(expr.Column)
	if !ok {
		return p.all()
	}
	literals := make([]expr.Literal, len(e.Args)-1)
	for i, x := range e.Args[1:] {
		if literals[i], ok = x.(expr.Literal); !ok {
			return p.all()
		}
	}
	switch {
	case e.Func == "is_null" || e.Func == "is_not_null":
		return p.nulls(column.Name, e.Func == "is_null")
	case e.Func == "between" && len(literals) == 2:
		return p.compare(column.Name, expr.GreaterEqual, literals[0]).and(p.compare(column.Name, expr.LessEqual, literals[1]))
	case e.Func == "is_in":
		var out rowSpans
		for _, l := range literals {
			out = out.or(p.compare(column.Name, expr.Equal, l))
		}
		return out
	case e.Func == "starts_with" && len(literals) == 1:
		prefix, ok := literals[0].Value.(string)
		if !ok {
			return p.all()
		}
		out := p.compare(column.Name, expr.GreaterEqual, literals[0])
		if end, ok := behindPrefix(prefix); ok {
			out = out.and(p.compare(column.Name, expr.Less, expr.Literal{Value: end}))
		}
		return out
	}
	return p.all()
}

// behindPrefix is the first text behind all that begin with a prefix of ASCII; false where there is none.
func behindPrefix(prefix string) (string, bool) {
	b := []byte(prefix)
	for i := len(b) - 1; i >= 0; i-- {
		if b[i] < 0x7f {
			b[i]++
			return string(b[:i+1]), true
		}
		if b[i] > 0x7f {
			return "", false
		}
	}
	return "", false
}

// nulls is the rows that may be null, or not.
func (p *pruner) nulls(column string, null bool) rowSpans {
	edges, b := p.parts(column)
	if edges == nil || b == nil {
		return p.all()
	}
	var out rowSpans
	for i := range edges[1:] {
		if n := b.Nulls[i]; n < 0 || null && n > 0 || !null && n < edges[i+1]-edges[i] {
			out = out.add(edges[i], edges[i+1])
		}
	}
	return out
}
