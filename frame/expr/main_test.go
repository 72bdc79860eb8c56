package expr

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/decimal128"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func checked(t testing.TB) *memory.CheckedAllocator {
	mem := memory.NewCheckedAllocator(memory.DefaultAllocator)
	t.Cleanup(func() { mem.AssertSize(t, 0) })
	return mem
}

// column is a test column: values of Go's types, nil for null.
type column struct {
	name   string
	dt     arrow.DataType
	values []any
}

// record builds a batch whose arrays have an offset, as slices of batches do.
func record(mem memory.Allocator, columns ...column) arrow.Record {
	var fields []arrow.Field
	var arrays []arrow.Array
	rows := int64(0)
	for _, c := range columns {
		fields = append(fields, arrow.Field{Name: c.name, Type: c.dt, Nullable: true})
		b := array.NewBuilder(mem, c.dt)
		for range 3 {
			b.AppendNull()
		}
		for _, v := range c.values {
			appendValue(b, v)
		}
		whole := b.NewArray()
		arrays = append(arrays, array.NewSlice(whole, 3, int64(whole.Len())))
		whole.Release()
		b.Release()
		rows = int64(len(c.values))
	}
	rec := array.NewRecord(arrow.NewSchema(fields, nil), arrays, rows)
	for _, a := range arrays {
		a.Release()
	}
	return rec
}

func appendValue(b array.Builder, v any) {
	if v == nil {
		b.AppendNull()
		return
	}
	switch b := b.(type) {
	case *array.BooleanBuilder:
		b.Append(v.(bool))
	case *array.Int64Builder:
		b.Append(v.(int64))
	case *array.Uint64Builder:
		b.Append(v.(uint64))
	case *array.Float64Builder:
		b.Append(v.(float64))
	case *array.StringBuilder:
		b.Append(v.(string))
	case *array.BinaryBuilder:
		b.Append([]byte(v.(string)))
	case *array.Date32Builder:
		b.Append(arrow.Date32(v.(int32)))
	case *array.TimestampBuilder:
		b.Append(arrow.Timestamp(v.(int64)))
	case *array.DurationBuilder:
		b.Append(arrow.Duration(v.(int64)))
	case *array.Decimal128Builder:
		b.Append(v.(decimal128.Num))
	case *array.ListBuilder:
		b.Append(true)
	default:
		panic(fmt.Sprintf("%T", b))
	}
}

// valuesOf reads an array back, through Arrow's own accessors.
func valuesOf(a arrow.Array) []any {
	out := make([]any, a.Len())
	for i := range out {
		if a.IsNull(i) {
			continue
		}
		switch a := a.(type) {
		case *array.Boolean:
			out[i] = a.Value(i)
		case *array.Int64:
			out[i] = a.Value(i)
		case *array.Uint64:
			out[i] = a.Value(i)
		case *array.Float64:
			out[i] = a.Value(i)
		case *array.String:
			out[i] = strings.Clone(a.Value(i))
		case *array.Binary:
			out[i] = string(a.Value(i))
		case *array.Date32:
			out[i] = int32(a.Value(i))
		case *array.Timestamp:
			out[i] = int64(a.Value(i))
		case *array.Duration:
			out[i] = int64(a.Value(i))
		case *array.Decimal128:
			out[i] = a.Value(i)
		default:
			panic(fmt.Sprintf("%T", a))
		}
	}
	return out
}

func same(a, b any) bool {
	if x, ok := a.(float64); ok {
		y, ok := b.(float64)
		return ok && (x == y || math.IsNaN(x) && math.IsNaN(y))
	}
	return a == b
}

func sameAll(a, b []any) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !same(a[i], b[i]) {
			return false
		}
	}
	return true
}

func vals(v ...any) []any {
	for i := range v {
		if n, ok := v[i].(int); ok {
			v[i] = int64(n)
		}
	}
	return v
}

var (
	boolType   = arrow.FixedWidthTypes.Boolean
	uint64Type = arrow.PrimitiveTypes.Uint64
	stringType = arrow.BinaryTypes.String
	dateType   = arrow.FixedWidthTypes.Date32
	microType  = &arrow.TimestampType{Unit: arrow.Microsecond}
)
