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
	return everyRow(left, right, func(left, right Node, key []string) (Node, error) {
		return NewJoin(left, right, key, key, Inner, suffix)
	})
}

// KeyColumns gives the names of columns that hold what keys compute, and in with those that it has not: for NewJoin, whose result goes
// through WithoutKeys.
func KeyColumns(in Node, keys []expr.Expr) (Node, []string, error) {
	var names []string
	var added []expr.Expr
	for i, k := range keys {
		if c, ok := unalias(k).(expr.Column); ok {
			names = append(names, c.Name)
			continue
		}
		names = append(names, fmt.Sprintf("%skey %d", hidden, i))
		added = append(added, under(k, names[i]))
	}
	if len(added) == 0 {
		return in, names, nil
	}
	in, err := withColumns(in, added)
	return in, names, err
}

// WithoutKeys drops the columns that KeyColumns added.
func WithoutKeys(n Node) (Node, error) { return withoutHidden(n) }

func withColumns(in Node, added []expr.Expr) (Node, error) {
	list := make([]expr.Expr, 0, in.Schema().NumFields()+len(added))
	for _, f := range in.Schema().Fields() {
		list = append(list, expr.Column{Name: f.Name})
	}
	return NewProject(in, append(list, added...))
}

func withoutHidden(n Node) (Node, error) {
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
