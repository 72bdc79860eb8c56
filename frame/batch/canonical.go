package batch

import (
	"fmt"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// Canonical is the type that the engine computes a type as: narrower integers as Int64, Float32 as Float64, large, view
// and dictionary strings as String, Date64 as Date32. It is false where there is none.
func Canonical(t arrow.DataType) (arrow.DataType, bool) {
	switch t.ID() {
	case arrow.BOOL, arrow.INT64, arrow.UINT64, arrow.FLOAT64, arrow.STRING, arrow.BINARY, arrow.DATE32,
		arrow.TIMESTAMP, arrow.DURATION, arrow.DECIMAL128:
		return t, true
	case arrow.INT8, arrow.INT16, arrow.INT32, arrow.UINT8, arrow.UINT16, arrow.UINT32:
		return arrow.PrimitiveTypes.Int64, true
	case arrow.FLOAT16, arrow.FLOAT32:
		return arrow.PrimitiveTypes.Float64, true
	case arrow.LARGE_STRING, arrow.STRING_VIEW:
		return arrow.BinaryTypes.String, true
	case arrow.LARGE_BINARY, arrow.BINARY_VIEW, arrow.FIXED_SIZE_BINARY:
		return arrow.BinaryTypes.Binary, true
	case arrow.DATE64:
		return arrow.PrimitiveTypes.Date32, true
	case arrow.DICTIONARY:
		return Canonical(t.(*arrow.DictionaryType).ValueType)
	case arrow.NULL:
		return arrow.BinaryTypes.String, true
	case arrow.LIST, arrow.STRUCT:
		return t, true
	}
	return nil, false
}

// CanonicalSchema is the schema with every column's canonical type; an error names the column that has none.
func CanonicalSchema(s *arrow.Schema) (*arrow.Schema, error) {
	fields := make([]arrow.Field, s.NumFields())
	for i, f := range s.Fields() {
		t, ok := Canonical(f.Type)
		if !ok {
			return nil, fmt.Errorf("column %q: type %s is not supported", f.Name, f.Type)
		}
		fields[i] = arrow.Field{Name: f.Name, Type: t, Nullable: true}
	}
	return arrow.NewSchema(fields, nil), nil
}

// ToCanonical gives the record with every column in its canonical type; columns that have it already are shared.
func ToCanonical(mem memory.Allocator, rec arrow.Record) (arrow.Record, error) {
	schema, err := CanonicalSchema(rec.Schema())
	if err != nil {
		return nil, err
	}
	return MapColumns(rec, schema, rec.NumRows(), func(i int, c arrow.Array) (arrow.Array, error) {
		return canonicalArray(mem, c, schema.Field(i).Type)
	})
}

func canonicalArray(mem memory.Allocator, arr arrow.Array, to arrow.DataType) (arrow.Array, error) {
	if arrow.TypeEqual(arr.DataType(), to) {
		arr.Retain()
		return arr, nil
	}
	switch a := arr.(type) {
	case *array.Int8:
		return widen(mem, a, a.Int8Values(), to, toInt64), nil
	case *array.Int16:
		return widen(mem, a, a.Int16Values(), to, toInt64), nil
	case *array.Int32:
		return widen(mem, a, a.Int32Values(), to, toInt64), nil
	case *array.Uint8:
		return widen(mem, a, a.Uint8Values(), to, toInt64), nil
	case *array.Uint16:
		return widen(mem, a, a.Uint16Values(), to, toInt64), nil
	case *array.Uint32:
		return widen(mem, a, a.Uint32Values(), to, toInt64), nil
	case *array.Float32:
		return widen(mem, a, a.Float32Values(), to, func(v float32) float64 { return float64(v) }), nil
	case *array.Date64:
		return widen(mem, a, a.Date64Values(), to, dayOf), nil
	case *array.Dictionary:
		return canonicalDictionary(mem, a, to)
	case *array.Null:
		return array.MakeArrayOfNull(mem, to, a.Len()), nil
	}
	return rebuild(mem, arr, to)
}

func toInt64[T int8 | int16 | int32 | uint8 | uint16 | uint32](v T) int64 { return int64(v) }

const millisPerDay = 24 * 60 * 60 * 1000

// dayOf rounds down: times before 1970 belong to the day they are in.
func dayOf(ms arrow.Date64) int32 {
	day := int64(ms) / millisPerDay
	if int64(ms)%millisPerDay < 0 {
		day--
	}
	return int32(day)
}

// widen converts value by value; the null bitmap is shared where it needs no shift.
func widen[From, To any](mem memory.Allocator, arr arrow.Array, in []From, to arrow.DataType, f func(From) To) arrow.Array {
	var zero To
	buf, raw := newBuffer(mem, len(in)*sizeOf(zero))
	defer release(buf)
	out := view[To](raw, len(in))
	for i, v := range in {
		out[i] = f(v)
	}
	validity := validityOf(mem, arr)
	defer release(validity)
	d := array.NewData(to, len(in), []*memory.Buffer{validity, buf}, nil, arr.NullN(), 0)
	defer d.Release()
	return array.MakeFromData(d)
}

// canonicalDictionary converts the few values first, then gathers them by index.
func canonicalDictionary(mem memory.Allocator, a *array.Dictionary, to arrow.DataType) (arrow.Array, error) {
	words, err := canonicalArray(mem, a.Dictionary(), to)
	if err != nil {
		return nil, err
	}
	defer words.Release()
	idx := make([]int32, a.Len())
	for i := range idx {
		idx[i] = -1
		if a.IsValid(i) {
			idx[i] = int32(a.GetValueIndex(i))
		}
	}
	return TakeArray(mem, words, idx)
}
