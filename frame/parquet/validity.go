package parquet

import (
	"github.com/apache/arrow/go/v17/arrow/bitutil"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// validity says which rows of an array are null. There is no bitmap while none is.
type validity struct {
	mem   memory.Allocator
	raw   []byte
	nulls int
}

// mark takes n rows from at on of an array of at most room rows: those are null whose bit is not set; set is how many are.
func (v *validity) mark(bits []byte, at, n, set, room int) {
	if v.raw == nil {
		v.raw = allocate(v.mem, (room+7)/8)
		for i := range v.raw {
			v.raw[i] = 0xff
		}
	}
	v.nulls += n - set
	bitutil.CopyBitmap(bits, 0, n, v.raw, at)
}

// take gives how many rows are null, and the bitmap, which the caller releases; nil where none is. It begins anew.
func (v *validity) take() (nulls int, bitmap *memory.Buffer) {
	nulls, v.nulls = v.nulls, 0
	if v.raw != nil {
		bitmap = memory.NewBufferWithAllocator(v.raw, v.mem)
		v.raw = nil
	}
	return nulls, bitmap
}

func (v *validity) free() {
	if v.raw != nil {
		v.mem.Free(v.raw)
		v.raw = nil
	}
}
