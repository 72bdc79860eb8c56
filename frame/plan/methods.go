package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/expr"
)

func (n *Scan) Schema() *arrow.Schema       { return n.schema }
func (n *Filter) Schema() *arrow.Schema     { return n.Input.Schema() }
func (n *Project) Schema() *arrow.Schema    { return n.schema }
func (n *MapBatches) Schema() *arrow.Schema { return n.schema }
func (n *Aggregate) Schema() *arrow.Schema  { return n.schema }
func (n *Join) Schema() *arrow.Schema       { return n.schema }
func (n *Sort) Schema() *arrow.Schema       { return n.Input.Schema() }
func (n *TopK) Schema() *arrow.Schema       { return n.Input.Schema() }
func (n *GroupTopK) Schema() *arrow.Schema  { return n.Input.Schema() }
func (n *Limit) Schema() *arrow.Schema      { return n.Input.Schema() }
func (n *Tail) Schema() *arrow.Schema       { return n.Input.Schema() }
func (n *Distinct) Schema() *arrow.Schema   { return n.Input.Schema() }
func (n *Window) Schema() *arrow.Schema     { return n.schema }
func (n *Preview) Schema() *arrow.Schema    { return n.Input.Schema() }

func (n *Scan) Inputs() []Node       { return nil }
func (n *Filter) Inputs() []Node     { return []Node{n.Input} }
func (n *Project) Inputs() []Node    { return []Node{n.Input} }
func (n *MapBatches) Inputs() []Node { return []Node{n.Input} }
func (n *Aggregate) Inputs() []Node  { return []Node{n.Input} }
func (n *Join) Inputs() []Node       { return []Node{n.Left, n.Right} }
func (n *Sort) Inputs() []Node       { return []Node{n.Input} }
func (n *TopK) Inputs() []Node       { return []Node{n.Input} }
func (n *GroupTopK) Inputs() []Node  { return []Node{n.Input} }
func (n *Limit) Inputs() []Node      { return []Node{n.Input} }
func (n *Tail) Inputs() []Node       { return []Node{n.Input} }
func (n *Distinct) Inputs() []Node   { return []Node{n.Input} }
func (n *Window) Inputs() []Node     { return []Node{n.Input} }
func (n *Preview) Inputs() []Node    { return []Node{n.Input} }

func (n *Scan) String() string {
	columns := "all columns"
	if n.Columns != nil {
		columns = "[" + strings.Join(n.Columns, ", ") + "]"
	}
	text := fmt.Sprintf("Scan %s %s", n.Source.Name(), columns)
	if n.Filter != nil {
		text += " where " + n.Filter.String()
	}
	if n.Limit > 0 {
		text += fmt.Sprintf(", first %d rows", n.Limit)
	}
	if len(n.Unscaled) > 0 {
		text += ", unscaled " + strings.Join(n.Unscaled, ", ")
	}
	if len(n.Codes) > 0 {
		text += ", codes of " + strings.Join(n.Codes, ", ")
	}
	return text
}

func (n *Filter) String() string  { return "Filter " + n.Predicate.String() }
func (n *Project) String() string { return "Project " + joinExprs(n.Exprs) }

func (n *MapBatches) String() string {
	return "MapBatches " + n.Func.Label() + " [" + strings.Join(fieldNames(n.schema), ", ") + "]"
}

func (n *Aggregate) String() string {
	aggs := make([]string, len(n.Aggs))
	for i, a := range n.Aggs {
		aggs[i] = expr.Alias{X: a.aggregate(), Name: a.Name}.String()
	}
	text := "Aggregate [" + strings.Join(aggs, ", ") + "]"
	if len(n.Keys) > 0 {
		text += " by " + joinExprs(n.Keys)
	}
	return text
}

func (a Agg) aggregate() expr.Aggregate { return expr.Aggregate{Func: a.Func, X: a.X, Args: a.Args} }

func (n *Join) String() string {
	pairs := make([]string, len(n.LeftKeys))
	for i := range pairs {
		pairs[i] = n.LeftKeys[i] + " == " + n.RightKeys[i]
	}
	text := fmt.Sprintf("Join %s on %s", n.Kind, strings.Join(pairs, ", "))
	if n.Where != nil {
		text += " where " + n.Where.String()
	}
	if n.AsOf != nil {
		text += fmt.Sprintf(" as of %s, %s %s", n.AsOf.Left, n.AsOf.Direction, n.AsOf.Right)
	}
	if n.Narrows != nil {
		columns := slices.DeleteFunc(slices.Clone(n.Narrows), func(c string) bool { return c == "" })
		text += ", narrows the scan by " + strings.Join(columns, ", ")
	}
	return strings.ReplaceAll(text, hidden, "")
}

func (n *Sort) String() string  { return "Sort " + joinKeys(n.Keys) }
func (n *TopK) String() string  { return fmt.Sprintf("TopK %d by %s", n.N, joinKeys(n.Keys)) }
func (n *Limit) String() string { return fmt.Sprintf("Limit %d", n.N) }
func (n *Tail) String() string  { return fmt.Sprintf("Tail %d", n.N) }

func (n *GroupTopK) String() string {
	if len(n.Keys) == 0 {
		return fmt.Sprintf("GroupTopK %d of each %s", n.N, joinExprs(n.Groups))
	}
	return fmt.Sprintf("GroupTopK %d of each %s by %s", n.N, joinExprs(n.Groups), joinKeys(n.Keys))
}

func (n *Distinct) String() string {
	if len(n.Columns) == 0 {
		return "Distinct"
	}
	return "Distinct by [" + strings.Join(n.Columns, ", ") + "]"
}

func (n *Window) String() string {
	funcs := make([]string, len(n.Funcs))
	for i, f := range n.Funcs {
		funcs[i] = f.Name
	}
	text := "Window [" + strings.Join(funcs, ", ") + "]"
	if len(n.By) > 0 {
		text += " by [" + strings.Join(n.By, ", ") + "]"
	}
	if len(n.Order) > 0 {
		text += " order " + joinKeys(n.Order)
	}
	return text
}

func (n *Preview) String() string {
	if len(n.Keys) > 0 {
		return fmt.Sprintf("Preview %d by %s", n.N, joinKeys(n.Keys))
	}
	return fmt.Sprintf("Preview %d", n.N)
}

var joinNames = [...]string{Inner: "inner", Left: "left", Full: "full", Semi: "semi", Anti: "anti"}

// String is the kind's name, as in "left".
func (k JoinKind) String() string { return joinNames[k] }

// OnlyLeft says whether a join of the kind gives the left's columns alone.
func (k JoinKind) OnlyLeft() bool { return k == Semi || k == Anti }

// String is the key with its direction.
func (k SortKey) String() string {
	if k.Descending {
		return k.X.String() + " desc"
	}
	return k.X.String()
}

func joinExprs(exprs []expr.Expr) string {
	list := make([]string, len(exprs))
	for i, e := range exprs {
		list[i] = e.String()
	}
	return "[" + strings.Join(list, ", ") + "]"
}

func joinKeys(keys []SortKey) string {
	list := make([]string, len(keys))
	for i, k := range keys {
		list[i] = k.String()
	}
	return "[" + strings.Join(list, ", ") + "]"
}
