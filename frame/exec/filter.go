package exec

import (
	"context"
	"fmt"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/expr"
)

// Filter keeps the rows where predicate is true; null is not. Batches without such rows are not passed on.
func Filter(env *Env, predicate *expr.Bound) batch.Op {
	return forEachBatch("filter", func(ctx context.Context, rec arrow.Record) (arrow.Record, error) {
		value, err := predicate.Eval(ctx, env.Mem, rec)
		if err != nil {
			return nil, err
		}
		defer value.Release()
		mask, ok := value.(*array.Boolean)
		if !ok {
			return nil, fmt.Errorf("filter: the predicate is %s, not a boolean", value.DataType())
		}
		kept, err := batch.FilterRows(env.Mem, rec, mask)
		if err == nil && kept.NumRows() == 0 {
			kept.Release()
			return nil, nil
		}
		return kept, err
	})
}
