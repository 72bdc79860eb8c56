package memory

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"
)

// BudgetEnv is the environment variable that sets the process's budget.
const BudgetEnv = "RIVULET_MEMORY"

// collectEvery bounds how often refused reservations run the collector: an operator that spills is refused often.
const collectEvery = time.Second

// Budget is how many bytes operators may hold. It is safe for concurrent use.
type Budget struct {
	total     atomic.Int64
	used      atomic.Int64
	peak      atomic.Int64
	collected atomic.Int64 // when a refusal last ran the collector, nanoseconds since start
	start     time.Time
}

// NewBudget makes a budget of so many bytes.
func NewBudget(bytes int64) *Budget {
	b := &Budget{start: time.Now()}
	b.Resize(bytes)
	return b
}

var (
	defaultOnce   sync.Once
	defaultBudget *Budget
)

// Default is the process's budget: RIVULET_MEMORY, or 60 % of the memory of the cgroup or the machine. Its first use
// also sets the Go heap's soft limit, a backstop for what is not counted, unless GOMEMLIMIT did.
func Default() *Budget {
	defaultOnce.Do(func() {
		defaultBudget = NewBudget(0)
		setDefault(DefaultTotal())
	})
	return defaultBudget
}

func setDefault(total int64) {
	defaultBudget.Resize(total)
	pool.SetIdleLimit(idleLimit(total))
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(total + heapFloor)
	}
}

// ResizeDefault changes the process's budget, and the limits that follow from it. What is reserved stays so: after a
// smaller one reservations are refused until enough is given back.
func ResizeDefault(bytes int64) {
	Default()
	setDefault(bytes)
}

// heapFloor is what the interpreter and its symbols need beside the data: a limit below it would only make the
// collector run without end.
const heapFloor = 256 << 20

// DefaultTotal is how many bytes the process's budget has unless it is resized.
func DefaultTotal() int64 {
	if s := os.Getenv(BudgetEnv); s != "" {
		if n, err := ParseSize(s); err == nil {
			return n
		}
		fmt.Fprintf(os.Stderr, "%s=%q is not a size such as 64MiB or 2GB: the default is used\n", BudgetEnv, s)
	}
	return machineMemory() / 10 * 6
}

// idleLimit is how much the pool may keep for reuse under a budget.
func idleLimit(total int64) int64 { return min(max(total/8, 8<<20), 96<<20) }

// Total is the size of the budget.
func (b *Budget) Total() int64 { return b.total.Load() }

// Resize sets the size of the budget, in bytes.
func (b *Budget) Resize(bytes int64) { b.total.Store(max(bytes, 0)) }

// Used is what is reserved now.
func (b *Budget) Used() int64 { return b.used.Load() }

// Peak is the most that was reserved at once.
func (b *Budget) Peak() int64 { return b.peak.Load() }

// Reserve takes n bytes of the budget. Where they do not fit, the collector runs once (frames that cells dropped are
// released by it), and then the error wraps ErrBudget.
func (b *Budget) Reserve(n int64) error {
	if n <= 0 || b.try(n) {
		return nil
	}
	if b.collect() {
		for range 20 {
			if b.try(n) {
				return nil
			}
			time.Sleep(100 * time.Microsecond) // cleanups run on their own goroutine
		}
	}
	if b.try(n) {
		return nil
	}
	return fmt.Errorf("%w: %s wanted, %s of %s in use (set %s to raise it, or %%config memory in a cell)",
		ErrBudget, FormatSize(n), FormatSize(b.Used()), FormatSize(b.Total()), BudgetEnv)
}

func (b *Budget) try(n int64) bool {
	for {
		used := b.used.Load()
		if n > b.Total()-used {
			return false
		}
		if b.used.CompareAndSwap(used, used+n) {
			for peak := b.peak.Load(); used+n > peak && !b.peak.CompareAndSwap(peak, used+n); peak = b.peak.Load() {
			}
			return true
		}
	}
}

func (b *Budget) collect() bool {
	now := int64(time.Since(b.start)) + 1
	last := b.collected.Load()
	if last != 0 && now-last < int64(collectEvery) || !b.collected.CompareAndSwap(last, now) {
		return false
	}
	runtime.GC()
	return true
}

// Release gives n bytes back.
func (b *Budget) Release(n int64) {
	if n > 0 {
		b.used.Add(-n)
	}
}
