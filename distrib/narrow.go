package distrib

import (
	"slices"

	"github.com/rivulet-go/rivulet/frame/exec"
	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/frame/plan"
	"github.com/rivulet-go/rivulet/frame/source"
)

// narrowed is the source of a scan with only the rows that find a partner in the tables of the joins that narrow it. The bounds stand
// beside each set for statistics to be compared with them.
func narrowed(scan *plan.Scan, steps []plan.Node, tables map[plan.Node]*exec.JoinTable) source.Source {
	src := scan.Source
	for _, set := range narrowings(steps, tables) {
		column, keys := set.X, set.Keys
		if len(keys.Bits) > 0 {
			within := expr.Binary{
				Op:    expr.And,
				Left:  expr.Binary{Op: expr.GreaterEqual, Left: column, Right: expr.Literal{Value: keys.Least}},
				Right: expr.Binary{Op: expr.LessEqual, Left: column, Right: expr.Literal{Value: keys.Greatest()}},
			}
			src, _ = source.Filtered(src, within)
		}
		src, _ = source.Filtered(src, set)
	}
	return src
}

// narrowings are the sets of keys that find a partner, one for each column. Of joins on several keys, the columns count that leave out most of
// what could be in them: that all have a key of one column does not mean that they match.
func narrowings(steps []plan.Node, tables map[plan.Node]*exec.JoinTable) (sets []expr.Member) {
	for _, step := range steps {
		join, ok := step.(*plan.Join)
		if !ok || tables[join] == nil {
			continue
		}
		for i, name := range join.Narrows {
			if name == "" {
				continue
			}
			keys := tables[join].Keys(i)
			if keys == nil || len(join.Narrows) > 1 && !keys.Sparse() {
				continue
			}
			column := expr.Column{Name: name}
			if at := slices.IndexFunc(sets, func(m expr.Member) bool { return m.X == column }); at >= 0 {
				sets[at].Keys = sets[at].Keys.Both(keys)
				continue
			}
			sets = append(sets, expr.Member{X: column, Keys: keys})
		}
	}
	return sets
}
