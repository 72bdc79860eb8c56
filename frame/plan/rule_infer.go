package plan

import (
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/expr"
)

// dropImplied leaves out of filters what other filters imply: x > 3 beside x > 5, x is not null beside any comparison. Filters that exclude
// each other leave nothing.
func dropImplied(n Node) Node {
	n = withInputs(n, dropImplied)
	f, ok := n.(*Filter)
	if !ok {
		return n
	}
	schema := f.Input.Schema()
	if expr.AlwaysFalse(f.Predicate, schema) {
		return empty(schema)
	}
	parts := expr.Conjuncts(f.Predicate)
	known := claimsOf(facts(f.Input), schema)
	claims := claimsOf(parts, schema)
	kept := slices.Clone(parts)
	for i := range parts {
		for j, other := range slices.Concat(known, claims) {
			j -= len(known)
			if j == i || j >= 0 && kept[j] == nil {
				continue
			}
			if claims[i].excludes(other) {
				return empty(schema)
			}
			if other.implies(claims[i]) {
				kept[i] = nil
				break
			}
		}
	}
	var rest expr.Expr
	for _, part := range kept {
		if part != nil {
			rest = both(rest, part)
		}
	}
	switch {
	case rest == nil:
		return f.Input
	case !slices.Contains(kept, nil):
		return n
	}
	return &Filter{Input: f.Input, Predicate: rest}
}

// claim is what a condition says of a column, as far as it is understood.
type claim struct {
	e        expr.Expr
	compared bool
	is       expr.Comparison
	null     string // the column that is null
	notNull  string // the column that is not null
	only     bool   // and that is all it says
}

func claimsOf(parts []expr.Expr, s *arrow.Schema) []claim {
	out := make([]claim, len(parts))
	for i, part := range parts {
		out[i] = claimOf(unalias(part), s)
	}
	return out
}

func claimOf(e expr.Expr, s *arrow.Schema) claim {
	c := claim{e: e}
	if c.is, c.compared = expr.ComparisonOf(e, s); c.compared {
		c.notNull = c.is.Column
		return c
	}
	call, ok := e.(expr.Call)
	if !ok || len(call.Args) == 0 {
		return c
	}
	column, ok := call.Args[0].(expr.Column)
	if !ok {
		return c
	}
	switch call.Func {
	case "is_null":
		c.null = column.Name
	case "is_not_null":
		c.notNull, c.only = column.Name, true
	case "between", "starts_with", "ends_with", "contains", "like":
		c.notNull = column.Name
	}
	return c
}

func (c claim) implies(other claim) bool {
	if c.compared && other.compared && c.is.Column == other.is.Column && c.is.Implies(other.is) {
		return true
	}
	return other.only && c.notNull == other.notNull || steady(c.e) && expr.Same(c.e, other.e)
}

func (c claim) excludes(other claim) bool {
	if c.compared && other.compared && c.is.Column == other.is.Column && c.is.Excludes(other.is) {
		return true
	}
	return c.null != "" && c.null == other.notNull || other.null != "" && other.null == c.notNull
}

// facts are conditions that all rows of n meet, over its columns: those of filters below.
func facts(n Node) []expr.Expr {
	switch n := n.(type) {
	case *Scan:
		if p := PartOf(n); p != nil {
			return facts(p.Plan)
		}
		if n.Filter != nil {
			return expr.Conjuncts(n.Filter)
		}
		return nil
	case *Filter:
		return append(facts(n.Input), expr.Conjuncts(n.Predicate)...)
	case *Project:
		return renamedFacts(facts(n.Input), passed(n.Exprs))
	case *Aggregate:
		return renamedFacts(facts(n.Input), passed(n.Keys))
	case *Join:
		switch n.Kind {
		case Full:
			return nil
		case Inner:
			return append(facts(n.Left), renamedFacts(facts(n.Right), n.rightNames())...)
		}
		return facts(n.Left)
	case *MapBatches:
		return nil
	}
	return facts(n.Inputs()[0])
}

// passed says under which names expressions pass columns on.
func passed(exprs []expr.Expr) map[string]string {
	names := map[string]string{}
	for _, e := range exprs {
		c, ok := unalias(e).(expr.Column)
		if _, have := names[c.Name]; ok && !have {
			names[c.Name] = expr.Name(e)
		}
	}
	return names
}

// rightNames says which columns of the output have the values of the right side's, where rows match.
func (n *Join) rightNames() map[string]string {
	names := map[string]string{}
	for _, f := range n.Right.Schema().Fields() {
		if at := slices.Index(n.RightKeys, f.Name); at >= 0 {
			names[f.Name] = n.LeftKeys[at]
		} else if !n.Kind.OnlyLeft() {
			names[f.Name] = n.outputName(f.Name)
		}
	}
	return names
}

// renamedFacts are those that read only columns that have a new name.
func renamedFacts(list []expr.Expr, names map[string]string) []expr.Expr {
	var out []expr.Expr
	for _, e := range list {
		if slices.ContainsFunc(expr.Columns(e), func(name string) bool { _, ok := names[name]; return !ok }) {
			continue
		}
		out = append(out, renamed(e, func(name string) string { return names[name] }))
	}
	return out
}
