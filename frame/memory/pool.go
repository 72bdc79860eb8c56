package memory

import (
	"math/bits"
	"os"
	"sync"
	"time"
	"unsafe"

	arrowmemory "github.com/apache/arrow/go/v17/arrow/memory"
)

const (
	// leastPooled is the size from which blocks come from the pool; what is smaller comes from the Go heap. A bitmap of a batch's rows is one that
	// does: of Go, those alone would have its collector run all the time.
	leastPooled = 4 << 10
	// smallest is the smallest block of the pool: a quarter of it is a page, so that all classes are whole pages.
	smallest     = 1 << smallestBits
	smallestBits = 14
	// alignment of every block, as Arrow recommends.
	alignment = 64
	// classes is the number of size classes: quarter steps from the smallest up to beyond any address space.
	classes = 4 * 42
)

// Pool is Arrow's Allocator over memory outside the Go heap. Blocks of 4 KiB and more are mapped from the system in
// size classes of quarter steps (16, 20, 24, 28, 32, 40 KiB ...) and recycled, newest first; smaller ones are Go
// memory. It is safe for concurrent use.
type Pool struct {
	mu    sync.Mutex
	free  [classes][][]byte
	idle  int64 // bytes in free
	inUse int64 // bytes given out
	peak  int64
	limit int64 // of idle

	// Blocks beyond the limit linger this long, since what comes next often needs as many and the system takes its time to give pages; 0 is
	// not at all. New blocks take their place: the sum does not grow by them.
	linger time.Duration
	least  int64 // of idle since the last look at what lingers
	armed  bool  // there will be a look
}

// lingering is how long the process's pool keeps blocks beyond its limit.
const lingering = 5 * time.Second

var pool = &Pool{limit: idleLimit(1 << 62), linger: lingering}

// Allocator is the process's pool.
func Allocator() arrowmemory.Allocator { return pool }

// DirtyAllocator is an allocator that can leave out the zeroing of recycled blocks.
type DirtyAllocator interface {
	// AllocateDirty is Allocate with arbitrary contents, for who writes every byte.
	AllocateDirty(size int) []byte
}

// AllocateDirty allocates from mem without zeroing where mem can do that.
func AllocateDirty(mem arrowmemory.Allocator, size int) []byte {
	if d, ok := mem.(DirtyAllocator); ok {
		return d.AllocateDirty(size)
	}
	return mem.Allocate(size)
}

// NewPool makes a pool that keeps at most idle bytes for reuse.
func NewPool(idle int64) *Pool { return &Pool{limit: idle} }

// class is the index of the smallest size class that holds n bytes.
func class(n int) int {
	if n <= smallest {
		return 0
	}
	// Between 2^k and 2^(k+1) the classes are at 5/4, 6/4, 7/4 and 8/4 of 2^k.
	k := bits.Len(uint(n-1)) - 1
	quarter := (n - 1 - 1<<k) >> (k - 2)
	return (k-smallestBits)*4 + quarter + 1
}

// classSize is the number of bytes of a block of class c.
func classSize(c int) int {
	if c == 0 {
		return smallest
	}
	c--
	return (4 + c%4 + 1) << (c/4 + smallestBits - 2)
}

// Allocate gives size zeroed bytes, aligned to 64 bytes.
func (p *Pool) Allocate(size int) []byte {
	b, fresh := p.get(size)
	if !fresh {
		clear(b)
	}
	return b
}

// AllocateDirty is Allocate with arbitrary contents.
func (p *Pool) AllocateDirty(size int) []byte {
	b, fresh := p.get(size)
	if fresh && pooled(cap(b)) {
		populate(b)
	}
	return b
}

func (p *Pool) get(size int) (b []byte, zeroed bool) {
	if size < leastPooled {
		return goBytes(size), true
	}
	c := class(size)
	p.mu.Lock()
	if b = p.take(c); b != nil {
		p.mu.Unlock()
		return b[:size], false
	}
	n := classSize(c)
	p.inUse += int64(n)
	var drop [][]byte
	if p.idle > p.limit {
		drop = p.takeIdle(max(p.limit, p.idle-int64(n)))
	}
	p.peak = max(p.peak, p.inUse+p.idle)
	p.mu.Unlock()
	unmapAll(drop)
	if b = mapPages(n); b == nil {
		// The system has no more maps to give: Go memory, whose capacity is no class, so that Free tells it apart.
		p.mu.Lock()
		p.inUse -= int64(n)
		p.mu.Unlock()
		return goBytes(size), true
	}
	return b[:size:n], true
}

// wider is how many classes beyond its own a block may be of: it is at most half as large again. To have the system give pages for a
// block of the right size takes longer than to fill it.
const wider = 2

// take gives an idle block of a class, or one of the next few; nil where there is none.
func (p *Pool) take(c int) []byte {
	for at := c; at <= min(c+wider, classes-1); at++ {
		l := p.free[at]
		if len(l) == 0 {
			continue
		}
		b := l[len(l)-1]
		l[len(l)-1] = nil
		p.free[at] = l[:len(l)-1]
		p.idle -= int64(cap(b))
		p.inUse += int64(cap(b))
		p.least = min(p.least, p.idle)
		return b
	}
	return nil
}

func goBytes(size int) []byte {
	if size == 0 {
		return []byte{}
	}
	b := make([]byte, size+alignment+1)
	shift := int(-uintptr(unsafe.Pointer(unsafe.SliceData(b))) & (alignment - 1))
	end := shift + size
	if pooled(size) {
		end++ // a capacity that no block of the pool has
	}
	return b[shift : shift+size : end]
}

// pooled tells whether a slice of this capacity is a block of the pool.
func pooled(capacity int) bool {
	return capacity >= smallest && classSize(class(capacity)) == capacity
}

// Reallocate changes the size of a block and keeps its contents; bytes that are new are zero.
func (p *Pool) Reallocate(size int, b []byte) []byte {
	if size <= cap(b) && size >= cap(b)/2 {
		old := len(b)
		b = b[:size]
		if size > old {
			clear(b[old:])
		}
		return b
	}
	grown, zeroed := p.get(size)
	n := copy(grown, b)
	if !zeroed {
		clear(grown[n:])
	}
	p.Free(b)
	return grown
}

// Free gives a block back.
func (p *Pool) Free(b []byte) {
	n := cap(b)
	if !pooled(n) {
		return
	}
	c := class(n)
	p.mu.Lock()
	p.inUse -= int64(n)
	if p.idle+int64(n) <= p.limit || p.linger > 0 {
		p.idle += int64(n)
		p.free[c] = append(p.free[c], b[:n])
		if p.idle > p.limit && !p.armed {
			p.armed, p.least = true, p.idle
			time.AfterFunc(p.linger, p.settle)
		}
		p.mu.Unlock()
		return
	}
	p.mu.Unlock()
	unmapPages(b[:n])
}

// SetIdleLimit sets how many bytes the pool keeps for reuse and gives the rest back to the system.
func (p *Pool) SetIdleLimit(bytes int64) {
	p.mu.Lock()
	p.limit = bytes
	drop := p.takeIdle(bytes)
	p.mu.Unlock()
	unmapAll(drop)
}

// settle gives back what nobody has needed since the last look.
func (p *Pool) settle() {
	p.mu.Lock()
	drop := p.takeIdle(max(p.limit, p.idle-p.least))
	p.least = p.idle
	if p.armed = p.idle > p.limit; p.armed {
		time.AfterFunc(p.linger, p.settle)
	}
	p.mu.Unlock()
	unmapAll(drop)
}

func unmapAll(blocks [][]byte) {
	for _, b := range blocks {
		unmapPages(b)
	}
}

// Trim gives every idle block back to the system.
func (p *Pool) Trim() {
	p.mu.Lock()
	drop := p.takeIdle(0)
	p.mu.Unlock()
	unmapAll(drop)
}

// takeIdle removes blocks from the free lists, largest first, until at most keep bytes are left.
func (p *Pool) takeIdle(keep int64) (drop [][]byte) {
	for c := classes - 1; c >= 0 && p.idle > keep; c-- {
		for l := p.free[c]; len(l) > 0 && p.idle > keep; l = p.free[c] {
			drop = append(drop, l[len(l)-1])
			p.free[c] = l[:len(l)-1]
			p.idle -= int64(classSize(c))
		}
	}
	p.least = min(p.least, p.idle)
	return drop
}

// Stats tells the bytes given out, idle, and the most that both ever were together.
func (p *Pool) Stats() (inUse, idle, peak int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.inUse, p.idle, p.peak
}

// ProcessPool is the pool behind Allocator, for figures and trimming.
func ProcessPool() *Pool { return pool }

// SpillDirEnv is the environment variable that names the directory of spill files.
const SpillDirEnv = "RIVULET_SPILL_DIR"

// SpillDir is where spill files go: RIVULET_SPILL_DIR or the system's directory for temporary files.
func SpillDir() string {
	if dir := os.Getenv(SpillDirEnv); dir != "" {
		return dir
	}
	return os.TempDir()
}
