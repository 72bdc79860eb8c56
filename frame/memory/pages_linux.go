package memory

import (
	"sync"
	"unsafe"

	"golang.org/x/sys/unix"
)

func adviseHuge(b []byte) { _ = unix.Madvise(b, unix.MADV_HUGEPAGE) }

// segmentBytes is how much address space is mapped at a time for small blocks.
const segmentBytes = 64 << 20

// arena parts segments of address space into small blocks. Mapping each by itself would have every lane wait for the others:
// a map excludes all other use of the address space, filling it with pages does not. What is given back keeps its addresses and has no pages.
type arena struct {
	mu    sync.Mutex
	rest  []byte // of the newest segment
	spare [classes][][]byte
}

var small arena

// mapSmall gives n zeroed bytes, a class's size below hugeFrom; nil where the system refuses.
func mapSmall(n int) []byte { return small.take(n) }

// unmapSmall gives the pages of such a block back.
func unmapSmall(b []byte) { small.give(b) }

func (a *arena) take(n int) []byte {
	a.mu.Lock()
	defer a.mu.Unlock()
	if spare := &a.spare[class(n)]; len(*spare) > 0 {
		last := len(*spare) - 1
		b := (*spare)[last]
		*spare = (*spare)[:last]
		return b
	}
	if len(a.rest) < n {
		p, err := unix.MmapPtr(-1, 0, nil, segmentBytes, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE|unix.MAP_NORESERVE)
		if err != nil {
			return nil
		}
		a.rest = unsafe.Slice((*byte)(p), segmentBytes)
		_ = unix.Madvise(a.rest, unix.MADV_NOHUGEPAGE) // the first byte of a block must not bring its neighbours
	}
	b := a.rest[:n:n]
	a.rest = a.rest[n:]
	return b
}

func (a *arena) give(b []byte) {
	_ = unix.Madvise(b, unix.MADV_DONTNEED)
	a.mu.Lock()
	defer a.mu.Unlock()
	c := class(len(b))
	a.spare[c] = append(a.spare[c], b)
}

// populate brings the pages of a new small block, all of which will be written, at once: one by one they take twice the time. Systems
// that can't do it bring them one by one. It is a raw call, as a fault is none either: the scheduler would give the
// processor of a lane away, which then waits for another.
func populate(b []byte) {
	if len(b) < hugeFrom {
		_, _, _ = unix.RawSyscall(unix.SYS_MADVISE, uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)), unix.MADV_POPULATE_WRITE)
	}
}
