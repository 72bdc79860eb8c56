package ray

import (
	"context"
	"errors"
	"fmt"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/ipc"
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

// write puts rec into the slot as an Arrow IPC stream. fresh says that the Ray worker has to map the file.
func (s *slot) write(rec arrow.Record) (length int64, fresh bool, err error) {
	need := int(batch.Bytes(rec)) + 64*(8+6*int(rec.NumCols())) + 64<<10
	for {
		if len(s.mem) < need {
			if err := s.grow(need); err != nil {
				return 0, false, err
			}
		}
		w := fixedWriter{b: s.mem}
		err := encodeTo(&w, rec)
		if err == nil {
			fresh, s.known = !s.known, true
			return int64(w.n), fresh, nil
		}
		if !errors.Is(err, errFull) {
			return 0, false, err
		}
		need = 2 * len(s.mem) // dictionaries that the record's size leaves out
	}
}

func encodeTo(w *fixedWriter, rec arrow.Record) error {
	out := ipc.NewWriter(w, ipc.WithSchema(rec.Schema()))
	if err := out.Write(rec); err != nil {
		return fmt.Errorf("encode block: %w", err)
	}
	return out.Close()
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

var errFull = errors.New("slot is full")

type fixedWriter struct {
	b []byte
	n int
}

func (w *fixedWriter) Write(p []byte) (int, error) {
	if len(p) > len(w.b)-w.n {
		return 0, errFull
	}
	w.n += copy(w.b[w.n:], p)
	return len(p), nil
}
