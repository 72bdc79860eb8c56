package distrib

import (
	"context"
	"math"
	"sync"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/exec"
	"github.com/rivulet-go/rivulet/frame/plan"
)

// exchange is a gather whose work is spread over a remote engine: only its result passes through this process. It begins when the
// blocks are many; until then, they are gathered here.
//
//	map … map ─► blocks, in order ─► few: gathered here
//	                              └► groups of splits ─► part … part ─► by part ─► reduce … reduce ─► result, in order
//
// Parts are made while later splits are mapped. All tasks give the same blocks when they are run again.
type exchange struct {
	run    *run
	stage  *plan.Stage
	remote Remote
	live   bool // snapshots are wanted

	maps    *lanes
	pending []Ref // blocks of a group that is not full
	bytes   int64 // of pending
	groups  *groups
	started bool
	ended   chan struct{} // the parting has
	made    []Ref         // by the parting, in order; valid once ended
	dones   []Done
	err     error
}

// exchangeable says whether a gather can be spread.
func exchangeable(n plan.Node) bool {
	switch n := n.(type) {
	case *plan.Aggregate:
		return len(n.Keys) > 0
	case *plan.Sort:
		return true
	}
	return false
}

// result is that of the gather over what lanes give.
func (x *exchange) result(ctx context.Context, open func() *lanes) batch.Stream {
	return func(yield func(arrow.Record, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer func() {
			cancel()
			x.close()
		}()
		g, err := x.gather()
		if err != nil {
			yield(nil, err)
			return
		}
		defer g.close()
		x.run.meter.enter(x.run.meter.outside())
		x.maps = open()
		x.maps.refs(ctx, func(ref Ref, e error) bool {
			if err = e; err == nil {
				err = g.add(ctx, ref)
			}
			return err == nil
		})
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			yield(nil, err)
			return
		}
		g.stream(ctx)(yield)
	}
}

// refGatherer takes blocks by reference.
type refGatherer interface {
	// add takes the block over.
	add(context.Context, Ref) error
	stream(context.Context) batch.Stream
	close()
}

func (x *exchange) gather() (refGatherer, error) {
	switch n := x.stage.Gather.(type) {
	case *plan.Sort:
		return &sortExchange{exchange: x, node: n}, nil
	case *plan.Aggregate:
		spec, err := exec.NewAggSpec(x.stage.Lane(), n.Keys, n.Aggs)
		if err != nil {
			return nil, err
		}
		g := &aggExchange{exchange: x, final: exec.NewUnsharded(x.run.own(x.run.gatherAt(x.stage)), spec)}
		if x.live {
			x.run.live = &aggregateGatherer{g.final}
		}
		return g, nil
	}
	panic("unreachable")
}

// task is one that works on blocks.
func (x *exchange) task(role Role) Task {
	return Task{
		Stage: x.stage.ID, Source: x.stage.Scan.Source.Name(), Role: role,
		Fragment: plan.Fragment{Schema: x.stage.Lane(), End: x.stage.Gather},
	}
}

// lanes are those of tasks over splits of blocks. Their blocks lie in the engine's store, so that none of them waits.
func (x *exchange) lanes(ctx context.Context, role Role, splits splitSource) *lanes {
	task := x.task(role)
	x.run.lineage.exchanged(task, splits)
	return &lanes{
		engine: x.remote, task: task, queue: newQueue(ctx, blockSource{task.Source, splits}, 0),
		merger: newMerger(x.remote.Slots(), math.MaxInt64), lineage: x.run.lineage,
	}
}

// start begins to part.
func (x *exchange) start(ctx context.Context) {
	x.started, x.groups, x.ended = true, newGroups(), make(chan struct{})
	go func() {
		defer close(x.ended)
		defer func() {
			if r := recover(); r != nil {
				x.err = panicError("exchange", r)
			}
		}()
		l := x.lanes(ctx, Part, x.groups)
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
	if n := len(x.pending); n > 0 && x.bytes >= x.run.pool.exchangeBytes && x.pending[n-1].ID.Split != ref.ID.Split {
		x.flush()
	}
	x.pending = append(x.pending, ref)
	x.bytes += ref.Bytes
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
		x.run.measure(x.stage, 2, d)
	}
	return x.err
}

// reduce runs the reduce tasks of parts and gives what they make, in order, to take, which owns it.
func (x *exchange) reduce(ctx context.Context, parts []*Blocks, take func(Ref) error) (err error) {
	l := x.lanes(ctx, Reduce, listed(parts))
	done := 0
	l.split = func(d Done) error {
		x.run.measure(x.stage, 1, d)
		if d.Ops != nil { // not where the consumer has stopped
			var next []Ref
			if done++; done < len(parts) {
				next = parts[done].Refs
			}
			x.run.lineage.free(without(parts[done-1].Refs, next)...)
		}
		return nil
	}
	l.refs(ctx, func(ref Ref, e error) bool {
		if err = e; err == nil {
			err = take(ref)
		}
		return err == nil
	})
	return err
}

// without is the blocks of a that are not in b too.
func without(a, b []Ref) (out []Ref) {
	shared := map[BlockID]bool{}
	for _, ref := range b {
		shared[ref.ID] = true
	}
	for _, ref := range a {
		if !shared[ref.ID] {
			out = append(out, ref)
		}
	}
	return out
}

// close ends what runs and frees what is left. The context has been cancelled.
func (x *exchange) close() {
	x.run.lineage.free(x.pending...)
	x.pending = nil
	if x.started {
		x.groups.end()
		<-x.ended
		x.run.lineage.free(x.made...)
		x.run.lineage.free(x.groups.rest()...)
	}
	if x.live {
		x.run.live = nil
	}
}

// groups is the splits of a parting, which come while it runs.
type groups struct {
	mu      sync.Mutex
	changed chan struct{} // closed and made anew at each change
	list    []*Blocks
	taken   map[int]bool // refs of these are with their freer
	ended   bool
}

func newGroups() *groups { return &groups{changed: make(chan struct{}), taken: map[int]bool{}} }

func (g *groups) add(b *Blocks) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.list = append(g.list, b)
	close(g.changed)
	g.changed = make(chan struct{})
}

func (g *groups) end() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.ended {
		g.ended = true
		close(g.changed)
	}
}

// next waits for group i; nil where there is none.
func (g *groups) next(ctx context.Context, i int) *Blocks {
	for {
		g.mu.Lock()
		changed, ended := g.changed, g.ended
		if i < len(g.list) {
			defer g.mu.Unlock()
			return g.list[i]
		}
		g.mu.Unlock()
		if ended {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil
		}
	}
}

// take gives the blocks of group i to be freed.
func (g *groups) take(i int) []Ref {
	g.mu.Lock()
	defer g.mu.Unlock()
	if i >= len(g.list) || g.taken[i] {
		return nil
	}
	g.taken[i] = true
	return g.list[i].Refs
}

// rest gives the blocks that take has not given.
func (g *groups) rest() (refs []Ref) {
	for i := range g.list {
		refs = append(refs, g.take(i)...)
	}
	return refs
}
