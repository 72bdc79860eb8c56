package source

import (
	"math"
	"strconv"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

// nestedValue writes lists and structs as JSON; it is nil for other columns. Numbers that JSON does not have are written as in columns of
// numbers, where Arrow's own texts fail.
func nestedValue(col arrow.Array) appendValue {
	switch a := col.(type) {
	case *array.List:
		item := nullOr(a.ListValues())
		return func(b []byte, i int) []byte {
			b = append(b, '[')
			start, end := a.ValueOffsets(i)
			for j := start; j < end; j++ {
				if j > start {
					b = append(b, ',')
				}
				b = item(b, int(j))
			}
			return append(b, ']')
		}
	case *array.Struct:
		fields := make([]appendValue, a.NumField())
		for k := range fields {
			fields[k] = nullOr(a.Field(k))
		}
		keys := newJSONRows(arrow.NewSchema(a.DataType().(*arrow.StructType).Fields(), nil)).keys
		return func(b []byte, i int) []byte {
			if len(fields) == 0 {
				b = append(b, '{')
			}
			for k, field := range fields {
				b = field(append(b, keys[k]...), i)
			}
			return append(b, '}')
		}
	}
	return nil
}

// nullOr writes the values of an array in a list or a struct.
func nullOr(col arrow.Array) appendValue {
	value := jsonValue(col)
	if a, ok := col.(*array.Float32); ok {
		value = func(b []byte, i int) []byte {
			if v := float64(a.Value(i)); math.IsNaN(v) || math.IsInf(v, 0) {
				return appendFloat(b, v, true)
			}
			return strconv.AppendFloat(b, float64(a.Value(i)), 'g', -1, 32)
		}
	}
	return func(b []byte, i int) []byte {
		if col.IsNull(i) {
			return append(b, "null"...)
		}
		return value(b, i)
	}
}
