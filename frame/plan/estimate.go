package plan

import (
	"math"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/frame/source"
)

// Shares of rows of which a condition is true, where bounds do not tell: those of System R (Selinger et al. 1979).
const (
	equalShare = 0.1
	rangeShare = 1. / 3
	otherShare = 0.25
)

// estimator guesses how many rows nodes give, from footers, records in memory and samples, without reading anything.
type estimator struct {
	known map[Node]float64 // NaN where nothing is known
}

// rows is about how many rows n gives; NaN where nothing is known.
func (e *estimator) rows(n Node) float64 {
	if r, ok := e.known[n]; ok {
		return r
	}
	r := e.guess(n)
	e.known[n] = r
	return r
}

func (e *estimator) guess(n Node) float64 {
	switch n := n.(type) {
	case *Scan:
		if p := PartOf(n); p != nil {
			return e.rows(p.Plan)
		}
		c, ok := n.Source.(source.Counted)
		if !ok {
			return math.NaN()
		}
		rows, ok := c.EstimateRows()
		if !ok {
			return math.NaN()
		}
		if n.Filter != nil {
			rows *= e.share(n.Filter, n)
		}
		return rows
	case *Filter:
		return e.rows(n.Input) * e.share(n.Predicate, n.Input)
	case *Project, *Sort, *Window, *GroupTopK, *Preview:
		return e.rows(n.Inputs()[0])
	case *Limit:
		return atMost(e.rows(n.Input), float64(n.N))
	case *TopK:
		return atMost(e.rows(n.Input), float64(n.N))
	case *Tail:
		return atMost(e.rows(n.Input), float64(n.N))
	case *Distinct:
		names := n.Columns
		if len(names) == 0 {
			names = fieldNames(n.Schema())
		}
		return e.groups(n.Input, expr.NamedColumns(names))
	case *Aggregate:
		return e.groups(n.Input, n.Keys)
	case *Join:
		return e.joined(n)
	}
	return math.NaN() // a function of a user gives what it likes
}

// atMost is min where a NaN stays one.
func atMost(rows, n float64) float64 { return math.Min(rows, n) }

// groups is how many values keys have among the rows of n.
func (e *estimator) groups(n Node, keys []expr.Expr) float64 {
	groups := 1.0
	for _, k := range keys {
		c, ok := unalias(k).(expr.Column)
		if !ok {
			return e.rows(n)
		}
		groups *= e.values(n, c.Name)
	}
	return atMost(e.rows(n), groups)
}

// joined takes the side with fewer keys to have all that the other may have, each once before filters: the side to which foreign keys refer.
func (e *estimator) joined(n *Join) float64 {
	left, right := e.rows(n.Left), e.rows(n.Right)
	values, kept := 1.0, 1.0
	for i := range n.LeftKeys {
		l, r := e.baseValues(n.Left, n.LeftKeys[i]), e.baseValues(n.Right, n.RightKeys[i])
		values *= math.Min(l, r)
		kept *= math.Min(1, e.values(n.Right, n.RightKeys[i])/math.Min(l, r))
	}
	switch n.Kind {
	case Inner:
		return left * right / math.Max(1, values)
	case Semi:
		return left * kept
	case Anti:
		return left * math.Max(0.1, 1-kept)
	case Full:
		return left + right
	}
	return left
}

// values is how many values a column of n has.
func (e *estimator) values(n Node, name string) float64 {
	return atMost(e.baseValues(n, name), e.rows(n))
}

// baseValues is how many values a column has where it is read or made: as many as rows, but for integers that span fewer.
func (e *estimator) baseValues(n Node, name string) float64 {
	at, column := origin(n, name)
	scan, ok := at.(*Scan)
	if !ok {
		return e.rows(at)
	}
	rows := math.NaN()
	if c, ok := scan.Source.(source.Counted); ok {
		if r, known := c.EstimateRows(); known {
			rows = math.Max(1, r)
		}
	}
	if t := fieldType(scan.schema, column); t.ID() == arrow.INT64 || t.ID() == arrow.DATE32 {
		if least, greatest, ok := source.Span(scan.Source, column); ok {
			return atMost(rows, greatest-least+1)
		}
	}
	return rows
}

// origin is the node that reads or makes a column of n, and its name there.
func origin(n Node, name string) (Node, string) {
	switch in := n.(type) {
	case *Scan:
		if p := PartOf(in); p != nil {
			return origin(p.Plan, name)
		}
		return n, name
	case *MapBatches:
		return n, name
	case *Aggregate:
		for _, k := range in.Keys {
			if c, ok := unalias(k).(expr.Column); ok && expr.Name(k) == name {
				return origin(in.Input, c.Name)
			}
		}
		return n, name
	case *Project:
		for _, e := range in.Exprs {
			if c, ok := unalias(e).(expr.Column); ok && expr.Name(e) == name {
				return origin(in.Input, c.Name)
			}
		}
		return n, name
	case *Join:
		if in.Left.Schema().HasField(name) {
			return origin(in.Left, name)
		}
		for right, above := range in.rightNames() {
			if above == name {
				return origin(in.Right, right)
			}
		}
		return n, name
	case *Window:
		if !in.Input.Schema().HasField(name) {
			return n, name
		}
	}
	return origin(n.Inputs()[0], name)
}

// share is the part of n's rows of which a condition is true.
func (e *estimator) share(condition expr.Expr, n Node) float64 {
	switch x := unalias(condition).(type) {
	case expr.Literal:
		if x.Value == true {
			return 1
		}
		return 0
	case expr.Unary:
		if x.Op == expr.Not {
			return 1 - e.share(x.X, n)
		}
	case expr.Binary:
		switch x.Op {
		case expr.And:
			return e.all(expr.Conjuncts(x), n)
		case expr.Or:
			return math.Min(1, e.share(x.Left, n)+e.share(x.Right, n))
		}
		return e.compared(x, n)
	case expr.Call:
		switch x.Func {
		case "is_null":
			return equalShare
		case "is_not_null":
			return 1
		case "is_in":
			return math.Min(0.9, float64(len(x.Args)-1)*e.share(expr.Binary{Op: expr.Equal, Left: x.Args[0], Right: x.Args[1]}, n))
		case "between":
			low := e.share(expr.Binary{Op: expr.GreaterEqual, Left: x.Args[0], Right: x.Args[1]}, n)
			high := e.share(expr.Binary{Op: expr.LessEqual, Left: x.Args[0], Right: x.Args[2]}, n)
			return math.Max(0.001, low+high-1)
		}
	}
	return otherShare
}

// all takes conditions to be independent of each other, but for two bounds of one column.
func (e *estimator) all(parts []expr.Expr, n Node) float64 {
	share := 1.0
	above := map[string]float64{} // shares of lower bounds, by column
	below := map[string]float64{}
	for _, part := range parts {
		s := e.share(part, n)
		c, ok := expr.ComparisonOf(unalias(part), n.Schema())
		switch {
		case ok && (c.Op == expr.Greater || c.Op == expr.GreaterEqual):
			above[c.Column] = min(s, shareOr(above, c.Column))
		case ok && (c.Op == expr.Less || c.Op == expr.LessEqual):
			below[c.Column] = min(s, shareOr(below, c.Column))
		default:
			share *= s
		}
	}
	for column, low := range above {
		high := shareOr(below, column)
		delete(below, column)
		share *= math.Max(0.001, low+high-1)
	}
	for _, high := range below {
		share *= high
	}
	return share
}

// shareOr is the share of a bound; 1 where there is none.
func shareOr(shares map[string]float64, column string) float64 {
	if s, ok := shares[column]; ok {
		return s
	}
	return 1
}

// compared is the share of rows between bounds, if values lie evenly between them.
func (e *estimator) compared(x expr.Binary, n Node) float64 {
	c, ok := expr.ComparisonOf(x, n.Schema())
	if !ok {
		return rangeShare
	}
	if c.Op == expr.Equal || c.Op == expr.NotEqual {
		equal := equalShare
		if at, _ := origin(n, c.Column); at != nil && fieldType(n.Schema(), c.Column).ID() == arrow.INT64 {
			equal = 1 / math.Max(1, e.baseValues(n, c.Column))
		}
		if math.IsNaN(equal) {
			equal = equalShare
		}
		if c.Op == expr.NotEqual {
			return 1 - equal
		}
		return equal
	}
	value, numeric := c.Number()
	at, column := origin(n, c.Column)
	scan, isScan := at.(*Scan)
	if !numeric || !isScan {
		return rangeShare
	}
	least, greatest, ok := source.Span(scan.Source, column)
	if !ok || greatest <= least {
		return rangeShare
	}
	below := math.Max(0, math.Min(1, (value-least)/(greatest-least)))
	if c.Op == expr.Less || c.Op == expr.LessEqual {
		return below
	}
	return 1 - below
}
