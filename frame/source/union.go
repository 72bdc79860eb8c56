package source

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

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
// those that it has. Those of the partition have its values instead.
func filled(splits iter.Seq2[Split, error], name string, has, schema *arrow.Schema, part folderValues) iter.Seq2[Split, error] {
	if has == schema {
		return splits
	}
	return func(yield func(Split, error) bool) {
		for s, err := range splits {
			if err == nil {
				s = &filledSplit{Split: s, name: name, has: has, schema: schema, part: part}
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
	part        folderValues
}

func (s *filledSplit) Open(ctx context.Context, columns []string, limit int64) batch.Stream {
	return func(yield func(arrow.Record, error) bool) {
		out, err := project(s.name, s.schema, columns)
		if err != nil {
			yield(nil, err)
			return
		}
		names := fieldNames(own(out, fieldNames(s.has)))
		if len(names) == 0 && s.has.NumFields() > 0 && out.NumFields() > 0 && !countsRows(s.Split) {
			names = fieldNames(s.has)[:1] // for the number of rows
		}
		for rec, err := range s.Split.Open(ctx, names, limit) {
			if err == nil {
				rec, err = s.fill(ctx, rec, out)
			}
			if !yield(rec, err) || err != nil {
				return
			}
		}
	}
}

// countsRows says whether a split gives batches of no columns.
func countsRows(s Split) bool {
	switch s.(type) {
	case *rowGroup, rowGroups:
		return true
	}
	return false
}

// fill takes a record over and gives it with the columns of schema that it lacks.
func (s *filledSplit) fill(ctx context.Context, rec arrow.Record, schema *arrow.Schema) (arrow.Record, error) {
	defer rec.Release()
	cols := make([]arrow.Array, schema.NumFields())
	for i, f := range schema.Fields() {
		if at := rec.Schema().FieldIndices(f.Name); len(at) > 0 {
			cols[i] = rec.Column(at[0])
			continue
		}
		c, err := s.part.column(ctx, currentAllocator(), f, rec.NumRows())
		if err != nil {
			return nil, fmt.Errorf("%s: column %q of its folders: %w", s.name, f.Name, err)
		}
		defer c.Release()
		cols[i] = c
	}
	return batch.NewRecord(schema, cols, rec.NumRows()), nil
}
