package source

import (
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
