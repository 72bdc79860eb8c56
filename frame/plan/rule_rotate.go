package plan

import (
	"slices"

	"github.com/rivulet-go/rivulet/frame/expr"
)

// rotateJoins joins what is held in memory first, where that leaves out rows of it: (l join a) join b is l join (a join b) where b's partners
// are columns of a, and b has one row for each key at most, so that what the table for l holds is a part of a. Where b's partners are columns
// of l it is (l join b) join a, if b leaves out more than a. Semi and anti joins go the same ways. Pairs come in the same order.
func rotateJoins(n Node) Node {
	upper, ok := n.(*Join)
	if !ok {
		return n
	}
	return rotate(upper, &estimator{known: map[Node]float64{}}, true)
}

// rotate is rotateJoins of one join; ordered says whether the order of its rows matters.
func rotate(upper *Join, e *estimator, ordered bool) Node {
	if upper.AsOf != nil || upper.Where != nil || upper.Kind != Inner && !upper.Kind.OnlyLeft() {
		return upper
	}
	lower, names := joinBelow(upper.Left)
	if lower == nil || lower.Kind != Inner || lower.AsOf != nil || lower.Where != nil || !reduces(upper.Right) && upper.Kind != Anti {
		return upper
	}
	once := upper.Kind.OnlyLeft() || differs(upper.Right, columnSet(upper.RightKeys))
	keys := make([]string, len(upper.LeftKeys))
	for i, k := range upper.LeftKeys {
		keys[i] = names[k]
	}
	inner := &Join{Left: lower.Left, Right: upper.Right, LeftKeys: keys, RightKeys: upper.RightKeys, Kind: upper.Kind, Suffix: hidden}
	if !slices.ContainsFunc(keys, func(k string) bool { return !lower.Left.Schema().HasField(k) }) {
		inner.schema = joinSchema(inner)
		fewer, rows := e.rows(inner), e.rows(lower)
		if ordered && !once || !(2*fewer <= rows && fewer < rows) { // the join leaves out as many, also where both give nothing, or nothing is known
			return upper
		}
		return rotated(upper, lower, names, inner, true)
	}
	below := lower.outputs()
	for i, k := range keys {
		var ok bool
		if keys[i], ok = below[k]; !ok {
			return upper
		}
	}
	if !once {
		return upper
	}
	inner.Left = lower.Right
	inner.schema = joinSchema(inner)
	return rotated(upper, lower, names, inner, false)
}

// joinBelow is the join under projections that only pass columns on, and what it calls them; nil for none.
func joinBelow(n Node) (*Join, map[string]string) {
	switch in := n.(type) {
	case *Join:
		names := map[string]string{}
		for _, name := range fieldNames(in.schema) {
			names[name] = name
		}
		return in, names
	case *Project:
		j, below := joinBelow(in.Input)
		if j == nil {
			return nil, nil
		}
		names := map[string]string{}
		for _, e := range in.Exprs {
			c, ok := unalias(e).(expr.Column)
			if !ok {
				return nil, nil
			}
			names[expr.Name(e)] = below[c.Name]
		}
		return j, names
	}
	return nil, nil
}

// outputs says which columns above a join are columns of its right side, without its keys.
func (n *Join) outputs() map[string]string {
	names := map[string]string{}
	for _, f := range n.Right.Schema().Fields() {
		if !slices.Contains(n.RightKeys, f.Name) {
			names[n.outputName(f.Name)] = f.Name
		}
	}
	return names
}

// rotated is upper over lower, with inner as a side of lower, and its columns as they were. names are what lower calls the columns that
// upper has of it.
func rotated(upper, lower *Join, names map[string]string, inner *Join, left bool) Node {
	outer := *lower
	if left {
		outer.Left = inner
	} else {
		outer.Right = inner
	}
	outer.schema = joinSchema(&outer)
	if unique(outer.schema.Fields()) != nil {
		return upper
	}
	var list []expr.Expr
	below := lower.outputs()
	for _, f := range upper.Left.Schema().Fields() {
		from := names[f.Name]
		if right, ok := below[from]; ok { // inner has the columns of its left side by their names
			from = outer.outputName(right)
		}
		list = append(list, under(expr.Column{Name: from}, f.Name))
	}
	if upper.Kind == Inner {
		for _, f := range upper.Right.Schema().Fields() {
			if slices.Contains(upper.RightKeys, f.Name) {
				continue
			}
			from := inner.outputName(f.Name)
			if !left {
				from = outer.outputName(from)
			}
			list = append(list, under(expr.Column{Name: from}, upper.outputName(f.Name)))
		}
	}
	return &Project{Input: &outer, Exprs: list, schema: upper.schema}
}
