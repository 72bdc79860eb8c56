package expr

import (
	"cmp"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/decimal128"
)

// Constant is the literal that has the value and the type of an expression that reads no column; false where no literal has, and where
// the value is null or an error.
func Constant(e Expr) (Literal, bool) {
	c, ok := constantIn(e, arrow.NewSchema(nil, nil))
	if !ok || c.v == nil {
		return Literal{}, false
	}
	switch c.dt.ID() {
	case arrow.BOOL, arrow.INT64, arrow.UINT64, arrow.FLOAT64, arrow.STRING:
		return Literal{Value: c.v}, true
	}
	return Literal{}, false
}

// AlwaysFalse says whether a predicate over s is false or null whatever the row.
func AlwaysFalse(e Expr, s *arrow.Schema) bool {
	c, ok := constantIn(e, s)
	return ok && (c.v == nil || c.v == false)
}

func constantIn(e Expr, s *arrow.Schema) (*constant, bool) {
	b := binder{schema: s, words: true}
	n, err := b.bind(e)
	if err != nil {
		return nil, false
	}
	c, ok := n.(*constant)
	return c, ok
}

// Comparison is a column compared with a constant that has its type.
type Comparison struct {
	Column string
	Op     BinaryOp // Equal to GreaterEqual, the column on the left
	value  any
}

// ComparisonOf takes a comparison of a column of s with a constant apart; false where e is none, or compares in another type.
func ComparisonOf(e Expr, s *arrow.Schema) (Comparison, bool) {
	x, ok := e.(Binary)
	if !ok || x.Op < Equal || x.Op > GreaterEqual {
		return Comparison{}, false
	}
	b := binder{schema: s, words: true}
	n, err := b.bind(x)
	if err != nil {
		return Comparison{}, false
	}
	compared, ok := n.(*compareNode)
	if !ok {
		return Comparison{}, false
	}
	column, isColumn := compared.l.(*columnNode)
	value, isConstant := compared.r.(*constant)
	if !isColumn || !isConstant || value.v == nil {
		return Comparison{}, false
	}
	return Comparison{column.name, compared.op, value.v}, true
}

// Implies says whether other is true wherever c is, as far as the two tell: both are of one column.
func (c Comparison) Implies(other Comparison) bool {
	order := compareValues(c.value, other.value)
	switch c.Op {
	case Equal:
		return holds(other.Op, order)
	case NotEqual:
		return other.Op == NotEqual && order == 0
	case Greater:
		return order >= 0 && (other.Op == Greater || other.Op == GreaterEqual || other.Op == NotEqual)
	case GreaterEqual:
		return order >= 0 && other.Op == GreaterEqual || order > 0 && (other.Op == Greater || other.Op == NotEqual)
	case Less:
		return order <= 0 && (other.Op == Less || other.Op == LessEqual || other.Op == NotEqual)
	case LessEqual:
		return order <= 0 && other.Op == LessEqual || order < 0 && (other.Op == Less || other.Op == NotEqual)
	}
	return false
}

// Excludes says whether no value makes both comparisons of one column true.
func (c Comparison) Excludes(other Comparison) bool {
	return c.Implies(Comparison{c.Column, opposed(other.Op), other.value})
}

// opposed is the operator that is true where op is false, of values that are not null: NaN has a place in the order.
func opposed(op BinaryOp) BinaryOp {
	return map[BinaryOp]BinaryOp{
		Equal: NotEqual, NotEqual: Equal, Less: GreaterEqual, GreaterEqual: Less, Greater: LessEqual, LessEqual: Greater,
	}[op]
}

// Opposite is a comparison that is true where e is false, and null where it is null; false where e is no comparison.
func Opposite(e Expr) (Expr, bool) {
	x, ok := e.(Binary)
	if !ok || x.Op < Equal || x.Op > GreaterEqual {
		return nil, false
	}
	return Binary{Op: opposed(x.Op), Left: x.Left, Right: x.Right}, true
}

// compareValues orders two constants of one type, NaN last.
func compareValues(a, b any) int {
	switch x := a.(type) {
	case bool:
		if x == b.(bool) {
			return 0
		} else if x {
			return 1
		}
		return -1
	case int32:
		return cmp.Compare(x, b.(int32))
	case int64:
		return cmp.Compare(x, b.(int64))
	case uint64:
		return cmp.Compare(x, b.(uint64))
	case float64:
		y := b.(float64)
		if (x != x) != (y != y) { // cmp has NaN first
			return -cmp.Compare(x, y)
		}
		return cmp.Compare(x, y)
	case decimal128.Num:
		return x.Cmp(b.(decimal128.Num))
	default:
		return strings.Compare(a.(string), b.(string))
	}
}

// Number is the constant as a float, for estimates: dates in days, times in their unit, decimals without their point. It is false for text.
func (c Comparison) Number() (float64, bool) {
	switch v := c.value.(type) {
	case int32:
		return float64(v), true
	case int64:
		return float64(v), true
	case uint64:
		return float64(v), true
	case float64:
		return v, true
	case decimal128.Num:
		return v.ToFloat64(0), true
	}
	return 0, false
}
