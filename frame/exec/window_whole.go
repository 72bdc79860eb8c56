package exec

import (
	"context"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/expr"
)

// whole says whether all functions are aggregates of whole partitions and no order is asked for: then there is nothing to
// sort. Each partition is a group, and its rows take the group's value.
func (s *WindowSpec) whole() bool {
	if s.keys != nil {
		return false
	}
	for _, f := range s.funcs {
		if !f.Func.Aggregates() || s.frames[f.frame] != (windowFrame{}) {
			return false
		}
	}
	return true
}

// computeWhole aggregates the held rows by partition. The results are the blocks, and the number of a row's partition
// is its place in them.
func (r *windowResult) computeWhole(ctx context.Context, held []arrow.Record, groups [][]uint32, partitions int) error {
	for i, rec := range held {
		if groups == nil {
			r.places[i] = make([]rowID, rec.NumRows())
		} else {
			r.places[i] = groups[i]
		}
	}
	columns := make([]arrow.Array, len(r.spec.funcs))
	defer func() { releaseArrays(columns) }()
	err := inParallel("window", len(columns), func(i int) (err error) {
		columns[i], err = r.aggregate(ctx, &r.spec.funcs[i], held, partitions)
		return err
	})
	if err != nil {
		return err
	}
	all := newRecord(arrow.NewSchema(r.fields(), nil), columns, partitions)
	columns = nil
	defer all.Release()
	for from := 0; from < partitions; from += chunkRows {
		part := all.NewSlice(int64(from), int64(min(from+chunkRows, partitions)))
		block := append([]arrow.Array(nil), part.Columns()...)
		for _, c := range block {
			c.Retain()
		}
		part.Release()
		r.blocks = append(r.blocks, block)
	}
	r.values = newGatherer(r.env.Mem, r.types, r.blocks)
	return nil
}

func (r *windowResult) fields() []arrow.Field {
	out := make([]arrow.Field, len(r.types))
	for i, dt := range r.types {
		out[i] = arrow.Field{Type: dt, Nullable: true}
	}
	return out
}

func (r *windowResult) aggregate(ctx context.Context, f *windowFunc, held []arrow.Record, partitions int) (arrow.Array, error) {
	var x expr.Expr
	if f.operand >= 0 {
		x = expr.Column{Name: r.spec.page.Field(f.operand).Name}
	}
	bound, err := expr.BindAgg(expr.AggFunc(f.Func), x, r.spec.in, f.Args...)
	if err != nil {
		return nil, err
	}
	acc := bound.New(r.env.Mem)
	defer acc.Release()
	for i, rec := range held {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := acc.Update(ctx, rec, r.places[i], partitions); err != nil {
			return nil, err
		}
	}
	return acc.Result(ctx, partitions)
}
