package source

import (
	"context"
	"errors"
	"fmt"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

const (
	firstRows      = 1000     // of the source's first batch: first rows leave at once
	batchRows      = 64 << 10 // most rows of a batch
	batchTextBytes = 8 << 20  // most bytes of text that a batch aims at
)

// batchReader turns the rows of a text's split into batches.
type batchReader struct {
	mem    memory.Allocator
	cols   []*column
	schema *arrow.Schema
	input  string
	split  *textSplit
	pos    *int // of the next row
	rows   func(ctx context.Context, most int) (int, error)
	row    func(from, n int) int // position of the n-th row from a row's start on
}

// stream yields the batches; perRow is a guess of the bytes of a row.
func (b *batchReader) stream(ctx context.Context, limit int64, perRow float64, yield func(arrow.Record, error) bool) {
	small := b.split.first
	for left := limit; *b.pos < len(b.split.data); {
		most := batchSize(len(b.split.data)-*b.pos, perRow)
		if small {
			most = min(most, firstRows)
			small = false
		}
		if limit > 0 {
			most = int(min(int64(most), left))
		}
		from := *b.pos
		rec, err := b.batch(ctx, most)
		if rec != nil {
			n := rec.NumRows()
			perRow = float64(*b.pos-from) / float64(n)
			left -= n
			if !yield(rec, nil) {
				return
			}
		}
		if err != nil {
			yield(nil, err)
			return
		}
		if limit > 0 && left <= 0 {
			return
		}
	}
}

// batchSize is how many rows to make room for, given the text that is left: equal batches, so that no small one is
// left over.
func batchSize(left int, perRow float64) int {
	rows := float64(left)/perRow*1.02 + 16
	batches := max(rows/batchRows, float64(left)/batchTextBytes)
	if batches <= 1 {
		return int(rows)
	}
	return int(rows/float64(int(batches)+1)) + 1
}

// batch reads one batch. With an error come the good rows before it, nil where there are none.
func (b *batchReader) batch(ctx context.Context, most int) (rec arrow.Record, err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	defer func() {
		for _, col := range b.cols {
			col.discard(b.mem) // what did not become an array
		}
	}()
	for _, col := range b.cols {
		col.begin(b.mem, most)
	}
	from := *b.pos
	n, err := b.guarded(ctx, most)
	for _, col := range b.cols {
		if bad := col.badUTF8(n); bad >= 0 {
			n = bad
			err = &rowError{pos: b.row(from, bad), column: col.name, err: fmt.Errorf("%w: %w", ErrCorrupt, errNotUTF8)}
		}
	}
	if err != nil {
		err = b.locate(err)
	}
	if n == 0 {
		return nil, err
	}
	arrays := make([]arrow.Array, b.schema.NumFields()) // the columns behind them were only checked
	for i, col := range b.cols[:len(arrays)] {
		if err != nil {
			col.truncate(b.mem, n)
		}
		arrays[i] = col.finish(b.mem, n)
	}
	rec = array.NewRecord(b.schema, arrays, int64(n))
	for _, a := range arrays {
		a.Release()
	}
	return rec, err
}

// guarded is rows, with panics and a mapped file that shrinks made errors.
func (b *batchReader) guarded(ctx context.Context, most int) (n int, err error) {
	defer guardFault(b.input, &err)()
	return b.rows(ctx, most)
}

// locate adds the file and the line to an error of a row.
func (b *batchReader) locate(err error) error {
	var row *rowError
	if !errors.As(err, &row) {
		return err
	}
	where := fmt.Sprintf("%s: line %d", b.input, b.split.line(row.pos))
	if row.column != "" {
		where += fmt.Sprintf(", column %q", row.column)
	}
	return fmt.Errorf("%s: %w%s", where, row.err, wayOut(row))
}
