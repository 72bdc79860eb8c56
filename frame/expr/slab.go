package expr

import (
	"unsafe"

	"github.com/apache/arrow/go/v17/arrow/memory"
)

// slab is a growing slice without pointers, in memory of the allocator.
type slab[T any] struct {
	mem memory.Allocator
	buf []byte
	at  []T
}

// grow makes the slice at least n long; new elements are zero.
func (s *slab[T]) grow(n int) {
	have := len(s.at)
	if n <= have {
		return
	}
	s.reserve(n)
	s.at = s.at[:n]
	clear(s.at[have:])
}

// reserve makes room for n elements in all; the slice stays as long as it is.
func (s *slab[T]) reserve(n int) {
	if have := len(s.at); n > cap(s.at) {
		var t T
		size := max(n, 2*have, 64) * int(unsafe.Sizeof(t))
		switch d, ok := s.mem.(dirty); {
		case ok: // what is new is cleared when it comes into use
			buf := d.AllocateDirty(size)
			copy(buf, s.buf[:have*int(unsafe.Sizeof(t))])
			if s.buf != nil {
				s.mem.Free(s.buf)
			}
			s.buf = buf
		case s.buf == nil:
			s.buf = s.mem.Allocate(size)
		default:
			s.buf = s.mem.Reallocate(size, s.buf)
		}
		s.at = reinterpret[T](s.buf)[:have]
	}
}

func (s *slab[T]) append(v T) {
	n := len(s.at)
	s.grow(n + 1)
	s.at[n] = v
}

func (s *slab[T]) bytes() int64 { return int64(cap(s.buf)) }

func (s *slab[T]) release() {
	if s.buf != nil {
		s.mem.Free(s.buf)
	}
	s.buf, s.at = nil, nil
}

// textRef is a place in the data of textCells; room is what may be overwritten there.
type textRef struct {
	offset       int64
	length, room uint32
}

// textCells are texts that are replaced now and then, one per group.
type textCells struct {
	refs slab[textRef]
	data slab[byte]
	lost int // bytes that nothing refers to
}

func newTextCells(mem memory.Allocator) textCells {
	return textCells{refs: slab[textRef]{mem: mem}, data: slab[byte]{mem: mem}}
}

func (t *textCells) get(g int) []byte {
	r := t.refs.at[g]
	return t.data.at[r.offset : r.offset+int64(r.length)]
}

// set replaces a group's text, in place where it fits.
func (t *textCells) set(g uint32, s []byte) {
	r := &t.refs.at[g]
	if len(s) > int(r.room) {
		t.lost += int(r.room)
		if t.lost > 1<<20 && t.lost > len(t.data.at)/2 {
			r.length, r.room = 0, 0
			t.compact()
		}
		r.offset, r.room = int64(len(t.data.at)), uint32(len(s))
		t.data.grow(len(t.data.at) + len(s))
	}
	r.length = uint32(len(s))
	copy(t.data.at[r.offset:], s)
}

// compact moves the texts together.
func (t *textCells) compact() {
	fresh := slab[byte]{mem: t.data.mem}
	total := 0
	for _, r := range t.refs.at {
		total += int(r.room)
	}
	fresh.grow(total)
	at := int64(0)
	for i := range t.refs.at {
		r := &t.refs.at[i]
		copy(fresh.at[at:], t.data.at[r.offset:r.offset+int64(r.length)])
		r.offset = at
		at += int64(r.room)
	}
	t.data.release()
	t.data, t.lost = fresh, 0
}

func (t *textCells) bytes() int64 { return t.refs.bytes() + t.data.bytes() }

func (t *textCells) release() {
	t.refs.release()
	t.data.release()
}
