package source

import (
	"context"
	"iter"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/rivulet-go/rivulet/frame/batch"
)

// own is the part of a schema whose columns are among names.
func own(schema *arrow.Schema, names []string) *arrow.Schema {
	has := make(map[string]bool, len(names))
	for _, n := range names {
		has[n] = true
	}
	fields := slices.DeleteFunc(slices.Clone(schema.Fields()), func(f arrow.Field) bool { return !has[f.Name] })
	if len(fields) == schema.NumFields() {
		return schema
	}
	return arrow.NewSchema(fields, nil)
}

// filled are an input's splits with the columns of schema that the input lacks, filled with nulls. has is the schema of
// those that it has.
func filled(splits iter.Seq2[Split, error], name string, has, schema *arrow.Schema) iter.Seq2[Split, error] {
	if has == schema {
		return splits
	}
	return func(yield func(Split, error) bool) {
		for s, err := range splits {
			if err == nil {
				s = &filledSplit{Split: s, name: name, has: has, schema: schema}
			}
			if !yield(s, err) {
				return
			}
		}
	}
}

type filledSplit struct {
	Split
	name        string
	has, schema *arrow.Schema
}

func (s *filledSplit) Open(ctx context.Context, columns []string, limit int64) batch.Stream {
	return func(yield func(arrow.Record, error) bool) {
		out, err := project(s.name, s.schema, columns)
		if err != nil {
			yield(nil, err)
			return
		}
		names := fieldNames(own(out, fieldNames(s.has)))
		for rec, err := range s.Split.Open(ctx, names, limit) {
			if err == nil {
				rec = fill(rec, out)
			}
			if !yield(rec, err) {
				return
			}
		}
	}
}

// fill takes a record over and gives it with the columns of schema that it lacks.
func fill(rec arrow.Record, schema *arrow.Schema) arrow.Record {
	defer rec.Release()
	cols := make([]arrow.Array, schema.NumFields())
	for i, f := range schema.Fields() {
		if at := rec.Schema().FieldIndices(f.Name); len(at) > 0 {
			cols[i] = rec.Column(at[0])
			continue
		}
		cols[i] = array.MakeArrayOfNull(currentAllocator(), f.Type, int(rec.NumRows()))
		defer cols[i].Release()
	}
	return batch.NewRecord(schema, cols, rec.NumRows())
}
