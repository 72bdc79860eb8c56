package enginetest

import (
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"runtime"
	"sync"

	"github.com/rivulet-go/rivulet/distrib"
)

// Faulty wraps an engine: by a seed its tasks are slow, give blocks out of order or twice, and are lost in the middle.
// The same block of the same attempt always meets the same fate.
type Faulty struct {
	distrib.Engine
	Seed uint64
	// Kill is the probability that a task is lost at a block. At one split it is lost at most twice.
	Kill float64

	mu    sync.Mutex
	kills map[distrib.BlockID]int
	Lost  int // tasks lost so far
}

// Submit implements distrib.Engine.
func (f *Faulty) Submit(ctx context.Context, task distrib.Task) iter.Seq2[distrib.Ref, error] {
	return func(yield func(distrib.Ref, error) bool) {
		var kept []distrib.Ref // the block that changes places with the next
		defer func() { f.Free(kept...) }()
		for ref, err := range f.Engine.Submit(ctx, task) {
			if err != nil {
				for _, k := range kept {
					if !yield(k, nil) {
						kept = nil
						return
					}
				}
				kept = nil
				yield(ref, err)
				return
			}
			dice := rand.New(rand.NewPCG(f.Seed, uint64(ref.ID.Split)<<20|uint64(ref.ID.Seq)))
			for range dice.IntN(50) {
				runtime.Gosched()
			}
			if dice.IntN(3) == 0 && len(kept) == 0 && !ref.Last {
				kept = append(kept, ref)
				continue
			}
			if f.kill(ref.ID, dice) {
				f.Free(ref)
				yield(distrib.Ref{ID: ref.ID}, fmt.Errorf("worker killed at block %s: %w", ref.ID, distrib.ErrLost))
				return
			}
			give := append([]distrib.Ref{ref}, kept...)
			kept = nil
			for i, g := range give {
				if !yield(g, nil) {
					f.Free(give[i+1:]...)
					return
				}
			}
		}
		for i, k := range kept {
			if !yield(k, nil) {
				f.Free(kept[i+1:]...)
				kept = nil
				return
			}
		}
		kept = nil
	}
}

func (f *Faulty) kill(id distrib.BlockID, dice *rand.Rand) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.kills == nil {
		f.kills = map[distrib.BlockID]int{}
	}
	id.Seq = 0
	if dice.Float64() >= f.Kill || f.kills[id] >= 2 {
		return false
	}
	f.kills[id]++
	f.Lost++
	return true
}
