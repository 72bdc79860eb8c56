package exec

import (
	"context"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/plan"
)

// sortPieceBytes and maxRows bound what PartialSort sorts at once: small batches are sorted together, so that the merge
// above has few sources.
const sortPieceBytes = 4 << 20

// PartialSort sorts its input piece by piece: every batch that it gives is sorted, the stream is not. Pieces keep the
// order of the input. It is the lanes' half of a sort: MergeSort merges the pieces.
func PartialSort(env *Env, schema *arrow.Schema, keys []plan.SortKey) batch.Op {
	return func(ctx context.Context, in batch.Stream) batch.Stream {
		return generate(ctx, "sort", func(emit emitFunc) error {
			spec, err := newSortSpec(schema, keys)
			if err != nil {
				return err
			}
			var pending []arrow.Record
			rows, bytes := int64(0), int64(0)
			defer func() { releaseRecords(pending) }()
			flush := func() error {
				piece, err := sortPiece(env, spec, pending)
				releaseRecords(pending)
				pending, rows, bytes = nil, 0, 0
				for i, rec := range piece {
					if err == nil {
						err = emit(rec)
					} else {
						piece[i].Release()
					}
				}
				return err
			}
			err = each(ctx, in, func(rec arrow.Record) error {
				n, size := rec.NumRows(), batch.Bytes(rec)
				pending = chunked(pending, rec)
				rows, bytes = rows+n, bytes+size
				if rows >= maxRows/2 || bytes >= sortPieceBytes {
					return flush()
				}
				return nil
			})
			if err != nil {
				return err
			}
			return flush()
		})
	}
}

// sortPiece sorts records together.
func sortPiece(env *Env, spec *sortSpec, records []arrow.Record) (sorted []arrow.Record, err error) {
	if len(records) == 0 {
		return nil, nil
	}
	done := false
	defer func() {
		if !done {
			releaseRecords(sorted)
			sorted = nil
		}
	}()
	ids, err := sortRecords(env, spec, records)
	if err != nil {
		return nil, err
	}
	g := newRecordGatherer(env.Mem, spec.schema, records)
	err = takeRows(g, spec.schema, ids, func(rec arrow.Record) error {
		sorted = append(sorted, rec)
		return nil
	})
	done = err == nil
	return sorted, err
}
