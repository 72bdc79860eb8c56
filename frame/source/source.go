package source

import (
	"context"
	"iter"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
)

// Source is data that can be read split by split.
type Source interface {
	// Name is how plans and errors call it: a path, a glob, "memory".
	Name() string
	// Schema reads as little as is needed to know the columns.
	Schema(context.Context) (*arrow.Schema, error)
	// Splits yields the splits in file order. want is the bytes a split should have; a compressed text file
	// yields splits as it is decompressed, so Splits is itself a stream. Splits that were yielded and not opened
	// hold their bytes until Close.
	Splits(ctx context.Context, want int64) iter.Seq2[Split, error]
	// Size is the total bytes as stored, 0 if unknown.
	Size() int64
}

// Split is a part of a source that one lane reads.
type Split interface {
	// Span says which part of which input it is.
	Span() batch.Span
	// Stored is the bytes as stored that reading this split consumes, for progress.
	Stored() int64
	// Open reads the columns named, in that order (nil: all). The first batch is small, so that first rows leave at
	// once. limit > 0 lets the split stop after that many rows.
	Open(ctx context.Context, columns []string, limit int64) batch.Stream
	// Close gives back what the split holds, opened or not.
	Close()
}
