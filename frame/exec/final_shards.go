package exec

import (
	"context"
	"sync/atomic"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
)

const (
	// shardFrom is the groups from which a FinalAggregate works in shards: fewer are merged as fast by one goroutine.
	shardFrom = 1 << 17

	// shardCount does not depend on the machine, so that the order of the result does not.
	shardCount = 16

	// A shard merges so many rows at a time, or such a part of the budget: its groups are in the cache by then.
	shardRows  = 1 << 17
	shardShare = 256

	// shardShift is the first bit of the hash that names the shard: spilling goes by the highest bits, tables by the lowest.
	shardShift = 24
)

// aggShards is a final aggregate of many groups: each shard has those of some hashes, and a goroutine of its own.
//
//	state ─► rows by hash ─► runs of rows ─► shard … shard, each a FinalAggregate ─► batches in turn
type aggShards struct {
	env    *Env
	spec   *AggSpec
	parter *shardParter
	shards [shardCount]*aggShard
	stop   chan struct{} // nobody wants results any more
	ended  bool          // all states were given
	closed bool
	silent bool // some shard has no snapshot: what has spilled stays so
}

type aggShard struct {
	final  *FinalAggregate
	next   shardRun // what is to be merged, while it grows
	in     chan shardState
	out    chan arrow.Record
	result context.Context // of the results, nil where nobody wants them; set before in is closed
	err    error           // valid once failed, or when out is closed
	failed atomic.Bool
}

// shardState is states to merge, or a question that is answered when all states before it are merged.
type shardState struct {
	ctx    context.Context
	run    shardRun
	want   int64                // rows of a snapshot
	answer chan<- shardSnapshot // nil where there is no question
}

// shardRun is states, with what they take of the budget.
type shardRun struct {
	recs  []arrow.Record
	rows  int64
	bytes int64
	grant *grant
}

// add takes rec over, and says whether there is room for more.
func (r *shardRun) add(env *Env, rec arrow.Record) (more bool, err error) {
	if r.grant == nil {
		r.grant = env.newGrant("aggregate")
	}
	r.recs = append(r.recs, rec)
	r.rows += rec.NumRows()
	r.bytes += batch.Bytes(rec)
	granted, err := r.grant.resize(r.bytes)
	return granted && r.rows < shardRows && r.bytes < env.Budget.Total()/shardShare, err
}

func (r *shardRun) release() {
	releaseRecords(r.recs)
	if r.grant != nil {
		r.grant.release()
	}
	*r = shardRun{}
}

// newAggShards starts the shards. Close them.
func newAggShards(env *Env, spec *AggSpec) (*aggShards, error) {
	parter, err := newShardParter(env, spec)
	if err != nil {
		return nil, err
	}
	a := &aggShards{env: env, spec: spec, parter: parter, stop: make(chan struct{})}
	for i := range a.shards {
		s := &aggShard{final: NewUnsharded(env, spec), in: make(chan shardState, 1), out: make(chan arrow.Record, 1)}
		a.shards[i] = s
		go s.run(a.stop)
	}
	return a, nil
}

// run merges what comes, and then gives the results.
func (s *aggShard) run(stop <-chan struct{}) {
	defer close(s.out)
	for state := range s.in {
		if state.answer != nil {
			state.answer <- s.snapshot(state)
			continue
		}
		s.merge(state)
	}
	if s.err != nil || s.result == nil {
		return
	}
	s.err = protect("aggregate", nil, func() error {
		return s.final.stream(s.result, func(rec arrow.Record) error {
			select {
			case s.out <- rec:
				return nil
			case <-stop:
				rec.Release()
				return errStopped
			}
		})
	})
}

func (s *aggShard) merge(state shardState) {
	defer state.run.release()
	for i, rec := range state.run.recs {
		if s.err != nil {
			return
		}
		state.run.recs[i] = nil
		if s.err = s.final.Merge(state.ctx, rec); s.err != nil {
			s.failed.Store(true)
		}
	}
}

// flush has the shard merge what it was given.
func (s *aggShard) flush(ctx context.Context) error {
	if len(s.next.recs) == 0 {
		return nil
	}
	select {
	case s.in <- shardState{ctx: ctx, run: s.next}:
		s.next = shardRun{}
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// add merges a state, which the caller keeps.
func (a *aggShards) add(ctx context.Context, state arrow.Record) error {
	state.Retain()
	return eachChunk(state, func(piece arrow.Record) error {
		defer piece.Release()
		return a.parter.part(piece, a.giving(ctx))
	})
}

// spread is add of a state whose hashes are known.
func (a *aggShards) spread(ctx context.Context, state arrow.Record, hashes []uint64) error {
	return a.parter.spread(state, hashes, a.giving(ctx))
}

// giving gives a shard its rows of a state.
func (a *aggShards) giving(ctx context.Context) func(int, arrow.Record) error {
	return func(i int, rec arrow.Record) error {
		s := a.shards[i]
		if s.failed.Load() {
			rec.Release()
			return s.err
		}
		more, err := s.next.add(a.env, rec)
		if err == nil && !more {
			err = s.flush(ctx)
		}
		return err
	}
}

// results gives a batch of each shard in turn.
func (a *aggShards) results(ctx context.Context, emit emitFunc) error {
	for _, s := range a.shards {
		if err := s.flush(ctx); err != nil {
			return err
		}
		s.result = ctx
	}
	a.end()
	live := a.shards[:]
	for len(live) > 0 {
		var next []*aggShard
		for _, s := range live {
			rec, ok := <-s.out
			if !ok {
				if s.err != nil {
					return s.err
				}
				continue
			}
			next = append(next, s)
			if err := emit(rec); err != nil {
				return err
			}
		}
		live = next
	}
	return nil
}

// end says that all states were given.
func (a *aggShards) end() {
	if a.ended {
		return
	}
	a.ended = true
	for _, s := range a.shards {
		close(s.in)
	}
}

// close gives everything back. It may be called more than once.
func (a *aggShards) close() {
	if a.closed {
		return
	}
	a.closed = true
	close(a.stop)
	a.end()
	for _, s := range a.shards {
		s.next.release()
		for rec := range s.out {
			rec.Release()
		}
		s.final.Close()
	}
}
