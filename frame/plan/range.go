package plan

import (
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/expr"
)

// Range is a comparison Right Op Left that a join's condition asks for, between a value of the right side and one of the left: rows that
// are sorted by Right are searched for it.
type Range struct {
	Left, Right expr.Expr
	Op          expr.BinaryOp // Less, LessEqual, Greater, GreaterEqual or Equal
}

var turned = map[expr.BinaryOp]expr.BinaryOp{
	expr.Less: expr.Greater, expr.LessEqual: expr.GreaterEqual, expr.Greater: expr.Less, expr.GreaterEqual: expr.LessEqual, expr.Equal: expr.Equal,
}

// Ranges are the comparisons that all have to be true where a condition over pairs is. left is the schema of the left side, with
// whose columns pairs begins.
func Ranges(where expr.Expr, left, pairs *arrow.Schema) []Range {
	var out []Range
	add := func(x expr.Expr, op expr.BinaryOp, y expr.Expr) {
		xLeft, xOk := sideOf(x, left)
		yLeft, yOk := sideOf(y, left)
		if !xOk || !yOk || xLeft == yLeft || !inOrder(x, y, pairs) {
			return
		}
		if xLeft {
			out = append(out, Range{Left: x, Right: y, Op: turned[op]})
		} else {
			out = append(out, Range{Left: y, Right: x, Op: op})
		}
	}
	var conjuncts func(e expr.Expr)
	conjuncts = func(e expr.Expr) {
		switch e := unalias(e).(type) {
		case expr.Binary:
			if e.Op == expr.And {
				conjuncts(e.Left)
				conjuncts(e.Right)
			} else if _, ok := turned[e.Op]; ok {
				add(unalias(e.Left), e.Op, unalias(e.Right))
			}
		case expr.Call:
			if e.Func == "between" && len(e.Args) == 3 {
				add(unalias(e.Args[0]), expr.GreaterEqual, unalias(e.Args[1]))
				add(unalias(e.Args[0]), expr.LessEqual, unalias(e.Args[2]))
			}
		}
	}
	conjuncts(where)
	return out
}

// sideOf says whether x is of the left side; false where it reads both sides or none, or does more than to add.
func sideOf(x expr.Expr, left *arrow.Schema) (isLeft, ok bool) {
	simple := true
	expr.Walk(x, func(e expr.Expr) bool {
		switch e := e.(type) {
		case expr.Column, expr.Literal:
		case expr.Binary:
			simple = simple && (e.Op == expr.Add || e.Op == expr.Subtract)
		default:
			simple = false
		}
		return simple
	})
	reads := expr.Columns(x)
	if !simple || len(reads) == 0 {
		return false, false
	}
	of := func(name string) bool { return len(left.FieldIndices(name)) > 0 }
	isLeft = of(reads[0])
	return isLeft, !slices.ContainsFunc(reads, func(name string) bool { return of(name) != isLeft })
}

// inOrder says whether x and y are of one type, whose values have an order in 64 bits.
func inOrder(x, y expr.Expr, s *arrow.Schema) bool {
	a, err := expr.Bind(x, s)
	if err != nil {
		return false
	}
	b, err := expr.Bind(y, s)
	if err != nil || !arrow.TypeEqual(a.Type(), b.Type()) {
		return false
	}
	switch a.Type().ID() {
	case arrow.INT64, arrow.UINT64, arrow.FLOAT64, arrow.DATE32, arrow.TIMESTAMP, arrow.DURATION:
		return true
	}
	return false
}

// rangeJoin makes a filter above an inner join its condition where the join can look for the rows of which it is true.
func rangeJoin(n Node) Node {
	f, ok := n.(*Filter)
	if !ok {
		return n
	}
	j, ok := f.Input.(*Join)
	if !ok || j.Kind != Inner || len(Ranges(f.Predicate, j.Left.Schema(), j.schema)) == 0 {
		return n
	}
	with := *j
	with.Where = f.Predicate
	if j.Where != nil {
		with.Where = expr.Binary{Op: expr.And, Left: j.Where, Right: f.Predicate}
	}
	return &with
}
