package plan

import (
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/expr"
)

// place is the name of the column that says where a row stands: see WithPlace.
const place = hidden + "place"

// Placed is a schema with a column before its own that says where rows stand.
func Placed(s *arrow.Schema) *arrow.Schema {
	fields := append([]arrow.Field{{Name: place, Type: arrow.PrimitiveTypes.Int64}}, s.Fields()...)
	return arrow.NewSchema(fields, nil)
}

// WithPlace is a Window, Distinct or GroupTopK over some of its rows, which have places that it passes on: with them the results of
// several can be put in the order that one would give. in is the columns without places. It is nil for other nodes, and where keys tell
// nothing apart.
func WithPlace(n Node, in *arrow.Schema) (placed Node, keys []expr.Expr) {
	rows := &columnsOnly{Placed(in)}
	switch n := n.(type) {
	case *Window:
		if len(n.By) == 0 {
			return nil, nil
		}
		return &Window{Input: rows, By: n.By, Order: n.Order, Funcs: n.Funcs, schema: Placed(n.schema)}, expr.NamedColumns(n.By)
	case *Distinct:
		names := slices.Clone(n.Columns)
		if len(names) == 0 {
			names = fieldNames(in)
		}
		return &Distinct{Input: rows, Columns: names}, expr.NamedColumns(names)
	case *GroupTopK:
		if len(n.Groups) == 0 {
			return nil, nil
		}
		return &GroupTopK{Input: rows, Groups: n.Groups, Keys: n.Keys, N: n.N}, n.Groups
	}
	return nil, nil
}

// ByPlace sorts rows of a schema that have places by them.
func ByPlace(placed *arrow.Schema) *Sort {
	return &Sort{Input: &columnsOnly{placed}, Keys: []SortKey{{X: expr.Column{Name: place}}}}
}
