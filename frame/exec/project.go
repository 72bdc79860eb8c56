package exec

import (
	"context"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/expr"
)

// Project computes columns, one for each field of out. Plain columns are passed on, not copied.
func Project(env *Env, out *arrow.Schema, columns []*expr.Bound) batch.Op {
	return forEachBatch("project", func(ctx context.Context, rec arrow.Record) (arrow.Record, error) {
		arrays, err := evalCoded(ctx, env, columns, rec)
		if err != nil {
			return nil, err
		}
		return newRecord(out, arrays, int(rec.NumRows())), nil
	})
}

// evalAll evaluates expressions over a batch; the caller releases the arrays.
func evalAll(ctx context.Context, env *Env, exprs []*expr.Bound, rec arrow.Record) ([]arrow.Array, error) {
	return makeArrays(len(exprs), func(i int) (arrow.Array, error) { return exprs[i].Eval(ctx, env.Mem, rec) })
}

// evalCoded is evalAll, but columns that are passed on stay coded.
func evalCoded(ctx context.Context, env *Env, exprs []*expr.Bound, rec arrow.Record) ([]arrow.Array, error) {
	return makeArrays(len(exprs), func(i int) (arrow.Array, error) {
		if c, ok := exprs[i].Column(); ok && c < int(rec.NumCols()) && batch.IsCoded(rec.Column(c)) {
			rec.Column(c).Retain()
			return rec.Column(c), nil
		}
		return exprs[i].Eval(ctx, env.Mem, rec)
	})
}

func bindAll(exprs []expr.Expr, schema *arrow.Schema) ([]*expr.Bound, error) {
	bound := make([]*expr.Bound, len(exprs))
	for i, e := range exprs {
		b, err := expr.Bind(e, schema)
		if err != nil {
			return nil, err
		}
		bound[i] = b
	}
	return bound, nil
}
