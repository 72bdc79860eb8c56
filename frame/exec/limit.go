package exec

import (
	"context"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/rivulet-go/rivulet/frame/batch"
)

// Limit passes the first n rows and then stops its input.
func Limit(n int64) batch.Op {
	return func(ctx context.Context, in batch.Stream) batch.Stream {
		return generate(ctx, "limit", func(emit emitFunc) error {
			if n <= 0 {
				return ctx.Err()
			}
			left := n
			for rec, err := range in {
				if err != nil {
					return err
				}
				rec = head(rec, left)
				left -= rec.NumRows()
				if err := emit(rec); err != nil {
					return err
				}
				if left == 0 {
					return nil
				}
			}
			return ctx.Err()
		})
	}
}

// Preview passes the first n rows and then, for each further batch, a record without columns that has only its number
// of rows: what a display needs to show the head of a result and count the rest.
func Preview(n int64) batch.Op {
	return func(ctx context.Context, in batch.Stream) batch.Stream {
		return generate(ctx, "preview", func(emit emitFunc) error {
			left := max(n, 0)
			return each(ctx, in, func(rec arrow.Record) error {
				rest := rec.NumRows() - left
				switch left {
				case 0:
					rec.Release()
				default:
					rec = head(rec, left)
					left -= rec.NumRows()
					if err := emit(rec); err != nil {
						return err
					}
				}
				if rest <= 0 {
					return nil
				}
				return emit(array.NewRecord(rowCount, nil, rest))
			})
		})
	}
}

// rowCount is the schema of records that only count.
var rowCount = arrow.NewSchema(nil, nil)

// head takes rec over and gives its first n rows.
func head(rec arrow.Record, n int64) arrow.Record {
	if rec.NumRows() <= n {
		return rec
	}
	defer rec.Release()
	return rec.NewSlice(0, n)
}
