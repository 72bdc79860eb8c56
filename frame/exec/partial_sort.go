package exec

import (
	"context"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/plan"
)

const (
	// sortPieceBytes is how much a sort puts in order at once where memory is short, mostPieceBytes where it is not: the merge above has
	// the fewer sources. Of a sort of a hundred million rows, pieces of 4 MiB cost half of the time.
	sortPieceBytes = 4 << 20
	mostPieceBytes = 32 << 20

	// maxPieceRecords bounds the batches of a piece, which row ids must be able to tell apart.
	maxPieceRecords = 1 << 12

	// sortedBatchRows is the most rows of a batch that PartialSort makes: the merge lets go of a piece batch by batch.
	sortedBatchRows = 1 << 14

	// minPassedRows is the least rows of a batch, on average, that is passed on instead of gathered.
	minPassedRows = 1 << 10
)

// PartialSort sorts its input piece by piece: every batch that it gives is sorted, the stream is not. Pieces keep the
// order of the input. It is the lanes' half of a sort: MergeSort merges the pieces. Batches whose
// keys are numbers or coded text it leaves to MergeSort as they are.
func PartialSort(env *Env, schema *arrow.Schema, keys []plan.SortKey) batch.Op {
	return sortPieces(env, schema, keys, false)
}

// RangePieces is PartialSort of the rows of a range: see MergeSort.OfRange.
func RangePieces(env *Env, schema *arrow.Schema, keys []plan.SortKey) batch.Op {
	return sortPieces(env, schema, keys, true)
}

// sortPieces sorts the pieces of a sort that packs short text or does not.
func sortPieces(env *Env, schema *arrow.Schema, keys []plan.SortKey, packText bool) batch.Op {
	return func(ctx context.Context, in batch.Stream) batch.Stream {
		return generate(ctx, "sort", func(emit emitFunc) error {
			spec, err := newSortSpec(schema, keys)
			if err != nil {
				return err
			}
			spec.packText = packText
			var pending []arrow.Record
			rows, bytes := int64(0), int64(0)
			defer func() { releaseRecords(pending) }()
			flush := func() error {
				piece := pending
				pending, rows, bytes = nil, 0, 0
				defer releaseRecords(piece)
				return sortPiece(env, spec, piece, sortedBatchRows, emit)
			}
			err = each(ctx, in, func(rec arrow.Record) error {
				if spec.words(rec) {
					if err := flush(); err != nil {
						rec.Release()
						return err
					}
					return emit(rec)
				}
				n, size := rec.NumRows(), batch.Bytes(rec)
				pending = chunked(pending, rec)
				rows, bytes = rows+n, bytes+size
				if env.isPiece(mostPieceBytes, rows, bytes, len(pending)) {
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

// isPiece says whether rows in so many batches are as many as a sort puts in order at once. Sorting takes as much again as 32 bytes a row.
func (e *Env) isPiece(most, rows, bytes int64, records int) bool {
	most = min(most, max(sortPieceBytes, e.Budget.Total()/64))
	return bytes >= most || rows >= most/32 || records >= maxPieceRecords
}

// sortPiece sorts records together and gives batches of at most so many rows.
func sortPiece(env *Env, spec *sortSpec, records []arrow.Record, rows int, emit emitFunc) error {
	ids, err := sortRecords(env, spec, records)
	if err != nil {
		return err
	}
	if inOrder(records, ids) {
		for _, rec := range records {
			rec.Retain()
			if err := emit(rec); err != nil {
				return err
			}
		}
		return nil
	}
	return takeBatches(newRecordGatherer(env.Mem, spec.schema, records), spec.schema, ids, rows, emit)
}

// inOrder says whether records can be passed on as they are: ids name their rows in turn, and they are not tiny.
func inOrder(records []arrow.Record, ids []rowID) bool {
	if len(ids) < len(records)*minPassedRows {
		return false
	}
	for chunk, rec := range records {
		rows := int(rec.NumRows())
		for row, id := range ids[:rows] {
			if id != rowAt(chunk, row) {
				return false
			}
		}
		ids = ids[rows:]
	}
	return true
}
