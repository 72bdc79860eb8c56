package frame

import (
	"errors"
	"strings"

	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/frame/plan"
)

// Groups is a frame that GroupBy has parted into groups; Agg computes a row for each, Head keeps its first rows.
type Groups struct {
	from *Frame
	keys []expr.Expr
	err  error
}

// GroupBy parts the rows by the values of columns or expressions; nulls are a group of their own. Without keys all
// rows are one group.
//
//	df.GroupBy("carrier", "origin").Agg(Mean("dep_delay"), Count())
//	df.GroupBy(Col("dep_delay").Gt(0).As("late")).Agg(Count())
func (f *Frame) GroupBy(keys ...any) *Groups {
	if err := f.Err(); err != nil {
		return &Groups{err: err}
	}
	list, err := columns(keys, f.node.Schema())
	if err == nil {
		err = check(f.node.Schema(), list...)
	}
	if err != nil {
		return &Groups{err: inCall("GroupBy", err)}
	}
	return &Groups{from: f, keys: list}
}

// Err is the first mistake made so far, or nil.
func (g *Groups) Err() error {
	if g == nil {
		return errors.New("the groups are nil")
	}
	return g.err
}

// String says what the groups are, without computing them.
func (g *Groups) String() string {
	if err := g.Err(); err != nil {
		return "Groups(error: " + err.Error() + ")"
	}
	var text strings.Builder
	text.WriteString("Groups(by")
	for _, k := range g.keys {
		text.WriteString(" " + expr.Name(k))
	}
	return text.String() + "; Agg computes a row for each, Head keeps some of its rows)"
}

// Agg computes a row for each group: its keys, then the aggregates. Groups come in order of their first appearance; where they
// are very many (over 131,072) or do not fit in memory they come in another order: Sort them where it matters.
// Aggregates are expressions or their text, and may compute with aggregates.
//
//	df.GroupBy("carrier").Agg(Mean("dep_delay").As("delay"), "sum(distance) / count() as miles")
//
// The columns are named x_mean, x_sum, ..., count, or as As says.
func (g *Groups) Agg(aggregates ...any) *Frame {
	if err := g.Err(); err != nil {
		return &Frame{err: err}
	}
	return g.from.derive("Agg", func(n plan.Node) (plan.Node, error) {
		var list []expr.Expr
		for _, a := range flatten(aggregates) {
			x, err := expression(a)
			if err != nil {
				return nil, err
			}
			list = append(list, x)
		}
		if len(list) == 0 {
			return nil, errors.New(`no aggregates given, such as Count() or "mean(x)"`)
		}
		return plan.NewAggregate(n, g.keys, list)
	})
}

// Count is the number of rows of each group, as a frame.
//
//	df.GroupBy("carrier").Count()
func (g *Groups) Count() *Frame { return g.Agg(Count()) }

// Head keeps the first n rows of each group: in the order given, as Sort takes it, or without one as they come. Rows that
// the order does not tell apart keep theirs, nulls come last in either direction. The columns are those of the frame;
// groups come in order of their first appearance. It needs memory for these rows only, and spills where they are many.
//
//	df.GroupBy("carrier").Head(2, Desc("distance"))  // the two longest flights of each
//	df.GroupBy("carrier").Head(1, "dep_time")        // the earliest
func (g *Groups) Head(n int, by ...any) *Frame {
	if err := g.Err(); err != nil {
		return &Frame{err: err}
	}
	return g.from.derive("Head", func(in plan.Node) (plan.Node, error) {
		rows, err := rowCount([]int{n})
		if err != nil {
			return nil, err
		}
		keys, err := sortKeys(flatten(by), in.Schema())
		if err != nil {
			return nil, err
		}
		return withKeys(in, keys, func(in plan.Node, keys []plan.SortKey) (plan.Node, error) {
			return plan.NewGroupTopK(in, g.keys, keys, rows)
		})
	})
}

// Agg computes aggregates over all rows, as a frame of one row.
//
//	df.Agg(Count(), Mean("dep_delay"))
func (f *Frame) Agg(aggregates ...any) *Frame { return f.GroupBy().Agg(aggregates...) }
