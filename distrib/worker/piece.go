package worker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	arrowmemory "github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/rivulet-go/rivulet/frame/source"
)

var pieceSchema = arrow.NewSchema([]arrow.Field{{Name: "bytes", Type: arrow.PrimitiveTypes.Uint8}}, nil)

// Piece is a piece of a file (see source.PieceBytes) as a record, a byte a row.
func Piece(f *os.File, index int64) (arrow.Record, error) {
	data := make([]byte, source.PieceBytes)
	n, err := f.ReadAt(data, index*source.PieceBytes)
	if err != nil && !errors.Is(err, io.EOF) || n == 0 {
		return nil, fmt.Errorf("%s: piece %d: %w", f.Name(), index, err)
	}
	bytes := array.NewData(arrow.PrimitiveTypes.Uint8, n, []*arrowmemory.Buffer{nil, arrowmemory.NewBufferBytes(data[:n])}, nil, 0, 0)
	defer bytes.Release()
	column := array.MakeFromData(bytes)
	defer column.Release()
	return array.NewRecord(pieceSchema, []arrow.Array{column}, int64(n)), nil
}

// pieces gives the pieces of the file of a split; nil for one that did not come along.
func (w wireSplit) pieces(ctx context.Context, input Input) func(index int64) ([]byte, error) {
	return func(index int64) ([]byte, error) {
		at, ok := slices.BinarySearch(w.Pieces, index)
		if !ok {
			return nil, nil
		}
		rec, err := input(ctx, w.Blocks[at])
		if err != nil {
			return nil, err
		}
		defer rec.Release()
		column, ok := rec.Column(0).(*array.Uint8)
		if !ok {
			return nil, fmt.Errorf("piece %d of a file is of type %s", index, rec.Column(0).DataType())
		}
		return slices.Clone(column.Uint8Values()), nil
	}
}
