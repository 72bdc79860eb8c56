package ray

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/apache/arrow/go/v17/arrow"
	"golang.org/x/sys/unix"

	"github.com/rivulet-go/rivulet/frame/batch"
)

const (
	// Two blocks may lie in slots, so that one is made while Ray copies the one before it; more, as long as they are small, so that tasks
	// whose blocks come many at a time, as those of ranges do, don't wait for each.
	usualSlots = 2
	slotCount  = 8
	slotBytes  = 16 << 20
)

// slots are the memory files in which blocks lie until Ray has copied them.
type slots struct {
	mu      sync.Mutex
	all     [slotCount]slot
	used    int
	bytes   int           // of those that are used
	changed chan struct{} // has a value when some have become free
}

type slot struct {
	fd    int
	mem   []byte
	known bool // the Ray worker has it mapped
	holds int  // bytes that are asked for its block; 0 where it is free
}

// begin makes all slots free: no block of an earlier task is wanted.
func (s *slots) begin() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.used, s.bytes, s.changed = 0, 0, make(chan struct{}, 1)
	for i := range s.all {
		s.all[i].holds = 0
	}
}

// forget makes the Ray worker get the files again: it may have missed some.
func (s *slots) forget() {
	for i := range s.all {
		s.all[i].known = false
	}
}

// take waits for a slot for a block of so many bytes.
func (s *slots) take(ctx context.Context, bytes int) (*slot, int, error) {
	for {
		if i := s.pick(bytes); i >= 0 {
			return &s.all[i], i, nil
		}
		select {
		case <-s.changed:
		case <-ctx.Done():
			return nil, 0, ctx.Err()
		}
	}
}

// pick takes the first free slot: the others may never be needed. -1 where there is none.
func (s *slots) pick(bytes int) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.used >= slotCount || s.used >= usualSlots && s.bytes+bytes > slotBytes {
		return -1
	}
	for i := range s.all {
		if s.all[i].holds == 0 {
			s.all[i].holds = bytes
			s.used++
			s.bytes += bytes
			return i
		}
	}
	return -1
}

// credit frees a slot.
func (s *slots) credit(number int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if number < 0 || number >= slotCount || s.all[number].holds == 0 { // of an earlier task
		return
	}
	s.used--
	s.bytes -= s.all[number].holds
	s.all[number].holds = 0
	select {
	case s.changed <- struct{}{}:
	default:
	}
}

// write puts rec into the slot. fresh says that the Ray worker has to map the file.
func (s *slot) write(rec arrow.Record) (length int64, fresh bool, err error) {
	need := s.holds
	for {
		if len(s.mem) < need {
			if err := s.grow(need); err != nil {
				return 0, false, err
			}
		}
		n, err := batch.EncodeTo(s.mem, rec)
		if err == nil {
			fresh, s.known = !s.known, true
			return int64(n), fresh, nil
		}
		if !errors.Is(err, batch.ErrShort) {
			return 0, false, err
		}
		need = 2 * len(s.mem)
	}
}

// grow makes the slot anew with at least size bytes.
func (s *slot) grow(size int) error {
	size = (size + 1<<20 - 1) &^ (1<<20 - 1)
	fd, err := unix.MemfdCreate("block", unix.MFD_CLOEXEC)
	if err != nil {
		return fmt.Errorf("slot: %w", err)
	}
	if err := unix.Ftruncate(fd, int64(size)); err != nil {
		_ = unix.Close(fd)
		return fmt.Errorf("slot of %d bytes: %w", size, err)
	}
	mem, err := unix.Mmap(fd, 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		_ = unix.Close(fd)
		return fmt.Errorf("slot of %d bytes: %w", size, err)
	}
	if s.mem != nil {
		_ = unix.Munmap(s.mem)
		_ = unix.Close(s.fd)
	}
	s.fd, s.mem, s.known = fd, mem, false
	return nil
}
