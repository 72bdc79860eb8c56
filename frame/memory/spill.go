package memory

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"syscall"

	"github.com/apache/arrow/go/v17/arrow"
)

var spilled atomic.Int64

// SpilledBytes is what the process has written to spill files so far.
func SpilledBytes() int64 { return spilled.Load() }

// Spill is one temporary file, unlinked when it is created, that holds any number of runs. Writers of several runs may
// write at once: each batch becomes one chunk at the file's end.
type Spill struct {
	dir  string
	file *os.File
	end  atomic.Int64
	open sync.RWMutex // held for reading during input and output, so that Close waits for it

	keeping sync.Mutex
	words   []arrow.ArrayData // of coded columns
}

// NewSpill creates a spill file in dir (SpillDir where it is empty).
func NewSpill(dir string) (*Spill, error) {
	if dir == "" {
		dir = SpillDir()
	}
	file, err := os.CreateTemp(dir, "rivulet-spill-*")
	if err != nil {
		return nil, fmt.Errorf("spill directory %s: %w (set %s to another)", dir, cause(err), SpillDirEnv)
	}
	if err := os.Remove(file.Name()); err != nil {
		_ = file.Close()
		return nil, fmt.Errorf("spill directory %s: %w", dir, cause(err))
	}
	return &Spill{dir: dir, file: file}, nil
}

// cause strips the operation and the temporary name that os adds.
func cause(err error) error {
	if path := (*os.PathError)(nil); errors.As(err, &path) {
		return path.Err
	}
	return err
}

// Bytes is what was written to the file.
func (s *Spill) Bytes() int64 { return s.end.Load() }

// Writer starts a run of batches of one schema. It is used by one goroutine.
func (s *Spill) Writer(schema *arrow.Schema) *RunWriter {
	return newRunWriter(s, schema)
}

// keep holds the words of a coded column until Close.
func (s *Spill) keep(words arrow.ArrayData) {
	s.keeping.Lock()
	defer s.keeping.Unlock()
	words.Retain()
	s.words = append(s.words, words)
}

// append writes b at the end of the file and returns where.
func (s *Spill) append(b []byte) (offset int64, err error) {
	s.open.RLock()
	defer s.open.RUnlock()
	if s.file == nil {
		return 0, ErrSpillClosed
	}
	offset = s.end.Add(int64(len(b))) - int64(len(b))
	if _, err := s.file.WriteAt(b, offset); err != nil {
		if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
			return 0, fmt.Errorf("spill directory %s is full: %s written, %s more needed (free space, or set %s): %w",
				s.dir, FormatSize(offset), FormatSize(int64(len(b))), SpillDirEnv, cause(err))
		}
		return 0, fmt.Errorf("spill directory %s: %w", s.dir, cause(err))
	}
	spilled.Add(int64(len(b)))
	return offset, nil
}

// readAt fills b from offset.
func (s *Spill) readAt(b []byte, offset int64) error {
	s.open.RLock()
	defer s.open.RUnlock()
	if s.file == nil {
		return ErrSpillClosed
	}
	if _, err := s.file.ReadAt(b, offset); err != nil {
		return fmt.Errorf("spill directory %s: %w", s.dir, cause(err))
	}
	return nil
}

// Close drops the file and all its runs. It may be called more than once.
func (s *Spill) Close() error {
	s.open.Lock()
	defer s.open.Unlock()
	if s.file == nil {
		return nil
	}
	err := s.file.Close()
	s.file = nil
	s.keeping.Lock()
	defer s.keeping.Unlock()
	for _, words := range s.words {
		words.Release()
	}
	s.words = nil
	return err
}
