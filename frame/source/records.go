package source

import (
	"context"
	"iter"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/rivulet-go/rivulet/frame/batch"
)

// records is a source in memory.
type records struct {
	name   string
	schema *arrow.Schema
	recs   []arrow.Record
	size   int64
}

// FromRecords is a source over records in memory, of the schema's canonical types. It keeps its own reference to each
// for as long as it is reachable by a plan; the caller keeps the caller's.
func FromRecords(name string, schema *arrow.Schema, recs []arrow.Record) Source {
	s := &records{name: name, schema: schema, recs: recs}
	for _, r := range recs {
		r.Retain()
		s.size += batch.Bytes(r)
	}
	return s
}

func (s *records) Name() string { return s.name }

func (s *records) Size() int64 { return s.size }

func (s *records) Schema(context.Context) (*arrow.Schema, error) { return s.schema, nil }

// Release gives the records back; the source can't be read afterwards.
func (s *records) Release() {
	for _, r := range s.recs {
		r.Release()
	}
	s.recs = nil
}

func (s *records) Splits(ctx context.Context, want int64) iter.Seq2[Split, error] {
	if want <= 0 {
		want = defaultSplit
	}
	whole := int64(0) // a split for each piece
	switch {
	case want > defaultSplit:
		want, whole = defaultSplit, want
	case s.size > splitsAtLeast*want:
		whole = min(s.size/splitsAtLeast, splitGrowth*want)
	}
	return func(yield func(Split, error) bool) {
		split := &recordSplit{span: batch.Span{Input: s.name}}
		defer func() { split.Close() }()
		for piece := range s.pieces(want) {
			if err := ctx.Err(); err != nil {
				piece.Release()
				yield(nil, err)
				return
			}
			split.add(piece)
			if split.stored < whole && split.span.Start > 0 { // the first leaves at once, for the first rows to be seen
				continue
			}
			full := split
			split = &recordSplit{span: batch.Span{Input: s.name, Start: full.span.End, End: full.span.End}}
			if !yield(full, nil) {
				return
			}
		}
		if len(split.recs) > 0 {
			full := split
			split = &recordSplit{}
			yield(full, nil)
		}
	}
}

const (
	// Records in memory cost nothing to hold: the more rows a split has, the more a partial aggregate makes of them. There
	// are as many splits at least, for lanes to share, and one has as many pieces at most.
	splitsAtLeast = 16
	splitGrowth   = 8

	// firstPiece is the most rows of the first piece.
	firstPiece = 8 << 10
)

// pieces cuts records to about want bytes, the first one shorter. The receiver owns them.
func (s *records) pieces(want int64) iter.Seq[arrow.Record] {
	return func(yield func(arrow.Record) bool) {
		for i, rec := range s.recs {
			rows := rec.NumRows()
			step := rows
			if size := batch.Bytes(rec); size > want {
				step = max(rows*want/size, 1)
			}
			from := int64(0)
			if i == 0 && rows > firstPiece {
				from = firstPiece
				if !yield(rec.NewSlice(0, from)) {
					return
				}
			}
			for ; from < rows; from += step {
				if !yield(rec.NewSlice(from, min(from+step, rows))) {
					return
				}
			}
		}
	}
}

// recordSplit is pieces of records; its Span counts rows.
type recordSplit struct {
	span   batch.Span
	stored int64
	recs   []arrow.Record
}

func (s *recordSplit) add(rec arrow.Record) {
	s.recs = append(s.recs, rec)
	s.span.End += rec.NumRows()
	s.stored += batch.Bytes(rec)
}

func (s *recordSplit) Span() batch.Span { return s.span }

func (s *recordSplit) Stored() int64 { return s.stored }

func (s *recordSplit) Close() {
	for _, rec := range s.recs {
		rec.Release()
	}
	s.recs = nil
}

func (s *recordSplit) Open(ctx context.Context, columns []string, limit int64) batch.Stream {
	return func(yield func(arrow.Record, error) bool) {
		left := limit
		for _, piece := range s.recs {
			if err := ctx.Err(); err != nil {
				yield(nil, err)
				return
			}
			rec, err := SelectColumns(s.span.Input, piece, columns)
			if err != nil {
				yield(nil, err)
				return
			}
			if limit > 0 && left < rec.NumRows() {
				whole := rec
				rec = whole.NewSlice(0, left)
				whole.Release()
			}
			left -= rec.NumRows()
			if !yield(rec, nil) || limit > 0 && left <= 0 {
				return
			}
		}
	}
}

// SelectColumns is a record of the columns named, which the caller releases; nil means all. The name is the source's, for errors.
func SelectColumns(name string, rec arrow.Record, columns []string) (arrow.Record, error) {
	if columns == nil {
		rec.Retain()
		return rec, nil
	}
	schema, err := project(name, rec.Schema(), columns)
	if err != nil {
		return nil, err
	}
	cols := make([]arrow.Array, len(columns))
	for i, c := range columns {
		cols[i] = rec.Column(rec.Schema().FieldIndices(c)[0])
	}
	return array.NewRecord(schema, cols, rec.NumRows()), nil
}

// InMemory says whether a split is one of records in memory.
func InMemory(s Split) bool {
	switch s := s.(type) {
	case *recordSplit:
		return true
	case *arrowSplit:
		return s.held != nil
	case *filledSplit:
		return InMemory(s.Split)
	}
	return false
}

// SplitOfRecords is a split of a record, which it takes over.
func SplitOfRecords(span batch.Span, rec arrow.Record) Split {
	return &recordSplit{span: span, stored: batch.Bytes(rec), recs: []arrow.Record{rec}}
}

// Empty says whether s has no rows, as far as is known without reading it.
func Empty(s Source) bool {
	r, ok := s.(*records)
	return ok && r.size == 0 && len(r.recs) == 0
}
