package exec

import (
	"fmt"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/frame/plan"
)

// sortSpec is an order with types. Rows are ordered by its keys in turn, each ascending or descending; nulls come last
// and NaN just before them whatever the direction; -0 and 0 are equal. It is immutable.
type sortSpec struct {
	schema     *arrow.Schema
	keys       []*expr.Bound
	descending []bool
	mode       sortMode
	packText   bool // short text that is not coded goes into packed rows
}

// sortMode says how keys are compared. All modes have an 8-byte prefix per row that decides most comparisons.
type sortMode uint8

const (
	sortWord sortMode = iota // one key of a machine word: the prefix is the key
	sortText                 // one string key: where prefixes are equal, the strings decide
	sortRows                 // anything else: rows encoded so that comparing bytes compares rows
)

func newSortSpec(schema *arrow.Schema, keys []plan.SortKey) (*sortSpec, error) {
	s := &sortSpec{schema: schema, mode: sortRows}
	for _, k := range keys {
		b, err := expr.Bind(k.X, schema)
		if err != nil {
			return nil, err
		}
		kind, err := keyKindOf(b.Type())
		if err != nil || kind == keyNested {
			return nil, fmt.Errorf("sort by %s: type %s has no order", k.X, b.Type())
		}
		s.keys = append(s.keys, b)
		s.descending = append(s.descending, k.Descending)
	}
	if len(keys) == 1 {
		switch kind, _ := keyKindOf(s.keys[0].Type()); kind {
		case keyWord:
			s.mode = sortWord
		case keyString:
			s.mode = sortText
		}
	}
	return s, nil
}
