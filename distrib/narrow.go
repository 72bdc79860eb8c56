package distrib

import (
	"github.com/rivulet-go/rivulet/frame/exec"
	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/frame/plan"
	"github.com/rivulet-go/rivulet/frame/source"
)

// narrowed is the source of a scan with only the rows that find a partner in the tables of the joins that narrow it. The bounds stand
// beside the set for statistics to be compared with them.
func narrowed(scan *plan.Scan, steps []plan.Node, tables map[plan.Node]*exec.JoinTable) source.Source {
	src := scan.Source
	for _, step := range steps {
		join, ok := step.(*plan.Join)
		if !ok || join.Narrows == "" || tables[join] == nil {
			continue
		}
		keys := tables[join].Keys()
		if keys == nil {
			continue
		}
		column := expr.Column{Name: join.Narrows}
		if len(keys.Bits) > 0 {
			within := expr.Binary{
				Op:    expr.And,
				Left:  expr.Binary{Op: expr.GreaterEqual, Left: column, Right: expr.Literal{Value: keys.Least}},
				Right: expr.Binary{Op: expr.LessEqual, Left: column, Right: expr.Literal{Value: keys.Greatest()}},
			}
			src, _ = source.Filtered(src, within)
		}
		src, _ = source.Filtered(src, expr.Member{X: column, Keys: keys})
	}
	return src
}
