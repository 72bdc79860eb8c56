package batch

import (
	"errors"
	"fmt"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// A column whose type is string may come coded: as a dictionary array whose codes are uint32 and whose words all batches of a stream share.
// Then copying, comparing and grouping touch four bytes a row. The plan's schema says string; the record's own says what is there. A
// column is coded in all batches of a stream or in none, but for those in which it has no value. Word 0 is the empty text, also under null.
// Who can't work on codes calls Plain.

var codedType = &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Uint32, ValueType: arrow.BinaryTypes.String}

// codedAs is the type of a column coded by words of a type. Those other than text are known to scans alone, which give rows plain.
func codedAs(words arrow.DataType) arrow.DataType {
	if words.ID() == arrow.STRING {
		return codedType
	}
	return &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Uint32, ValueType: words}
}

// IsCoded says whether a column is coded.
func IsCoded(arr arrow.Array) bool { return arr.DataType().ID() == arrow.DICTIONARY }

// Codes is the codes of a coded column.
func Codes(arr arrow.Array) []uint32 {
	d := arr.Data()
	return values[uint32](d, 1, d.Len())
}

// CodeArray is the codes of a coded column as a uint32 column, which the caller releases.
func CodeArray(arr arrow.Array) arrow.Array {
	codes := arr.(*array.Dictionary).Indices()
	codes.Retain()
	return codes
}

// Words is the texts that codes stand for: two columns with the same Words have the same codes for the same texts.
func Words(arr arrow.Array) arrow.ArrayData { return arr.Data().Dictionary() }

// NewCoded is a coded column over codes and words of which the caller keeps its own references.
func NewCoded(rows, nulls int, validity, codes *memory.Buffer, words arrow.ArrayData) arrow.Array {
	d := array.NewDataWithDictionary(codedType, rows, []*memory.Buffer{validity, codes}, nulls, 0, words.(*array.Data))
	defer d.Release()
	return array.MakeFromData(d)
}

// CodedWith is the column that codes, a column of four bytes, and words make; the caller releases it.
func CodedWith(codes arrow.Array, words arrow.ArrayData) arrow.Array {
	c := codes.Data()
	d := array.NewDataWithDictionary(codedAs(words.DataType()), c.Len(), c.Buffers(), c.NullN(), c.Offset(), words.(*array.Data))
	defer d.Release()
	return array.MakeFromData(d)
}

// CodedBy is a column coded by words: itself, or nulls in place of a plain column without a value; the caller releases it.
func CodedBy(mem memory.Allocator, words arrow.ArrayData, arr arrow.Array) (arrow.Array, error) {
	rows := arr.Len()
	switch {
	case IsCoded(arr) && Words(arr) == words:
		arr.Retain()
		return arr, nil
	case arr.NullN() < rows:
		return nil, errors.New("a column is coded in some batches of a stream, but not by the same words in all")
	}
	codes, raw := newBuffer(mem, 4*rows)
	defer codes.Release()
	clear(raw)
	validity, bits := newBuffer(mem, (rows+7)/8)
	defer validity.Release()
	clear(bits)
	return NewCoded(rows, rows, validity, codes, words), nil
}

// PlainArray is a column without codes; the caller releases it.
func PlainArray(mem memory.Allocator, arr arrow.Array) (arrow.Array, error) {
	if !IsCoded(arr) {
		arr.Retain()
		return arr, nil
	}
	words := array.MakeFromData(Words(arr))
	defer words.Release()
	return TakeCodes(mem, words, arr)
}

// TakeCodes gives the value of each row's word, null where the row is; the caller releases it.
func TakeCodes(mem memory.Allocator, values, coded arrow.Array) (arrow.Array, error) {
	codes := valuesOf(coded)
	if coded.NullN() > 0 && values.NullN() > 0 {
		codes = slices.Clone(codes)
		for i := range codes {
			if coded.IsNull(i) {
				codes[i] = -1
			}
		}
	}
	all, err := TakeArray(mem, values, codes)
	if err != nil || coded.NullN() == 0 || values.NullN() > 0 {
		return all, err
	}
	defer all.Release()
	validity := validityOf(mem, coded)
	defer release(validity)
	buffers := slices.Clone(all.Data().Buffers())
	buffers[0] = validity
	d := array.NewData(all.DataType(), all.Len(), buffers, nil, coded.NullN(), 0)
	defer d.Release()
	return array.MakeFromData(d), nil
}

// valuesOf is the codes as rows of the words.
func valuesOf(coded arrow.Array) []int32 { return values[int32](coded.Data(), 1, coded.Len()) }

// Plain is rec without codes; it takes rec over.
func Plain(mem memory.Allocator, rec arrow.Record) (arrow.Record, error) {
	if !slices.ContainsFunc(rec.Columns(), IsCoded) {
		return rec, nil
	}
	defer rec.Release()
	return MapColumns(rec, rec.Schema(), rec.NumRows(), func(_ int, c arrow.Array) (arrow.Array, error) { return PlainArray(mem, c) })
}

// PlainStream is s without codes.
func PlainStream(mem memory.Allocator, s Stream) Stream {
	return func(yield func(arrow.Record, error) bool) {
		for rec, err := range s {
			if err == nil {
				rec, err = Plain(mem, rec)
			}
			if !yield(rec, err) || err != nil {
				return
			}
		}
	}
}

// NewRecord is a record whose schema says of each column whether it is coded; the caller keeps its own references to the columns.
func NewRecord(schema *arrow.Schema, columns []arrow.Array, rows int64) arrow.Record {
	var fields []arrow.Field
	for i, c := range columns {
		want := schema.Field(i).Type
		coded := IsCoded(c)
		if coded == (want.ID() == arrow.DICTIONARY) {
			continue
		}
		if fields == nil {
			fields = slices.Clone(schema.Fields())
		}
		fields[i].Type = arrow.BinaryTypes.String
		if coded {
			fields[i].Type = c.DataType()
		}
	}
	if fields != nil {
		schema = arrow.NewSchema(fields, nil)
	}
	return array.NewRecord(schema, columns, rows)
}

// MapColumns is a record of so many rows of what f makes of each column of rec; errors name the column.
func MapColumns(rec arrow.Record, schema *arrow.Schema, rows int64, f func(i int, c arrow.Array) (arrow.Array, error)) (arrow.Record, error) {
	columns := make([]arrow.Array, 0, rec.NumCols())
	defer func() {
		for _, c := range columns {
			c.Release()
		}
	}()
	for i, c := range rec.Columns() {
		out, err := f(i, c)
		if err != nil {
			return nil, fmt.Errorf("column %q: %w", rec.ColumnName(i), err)
		}
		columns = append(columns, out)
	}
	return NewRecord(schema, columns, rows), nil
}

// concatCoded puts the parts of a coded column together.
func concatCoded(mem memory.Allocator, words arrow.ArrayData, parts []arrow.Array) (arrow.Array, error) {
	indices := make([]arrow.Array, 0, len(parts))
	defer func() {
		for _, a := range indices {
			a.Release()
		}
	}()
	for _, p := range parts {
		coded, err := CodedBy(mem, words, p)
		if err != nil {
			return nil, err
		}
		indices = append(indices, CodeArray(coded))
		coded.Release()
	}
	all, err := array.Concatenate(indices, mem)
	if err != nil {
		return nil, err
	}
	defer all.Release()
	return CodedWith(all, words), nil
}
