package plan

import (
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/expr"
)

// mergeSorts makes one of two sorts in a row: sorts are stable, so that the lower one breaks ties of the upper.
func mergeSorts(n Node) Node {
	s, ok := n.(*Sort)
	if !ok {
		return n
	}
	in, ok := s.Input.(*Sort)
	if !ok {
		return n
	}
	keys := slices.Clone(s.Keys)
	for _, k := range in.Keys {
		if !slices.ContainsFunc(keys, func(have SortKey) bool { return expr.Same(unalias(have.X), unalias(k.X)) }) {
			keys = append(keys, k)
		}
	}
	return &Sort{Input: in.Input, Keys: keys}
}

// dropSorts leaves out sorts of rows that are in that order, and of rows whose order makes no difference: below a sort whose keys tell all
// rows apart, below groups that are sorted by their keys, below a total, on the right of a semi or anti join.
func dropSorts(n Node) Node { return unsorted(n, true) }

// unsorted is n without sorts that it does not need; ordered says whether the order of its own rows matters.
func unsorted(n Node, ordered bool) Node {
	switch in := n.(type) {
	case *Sort:
		if !ordered {
			return unsorted(in.Input, false)
		}
		if startsWith(orderOf(in.Input), in.Keys) {
			return unsorted(in.Input, true)
		}
	case *TopK:
		if startsWith(orderOf(in.Input), in.Keys) {
			return &Limit{Input: unsorted(in.Input, true), N: in.N}
		}
	}
	inputs := n.Inputs()
	changed := false
	for i, in := range inputs {
		inputs[i] = unsorted(in, inputOrdered(n, i, ordered))
		changed = changed || inputs[i] != in
	}
	if !changed {
		return n
	}
	return replaceInputs(n, inputs)
}

// inputOrdered says whether the result of n depends on the order of the rows of its input i; ordered says whether the order of the result
// matters.
func inputOrdered(n Node, i int, ordered bool) bool {
	switch n := n.(type) {
	case *Filter, *Project:
		return ordered || expr.Functions(expressions(n)...) != nil // what functions print comes in the order of rows
	case *Sort:
		return ordered && !tellsApart(n.Keys, n.Input)
	case *TopK:
		return !tellsApart(n.Keys, n.Input)
	case *Aggregate:
		return ordered && len(n.Keys) > 0 || slices.ContainsFunc(n.Aggs, func(a Agg) bool { return a.ordered(n) })
	case *Distinct:
		return ordered || len(n.Columns) > 0 && len(n.Columns) < n.Schema().NumFields()
	case *Join:
		if n.AsOf != nil {
			return true
		}
		return ordered && (i == 0 || !n.Kind.OnlyLeft())
	}
	return true
}

// ordered says whether an aggregate depends on the order of rows: sums of floats do, for they are rounded.
func (a Agg) ordered(n *Aggregate) bool {
	switch a.Func {
	case expr.Count, expr.CountDistinct, expr.Min, expr.Max, expr.Median, expr.Quantile, expr.Any, expr.All:
		return len(expr.Functions(a.aggregate())) > 0
	case expr.Sum, expr.Mean:
		bound, err := expr.Bind(a.X, n.Input.Schema())
		return err != nil || !exact(bound.Type()) || len(expr.Functions(a.aggregate())) > 0
	}
	return true
}

// exact says whether sums of a type are not rounded.
func exact(t arrow.DataType) bool {
	switch t.ID() {
	case arrow.INT64, arrow.UINT64, arrow.DECIMAL128:
		return true
	}
	return false
}

// orderOf is keys by which the rows of n are sorted, as far as they are columns; nil where nothing is known. A join may give its rows part by
// part.
func orderOf(n Node) []SortKey {
	switch n := n.(type) {
	case *Sort:
		return n.Keys
	case *TopK:
		return n.Keys
	case *Filter, *Limit, *Tail, *Window, *Distinct:
		return orderOf(n.Inputs()[0])
	case *Project:
		names := passed(n.Exprs)
		var keys []SortKey
		for _, k := range orderOf(n.Input) {
			x := renamedFacts([]expr.Expr{unalias(k.X)}, names)
			if len(x) == 0 {
				break
			}
			keys = append(keys, SortKey{X: x[0], Descending: k.Descending})
		}
		return keys
	}
	return nil
}

// startsWith says whether rows that are sorted by have are sorted by keys.
func startsWith(have, keys []SortKey) bool {
	return len(have) >= len(keys) &&
		slices.EqualFunc(have[:len(keys)], keys, func(a, b SortKey) bool {
			return a.Descending == b.Descending && expr.Same(unalias(a.X), unalias(b.X))
		})
}

// tellsApart says whether no two rows of n have the same keys.
func tellsApart(keys []SortKey, n Node) bool {
	names := columns{}
	for _, k := range keys {
		if c, ok := unalias(k.X).(expr.Column); ok {
			names[c.Name] = true
		}
	}
	return differs(n, names)
}
