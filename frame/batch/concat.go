package batch

import (
	"fmt"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// Concat puts records of one schema together; no records give an empty one.
func Concat(mem memory.Allocator, schema *arrow.Schema, recs []arrow.Record) (arrow.Record, error) {
	switch len(recs) {
	case 0:
		return Empty(mem, schema), nil
	case 1:
		recs[0].Retain()
		return recs[0], nil
	}
	var rows int64
	for _, r := range recs {
		rows += r.NumRows()
	}
	cols := make([]arrow.Array, 0, schema.NumFields())
	defer func() {
		for _, c := range cols {
			c.Release()
		}
	}()
	for i, f := range schema.Fields() {
		col, err := concatColumn(mem, recs, i)
		if err != nil {
			return nil, fmt.Errorf("column %q: %w", f.Name, err)
		}
		cols = append(cols, col)
	}
	return NewRecord(schema, cols, rows), nil
}

// concatColumn puts a column of all records together.
func concatColumn(mem memory.Allocator, recs []arrow.Record, column int) (arrow.Array, error) {
	parts := make([]arrow.Array, len(recs))
	for i, r := range recs {
		parts[i] = r.Column(column)
	}
	return ConcatArrays(mem, parts)
}

// ConcatArrays puts the parts of a column together; the caller releases it.
func ConcatArrays(mem memory.Allocator, parts []arrow.Array) (arrow.Array, error) {
	if i := slices.IndexFunc(parts, IsCoded); i >= 0 {
		return concatCoded(mem, Words(parts[i]), parts)
	}
	return array.Concatenate(parts, mem)
}

// Empty is a record without rows.
func Empty(mem memory.Allocator, schema *arrow.Schema) arrow.Record {
	b := array.NewRecordBuilder(mem, schema)
	defer b.Release()
	return b.NewRecord()
}
