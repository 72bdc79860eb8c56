package exec

import (
	"unsafe"

	arrowmemory "github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/rivulet-go/rivulet/frame/memory"
)

// slab is a growable array outside the Go heap. T holds no pointers.
type slab[T any] struct {
	mem  arrowmemory.Allocator
	raw  []byte
	vals []T // len is the elements in use
}

func newSlab[T any](mem arrowmemory.Allocator) slab[T] { return slab[T]{mem: mem} }

// reserve makes room for n elements in all. New room holds garbage.
func (s *slab[T]) reserve(n int) {
	if n <= cap(s.vals) {
		return
	}
	capacity := max(n, 2*cap(s.vals))
	size := s.bytesFor(capacity)
	used := len(s.vals)
	switch dirty, ok := s.mem.(memory.DirtyAllocator); {
	case ok: // neither what is copied nor what its user clears needs to be cleared before
		raw := dirty.AllocateDirty(size)
		copy(raw, s.raw[:s.bytesFor(used)])
		if s.raw != nil {
			s.mem.Free(s.raw)
		}
		s.raw = raw
	case s.raw == nil:
		s.raw = s.mem.Allocate(size)
	default:
		s.raw = s.mem.Reallocate(size, s.raw)
	}
	s.vals = unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(s.raw))), capacity)[:used]
}

// resize sets the length to n; elements beyond the old length hold garbage.
func (s *slab[T]) resize(n int) {
	s.reserve(n)
	s.vals = s.vals[:n]
}

func (s *slab[T]) push(v T) {
	if len(s.vals) == cap(s.vals) {
		s.reserve(max(64, len(s.vals)+1))
	}
	s.vals = append(s.vals, v)
}

func (s *slab[T]) bytesFor(n int) int {
	var zero T
	return n * int(unsafe.Sizeof(zero))
}

// bytes is the memory held.
func (s *slab[T]) bytes() int64 { return int64(cap(s.raw)) }

// growth is the most extra memory, at its peak, of growing to n elements step by step: the old and the new array live
// side by side, and doubling can overshoot.
func (s *slab[T]) growth(n int) int64 {
	switch c := cap(s.vals); {
	case n <= c:
		return 0
	case n <= 2*c:
		return int64(s.bytesFor(2 * c))
	}
	return int64(s.bytesFor(2 * n))
}

func (s *slab[T]) free() {
	if s.raw != nil {
		s.mem.Free(s.raw)
	}
	s.raw, s.vals = nil, nil
}
