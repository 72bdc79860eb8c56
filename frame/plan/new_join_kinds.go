package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rivulet-go/rivulet/frame/expr"
)

// Names that begin so are the planner's own, between two projections.
const hidden = "\x00"

// NewRightJoin keeps all rows of right, with nulls where the left has no match: a left join of right with left, whose columns are
// put into the order that NewJoin gives. Rows come in the order of right.
func NewRightJoin(left, right Node, leftKeys, rightKeys []string, suffix string, where expr.Expr) (Node, error) {
	whole, err := NewJoinWhere(left, right, leftKeys, rightKeys, Left, suffix, where)
	if err != nil {
		return nil, err
	}
	j, names := whole.(*Join), whole.Schema()
	turned, err := NewJoin(right, left, rightKeys, leftKeys, Left, hidden)
	if err != nil {
		return nil, err
	}
	t := turned.(*Join)
	var list []expr.Expr
	below := map[string]string{}
	pass := func(from string) {
		name := names.Field(len(list)).Name
		below[name] = from
		list = append(list, under(expr.Column{Name: from}, name))
	}
	for _, f := range left.Schema().Fields() {
		if k := slices.Index(j.LeftKeys, f.Name); k >= 0 {
			pass(rightKeys[k])
			continue
		}
		pass(t.outputName(f.Name))
	}
	for _, f := range right.Schema().Fields() {
		if !slices.Contains(rightKeys, f.Name) {
			pass(f.Name)
		}
	}
	if where != nil {
		t.Where = renamed(where, func(name string) string { return below[name] })
	}
	return NewProject(t, list)
}

// NewCrossJoin pairs every row of left with every row of right.
func NewCrossJoin(left, right Node, suffix string) (Node, error) {
	return everyRow(left, right, func(left, right Node, leftKeys, rightKeys []string) (Node, error) {
		return NewJoin(left, right, leftKeys, rightKeys, Inner, suffix)
	})
}

// EveryRow are the keys of a join in which all rows have the same.
var EveryRow = []expr.Expr{expr.Literal{Value: int64(1)}}

// KeyColumns gives the names of columns that hold what keys compute, and in with those that it has not: for NewJoin, whose result goes
// through WithoutKeys. partners are the names of the other side's keys, where these are known: a column whose partner had to be computed
// stays among in's columns and is compared as a copy, for no column of the other side has its values.
func KeyColumns(in Node, keys []expr.Expr, partners []string) (Node, []string, error) {
	var names []string
	var list []expr.Expr
	for _, f := range in.Schema().Fields() {
		list = append(list, expr.Column{Name: f.Name})
	}
	own := len(list)
	for i, k := range keys {
		copied := i < len(partners) && strings.HasPrefix(partners[i], hidden)
		if c, ok := unalias(k).(expr.Column); ok && !copied {
			names = append(names, c.Name)
			continue
		}
		names = append(names, fmt.Sprintf("%skey %d", hidden, len(list))) // in has no column of that name, whoever added some before
		list = append(list, under(k, names[i]))
	}
	if len(list) == own {
		return in, names, nil
	}
	in, err := NewProject(in, list)
	return in, names, err
}

// WithoutKeys drops the columns that KeyColumns added.
func WithoutKeys(n Node) (Node, error) {
	var list []expr.Expr
	for _, f := range n.Schema().Fields() {
		if !strings.HasPrefix(f.Name, hidden) {
			list = append(list, expr.Column{Name: f.Name})
		}
	}
	if len(list) == n.Schema().NumFields() {
		return n, nil
	}
	return NewProject(n, list)
}

// under is x under a name.
func under(x expr.Expr, name string) expr.Expr {
	x = unalias(x)
	if expr.Name(x) == name {
		return x
	}
	return expr.Alias{X: x, Name: name}
}
