package distrib_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/frame/plan"
	"github.com/rivulet-go/rivulet/frame/source"
)

// table is a result as the naive interpreter has it: rows of int64, float64, string, bool or nil.
type table struct {
	names []string
	rows  [][]any
}

// naive computes plans row by row, as simply as it can be said. rows gives the rows of a scan's source; build says
// that they are for the build side of a join.
type naive struct {
	rows    func(name string, build bool) table
	build   bool
	partial bool  // rows are missing yet: a full join does not know which of its right side will find nothing
	counted int64 // rows that reached the last Preview
}

func (v *naive) eval(n plan.Node) table {
	var in table
	if inputs := n.Inputs(); len(inputs) > 0 {
		in = v.eval(inputs[0])
	}
	out := table{names: names(n.Schema())}
	switch n := n.(type) {
	case *plan.Scan:
		if p := plan.PartOf(n); p != nil {
			part := naive{rows: v.rows, build: v.build, partial: v.partial}
			return scanRows(part.eval(p.Plan), n)
		}
		return scanRows(v.rows(n.Source.Name(), v.build), n)
	case *plan.Filter:
		for _, r := range in.rows {
			if in.value(n.Predicate, r) == true {
				out.rows = append(out.rows, r)
			}
		}
	case *plan.Project:
		for _, r := range in.rows {
			row := make([]any, len(n.Exprs))
			for i, e := range n.Exprs {
				row[i] = in.value(e, r)
			}
			out.rows = append(out.rows, row)
		}
	case *plan.Aggregate:
		out.rows = aggregateRows(in, n)
	case *plan.Join:
		right := naive{rows: v.rows, build: true}
		out.rows = joinRows(in, right.eval(n.Right), n, v.partial)
	case *plan.Sort:
		out.rows = in.sorted(n.Keys)
	case *plan.TopK:
		out.rows = first(in.sorted(n.Keys), n.N)
	case *plan.GroupTopK:
		rank := map[string]int64{}
		members := map[string][][]any{}
		var order []string
		key := func(r []any) string {
			var values []any
			for _, e := range n.Groups {
				values = append(values, in.value(e, r))
			}
			return rowKey(values)
		}
		for _, r := range in.rows {
			if k := key(r); rank[k] == 0 {
				rank[k], order = 1, append(order, k)
			}
		}
		for _, r := range in.sorted(n.Keys) {
			members[key(r)] = append(members[key(r)], r)
		}
		for _, k := range order {
			out.rows = append(out.rows, first(members[k], n.N)...)
		}
	case *plan.Limit:
		out.rows = first(in.rows, n.N)
	case *plan.Tail:
		out.rows = in.rows[max(0, len(in.rows)-int(n.N)):]
	case *plan.Distinct:
		out.rows = distinctRows(in, n.Columns)
	case *plan.Window:
		out.rows = windowRows(in, n)
	case *plan.Preview:
		v.counted = int64(len(in.rows))
		out.rows = first(in.rows, n.N)
	default:
		panic(fmt.Sprintf("naive: %T", n))
	}
	return out
}

// scanRows is the columns of a scan, in its order. What it may leave out it need not.
func scanRows(in table, n *plan.Scan) table {
	if source.Empty(n.Source) {
		return table{names: names(n.Schema())}
	}
	if n.Columns == nil {
		return in
	}
	out := table{names: n.Columns}
	for _, r := range in.rows {
		row := make([]any, len(n.Columns))
		for i, name := range n.Columns {
			row[i] = r[in.index(name)]
		}
		out.rows = append(out.rows, row)
	}
	return out
}

func first(rows [][]any, n int64) [][]any { return rows[:min(int64(len(rows)), n)] }

func (t table) index(name string) int {
	i := slices.Index(t.names, name)
	if i < 0 {
		panic("naive: no column " + name)
	}
	return i
}

func (t table) value(e expr.Expr, row []any) any {
	switch e := e.(type) {
	case expr.Column:
		return row[t.index(e.Name)]
	case expr.Literal:
		return e.Value
	case expr.Alias:
		return t.value(e.X, row)
	case expr.Binary:
		return binaryValue(e.Op, t.value(e.Left, row), t.value(e.Right, row))
	case expr.Unary:
		if x := t.value(e.X, row); x != nil {
			return x == false
		}
		return nil
	case expr.Call:
		x := t.value(e.Args[0], row)
		switch {
		case e.Func == "coalesce" && x == nil:
			return t.value(e.Args[1], row)
		case e.Func == "coalesce":
			return x
		case e.Func == "between":
			low, high := binaryValue(expr.GreaterEqual, x, t.value(e.Args[1], row)), binaryValue(expr.LessEqual, x, t.value(e.Args[2], row))
			return binaryValue(expr.And, low, high)
		}
		return (x == nil) == (e.Func == "is_null")
	case expr.Cast: // to floats, for means over windows
		if x := t.value(e.X, row); x != nil {
			return number(x)
		}
		return nil
	default:
		panic(fmt.Sprintf("naive: %T", e))
	}
}

func binaryValue(op expr.BinaryOp, l, r any) any {
	switch {
	case op == expr.And && (l == false || r == false):
		return false
	case op == expr.Or && (l == true || r == true):
		return true
	}
	if l == nil || r == nil {
		return nil
	}
	switch op {
	case expr.Add:
		return l.(int64) + r.(int64)
	case expr.Multiply:
		return l.(int64) * r.(int64)
	case expr.And, expr.Or: // the other cases are above
		return op == expr.And
	case expr.Equal:
		return compare(l, r) == 0
	case expr.NotEqual:
		return compare(l, r) != 0
	case expr.Greater:
		return compare(l, r) > 0
	case expr.LessEqual:
		return compare(l, r) <= 0
	case expr.Less:
		return compare(l, r) < 0
	case expr.GreaterEqual:
		return compare(l, r) >= 0
	case expr.Divide:
		return number(l) / number(r)
	default:
		panic(fmt.Sprintf("naive: %v", op))
	}
}

func number(x any) float64 {
	switch x := x.(type) {
	case int64:
		return float64(x)
	case bool:
		if x {
			return 1
		}
		return 0
	}
	return x.(float64)
}

// compare orders two values that are not null; NaN is equal to itself and after all numbers.
func compare(a, b any) int {
	if s, ok := a.(string); ok {
		return strings.Compare(s, b.(string))
	}
	x, y := number(a), number(b)
	switch {
	case math.IsNaN(x) && math.IsNaN(y):
		return 0
	case math.IsNaN(x):
		return 1
	case math.IsNaN(y), x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}

func (t table) sorted(keys []plan.SortKey) [][]any {
	rows := slices.Clone(t.rows)
	slices.SortStableFunc(rows, t.order(keys))
	return rows
}

func (t table) order(keys []plan.SortKey) func(a, b []any) int {
	return func(a, b []any) int {
		for _, k := range keys {
			x, y := t.value(k.X, a), t.value(k.X, b)
			switch {
			case x == nil && y == nil:
				continue
			case x == nil:
				return 1
			case y == nil:
				return -1
			}
			c := compare(x, y)
			if k.Descending {
				nanX, nanY := isNaN(x), isNaN(y)
				if nanX == nanY {
					c = -c
				}
			}
			if c != 0 {
				return c
			}
		}
		return 0
	}
}

func isNaN(x any) bool { f, ok := x.(float64); return ok && math.IsNaN(f) }

func rowKey(values []any) string { return fmt.Sprintf("%#v", values) }

func distinctRows(in table, columns []string) (out [][]any) {
	if len(columns) == 0 {
		columns = in.names
	}
	seen := map[string]bool{}
	for _, r := range in.rows {
		var key []any
		for _, c := range columns {
			key = append(key, r[in.index(c)])
		}
		if k := rowKey(key); !seen[k] {
			seen[k] = true
			out = append(out, r)
		}
	}
	return out
}

func aggregateRows(in table, n *plan.Aggregate) (out [][]any) {
	groups := map[string][][]any{}
	var order []string
	keys := map[string][]any{}
	for _, r := range in.rows {
		var key []any
		for _, e := range n.Keys {
			key = append(key, in.value(e, r))
		}
		k := rowKey(key)
		if _, ok := groups[k]; !ok {
			order = append(order, k)
			keys[k] = key
		}
		groups[k] = append(groups[k], r)
	}
	if len(n.Keys) == 0 && len(order) == 0 {
		order = []string{""}
	}
	for _, k := range order {
		row := slices.Clone(keys[k])
		for _, a := range n.Aggs {
			row = append(row, aggregateValue(in, a, groups[k]))
		}
		out = append(out, row)
	}
	return out
}

func aggregateValue(in table, a plan.Agg, rows [][]any) any {
	if a.X == nil {
		return int64(len(rows))
	}
	var values []any
	for _, r := range rows {
		if x := in.value(a.X, r); x != nil {
			values = append(values, x)
		}
	}
	switch a.Func {
	case expr.Count:
		return int64(len(values))
	case expr.CountDistinct:
		seen := map[any]bool{}
		for _, x := range values {
			seen[x] = true
		}
		return int64(len(seen))
	}
	if len(values) == 0 {
		return nil
	}
	switch a.Func {
	case expr.Sum, expr.Mean:
		var total int64
		var float float64
		for _, x := range values {
			if i, ok := x.(int64); ok {
				total += i
			}
			float += number(x)
		}
		if a.Func == expr.Mean {
			return float / float64(len(values))
		}
		if _, ok := values[0].(int64); ok {
			return total
		}
		return float
	case expr.Median:
		return quantile(values, 0.5)
	case expr.Quantile:
		return quantile(values, a.Args[0].(expr.Literal).Value.(float64))
	case expr.Any:
		return slices.Contains(values, any(true))
	case expr.All:
		return !slices.Contains(values, any(false))
	case expr.Min:
		return slices.MinFunc(values, compare)
	case expr.Max:
		return slices.MaxFunc(values, compare)
	default:
		panic("naive: " + string(a.Func))
	}
}

func quantile(values []any, q float64) float64 {
	slices.SortFunc(values, compare)
	at := q * float64(len(values)-1)
	low, high := number(values[int(at)]), number(values[min(int(at)+1, len(values)-1)])
	return low + (at-math.Floor(at))*(high-low)
}

func names(s *arrow.Schema) []string {
	out := make([]string, s.NumFields())
	for i := range out {
		out[i] = s.Field(i).Name
	}
	return out
}

// rowsOf takes records apart into rows.
func rowsOf(t testing.TB, recs ...arrow.Record) (out [][]any) {
	t.Helper()
	for _, rec := range recs {
		for i := range int(rec.NumRows()) {
			row := make([]any, rec.NumCols())
			for c, col := range rec.Columns() {
				if !col.IsNull(i) {
					row[c] = valueAt(t, col, i)
				}
			}
			out = append(out, row)
		}
	}
	return out
}

func valueAt(t testing.TB, col arrow.Array, i int) any {
	t.Helper()
	switch col := col.(type) {
	case *array.Int64:
		return col.Value(i)
	case *array.Uint64:
		return int64(col.Value(i))
	case *array.Float64:
		return col.Value(i)
	case *array.String:
		return strings.Clone(col.Value(i))
	case *array.Dictionary:
		return strings.Clone(col.Dictionary().(*array.String).Value(col.GetValueIndex(i)))
	case *array.Boolean:
		return col.Value(i)
	default:
		t.Fatalf("a column of %s", col.DataType())
		return nil
	}
}

// differ describes the first difference of two results; "" where they are the same.
func differ(got, want [][]any) string {
	if len(got) != len(want) {
		return fmt.Sprintf("%d rows, want %d", len(got), len(want))
	}
	for i := range want {
		if !sameRow(got[i], want[i]) {
			return fmt.Sprintf("row %d is %v, want %v", i, got[i], want[i])
		}
	}
	return ""
}

func sameRow(a, b []any) bool {
	return slices.EqualFunc(a, b, func(x, y any) bool {
		if f, ok := x.(float64); ok {
			g, ok := y.(float64)
			return ok && (f == g || isNaN(f) && isNaN(g) || math.Abs(f-g) <= 1e-9*math.Max(math.Abs(f), math.Abs(g)))
		}
		return x == y
	})
}

// asSet sorts rows by their text, for results whose order is not promised.
func asSet(rows [][]any) [][]any {
	out := slices.Clone(rows)
	slices.SortFunc(out, func(a, b []any) int { return strings.Compare(rowKey(a), rowKey(b)) })
	return out
}
