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
	return func(yield func(Split, error) bool) {
		var at int64
		for _, rec := range s.recs {
			rows := rec.NumRows()
			step := rows
			if size := batch.Bytes(rec); size > want {
				step = max(rows*want/size, 1)
			}
			for from := int64(0); from < rows; from += step {
				if err := ctx.Err(); err != nil {
					yield(nil, err)
					return
				}
				to := min(from+step, rows)
				split := &recordSplit{
					span: batch.Span{Input: s.name, Start: at + from, End: at + to},
					rec:  rec.NewSlice(from, to),
				}
				split.stored = batch.Bytes(split.rec)
				if !yield(split, nil) {
					return
				}
			}
			at += rows
		}
	}
}

// recordSplit is a slice of one record; its Span counts rows.
type recordSplit struct {
	span   batch.Span
	stored int64
	rec    arrow.Record
}

func (s *recordSplit) Span() batch.Span { return s.span }

func (s *recordSplit) Stored() int64 { return s.stored }

func (s *recordSplit) Close() {
	if s.rec != nil {
		s.rec.Release()
		s.rec = nil
	}
}

func (s *recordSplit) Open(ctx context.Context, columns []string, limit int64) batch.Stream {
	return func(yield func(arrow.Record, error) bool) {
		if err := ctx.Err(); err != nil {
			yield(nil, err)
			return
		}
		rec, err := selectColumns(s.span.Input, s.rec, columns)
		if err != nil {
			yield(nil, err)
			return
		}
		if limit > 0 && limit < rec.NumRows() {
			whole := rec
			rec = whole.NewSlice(0, limit)
			whole.Release()
		}
		yield(rec, nil)
	}
}

// selectColumns is a record of the columns named; nil means all.
func selectColumns(name string, rec arrow.Record, columns []string) (arrow.Record, error) {
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
