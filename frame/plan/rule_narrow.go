package plan

import (
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/frame/source"
)

// narrowScans has joins narrow the scans of their left sides, where only rows that find a partner are wanted: when the right side is in
// memory, the scan reads nothing but the rows with its keys (a dynamic filter, also known as sideways information passing). That is of no use
// where the right side has all the keys there are: it has to leave out some rows of what it reads.
func narrowScans(n Node) Node {
	n = withInputs(n, narrowScans)
	j, ok := n.(*Join)
	if !ok || j.Kind != Inner && j.Kind != Semi || j.AsOf != nil || !reduces(j.Right) {
		return n
	}
	columns := make([]string, len(j.LeftKeys))
	for i, key := range j.LeftKeys {
		columns[i] = narrowable(j.Left, key)
	}
	if !slices.ContainsFunc(columns, func(c string) bool { return c != "" }) {
		return n
	}
	narrowing := *j
	narrowing.Narrows = columns
	return &narrowing
}

// narrowable is the column of a scan that is the key of n, where the scan can be narrowed by it; "" where it can't.
func narrowable(n Node, key string) string {
	if fieldType(n.Schema(), key).ID() != arrow.INT64 {
		return ""
	}
	scan, column := scanOf(n, key)
	if scan == nil || scan.Limit > 0 {
		return ""
	}
	if _, ok := source.Filtered(scan.Source, expr.Member{X: expr.Column{Name: column}, Keys: &expr.KeySet{}}); !ok {
		return ""
	}
	return column
}

// scanOf is the scan whose rows pass the steps of a stage, and its column that is the column name of n; nil where n computes it, and where a
// row that the scan leaves out would be missed.
func scanOf(n Node, name string) (*Scan, string) {
	switch n := n.(type) {
	case *Scan:
		return n, name
	case *Filter:
		return scanOf(n.Input, name)
	case *Project:
		at := slices.IndexFunc(n.Exprs, func(e expr.Expr) bool { return expr.Name(e) == name })
		if at < 0 {
			return nil, ""
		}
		c, ok := unalias(n.Exprs[at]).(expr.Column)
		if !ok {
			return nil, ""
		}
		return scanOf(n.Input, c.Name)
	case *Join: // a full join gives the rows of its right side that match nothing
		if n.Kind != Full && n.Left.Schema().HasField(name) {
			return scanOf(n.Left, name)
		}
	}
	return nil, ""
}

// reduces says whether a plan leaves out rows of what it reads first.
func reduces(n Node) bool {
	switch n := n.(type) {
	case *Filter, *Limit, *Tail, *TopK, *GroupTopK:
		return true
	case *Scan:
		if p := PartOf(n); p != nil {
			return reduces(p.Plan)
		}
		return n.Filter != nil || n.Limit > 0
	case *Join:
		switch n.Kind {
		case Semi, Anti:
			return true
		case Inner:
			return reduces(n.Left) || reduces(n.Right)
		case Full:
			return false
		}
		return reduces(n.Left)
	}
	return slices.ContainsFunc(n.Inputs(), reduces)
}
