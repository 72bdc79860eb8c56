package distrib

import (
	"context"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/exec"
	"github.com/rivulet-go/rivulet/frame/memory"
	"github.com/rivulet-go/rivulet/frame/plan"
)

// Pool runs plans on an engine. It is safe for concurrent use.
type Pool struct {
	engine Engine
	env    *exec.Env

	exchangeBytes  int64
	broadcastBytes int64 // 0: a share of the workers' memory
}

// NewRunner makes a pool whose operators reserve from budget.
func NewRunner(e Engine, budget *memory.Budget) *Pool {
	return NewRunnerEnv(e, &exec.Env{Mem: memory.Allocator(), Budget: budget, Spill: memory.SpillDir()})
}

// NewRunnerEnv makes a pool whose operators work in env.
func NewRunnerEnv(e Engine, env *exec.Env) *Pool {
	return &Pool{engine: e, env: env, exchangeBytes: exchangeBytes}
}

// ExchangeFrom sets from how many bytes on a remote engine's rows are sorted there, and about how many make a task of an exchange.
func (p *Pool) ExchangeFrom(bytes int64) { p.exchangeBytes = bytes }

// BroadcastUpTo sets how many bytes the build side of a join may have that a remote engine's workers hold each for itself; larger ones
// are exchanged. 0 is a share of the workers' memory.
func (p *Pool) BroadcastUpTo(bytes int64) { p.broadcastBytes = bytes }

const (
	minSplitBytes = 512 << 10
	maxSplitBytes = 8 << 20
	splitsPerSlot = 4
	groupedSplits = 16
	rangedSplits  = 4
	minShareBytes = 256 << 10
	maxShareBytes = 64 << 20
	exchangeBytes = 32 << 20
)

// splitBytes is how large splits of a source of size bytes should be that the lanes of a task work on. A lane holds
// about one at a time, with what it makes of it. The more rows a split has, the more is made of them where they are put in
// groups, and the fewer blocks where they are put in ranges: such splits are larger, as long as there are some for each slot.
func (p *Pool) splitBytes(task Task, size int64) int64 {
	usual := min(max(p.env.Budget.Total()/64, minSplitBytes), maxSplitBytes)
	grown := int64(1)
	switch task.Fragment.End.(type) {
	case *plan.Aggregate, *plan.GroupTopK:
		grown = groupedSplits
	}
	if task.Bounds != nil {
		grown = rangedSplits
	}
	return max(usual, min(size/int64(splitsPerSlot*p.engine.Slots()), grown*usual))
}

// shareBytes is what a lane may have made that nobody has consumed.
func (p *Pool) shareBytes() int64 {
	return min(max(p.env.Budget.Total()/int64(16*p.engine.Slots()), minShareBytes), maxShareBytes)
}

// Run gives the exact result of a plan, each row once, in batches.
func (p *Pool) Run(ctx context.Context, n plan.Node) batch.Stream {
	return func(yield func(arrow.Record, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		outside := false
		defer func() {
			if outside {
				return
			}
			if r := recover(); r != nil {
				yield(nil, panicError("run", r))
			}
		}()
		for rec, err := range newRun(p, n).result(ctx) {
			outside = true
			more := yield(rec, err)
			outside = false
			if !more || err != nil {
				return
			}
		}
	}
}
