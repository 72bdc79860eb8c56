package plan

import (
	"slices"

	"github.com/rivulet-go/rivulet/frame/expr"
)

// dropConstantFilter removes a filter that is true for every row.
func dropConstantFilter(n Node) Node {
	f, ok := n.(*Filter)
	if !ok {
		return n
	}
	if l, ok := unalias(f.Predicate).(expr.Literal); ok && l.Value == true {
		return f.Input
	}
	return n
}

// pushFilter moves a filter towards the scan: below a projection that only passes on or renames the columns it reads, below a sort, below
// groups, distinct rows, a choice of rows of each group and windows where it chooses whole groups or partitions, and into the side of a join
// whose columns it reads. Of conditions that all have to be true those that can move do, but none that may fail goes before another that may
// guard it.
func pushFilter(n Node) Node {
	f, ok := n.(*Filter)
	if !ok {
		return n
	}
	if whole := pushWhole(f); whole != n {
		return whole
	}
	parts := expr.Conjuncts(f.Predicate)
	if len(parts) < 2 {
		return n
	}
	in := f.Input
	var rest expr.Expr
	for _, part := range parts {
		if rest == nil || steady(part) {
			one := &Filter{Input: in, Predicate: part}
			if pushed := pushWhole(one); pushed != Node(one) {
				in = pushed
				continue
			}
		}
		rest = both(rest, part)
	}
	switch {
	case in == f.Input:
		return n
	case rest == nil:
		return in
	}
	return &Filter{Input: in, Predicate: rest}
}

// pushWhole moves a filter as it is.
func pushWhole(f *Filter) Node {
	switch in := f.Input.(type) {
	case *Project:
		predicate, ok := throughProject(f.Predicate, in.Exprs)
		if !ok {
			return f
		}
		return replaceInputs(in, []Node{&Filter{Input: in.Input, Predicate: predicate}})
	case *Sort:
		return &Sort{Input: &Filter{Input: in.Input, Predicate: f.Predicate}, Keys: in.Keys}
	case *Aggregate: // once for each row now, not for each group
		predicate, ok := throughProject(f.Predicate, in.Keys)
		if ok && steady(predicate) && len(expr.Columns(predicate)) > 0 {
			return replaceInputs(in, []Node{&Filter{Input: in.Input, Predicate: predicate}})
		}
	case *Distinct: // the first of equal rows is the first of those that pass
		if steady(f.Predicate) && (len(in.Columns) == 0 || keepsGroups(f.Predicate, expr.NamedColumns(in.Columns))) {
			return replaceInputs(in, []Node{&Filter{Input: in.Input, Predicate: f.Predicate}})
		}
	case *GroupTopK: // whole groups pass or not
		if keepsGroups(f.Predicate, in.Groups) {
			return replaceInputs(in, []Node{&Filter{Input: in.Input, Predicate: f.Predicate}})
		}
	case *Join:
		return pushFilterJoin(f, in)
	case *Window:
		return pushFilterWindow(f, in)
	}
	return f
}

// keepsGroups says whether a predicate reads nothing but columns by which rows are grouped.
func keepsGroups(predicate expr.Expr, groups []expr.Expr) bool {
	reads := expr.Columns(predicate)
	return len(reads) > 0 && !slices.ContainsFunc(reads, func(name string) bool {
		return !slices.ContainsFunc(groups, func(g expr.Expr) bool {
			c, ok := unalias(g).(expr.Column)
			return ok && c.Name == name
		})
	})
}

// throughProject writes e over the input of a projection, or a grouping by keys, if each column it reads is only passed on.
func throughProject(e expr.Expr, exprs []expr.Expr) (expr.Expr, bool) {
	below := map[string]expr.Column{}
	for _, x := range exprs {
		if c, ok := unalias(x).(expr.Column); ok {
			below[expr.Name(x)] = c
		}
	}
	for _, name := range expr.Columns(e) {
		if _, ok := below[name]; !ok {
			return nil, false
		}
	}
	return renamed(e, func(name string) string { return below[name].Name }), true
}

func renamed(e expr.Expr, name func(string) string) expr.Expr {
	return expr.Rewrite(e, func(x expr.Expr) expr.Expr {
		if c, ok := x.(expr.Column); ok {
			return expr.Column{Name: name(c.Name)}
		}
		return x
	})
}

// pushFilterJoin: the left side of any join but a full one; the right side of an inner one (below a left join it would turn
// rows that are filtered out into rows with nulls).
func pushFilterJoin(f *Filter, j *Join) Node {
	reads := expr.Columns(f.Predicate)
	if len(reads) == 0 || j.Kind == Full {
		return f
	}
	isLeft := func(name string) bool { return len(j.Left.Schema().FieldIndices(name)) > 0 }
	if !slices.ContainsFunc(reads, func(name string) bool { return !isLeft(name) }) {
		return replaceInputs(j, []Node{&Filter{Input: j.Left, Predicate: f.Predicate}, j.Right})
	}
	if j.Kind != Inner || slices.ContainsFunc(reads, isLeft) {
		return f
	}
	below := map[string]string{}
	for _, field := range j.Right.Schema().Fields() {
		if !slices.Contains(j.RightKeys, field.Name) {
			below[j.outputName(field.Name)] = field.Name
		}
	}
	predicate := renamed(f.Predicate, func(name string) string { return below[name] })
	return replaceInputs(j, []Node{j.Left, &Filter{Input: j.Right, Predicate: predicate}})
}
