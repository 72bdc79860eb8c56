package plan

import (
	"fmt"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/expr"
)

// eagerTimes is how many rows a key of the right side has at least, for these to be put in groups before they are joined, and eagerRows how many
// rows there are.
const (
	eagerTimes = 4
	eagerRows  = 100_000
)

// groupBeforeJoin puts the right side of a join in groups by its keys where only aggregates of it are wanted for groups of the left side (eager
// aggregation, Yan and Larson 1995): a row of each key is joined then, in place of all its rows. That is for aggregates of which the total is made of
// those of parts, exactly; where the left side leaves out rows it would be in vain.
func groupBeforeJoin(n Node) Node {
	n = withInputs(n, groupBeforeJoin)
	a, ok := n.(*Aggregate)
	if !ok || len(a.Keys) == 0 || len(a.Aggs) == 0 {
		return n
	}
	j, ok := a.Input.(*Join)
	if !ok || !swappable(&Join{Left: j.Left, Right: j.Right, LeftKeys: j.LeftKeys, AsOf: j.AsOf, Where: j.Where}) ||
		j.Kind != Inner && j.Kind != Left || reduces(j.Left) {
		return n
	}
	e := estimator{known: map[Node]float64{}}
	if rows := e.rows(j.Right); !(rows >= eagerRows) || !(rows >= eagerTimes*e.groups(j.Right, expr.NamedColumns(j.RightKeys))) {
		return n
	}
	if made := eager(a, j); made != nil {
		return made
	}
	return n
}

// eager is an aggregation of a join as one of groups that are joined; nil where it is none.
func eager(a *Aggregate, j *Join) Node {
	right := map[string]string{}
	for _, f := range j.Right.Schema().Fields() {
		if !slices.Contains(j.RightKeys, f.Name) {
			right[j.outputName(f.Name)] = f.Name
		}
	}
	ofRight := func(name string) bool { _, ok := right[name]; return ok }
	if slices.ContainsFunc(expr.Columns(a.Keys...), ofRight) || expr.Functions(a.Keys...) != nil {
		return nil
	}
	var parts, totals []Agg
	for i, agg := range a.Aggs {
		name := fmt.Sprint(hidden, "part ", i)
		part, total, ok := agg.parted(a.Input.Schema(), name, j.Kind == Left)
		if !ok || slices.ContainsFunc(expr.Columns(part.aggregate()), func(c string) bool { return !ofRight(c) }) ||
			j.Left.Schema().HasField(name) {
			return nil
		}
		if part.X != nil {
			part.X = renamed(part.X, func(name string) string { return right[name] })
		}
		parts, totals = append(parts, part), append(totals, total)
	}
	var fields []arrow.Field
	for _, k := range j.RightKeys {
		fields = append(fields, arrow.Field{Name: k, Type: fieldType(j.Right.Schema(), k), Nullable: true})
	}
	groups, err := newAggregate(j.Right, expr.NamedColumns(j.RightKeys), fields, parts)
	if err != nil {
		return nil
	}
	joined := *j
	joined.Right = groups
	joined.schema = joinSchema(&joined)
	made, err := newAggregate(&joined, a.Keys, a.schema.Fields()[:len(a.Keys)], totals)
	if err != nil || !made.Schema().Equal(a.schema) {
		return nil
	}
	return made
}

// parted is an aggregate of parts, a column by the name, and what makes the total of it. Of a row that found no partner there is no part: it
// has no values, and is one row.
func (a Agg) parted(in *arrow.Schema, name string, unmatched bool) (part, total Agg, ok bool) {
	column := expr.Expr(expr.Column{Name: name})
	part, total = Agg{Func: a.Func, X: a.X, Name: name}, Agg{Func: a.Func, X: column, Name: a.Name}
	if len(a.Args) > 0 || expr.Functions(a.aggregate()) != nil {
		return part, total, false
	}
	switch a.Func {
	case expr.Count:
		none := int64(0)
		if a.X == nil {
			none = 1
		}
		total.Func = expr.Sum
		if unmatched {
			total.X = expr.Call{Func: "coalesce", Args: []expr.Expr{column, expr.Literal{Value: none}}}
		}
		return part, total, true
	case expr.Min, expr.Max:
		return part, total, true
	case expr.Sum:
		bound, err := expr.Bind(a.X, in)
		return part, total, err == nil && exact(bound.Type())
	}
	return part, total, false
}
