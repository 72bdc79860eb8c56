package interp

import (
	"context"
	"runtime/pprof"
	"strconv"
	"unsafe"
)

// keepOwners is how many cells are remembered as owners of goroutines that outlive them.
const keepOwners = 256

// labels identifies the label set of a goroutine. Goroutines inherit the set of the one that started them, so a set
// made for a cell marks all that the cell starts. Only its address is used; owners keeps the set alive.
type labels = unsafe.Pointer

// goroutineLabels is the label set of the calling goroutine. The runtime keeps this name for such uses.
//
//go:linkname goroutineLabels runtime/pprof.runtime_getProfLabel
func goroutineLabels() labels

// adopt marks the calling goroutine, and all that it will start, as belonging to r.
func (s *session) adopt(r *run) {
	r.labels = cellLabels(r.number)
	l := s.claim(r)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.recent = append(s.recent, l)
	if len(s.recent) > keepOwners {
		delete(s.owners, s.recent[0])
		s.recent = s.recent[1:]
	}
}

// cellLabels is a set of labels of its own, though it may say the same as another.
func cellLabels(number uint64) context.Context {
	return pprof.WithLabels(context.Background(), pprof.Labels("cell", strconv.FormatUint(number, 10)))
}

// claim gives the calling goroutine the labels of r.
func (s *session) claim(r *run) labels {
	pprof.SetGoroutineLabels(r.labels)
	l := goroutineLabels()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.owners[l] = r
	return l
}

// owner is the cell that the calling goroutine belongs to; where that is unknown, the one that runs now.
func (s *session) owner() *run {
	if l := goroutineLabels(); l != nil {
		s.mu.Lock()
		r := s.owners[l]
		s.mu.Unlock()
		if r != nil {
			return r
		}
	}
	return s.current.Load()
}

// join is how a goroutine that timers and such start comes to belong to the cell of the calling one.
func (s *session) join() func() {
	r := s.owner()
	if r == nil || r.labels == nil {
		return func() {}
	}
	return func() { pprof.SetGoroutineLabels(r.labels) }
}
