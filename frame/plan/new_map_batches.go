package plan

import (
	"errors"
	"fmt"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/expr"
)

// NewMapBatches gives what fn makes of each batch of in: columns of the names and types of fields.
func NewMapBatches(in Node, fn *expr.Function, fields []arrow.Field) (Node, error) {
	if fn == nil {
		return nil, errors.New("MapBatches: no function given")
	}
	if len(fields) == 0 {
		return nil, errors.New("MapBatches: no columns named that the function gives")
	}
	if err := unique(fields); err != nil {
		return nil, fmt.Errorf("MapBatches: %w", err)
	}
	return &MapBatches{Input: in, Func: fn, schema: arrow.NewSchema(slices.Clone(fields), nil)}, nil
}
