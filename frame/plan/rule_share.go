package plan

import (
	"fmt"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/expr"
)

// shareExpressions makes a column of what filters in a row, and the projection or aggregation above them, compute more than once. It is
// computed below the first of them that computes it for every row: nothing is computed that was not before.
func shareExpressions(n Node) Node {
	s := segment{top: n}
	in := n
	switch n.(type) {
	case *Filter:
		s.top = nil
	case *Project, *Aggregate:
		in = n.Inputs()[0]
	default:
		return withInputs(n, shareExpressions)
	}
	for f, ok := in.(*Filter); ok; f, ok = in.(*Filter) {
		s.levels = append(s.levels, level{exprs: []expr.Expr{f.Predicate}})
		in = f.Input
	}
	slices.Reverse(s.levels)
	if s.top != nil {
		s.levels = append(s.levels, level{exprs: operands(s.top)})
	}
	s.in = shareExpressions(in)
	shared := false
	for at, x := s.common(); x != nil; at, x = s.common() {
		shared = true
		s.share(at, x)
	}
	if !shared && s.in == in {
		return n
	}
	return s.build()
}

// mostSummed is how many operators are computed again by an aggregate in place of a column of decimals.
const mostSummed = 4

// segment is filters in a row, the lowest first, and what is above them where that computes something.
type segment struct {
	in     Node
	top    Node // a Project or an Aggregate; nil for neither
	levels []level
}

// level is what one node computes, and the columns that are made below it.
type level struct {
	made  []expr.Alias
	exprs []expr.Expr
}

// operands are what a Project or an Aggregate computes, in the order in which withOperands takes them.
func operands(n Node) []expr.Expr {
	switch n := n.(type) {
	case *Project:
		return slices.Clone(n.Exprs)
	case *Aggregate:
		list := slices.Clone(n.Keys)
		for _, a := range n.Aggs {
			list = append(append(list, a.X), a.Args...)
		}
		return list
	}
	return nil
}

// withOperands is n over in with other operands, under the names that n's have.
func withOperands(n, in Node, list []expr.Expr) Node {
	switch n := n.(type) {
	case *Project:
		return &Project{Input: in, Exprs: withNames(list, n.Exprs), schema: n.schema}
	case *Aggregate:
		keys, list := withNames(list[:len(n.Keys)], n.Keys), list[len(n.Keys):]
		aggs := slices.Clone(n.Aggs)
		for i, a := range aggs {
			aggs[i].X, aggs[i].Args = list[0], list[1:1+len(a.Args)]
			list = list[1+len(a.Args):]
		}
		return &Aggregate{Input: in, Keys: keys, Aggs: aggs, schema: n.schema}
	}
	return n
}

// withNames gives expressions the names of others.
func withNames(list, others []expr.Expr) []expr.Expr {
	for i, e := range others {
		if name := expr.Name(e); expr.Name(list[i]) != name {
			list[i] = expr.Alias{X: list[i], Name: name}
		}
	}
	return list
}

// common finds the largest expression that is computed more than once, and the lowest level that computes it for every row, from which on
// it may be a column. nil is none.
func (s *segment) common() (at int, common expr.Expr) {
	texts := map[string]int{}
	for _, l := range s.levels {
		l.each(func(e expr.Expr) {
			expr.Walk(e, func(x expr.Expr) bool {
				if cost(x) > 0 {
					texts[x.String()]++
				}
				return true
			})
		})
	}
	size := 0
	for i, l := range s.levels {
		l.each(func(e expr.Expr) {
			expr.WalkAlways(e, func(x expr.Expr) bool {
				if n := cost(x); n > size && texts[x.String()] > 1 && s.uses(i, x) > 1 && !s.summed(i, x) {
					at, common, size = i, x, n
				}
				return true
			})
		})
	}
	return at, common
}

func (l level) each(f func(expr.Expr)) {
	for _, m := range l.made {
		f(m.X)
	}
	for _, e := range l.exprs {
		f(e)
	}
}

// summed says whether x is decimals that nothing but sums and means look at, which compute a few operators quicker than they read a column:
// they take values that fit 64 bits from where they lie, a tile at a time.
func (s *segment) summed(at int, x expr.Expr) bool {
	top, ok := s.top.(*Aggregate)
	if !ok || at < len(s.levels)-1 || cost(x) > mostSummed {
		return false
	}
	operands := s.levels[at].exprs
	others, operands := slices.Clone(operands[:len(top.Keys)]), operands[len(top.Keys):]
	for _, a := range top.Aggs {
		if a.Func != expr.Sum && a.Func != expr.Mean {
			others = append(others, operands[0])
		}
		operands = operands[1+len(a.Args):]
	}
	if (level{exprs: others}).uses(x) > 0 {
		return false
	}
	plain := true
	expr.Walk(x, func(x expr.Expr) bool {
		switch x := x.(type) {
		case expr.Column, expr.Literal:
		case expr.Binary:
			plain = plain && arithmetic(x.Op)
		default:
			plain = false
		}
		return plain
	})
	if !plain {
		return false
	}
	bound, err := expr.Bind(x, s.in.Schema())
	return err == nil && bound.Type().ID() == arrow.DECIMAL128
}

// uses counts where an expression stands from a level on.
func (s *segment) uses(from int, x expr.Expr) int {
	n := 0
	for _, l := range s.levels[from:] {
		n += l.uses(x)
	}
	return n
}

func (l level) uses(x expr.Expr) (n int) {
	l.each(func(e expr.Expr) {
		expr.Walk(e, func(y expr.Expr) bool {
			same := expr.Same(x, y)
			if same {
				n++
			}
			return !same
		})
	})
	return n
}

// share makes a column of x below a level.
func (s *segment) share(at int, x expr.Expr) {
	name := x.String()
	for i := 2; s.has(name); i++ {
		name = fmt.Sprintf("%s (%d)", x, i)
	}
	place := len(s.levels[at].made)
	for i := at; i < len(s.levels); i++ {
		l := &s.levels[i]
		for k, m := range l.made {
			m.X = expr.Replace(m.X, x, expr.Column{Name: name})
			if i == at && !expr.Same(m, l.made[k]) {
				place = min(place, k)
			}
			l.made[k] = m
		}
		for k, e := range l.exprs {
			l.exprs[k] = expr.Replace(e, x, expr.Column{Name: name})
		}
	}
	s.levels[at].made = slices.Insert(s.levels[at].made, place, expr.Alias{X: x, Name: name})
}

func (s *segment) has(name string) bool {
	if s.in.Schema().HasField(name) {
		return true
	}
	return slices.ContainsFunc(s.levels, func(l level) bool {
		return slices.ContainsFunc(l.made, func(m expr.Alias) bool { return m.Name == name })
	})
}

// build makes nodes of the segment.
func (s *segment) build() Node {
	n := s.in
	for i, l := range s.levels {
		for _, m := range l.made {
			n = withColumn(n, m)
		}
		if i == len(s.levels)-1 && s.top != nil {
			return withOperands(s.top, n, l.exprs)
		}
		n = &Filter{Input: n, Predicate: l.exprs[0]}
	}
	return narrow(n, columnSet(fieldNames(s.in.Schema())))
}

// withColumn computes one more column.
func withColumn(in Node, x expr.Alias) Node {
	fields := slices.Clone(in.Schema().Fields())
	exprs := make([]expr.Expr, 0, len(fields)+1)
	for _, f := range fields {
		exprs = append(exprs, expr.Column{Name: f.Name})
	}
	bound, err := expr.Bind(x, in.Schema())
	if err != nil { // it was bound as a part of something else
		panic(fmt.Sprintf("plan: %s: %v", x, err))
	}
	fields = append(fields, arrow.Field{Name: x.Name, Type: bound.Type(), Nullable: true})
	return &Project{Input: in, Exprs: append(exprs, x), schema: arrow.NewSchema(fields, nil)}
}

// cost is how many operators an expression has; 0 where it is cheaper computed again than copied by a filter, or is not to be computed
// elsewhere: users' functions may have effects.
func cost(e expr.Expr) int {
	n, refused := 0, false
	expr.Walk(e, func(x expr.Expr) bool {
		switch x := x.(type) {
		case expr.Column:
		case expr.Literal:
			refused = refused || x.Value == nil
		case expr.Binary, expr.Unary, expr.Cast:
			n++
		case expr.Call, expr.Case:
			n += 2
		default:
			refused = true
		}
		return !refused
	})
	if refused || n < 2 || len(expr.Columns(e)) == 0 {
		return 0
	}
	return n
}
