package plan

import (
	"slices"

	"github.com/rivulet-go/rivulet/frame/expr"
)

// dropDistinct leaves out a distinct of rows that differ anyway, such as groups by their keys, and one on the right of a semi or anti join,
// which asks only whether there is a row.
func dropDistinct(n Node) Node {
	switch n := n.(type) {
	case *Distinct:
		names := n.Columns
		if len(names) == 0 {
			names = fieldNames(n.Schema())
		}
		if differs(n.Input, columnSet(names)) {
			return n.Input
		}
	case *Join:
		d, ok := n.Right.(*Distinct)
		if !ok || !n.Kind.OnlyLeft() || n.Where != nil || n.AsOf != nil {
			return n
		}
		if len(d.Columns) == 0 || !slices.ContainsFunc(n.RightKeys, func(k string) bool { return !slices.Contains(d.Columns, k) }) {
			return replaceInputs(n, []Node{n.Left, d.Input})
		}
	}
	return n
}

// differs says whether no two rows of n agree in the columns of a set, as far as the plan tells.
func differs(n Node, names columns) bool {
	switch n := n.(type) {
	case *Scan:
		p := PartOf(n)
		return p != nil && differs(p.Plan, names)
	case *MapBatches:
		return false
	case *Aggregate:
		return !slices.ContainsFunc(n.Keys, func(k expr.Expr) bool { return !names[expr.Name(k)] })
	case *Distinct:
		own := n.Columns
		if len(own) == 0 {
			own = fieldNames(n.Schema())
		}
		if !slices.ContainsFunc(own, func(name string) bool { return !names[name] }) {
			return true
		}
	case *Project:
		below := columns{}
		for _, e := range n.Exprs {
			if c, ok := unalias(e).(expr.Column); ok && names[expr.Name(e)] {
				below[c.Name] = true
			}
		}
		return differs(n.Input, below)
	case *Join:
		return joinDiffers(n, names)
	}
	return differs(n.Inputs()[0], names)
}

// joinDiffers: of the rows of one side each is there once, where those of the other differ in the keys.
func joinDiffers(n *Join, names columns) bool {
	switch {
	case n.AsOf != nil || n.Kind == Full:
		return false
	case n.Kind.OnlyLeft():
		return differs(n.Left, names)
	}
	if differs(n.Right, columnSet(n.RightKeys)) && differs(n.Left, names) {
		return true
	}
	if n.Kind != Inner || !differs(n.Left, columnSet(n.LeftKeys)) {
		return false
	}
	right := columns{}
	for below, above := range n.rightNames() {
		if names[above] {
			right[below] = true
		}
	}
	return differs(n.Right, right)
}
