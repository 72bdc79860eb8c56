package parquet

import (
	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/float16"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// Leaves of lists and groups keep their type, where columns become what the engine computes.

// narrows says whether narrowed knows a type.
func narrows(t arrow.DataType) bool {
	switch t.ID() {
	case arrow.BOOL, arrow.INT8, arrow.INT16, arrow.INT32, arrow.INT64, arrow.UINT8, arrow.UINT16, arrow.UINT32, arrow.UINT64,
		arrow.FLOAT16, arrow.FLOAT32, arrow.FLOAT64, arrow.STRING, arrow.LARGE_STRING, arrow.BINARY, arrow.LARGE_BINARY, arrow.FIXED_SIZE_BINARY,
		arrow.DATE32, arrow.TIMESTAMP, arrow.DURATION, arrow.DECIMAL128:
		return true
	}
	return false
}

// narrowed gives what values made of a stored type in this type; the caller releases it.
func narrowed(mem memory.Allocator, arr arrow.Array, t arrow.DataType) arrow.Array {
	if arrow.TypeEqual(arr.DataType(), t) {
		arr.Retain()
		return arr
	}
	switch t := t.(type) {
	case *arrow.Int8Type:
		return converted(mem, arr, t, arr.(*array.Int64).Int64Values(), func(v int64) int8 { return int8(v) })
	case *arrow.Int16Type:
		return converted(mem, arr, t, arr.(*array.Int64).Int64Values(), func(v int64) int16 { return int16(v) })
	case *arrow.Int32Type:
		return converted(mem, arr, t, arr.(*array.Int64).Int64Values(), func(v int64) int32 { return int32(v) })
	case *arrow.Uint8Type:
		return converted(mem, arr, t, arr.(*array.Int64).Int64Values(), func(v int64) uint8 { return uint8(v) })
	case *arrow.Uint16Type:
		return converted(mem, arr, t, arr.(*array.Int64).Int64Values(), func(v int64) uint16 { return uint16(v) })
	case *arrow.Uint32Type:
		return converted(mem, arr, t, arr.(*array.Int64).Int64Values(), func(v int64) uint32 { return uint32(v) })
	case *arrow.Float32Type:
		return converted(mem, arr, t, arr.(*array.Float64).Float64Values(), func(v float64) float32 { return float32(v) })
	case *arrow.Float16Type:
		return converted(mem, arr, t, arr.(*array.Float64).Float64Values(), func(v float64) float16.Num { return float16.New(float32(v)) })
	case *arrow.FixedSizeBinaryType:
		return fixedSize(mem, arr.(*array.Binary), t)
	}
	return large(mem, arr, t)
}

func converted[From, To any](mem memory.Allocator, arr arrow.Array, t arrow.DataType, in []From, f func(From) To) arrow.Array {
	raw := allocate(mem, len(in)*sizeOf[To]())
	out := view[To](raw, len(in))
	for i, v := range in {
		out[i] = f(v)
	}
	return withBuffers(arr, t, memory.NewBufferWithAllocator(raw, mem))
}

// withBuffers is an array with the validity of arr, which begins at 0, and buffers, which it takes over.
func withBuffers(arr arrow.Array, t arrow.DataType, buffers ...*memory.Buffer) arrow.Array {
	all := append([]*memory.Buffer{arr.Data().Buffers()[0]}, buffers...)
	d := array.NewData(t, arr.Len(), all, nil, arr.NullN(), 0)
	defer d.Release()
	for _, b := range buffers {
		b.Release()
	}
	return array.MakeFromData(d)
}

// fixedSize gives nulls, which take no bytes, as many as the others have.
func fixedSize(mem memory.Allocator, arr *array.Binary, t *arrow.FixedSizeBinaryType) arrow.Array {
	raw := allocate(mem, arr.Len()*t.ByteWidth)
	clear(raw)
	for i := range arr.Len() {
		copy(raw[i*t.ByteWidth:(i+1)*t.ByteWidth], arr.Value(i))
	}
	return withBuffers(arr, t, memory.NewBufferWithAllocator(raw, mem))
}

// large gives texts with offsets of eight bytes.
func large(mem memory.Allocator, arr arrow.Array, t arrow.DataType) arrow.Array {
	raw := allocate(mem, 8*(arr.Len()+1))
	in, out := view[int32](arr.Data().Buffers()[1].Bytes(), arr.Len()+1), view[int64](raw, arr.Len()+1)
	for i, v := range in {
		out[i] = int64(v)
	}
	text := arr.Data().Buffers()[2]
	if text != nil {
		text.Retain()
	} else {
		text = memory.NewBufferBytes(nil)
	}
	return withBuffers(arr, t, memory.NewBufferWithAllocator(raw, mem), text)
}
