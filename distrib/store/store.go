package store

import (
	"sync"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/memory"
)

// Store is safe for concurrent use.
type Store struct {
	budget *memory.Budget
	mu     sync.Mutex
	blocks map[uint64]block
	last   uint64
	bytes  int64
	closed bool
}

type block struct {
	record   arrow.Record
	bytes    int64
	reserved bool
}

// New makes an empty store whose blocks count against budget.
func New(budget *memory.Budget) *Store {
	return &Store{budget: budget, blocks: map[uint64]block{}}
}

// Put takes rec over and gives its number. reserved says whether the budget had room for it; the block is held either
// way.
func (s *Store) Put(rec arrow.Record) (number uint64, reserved bool) {
	b := block{record: rec, bytes: batch.Bytes(rec)}
	// What can't fit is not asked for: a refusal may run the collector, and a full budget refuses every block.
	if b.bytes <= s.budget.Total()-s.budget.Used() {
		b.reserved = s.budget.Reserve(b.bytes) == nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last++
	if s.closed {
		s.release(b)
		return s.last, true
	}
	s.blocks[s.last] = b
	s.bytes += b.bytes
	return s.last, b.reserved
}

// Get gives the record of a block, which the caller releases; false where the block was freed.
func (s *Store) Get(number uint64) (arrow.Record, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, ok := s.blocks[number]
	if ok {
		b.record.Retain()
	}
	return b.record, ok
}

// Free drops a block; a number that is not held is ignored.
func (s *Store) Free(number uint64) {
	s.mu.Lock()
	b, ok := s.blocks[number]
	delete(s.blocks, number)
	if ok {
		s.bytes -= b.bytes
	}
	s.mu.Unlock()
	if ok {
		s.release(b)
	}
}

func (s *Store) release(b block) {
	b.record.Release()
	if b.reserved {
		s.budget.Release(b.bytes)
	}
}

// Bytes is what the blocks held take; Blocks is how many they are.
func (s *Store) Bytes() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.bytes
}

// Blocks is how many blocks are held.
func (s *Store) Blocks() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.blocks)
}

// Close frees every block; later ones are dropped as they come.
func (s *Store) Close() {
	s.mu.Lock()
	blocks := s.blocks
	s.blocks, s.bytes, s.closed = map[uint64]block{}, 0, true
	s.mu.Unlock()
	for _, b := range blocks {
		s.release(b)
	}
}
