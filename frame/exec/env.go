package exec

import (
	"errors"
	"fmt"

	arrowmemory "github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/rivulet-go/rivulet/frame/memory"
)

const (
	// workingBytes is what an operator may hold without asking the budget: without a floor, an operator whose
	// neighbours hold everything could never finish a single batch.
	workingBytes = 512 << 10

	// maxRows is the most rows of a batch that an operator makes.
	maxRows = 1 << 16
)

// Env is what operators need of the process: where column data lives, who grants memory, where runs are spilled.
// It is shared by operators that run at the same time and is never changed.
type Env struct {
	Mem    arrowmemory.Allocator
	Budget *memory.Budget
	Spill  string // directory of spill files

	usage *Usage // of the operator that has it for its own; may be nil

	floor int64 // tests shrink workingBytes to spill small inputs; 0 means workingBytes
	shard int   // tests shrink shardFrom; 0 means shardFrom
	pack  int64 // tests shrink packBytes to pack small ones; 0 means packBytes
}

// grant is an operator's claim on the budget. Everything an operator holds across batches is in its grant.
type grant struct {
	reservation *memory.Reservation
	floor       int64
	usage       *Usage
	holds       int64
}

func (e *Env) newGrant(name string) *grant {
	return &grant{reservation: e.Budget.NewReservation(name), floor: e.working(), usage: e.usage}
}

// working is what an operator may hold without asking.
func (e *Env) working() int64 {
	if e.floor != 0 {
		return e.floor
	}
	return workingBytes
}

// shardFrom is from how many groups an aggregate works in shards.
func (e *Env) shardFrom() int {
	if e.shard != 0 {
		return e.shard
	}
	return shardFrom
}

// partBytes is how large the parts of a sort are.
func (e *Env) partBytes() int64 {
	if e.pack != 0 {
		return min(partBytes, 1024*e.pack)
	}
	return partBytes
}

// packFrom is how large columns are that are packed.
func (e *Env) packFrom() int64 {
	if e.pack != 0 {
		return e.pack
	}
	return packBytes
}

// resize asks to hold n bytes in all. A refusal leaves the grant as it was; every other error is passed on.
func (g *grant) resize(n int64) (granted bool, err error) {
	err = g.reservation.Resize(max(0, n-g.floor))
	switch {
	case err == nil:
		g.usage.hold(n - g.holds)
		g.holds = n
		return true, nil
	case errors.Is(err, memory.ErrBudget):
		return false, nil
	default:
		return false, err
	}
}

func (g *grant) release() {
	g.reservation.Release()
	g.usage.hold(-g.holds)
	g.holds = 0
}

// refused is the error of an operator that has nothing left to spill.
func refused(operator string, wantBytes int64) error {
	return fmt.Errorf("%s: needs %d bytes at once: %w", operator, wantBytes, memory.ErrBudget)
}

// WithShards is the environment with another number of groups from which aggregates work in shards, for tests of few groups.
func (e *Env) WithShards(from int) *Env {
	out := *e
	out.shard = from
	return &out
}
