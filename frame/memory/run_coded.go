package memory

import (
	"fmt"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

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
	out, err := batch.MapColumns(rec, c.schema, rec.NumRows(), func(i int, column arrow.Array) (arrow.Array, error) {
		if c.words[i] == nil {
			return batch.PlainArray(Allocator(), column)
		}
		coded, err := batch.CodedBy(Allocator(), c.words[i], column)
		if err != nil {
			return nil, err
		}
		defer coded.Release()
		return batch.CodeArray(coded), nil
	})
	if err != nil {
		return nil, fmt.Errorf("spill: %w", err)
	}
	return out, nil
}

// given is the batch that stored made rec of; the caller releases it.
func (c coding) given(schema *arrow.Schema, rec arrow.Record) (arrow.Record, error) {
	return batch.MapColumns(rec, schema, rec.NumRows(), func(i int, column arrow.Array) (arrow.Array, error) {
		if c.words[i] == nil {
			column.Retain()
			return column, nil
		}
		return batch.CodedWith(column, c.words[i]), nil
	})
}
