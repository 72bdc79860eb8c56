package plan

import (
	"context"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/frame/source"
)

// empty is a scan that gives no rows.
func empty(s *arrow.Schema) Node {
	scan, err := NewScan(context.Background(), source.FromRecords("nothing", s, nil))
	if err != nil { // the columns of a node have one name each
		panic("plan: " + err.Error())
	}
	return scan
}

func isEmpty(n Node) bool {
	s, ok := n.(*Scan)
	return ok && source.Empty(s.Source)
}

// dropEmpty puts a scan of nothing in place of what has no rows: a filter that is true of none, and what is above such a scan. Functions of
// users are called, and a preview counts what is below it.
func dropEmpty(n Node) Node {
	switch n := n.(type) {
	case *Filter:
		if l, ok := unalias(n.Predicate).(expr.Literal); isEmpty(n.Input) || ok && (l.Value == false || l.Value == nil) {
			return empty(n.Schema())
		}
	case *Aggregate:
		if len(n.Keys) > 0 && isEmpty(n.Input) {
			return empty(n.schema)
		}
	case *Join:
		return dropEmptyJoin(n)
	case *Project, *Sort, *TopK, *GroupTopK, *Limit, *Tail, *Distinct, *Window:
		if isEmpty(n.Inputs()[0]) {
			return empty(n.Schema())
		}
	}
	return n
}

func dropEmptyJoin(n *Join) Node {
	switch {
	case n.AsOf != nil:
	case isEmpty(n.Left) && n.Kind != Full, isEmpty(n.Right) && (n.Kind == Inner || n.Kind == Semi):
		return empty(n.schema)
	case isEmpty(n.Right) && n.Kind == Anti:
		return n.Left
	}
	return n
}
