package distrib

import (
	"context"
	"math"

	"github.com/rivulet-go/rivulet/frame/exec"
	"github.com/rivulet-go/rivulet/frame/plan"
)

// exchange parts blocks on a remote engine, for tasks that work on one part each.
//
//	blocks, in order ─► groups of whole splits ─► part … part ─► blocks by part
//
// Blocks are parted while later ones are made. All tasks give the same blocks when they are run again.
type exchange struct {
	run     *run
	remote  Remote
	task    Task       // of those that part
	measure func(Done) // takes what they did
	live    bool       // snapshots are taken of what is gathered here

	pending []Ref // blocks of a group that is not full
	bytes   int64 // of pending
	size    int64 // of all that was added
	groups  *groups
	started bool
	cancel  context.CancelFunc
	ended   chan struct{} // the parting has
	made    []Ref         // by the parting, in order; valid once ended
	dones   []Done
	err     error

	ranges []*Blocks // of sorted runs
}

const (
	// mostShare bounds exchange.share.
	mostShare = 256 << 20
	// partsPerSlot evens out that parts are not alike.
	partsPerSlot = 3
)

// newExchange makes an exchange for the fragment's End, under the number of a stage.
func (x *spread) newExchange(number int, role Role, f plan.Fragment, source string, measure func(Done)) *exchange {
	e := &exchange{run: x.run, remote: x.remote, measure: measure}
	e.task = Task{Stage: number, Role: role, Fragment: f, Source: source, Parts: x.run.pool.keyParts()}
	return e
}

// keyParts is in how many parts rows are exchanged by their keys: some for each slot.
func (p *Pool) keyParts() int {
	parts := exec.LeastKeyParts
	for parts < partsPerSlot*p.engine.Slots() && parts < exec.MostKeyParts {
		parts *= 2
	}
	return parts
}

// start begins to part.
func (x *exchange) start(ctx context.Context) {
	x.silence()
	ctx, x.cancel = context.WithCancel(ctx)
	x.started, x.groups, x.ended = true, newGroups(), make(chan struct{})
	x.run.lineage.exchanged(x.task, x.groups)
	go func() {
		defer close(x.ended)
		defer func() {
			if r := recover(); r != nil {
				x.err = panicError("exchange", r)
			}
		}()
		l := &lanes{
			engine: x.remote, task: x.task, queue: newQueue(ctx, blockSource{x.task.Source, x.groups}, 0),
			merger: newMerger(x.remote.Slots(), math.MaxInt64), lineage: x.run.lineage, // what is made lies in the engine's store
			placed: x.run.places.add,
		}
		done := 0
		l.split = func(d Done) error {
			x.dones = append(x.dones, d)
			x.run.lineage.free(x.groups.take(done)...)
			done++
			return nil
		}
		l.refs(ctx, func(ref Ref, err error) bool {
			if x.err = err; err == nil {
				x.made = append(x.made, ref)
			}
			return err == nil
		})
	}()
}

// add takes over a block that is to be parted.
func (x *exchange) add(ref Ref) {
	// A group has whole splits, whoever made them and however fast.
	if n := len(x.pending); n > 0 && x.bytes >= x.share() && x.pending[n-1].ID.Split != ref.ID.Split {
		x.flush()
	}
	x.pending = append(x.pending, ref)
	x.bytes += ref.Bytes
	x.size += ref.Bytes
}

// share is how much of what was added so far a task should have: the more there is, up to what a worker can hold. Each of many tasks that
// sort a range reads a little of each run.
func (x *exchange) share() int64 {
	most := int64(mostShare)
	if sized, ok := x.remote.(Sized); ok {
		most = min(most, sized.WorkerBytes()/3)
	}
	return max(x.run.pool.exchangeBytes, min(most, x.size/24))
}

func (x *exchange) flush() {
	if len(x.pending) > 0 {
		x.groups.add(&Blocks{Refs: x.pending, Get: x.remote.Get})
		x.pending, x.bytes = nil, 0
	}
}

// parted waits until all that was added is parted.
func (x *exchange) parted(ctx context.Context) error {
	x.flush()
	x.groups.end()
	select {
	case <-x.ended:
	case <-ctx.Done():
		return ctx.Err()
	}
	for _, d := range x.dones {
		x.measure(d)
	}
	return x.err
}

// byPart is what was made for each part.
func (x *exchange) byPart() [][]Ref { return byPart(x.made, x.task.Parts) }

func byPart(refs []Ref, parts int) [][]Ref {
	out := make([][]Ref, parts)
	for _, ref := range refs {
		out[ref.Part] = append(out[ref.Part], ref)
	}
	return out
}

// watched has snapshots taken of what is gathered here, until it is exchanged.
func (x *exchange) watched(state gatherer) { x.live, x.run.live = true, state }

// silence ends the snapshots.
func (x *exchange) silence() {
	if x.live {
		x.run.live, x.live = nil, false
	}
}

// close ends what runs and frees what is left.
func (x *exchange) close() {
	x.silence()
	x.run.lineage.free(x.pending...)
	x.pending = nil
	if x.started {
		x.cancel()
		x.groups.end()
		<-x.ended
		x.run.lineage.free(x.made...)
		x.run.lineage.free(x.groups.rest()...)
	}
	for _, r := range x.ranges {
		r.Close()
	}
}
