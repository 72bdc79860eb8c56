package batch

import (
	"fmt"
	"unsafe"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/bitutil"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

func sizeOf[T any](v T) int { return int(unsafe.Sizeof(v)) }

// validityOf is arr's null bitmap from bit 0 on, nil where nothing is null. The caller releases it.
func validityOf(mem memory.Allocator, arr arrow.Array) *memory.Buffer {
	if arr.NullN() == 0 {
		return nil
	}
	d := arr.Data()
	if d.Offset() == 0 {
		d.Buffers()[0].Retain()
		return d.Buffers()[0]
	}
	buf, out := newBuffer(mem, int(bitutil.BytesForBits(int64(d.Len()))))
	clear(out)
	bitutil.CopyBitmap(d.Buffers()[0].Bytes(), d.Offset(), d.Len(), out, 0)
	return buf
}

// rebuild copies value by value: the types here are rare.
func rebuild(mem memory.Allocator, arr arrow.Array, to arrow.DataType) (arrow.Array, error) {
	switch a := arr.(type) {
	case *array.Float16:
		b := array.NewFloat64Builder(mem)
		defer b.Release()
		b.Reserve(a.Len())
		for i := range a.Len() {
			if a.IsNull(i) {
				b.AppendNull()
			} else {
				b.Append(float64(a.Value(i).Float32()))
			}
		}
		return b.NewArray(), nil
	case interface {
		arrow.Array
		Value(int) string
	}:
		b := array.NewStringBuilder(mem)
		defer b.Release()
		b.Reserve(a.Len())
		for i := range a.Len() {
			if a.IsNull(i) {
				b.AppendNull()
			} else {
				b.Append(a.Value(i))
			}
		}
		return b.NewArray(), nil
	case interface {
		arrow.Array
		Value(int) []byte
	}:
		b := array.NewBinaryBuilder(mem, arrow.BinaryTypes.Binary)
		defer b.Release()
		b.Reserve(a.Len())
		for i := range a.Len() {
			if a.IsNull(i) {
				b.AppendNull()
			} else {
				b.Append(a.Value(i))
			}
		}
		return b.NewArray(), nil
	}
	return nil, fmt.Errorf("%s can't be read as %s", arr.DataType(), to)
}
