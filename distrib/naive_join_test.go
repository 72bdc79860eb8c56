package distrib_test

import (
	"slices"

	"github.com/rivulet-go/rivulet/frame/plan"
)

// naiveJoin is a join with its columns looked up.
type naiveJoin struct {
	*plan.Join
	left, right table
	pairs       table // of the columns that the condition reads
	carried     []int // the right's columns without its keys
}

func joinRows(left, right table, n *plan.Join, partial bool) (out [][]any) {
	j := naiveJoin{Join: n, left: left, right: right, pairs: table{names: names(n.Pairs())}}
	for i, name := range right.names {
		if !slices.Contains(n.RightKeys, name) {
			j.carried = append(j.carried, i)
		}
	}
	matched := make([]bool, len(right.rows))
	byKey := map[string][]int{}
	var order []string // of keys, also of those with nulls
	for i, r := range right.rows {
		k, _ := keyOf(right, n.RightKeys, r)
		if byKey[k] == nil {
			order = append(order, k)
		}
		byKey[k] = append(byKey[k], i)
	}
	for _, l := range left.rows {
		out = append(out, j.partners(l, byKey, matched)...)
	}
	if n.Kind != plan.Full || partial {
		return out
	}
	for _, k := range order {
		for _, i := range byKey[k] {
			if !matched[i] {
				out = append(out, j.alone(right.rows[i]))
			}
		}
	}
	return out
}

// partners is what the join gives for a row of the left.
func (j naiveJoin) partners(l []any, byKey map[string][]int, matched []bool) (out [][]any) {
	var candidates []int
	if k, null := keyOf(j.left, j.LeftKeys, l); !null {
		candidates = byKey[k]
	}
	found := false
	for _, i := range candidates {
		pair := slices.Clone(l)
		for _, c := range j.carried {
			pair = append(pair, j.right.rows[i][c])
		}
		if j.Where != nil && j.pairs.value(j.Where, pair) != true {
			continue
		}
		found, matched[i] = true, true
		if !j.Kind.OnlyLeft() {
			out = append(out, pair)
		}
	}
	switch {
	case j.Kind == plan.Semi && found, j.Kind == plan.Anti && !found:
		return [][]any{l}
	case !found && (j.Kind == plan.Left || j.Kind == plan.Full):
		return [][]any{append(slices.Clone(l), make([]any, len(j.carried))...)}
	}
	return out
}

// alone is a row of the right that has no partner.
func (j naiveJoin) alone(r []any) []any {
	row := make([]any, len(j.left.names), len(j.left.names)+len(j.carried))
	for k, name := range j.LeftKeys {
		row[j.left.index(name)] = r[j.right.index(j.RightKeys[k])]
	}
	for _, c := range j.carried {
		row = append(row, r[c])
	}
	return row
}

// keyOf is a row's key; null says that one of its values is.
func keyOf(t table, names []string, r []any) (key string, null bool) {
	var values []any
	for _, name := range names {
		x := r[t.index(name)]
		null = null || x == nil
		values = append(values, x)
	}
	return rowKey(values), null
}
