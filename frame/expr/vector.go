package expr

import (
	"unsafe"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/decimal128"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// physical is how a type's values lie in memory; kernels are chosen by it.
type physical uint8

const (
	physNone   physical = iota // carried only: lists, structs
	physNull                   // the type of a bare nil
	physBool                   // bitmap
	physInt32                  // Date32
	physInt64                  // Int64, Timestamp, Duration
	physUint64                 // Uint64
	physFloat                  // Float64
	physBytes                  // String, Binary
	physDec                    // Decimal128
)

func physicalOf(dt arrow.DataType) physical {
	switch dt.ID() {
	case arrow.NULL:
		return physNull
	case arrow.BOOL:
		return physBool
	case arrow.DATE32:
		return physInt32
	case arrow.INT64, arrow.TIMESTAMP, arrow.DURATION:
		return physInt64
	case arrow.UINT64:
		return physUint64
	case arrow.FLOAT64:
		return physFloat
	case arrow.STRING, arrow.BINARY:
		return physBytes
	case arrow.DECIMAL128:
		return physDec
	default:
		return physNone
	}
}

// fixed are the element types of fixed-width columns.
type fixed interface {
	int32 | int64 | uint64 | float64 | decimal128.Num
}

// number are the element types that Go's operators work on.
type number interface {
	int32 | int64 | uint64 | float64
}

func reinterpret[T any](b []byte) []T {
	var t T
	if len(b) == 0 {
		return nil
	}
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(b))), len(b)/int(unsafe.Sizeof(t)))
}

// values are the elements of a fixed-width array, without its offset; those of null rows are arbitrary.
func values[T fixed](a arrow.Array) []T {
	d := a.Data()
	if d.Len() == 0 || d.Buffers()[1] == nil {
		return nil
	}
	return reinterpret[T](d.Buffers()[1].Bytes())[d.Offset() : d.Offset()+d.Len()]
}

// texts are the elements of a String or Binary array.
type texts struct {
	offsets []int32
	data    []byte
}

func textsOf(a arrow.Array) texts {
	d := a.Data()
	if d.Len() == 0 || d.Buffers()[1] == nil {
		return texts{offsets: make([]int32, d.Len()+1)}
	}
	t := texts{offsets: reinterpret[int32](d.Buffers()[1].Bytes())[d.Offset() : d.Offset()+d.Len()+1]}
	if b := d.Buffers()[2]; b != nil {
		t.data = b.Bytes()
	}
	return t
}

func (t texts) at(i int) []byte { return t.data[t.offsets[i]:t.offsets[i+1]] }

// str is at without a copy; it lives as long as the array.
func (t texts) str(i int) string {
	b := t.at(i)
	return unsafe.String(unsafe.SliceData(b), len(b))
}

// dirty is an allocator that can leave out zeroing; the engine's pool is one.
type dirty interface{ AllocateDirty(size int) []byte }

// newBuffer is a buffer with arbitrary contents: the caller writes every byte.
func newBuffer(mem memory.Allocator, bytes int) *memory.Buffer {
	if d, ok := mem.(dirty); ok && bytes > 0 {
		return memory.NewBufferWithAllocator(d.AllocateDirty(bytes), mem)
	}
	b := memory.NewResizableBuffer(mem)
	b.Resize(bytes)
	return b
}

// newFixed is a buffer for n elements and its view.
func newFixed[T fixed](mem memory.Allocator, n int) (*memory.Buffer, []T) {
	var t T
	b := newBuffer(mem, n*int(unsafe.Sizeof(t)))
	return b, reinterpret[T](b.Bytes())
}

func newBits(mem memory.Allocator, n int) (*memory.Buffer, []byte) {
	b := newBuffer(mem, byteCount(n))
	return b, b.Bytes()
}

// makeArray wraps buffers, whose references it takes over; buffers may be nil.
func makeArray(dt arrow.DataType, n int, validity *memory.Buffer, rest ...*memory.Buffer) arrow.Array {
	buffers := append([]*memory.Buffer{validity}, rest...)
	nulls := array.UnknownNullCount
	if validity == nil {
		nulls = 0
	}
	data := array.NewData(dt, n, buffers, nil, nulls, 0)
	defer data.Release()
	for _, b := range buffers {
		if b != nil {
			b.Release()
		}
	}
	a := array.MakeFromData(data)
	a.NullN() // counted here, so that arrays shared by goroutines are only read
	return a
}

// retype gives the same values under another type with the same layout; it takes over a.
func retype(a arrow.Array, dt arrow.DataType) arrow.Array {
	if arrow.TypeEqual(a.DataType(), dt) {
		return a
	}
	d := a.Data()
	data := array.NewData(dt, d.Len(), d.Buffers(), nil, d.NullN(), d.Offset())
	out := array.MakeFromData(data)
	data.Release()
	a.Release()
	return out
}

// validBits are an array's validity bitmap and the bit at which its rows begin; nil where all rows are valid.
func validBits(a arrow.Array) ([]byte, int) {
	if a.NullN() == 0 {
		return nil, 0
	}
	return a.NullBitmapBytes(), a.Data().Offset()
}

// validity is the bitmap of a result that is null where any operand is; nil where none has nulls. A bitmap is shared
// with the operand where it can be.
func validity(mem memory.Allocator, as ...arrow.Array) *memory.Buffer {
	var out *memory.Buffer
	owned := false
	for _, a := range as {
		valid, off := validBits(a)
		switch {
		case valid == nil:
		case out == nil && off == 0:
			out = a.Data().Buffers()[0]
			out.Retain()
		case out == nil:
			out, owned = newBuffer(mem, byteCount(a.Len())), true
			copyBits(out.Bytes(), valid, off, a.Len())
		default:
			target := out
			if !owned {
				target = newBuffer(mem, byteCount(a.Len()))
			}
			andBits(target.Bytes(), out.Bytes(), 0, valid, off, a.Len())
			if !owned {
				out.Release()
			}
			out, owned = target, true
		}
	}
	return out
}
