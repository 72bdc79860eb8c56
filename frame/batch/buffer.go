package batch

import (
	"unsafe"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// dirty is an allocator that can leave out zeroing; the engine's pool is one.
type dirty interface{ AllocateDirty(size int) []byte }

// newBuffer allocates a buffer of n bytes with arbitrary contents: the caller writes every byte.
func newBuffer(mem memory.Allocator, n int) (*memory.Buffer, []byte) {
	var b []byte
	if d, ok := mem.(dirty); ok {
		b = d.AllocateDirty(n)
	} else {
		b = mem.Allocate(n)
	}
	return memory.NewBufferWithAllocator(b, mem), b
}

// view is b as a slice of n values.
func view[T any](b []byte, n int) []T {
	if n == 0 {
		return nil
	}
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(b))), n)
}

// values is the data's i-th buffer as values, from the data's offset on.
func values[T any](d arrow.ArrayData, i, n int) []T {
	buf := d.Buffers()[i]
	if buf == nil || n == 0 {
		return nil
	}
	var zero T
	return view[T](buf.Bytes()[d.Offset()*int(unsafe.Sizeof(zero)):], n)
}

// release drops buffers that may be nil.
func release(buffers ...*memory.Buffer) {
	for _, b := range buffers {
		if b != nil {
			b.Release()
		}
	}
}

// Bytes is the memory that a record's columns refer to. Buffers that several columns or records share count each time;
// a slice counts its share of fixed-width buffers.
func Bytes(rec arrow.Record) int64 {
	var n int64
	for _, col := range rec.Columns() {
		n += dataBytes(col.Data())
	}
	return n
}

func dataBytes(d arrow.ArrayData) (n int64) {
	rows := int64(d.Len())
	for i, b := range d.Buffers() {
		switch {
		case b == nil:
		case i == 0:
			n += (rows + 7) / 8
		case i == 1 && isOffsets(d.DataType().ID()) && rows > 0:
			n += rows * 4
		case i == 2 && d.DataType().ID() != arrow.BINARY_VIEW && d.DataType().ID() != arrow.STRING_VIEW:
			n += stringBytes(d)
		default:
			if w, ok := d.DataType().(arrow.FixedWidthDataType); ok {
				n += (rows*int64(w.BitWidth()) + 7) / 8
			} else {
				n += int64(b.Len())
			}
		}
	}
	for _, c := range d.Children() {
		n += dataBytes(c)
	}
	return n
}

func isOffsets(id arrow.Type) bool { return id == arrow.STRING || id == arrow.BINARY }

// stringBytes is the characters that a string column's rows refer to.
func stringBytes(d arrow.ArrayData) int64 {
	if !isOffsets(d.DataType().ID()) || d.Len() == 0 {
		return int64(d.Buffers()[2].Len())
	}
	offsets := values[int32](d, 1, d.Len()+1)
	return int64(offsets[d.Len()] - offsets[0])
}

// ArrayBytes is the memory that an array refers to, as Bytes counts it.
func ArrayBytes(arr arrow.Array) int64 { return dataBytes(arr.Data()) }
