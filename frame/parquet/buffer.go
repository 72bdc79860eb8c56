package parquet

import (
	"unsafe"

	"github.com/apache/arrow/go/v17/arrow/memory"
)

// slack is how many bytes behind the body of a page can be read: values are loaded sixteen bytes at once, and two loads are up to twelve
// bytes apart.
const slack = 32

// dirtyAllocator is an allocator that can leave out zeroing.
type dirtyAllocator interface{ AllocateDirty(size int) []byte }

// allocate gives n bytes with arbitrary contents.
func allocate(mem memory.Allocator, n int) []byte {
	if d, ok := mem.(dirtyAllocator); ok {
		return d.AllocateDirty(n)
	}
	return mem.Allocate(n)
}

// buffer is memory that is used again and again.
type buffer struct {
	mem memory.Allocator
	raw []byte
}

// room makes n bytes and slack of it, keeping the first used bytes.
func (b *buffer) room(n, used int) []byte {
	if n+slack > len(b.raw) {
		grown := allocate(b.mem, n+n/4+slack)
		copy(grown, b.raw[:min(used, len(b.raw))])
		b.free()
		b.raw = grown
	}
	return b.raw[:n]
}

func (b *buffer) free() {
	if b.raw != nil {
		b.mem.Free(b.raw)
		b.raw = nil
	}
}

// view is b as n values.
func view[T any](b []byte, n int) []T {
	if n == 0 {
		return nil
	}
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(b))), n)
}

// bytesOf is values as bytes.
func bytesOf[T any](values []T) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(values))), len(values)*sizeOf[T]())
}

// sizeOf is the bytes that a value takes.
func sizeOf[T any]() int {
	var v T
	return int(unsafe.Sizeof(v))
}
