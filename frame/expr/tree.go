package expr

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
)

func (Column) expr()    {}
func (Literal) expr()   {}
func (Binary) expr()    {}
func (Unary) expr()     {}
func (Call) expr()      {}
func (Case) expr()      {}
func (Alias) expr()     {}
func (Cast) expr()      {}
func (Aggregate) expr() {}

// Children of a column: none.
func (Column) Children() []Expr { return nil }

// Children of a literal: none.
func (Literal) Children() []Expr { return nil }

// Children are Left and Right.
func (e Binary) Children() []Expr { return []Expr{e.Left, e.Right} }

// Children is X.
func (e Unary) Children() []Expr { return []Expr{e.X} }

// Children are the arguments.
func (e Call) Children() []Expr { return slices.Clone(e.Args) }

// Children are condition and value of each arm, then Else where there is one.
func (e Case) Children() []Expr {
	out := make([]Expr, 0, 2*len(e.Whens)+1)
	for _, w := range e.Whens {
		out = append(out, w.Cond, w.Then)
	}
	if e.Else != nil {
		out = append(out, e.Else)
	}
	return out
}

// Children is X.
func (e Alias) Children() []Expr { return []Expr{e.X} }

// Children is X.
func (e Cast) Children() []Expr { return []Expr{e.X} }

// Children are X, where there is one, and the further operands.
func (e Aggregate) Children() []Expr {
	if e.X == nil {
		return nil
	}
	return append([]Expr{e.X}, e.Args...)
}

// Walk calls visit for e and everything below it, parents first. visit returns false to leave out what is below.
func Walk(e Expr, visit func(Expr) bool) {
	if e == nil || !visit(e) {
		return
	}
	for _, c := range e.Children() {
		Walk(c, visit)
	}
}

// Rewrite rebuilds e bottom up: f is given every node with its children already rewritten, and returns what stands in
// its place. Nodes are not shared with e where a child changed.
func Rewrite(e Expr, f func(Expr) Expr) Expr {
	if e == nil {
		return nil
	}
	return f(withChildren(e, func(c Expr) Expr { return Rewrite(c, f) }))
}

// outermost rebuilds e top down: replace is given every node, and where it says so its answer stands in the node's place, with all that
// was below it gone.
func outermost(e Expr, replace func(Expr) (Expr, bool)) Expr {
	if e == nil {
		return nil
	}
	if x, ok := replace(e); ok {
		return x
	}
	return withChildren(e, func(c Expr) Expr { return outermost(c, replace) })
}

// withChildren is a copy of e in which f has replaced every child. f is given nil for one that is left out.
func withChildren(e Expr, f func(Expr) Expr) Expr {
	switch x := e.(type) {
	case Binary:
		x.Left, x.Right = f(x.Left), f(x.Right)
		return x
	case Unary:
		x.X = f(x.X)
		return x
	case Call:
		x.Args = each(x.Args, f)
		return x
	case Case:
		x.Whens = slices.Clone(x.Whens)
		for i, w := range x.Whens {
			x.Whens[i] = When{f(w.Cond), f(w.Then)}
		}
		x.Else = f(x.Else)
		return x
	case Alias:
		x.X = f(x.X)
		return x
	case Cast:
		x.X = f(x.X)
		return x
	case Member:
		x.X = f(x.X)
		return x
	case Scaled:
		x.X = f(x.X)
		return x
	case Aggregate:
		x.X, x.Args = f(x.X), each(x.Args, f)
		return x
	case Apply:
		x.Args = each(x.Args, f)
		return x
	case Fold:
		x.Args = each(x.Args, f)
		return x
	case Window:
		return x.withChildren(f)
	}
	return e
}

// each is f of every expression of a list.
func each(list []Expr, f func(Expr) Expr) []Expr {
	list = slices.Clone(list)
	for i, x := range list {
		list[i] = f(x)
	}
	return list
}

// Conjuncts are the expressions of which all must be true for e to be.
func Conjuncts(e Expr) []Expr {
	switch x := e.(type) {
	case Alias:
		return Conjuncts(x.X)
	case Binary:
		if x.Op == And {
			return append(Conjuncts(x.Left), Conjuncts(x.Right)...)
		}
	}
	return []Expr{e}
}

// Columns are the names of the columns that the expressions read, first use first, each once.
func Columns(es ...Expr) []string {
	var out []string
	for _, e := range es {
		Walk(e, func(e Expr) bool {
			if c, ok := e.(Column); ok && !slices.Contains(out, c.Name) {
				out = append(out, c.Name)
			}
			return true
		})
	}
	return out
}

// Name is the name of the column that e gives: an alias, a column's own name, column_func for an aggregate of a column
// (column_q90 for its quantile at 0.9, column_other_corr for two columns), "count" for the count of rows, window functions
// alike (v_lag, row_number), otherwise its text.
func Name(e Expr) string {
	switch e := e.(type) {
	case Alias:
		return e.Name
	case Column:
		return e.Name
	case Aggregate:
		if e.X == nil {
			return string(e.Func)
		}
		if x, ok := e.X.(Fold); ok {
			return x.Name
		}
		if name, ok := e.name(); ok {
			return name
		}
	case Apply:
		return e.Func.Name + "(" + list(e.Args) + ")"
	case Window:
		return e.name()
	}
	return text(e)
}

// name joins the operands' names and the function's; false where an operand has no name of its own.
func (e Aggregate) name() (string, bool) {
	if q, ok := e.fraction(); ok && e.Func == Quantile {
		return Name(e.X) + "_q" + strconv.FormatFloat(100*q, 'g', 12, 64), named(e.X)
	}
	var names []string
	for _, x := range e.Children() {
		if !named(x) {
			return "", false
		}
		names = append(names, Name(x))
	}
	return strings.Join(append(names, string(e.Func)), "_"), true
}

func named(e Expr) bool {
	switch e.(type) {
	case Column, Alias:
		return true
	}
	return false
}

// HasAggregate reports whether an aggregate stands anywhere in e.
func HasAggregate(e Expr) bool {
	found := false
	Walk(e, func(e Expr) bool {
		if _, ok := e.(Aggregate); ok {
			found = true
		}
		return !found
	})
	return found
}

// AggregateColumn is the name under which SplitAggregates refers to an aggregate: its text, so that the same aggregate
// in two expressions is one column.
func AggregateColumn(a Aggregate) string { return a.String() }

// SplitAggregates takes an expression over aggregates apart: aggs are the aggregates in it, each once, in order of
// first use, and rest is the expression with column AggregateColumn(a) in place of each aggregate a, aliased to Name(e).
// Columns outside aggregates stay (they must be keys). sum(x)/count() is thus an aggregation and a projection.
func SplitAggregates(e Expr) (aggs []Aggregate, rest Expr) {
	seen := map[string]bool{}
	rest = outermost(e, func(x Expr) (Expr, bool) {
		if _, ok := x.(Window); ok {
			return x, true
		}
		a, ok := x.(Aggregate) // what is nested in one is left for BindAgg to refuse
		if !ok {
			return nil, false
		}
		name := AggregateColumn(a)
		if !seen[name] {
			seen[name] = true
			aggs = append(aggs, a)
		}
		return Column{Name: name}, true
	})
	if a, ok := rest.(Alias); ok {
		rest = a.X
	}
	return aggs, Alias{X: rest, Name: Name(e)}
}

// WalkAlways is Walk for what is evaluated for every row: not what an operator or a Case may leave out.
func WalkAlways(e Expr, visit func(Expr) bool) {
	if e == nil || !visit(e) {
		return
	}
	children := e.Children()
	switch x := e.(type) {
	case Binary:
		if x.Op == And || x.Op == Or {
			children = children[:1]
		}
	case Case:
		children = children[:min(1, len(children))]
	case Call:
		switch x.Func {
		case "coalesce", "fill_null", "between", "is_in":
			children = children[:min(1, len(children))]
		}
	}
	for _, c := range children {
		WalkAlways(c, visit)
	}
}

// Same says whether two expressions are written alike: they then give the same values. 0.0 and -0.0 are equal, but not written alike.
func Same(a, b Expr) bool {
	return a != nil && b != nil && reflect.TypeOf(a) == reflect.TypeOf(b) && reflect.DeepEqual(a, b) && a.String() == b.String()
}

// Replace is e with by in place of each expression that is the Same as x.
func Replace(e, x, by Expr) Expr {
	return outermost(e, func(y Expr) (Expr, bool) { return by, Same(x, y) })
}

// NamedColumns are the columns of names.
func NamedColumns(names []string) []Expr {
	out := make([]Expr, len(names))
	for i, name := range names {
		out[i] = Column{Name: name}
	}
	return out
}
