package plan

import (
	"slices"

	"github.com/rivulet-go/rivulet/frame/expr"
)

// sideShare is the most of a side's rows that a filter may leave that is made of another one: it is computed besides that.
const sideShare = 0.5

// inferSides filters the sides of a join by what a filter above it says of each in all of its alternatives: of a || b one is true, so that what
// both say of one side is. The filter stays, for rows that meet one alternative on the left and another on the right.
func inferSides(n Node) Node {
	n = withInputs(n, inferSides)
	f, ok := n.(*Filter)
	if !ok {
		return n
	}
	j, ok := f.Input.(*Join)
	if !ok || j.Kind != Inner && j.Kind != Left {
		return n
	}
	left := map[string]string{}
	for _, field := range j.Left.Schema().Fields() {
		left[field.Name] = field.Name
	}
	right := map[string]string{}
	for _, field := range j.Right.Schema().Fields() {
		if above := j.outputName(field.Name); j.Kind == Inner && !slices.Contains(j.RightKeys, field.Name) {
			right[above] = field.Name
		}
	}
	sides := []Node{sideFiltered(j.Left, f.Predicate, left), sideFiltered(j.Right, f.Predicate, right)}
	if sides[0] == j.Left && sides[1] == j.Right {
		return n
	}
	return &Filter{Input: replaceInputs(j, sides), Predicate: f.Predicate}
}

// sideFiltered is n with what the alternatives of a predicate say of its columns, which have the names that the keys of names are.
func sideFiltered(n Node, predicate expr.Expr, names map[string]string) Node {
	var all []expr.Expr
	for _, part := range expr.Conjuncts(predicate) {
		if one := ofSide(part, names); one != nil {
			all = append(all, one)
		}
	}
	e := estimator{known: map[Node]float64{}}
	all = slices.DeleteFunc(all, func(one expr.Expr) bool { return !(e.share(one, n) <= sideShare) })
	return filtered(n, all)
}

// ofSide is what all alternatives of a condition say of some columns; nil where one says nothing, and where there is but one.
func ofSide(condition expr.Expr, names map[string]string) expr.Expr {
	alternatives := disjuncts(condition)
	if len(alternatives) < 2 {
		return nil
	}
	var any expr.Expr
	for _, alternative := range alternatives {
		parts := slices.DeleteFunc(expr.Conjuncts(alternative), func(e expr.Expr) bool {
			reads := expr.Columns(e)
			return len(reads) == 0 || !steady(e) || slices.ContainsFunc(reads, func(c string) bool { _, ok := names[c]; return !ok })
		})
		var all expr.Expr
		for _, part := range parts {
			all = both(all, renamed(part, func(name string) string { return names[name] }))
		}
		switch {
		case all == nil:
			return nil
		case any == nil:
			any = all
		default:
			any = expr.Binary{Op: expr.Or, Left: any, Right: all}
		}
	}
	return any
}

// disjuncts are the expressions of which one must be true for e to be.
func disjuncts(e expr.Expr) []expr.Expr {
	switch x := e.(type) {
	case expr.Alias:
		return disjuncts(x.X)
	case expr.Binary:
		if x.Op == expr.Or {
			return append(disjuncts(x.Left), disjuncts(x.Right)...)
		}
	}
	return []expr.Expr{e}
}
