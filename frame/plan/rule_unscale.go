package plan

import (
	"maps"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/frame/source"
)

// unscaleDecimals has sources give the unscaled values of decimals, 64 bits in place of 128, where arithmetic and sums are all that looks at
// them: projections and joins pass them on so, and what computes with them takes them for the decimals that they are.
//
//	Scan [price] ─► Join ─► Aggregate sum(price * 2)
//	Scan [price] unscaled price ─► Join ─► Aggregate sum(scaled(price, 15, 2) * 2)
func unscaleDecimals(n Node) Node {
	n, _ = unscale(n, nil)
	return n
}

// unscaled are the decimals that columns of unscaled values are of.
type unscaled map[string]*arrow.Decimal128Type

// unscale is n with some of the columns of want unscaled, and which these are.
func unscale(n Node, want columns) (Node, unscaled) {
	switch n := n.(type) {
	case *Scan:
		return unscaleScan(n, want)
	case *Filter:
		in, have := unscale(n.Input, want)
		if len(have) == 0 {
			return over(n, in), nil
		}
		return &Filter{Input: in, Predicate: have.scale(n.Predicate)}, have
	case *Project:
		return unscaleProject(n, want)
	case *Aggregate:
		return unscaleAggregate(n), nil
	case *Join:
		return unscaleJoin(n, want)
	}
	return withInputs(n, unscaleDecimals), nil
}

func unscaleScan(n *Scan, want columns) (Node, unscaled) {
	var names []string
	for _, f := range n.schema.Fields() {
		if want[f.Name] && f.Type.ID() == arrow.DECIMAL128 {
			names = append(names, f.Name)
		}
	}
	src, names := source.Unscaled(n.Source, names)
	if len(names) == 0 {
		return n, nil
	}
	scan, have, fields := *n, unscaled{}, slices.Clone(n.schema.Fields())
	for i, f := range fields {
		if slices.Contains(names, f.Name) {
			have[f.Name] = f.Type.(*arrow.Decimal128Type)
			fields[i].Type = arrow.PrimitiveTypes.Int64
		}
	}
	scan.Source, scan.Unscaled, scan.schema = src, names, arrow.NewSchema(fields, nil)
	return &scan, have
}

// unscaleProject passes columns on, where nobody reads them as they are, and computes with those that it reads itself.
func unscaleProject(n *Project, want columns) (Node, unscaled) {
	read, asTheyAre := columns{}, columns{}
	for _, e := range n.Exprs {
		c, passed := unalias(e).(expr.Column)
		switch {
		case passed && want[expr.Name(e)]:
			read[c.Name] = true
		case passed:
			asTheyAre[c.Name] = true
		default:
			addComputed(e, read, asTheyAre)
		}
	}
	in, have := unscale(n.Input, read.without(asTheyAre))
	if len(have) == 0 {
		return over(n, in), nil
	}
	exprs, fields, out := slices.Clone(n.Exprs), slices.Clone(n.schema.Fields()), unscaled{}
	for i, e := range exprs {
		c, passed := unalias(e).(expr.Column)
		switch to := have[c.Name]; {
		case passed && to != nil:
			fields[i].Type, out[fields[i].Name] = arrow.PrimitiveTypes.Int64, to
		case !passed:
			exprs[i] = have.scale(e)
		}
	}
	return &Project{Input: in, Exprs: withNames(exprs, n.Exprs), schema: arrow.NewSchema(fields, nil)}, out
}

func unscaleAggregate(n *Aggregate) Node {
	read, asTheyAre := columns{}, columnSet(expr.Columns(n.Keys...))
	for _, a := range n.Aggs {
		if c, plain := a.X.(expr.Column); plain && (a.Func == expr.Sum || a.Func == expr.Mean) {
			read[c.Name] = true
		} else {
			addComputed(a.X, read, asTheyAre)
		}
		asTheyAre = asTheyAre.with(expr.Columns(a.Args...)...)
	}
	in, have := unscale(n.Input, read.without(asTheyAre))
	if len(have) == 0 {
		return over(n, in)
	}
	aggs := slices.Clone(n.Aggs)
	for i := range aggs {
		aggs[i].X = have.scale(aggs[i].X)
	}
	return &Aggregate{Input: in, Keys: n.Keys, Aggs: aggs, schema: n.schema}
}

// unscaleJoin passes on columns at which the join does not look.
func unscaleJoin(n *Join, want columns) (Node, unscaled) {
	if n.AsOf != nil {
		return withInputs(n, unscaleDecimals), nil
	}
	if n.Where != nil {
		want = want.without(columnSet(expr.Columns(n.Where)))
	}
	names, right := n.rightNames(), columns{}
	for name, above := range names {
		right[name] = want[above]
	}
	l, have := unscale(n.Left, want.without(columnSet(n.LeftKeys)))
	r, others := unscale(n.Right, right.without(columnSet(n.RightKeys)))
	if l == n.Left && r == n.Right {
		return n, nil
	}
	out := unscaled{}
	maps.Copy(out, have)
	for name, to := range others {
		out[names[name]] = to
	}
	return replaceInputs(n, []Node{l, r}), out
}

// addComputed adds to read the columns that e does arithmetic with, and to asTheyAre those that it looks at in another way.
func addComputed(e expr.Expr, read, asTheyAre columns) {
	if c, ok := e.(expr.Column); ok {
		asTheyAre[c.Name] = true
	}
	if e == nil {
		return
	}
	b, computed := e.(expr.Binary)
	computed = computed && arithmetic(b.Op)
	for _, x := range e.Children() {
		if c, ok := x.(expr.Column); ok && computed {
			read[c.Name] = true
		} else {
			addComputed(x, read, asTheyAre)
		}
	}
}

// arithmetic says whether an operator computes decimals of decimals.
func arithmetic(op expr.BinaryOp) bool {
	return op == expr.Add || op == expr.Subtract || op == expr.Multiply
}

// scale is e over columns of unscaled values.
func (u unscaled) scale(e expr.Expr) expr.Expr {
	return expr.Rewrite(e, func(x expr.Expr) expr.Expr {
		if c, ok := x.(expr.Column); ok && u[c.Name] != nil {
			return expr.Scaled{X: c, To: u[c.Name]}
		}
		return x
	})
}

// over is n, whose input became in.
func over(n, in Node) Node { return withInputs(n, func(Node) Node { return in }) }

func (c columns) without(others columns) columns {
	set := make(columns, len(c))
	for name, in := range c {
		if in && !others[name] {
			set[name] = true
		}
	}
	return set
}
