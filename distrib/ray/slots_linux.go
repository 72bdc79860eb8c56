package ray

import (
	"context"
	"errors"
	"fmt"

	"github.com/apache/arrow/go/v17/arrow"
	"golang.org/x/sys/unix"

	"github.com/rivulet-go/rivulet/frame/batch"
)

// slotCount is two, so that a block is made while Ray copies the one before it.
const slotCount = 2

// slots are the memory files in which blocks lie until Ray has copied them.
type slots struct {
	all  [slotCount]slot
	free chan int
}

type slot struct {
	fd    int
	mem   []byte
	known bool // the Ray worker has it mapped
}

// begin makes all slots free: no block of an earlier task is wanted.
func (s *slots) begin() {
	s.free = make(chan int, slotCount)
	for i := range s.all {
		s.free <- i
	}
}

// forget makes the Ray worker get the files again: it may have missed some.
func (s *slots) forget() {
	for i := range s.all {
		s.all[i].known = false
	}
}

func (s *slots) take(ctx context.Context) (*slot, int, error) {
	select {
	case i := <-s.free:
		return &s.all[i], i, nil
	case <-ctx.Done():
		return nil, 0, ctx.Err()
	}
}

func (s *slots) credit(number int) {
	select {
	case s.free <- number:
	default: // of an earlier task
	}
}

// write puts rec into the slot. fresh says that the Ray worker has to map the file.
func (s *slot) write(rec arrow.Record) (length int64, fresh bool, err error) {
	need := batch.EncodedSize(rec)
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
