package source

import (
	"fmt"
	"sync/atomic"

	"github.com/apache/arrow/go/v17/arrow/memory"
)

// dirtyAllocator is an allocator that can leave out zeroing; the engine's pool is one.
type dirtyAllocator interface{ AllocateDirty(size int) []byte }

type allocatorBox struct{ memory.Allocator }

var allocator atomic.Pointer[allocatorBox]

// SetAllocator sets where sources allocate the batches they read. The engine sets its pool; the default is Arrow's.
func SetAllocator(mem memory.Allocator) { allocator.Store(&allocatorBox{mem}) }

func currentAllocator() memory.Allocator {
	if box := allocator.Load(); box != nil {
		return box.Allocator
	}
	return memory.DefaultAllocator
}

// allocate gives n bytes with arbitrary contents.
func allocate(mem memory.Allocator, n int) []byte {
	if d, ok := mem.(dirtyAllocator); ok {
		return d.AllocateDirty(n)
	}
	return mem.Allocate(n)
}

// bounded refuses allocations that a corrupt length asks for, by a panic that the caller makes an error.
type bounded struct {
	memory.Allocator
	most int
}

func (b bounded) Allocate(size int) []byte {
	b.check(size)
	return b.Allocator.Allocate(size)
}

func (b bounded) Reallocate(size int, old []byte) []byte {
	b.check(size)
	return b.Allocator.Reallocate(size, old)
}

func (b bounded) check(size int) {
	if size < 0 || size > b.most {
		panic(fmt.Sprintf("a buffer of %d bytes", size))
	}
}

// boundedBy is mem for reading a file of size bytes: compressed data may grow, but not without limit.
func boundedBy(mem memory.Allocator, size int64) memory.Allocator {
	return bounded{mem, int(max(size*64, 1<<28))}
}
