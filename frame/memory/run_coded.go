package memory

import (
	"fmt"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/rivulet-go/rivulet/frame/batch"
)

// coding is which columns of a run are coded: their codes are stored, and the spill keeps the words.
type coding struct {
	schema *arrow.Schema     // of what is stored
	words  []arrow.ArrayData // of each column; nil where it is not coded
}

// codingOf is the coding of a run whose first batch is rec.
func codingOf(s *Spill, schema *arrow.Schema, rec arrow.Record) coding {
	fields := slices.Clone(schema.Fields())
	c := coding{words: make([]arrow.ArrayData, len(fields))}
	for i, column := range rec.Columns() {
		if batch.IsCoded(column) {
			c.words[i] = batch.Words(column)
			s.keep(c.words[i])
			fields[i].Type = arrow.PrimitiveTypes.Uint32
		}
	}
	c.schema = arrow.NewSchema(fields, nil)
	return c
}

// stored is what is written of a batch; the caller releases it.
func (c coding) stored(rec arrow.Record) (arrow.Record, error) {
	columns := make([]arrow.Array, 0, rec.NumCols())
	defer func() {
		for _, a := range columns {
			a.Release()
		}
	}()
	for i, column := range rec.Columns() {
		if c.words[i] == nil {
			plain, err := batch.PlainArray(Allocator(), column)
			if err != nil {
				return nil, fmt.Errorf("spill: column %q: %w", rec.ColumnName(i), err)
			}
			columns = append(columns, plain)
			continue
		}
		coded, err := batch.CodedBy(Allocator(), c.words[i], column)
		if err != nil {
			return nil, fmt.Errorf("spill: column %q: %w", rec.ColumnName(i), err)
		}
		columns = append(columns, batch.CodeArray(coded))
		coded.Release()
	}
	return array.NewRecord(c.schema, columns, rec.NumRows()), nil
}

// given is the batch that stored made rec of; the caller releases it.
func (c coding) given(schema *arrow.Schema, rec arrow.Record) arrow.Record {
	columns := make([]arrow.Array, 0, rec.NumCols())
	defer func() {
		for _, a := range columns {
			a.Release()
		}
	}()
	for i, column := range rec.Columns() {
		if c.words[i] == nil {
			column.Retain()
		} else {
			d := column.Data()
			column = batch.NewCoded(d.Len(), d.NullN(), d.Buffers()[0], d.Buffers()[1], c.words[i])
		}
		columns = append(columns, column)
	}
	return batch.NewRecord(schema, columns, rec.NumRows())
}
