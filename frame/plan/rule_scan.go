package plan

import (
	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/frame/source"
)

// filterScans gives filters above scans to the sources, where these can use them: parts of files are not read then, and other columns only
// where rows are left.
func filterScans(n Node) Node {
	n = withInputs(n, filterScans)
	f, ok := n.(*Filter)
	if !ok {
		return n
	}
	scan, ok := f.Input.(*Scan)
	if !ok || scan.Limit > 0 {
		return n
	}
	var rest expr.Expr
	narrowed := *scan
	for _, part := range expr.Conjuncts(f.Predicate) {
		src, ok := source.Filtered(narrowed.Source, part)
		if ok {
			narrowed.Source, narrowed.Filter = src, both(narrowed.Filter, part)
		} else {
			rest = both(rest, part)
		}
	}
	switch {
	case narrowed.Filter == nil:
		return n
	case rest == nil:
		return &narrowed
	}
	return &Filter{Input: &narrowed, Predicate: rest}
}

// both is the conjunction of two expressions, of which the first may be missing.
func both(a, b expr.Expr) expr.Expr {
	if a == nil {
		return b
	}
	return expr.Binary{Op: expr.And, Left: a, Right: b}
}
