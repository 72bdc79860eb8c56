package exec

import (
	"context"
	"errors"
	"fmt"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/memory"
)

// FinalAggregate merges partial states to the result. Where the budget refuses, it parts its groups by hash and writes
// them to a file; the result then comes partition by partition. Many groups are merged in shards, by goroutines of their own.
// It is used by one goroutine.
//
//	Merge … Merge ─► table ─(refused)─► 32 runs ─► Stream: a FinalAggregate over each run, one level down
//	                       ─(many)────► shards, each a FinalAggregate
type FinalAggregate struct {
	env     *Env
	spec    *AggSpec
	state   *groupState
	grant   *grant
	file    *spillFile
	ownFile bool
	parts   *partitioner // nil until something spilled
	level   int
	sharded bool       // it may work in shards: not in one itself, nor in a part of what spilled
	shards  *aggShards // nil until there are many groups
	err     error
}

// NewFinalAggregate makes an aggregate without groups. Close it.
func NewFinalAggregate(env *Env, spec *AggSpec) *FinalAggregate {
	f := NewUnsharded(env, spec)
	f.sharded = len(spec.keys) > 0
	return f
}

func newFinalAggregate(env *Env, spec *AggSpec, file *spillFile, level int) *FinalAggregate {
	state, err := newGroupState(env, spec)
	if spec.rows != nil && err == nil {
		state.aggs = spec.over
	}
	return &FinalAggregate{env: env, spec: spec, state: state, err: err, file: file, level: level, grant: env.newGrant("aggregate")}
}

// Merge adds a partial state (spec.State), or rows that a partial aggregate passed on, and takes it over. After an error only Close may be called.
func (f *FinalAggregate) Merge(ctx context.Context, state arrow.Record) error {
	if f.err != nil {
		state.Release()
		return f.err
	}
	f.err = protect("aggregate", nil, func() error {
		state, err := f.spec.codes.match(state)
		if err != nil {
			return err
		}
		defer state.Release()
		return f.merge(ctx, state)
	})
	return f.err
}

func (f *FinalAggregate) merge(ctx context.Context, state arrow.Record) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if f.shards != nil {
		return f.shards.add(ctx, state)
	}
	if err := f.makeRoom(ctx, state); err != nil {
		return err
	}
	if err := f.state.merge(ctx, state); err != nil {
		return err
	}
	granted, err := f.grant.resize(f.state.bytes())
	switch {
	case err != nil:
		return err
	case !granted:
		return f.spill(ctx) // the estimate was too small
	case f.sharded && f.many():
		return f.shard(ctx)
	}
	return nil
}

// many says whether groups are so many, and all in memory, that shards merge them faster. Keys that come in ascending order are merged faster
// than rows are parted.
func (f *FinalAggregate) many() bool {
	return f.parts == nil && f.state.table.len() >= f.env.shardFrom() && !f.state.table.ascending()
}

// shard gives all groups to shards.
func (f *FinalAggregate) shard(ctx context.Context) (err error) {
	if f.shards, err = newAggShards(f.env, f.spec); err != nil {
		return err
	}
	return f.handOver(ctx, func(rec arrow.Record, hashes []uint64) error {
		defer rec.Release()
		return f.shards.spread(ctx, rec, hashes)
	})
}

// handOver gives the states of all groups away, with the hashes of their keys, and forgets them.
func (f *FinalAggregate) handOver(ctx context.Context, take func(rec arrow.Record, hashes []uint64) error) error {
	hashes, err := f.state.table.hashes()
	if err != nil {
		return err
	}
	err = f.state.partials(ctx, func(rec arrow.Record) error {
		n := rec.NumRows()
		defer func() { hashes = hashes[n:] }()
		return take(rec, hashes[:n])
	})
	f.grant.release()
	return err
}

// makeRoom asks for the memory that merging state may take, and spills where it is refused.
func (f *FinalAggregate) makeRoom(ctx context.Context, state arrow.Record) error {
	granted, err := f.grant.resize(f.state.bytes() + f.state.growth(state))
	if err != nil || granted || f.state.table.len() == 0 {
		return err // an empty table takes a state whatever the budget says: one batch is the unit of progress
	}
	return f.spill(ctx)
}

// spill parts all groups by hash, writes them and forgets them.
func (f *FinalAggregate) spill(ctx context.Context) error {
	if len(f.spec.keys) == 0 || f.level > maxLevel {
		return f.refused()
	}
	if f.parts == nil {
		parts, err := newPartitioner(f.env, f.file, f.spec.state, f.level)
		if err != nil {
			return err
		}
		f.parts = parts
	}
	return f.handOver(ctx, func(rec arrow.Record, hashes []uint64) error {
		rec, err := f.spec.codes.plain(rec)
		if err != nil {
			return err
		}
		return f.parts.add(ctx, rec, hashes)
	})
}

// refused is the error where groups can't be parted further.
func (f *FinalAggregate) refused() error {
	for i, a := range f.spec.aggs {
		if a.KeepsValues() && i < len(f.state.accumulators) {
			return refused(fmt.Sprintf("%s: the values of a group must be in memory at once (%s sets the budget)", a.Aggregate(), memory.BudgetEnv),
				f.state.accumulators[i].Bytes())
		}
	}
	return refused("aggregate", f.state.bytes())
}

// Spilled says whether groups were written to disk.
func (f *FinalAggregate) Spilled() bool { return f.parts != nil }

// Stream is the result (spec.Output): in order of first appearance where nothing spilled and groups are not many or their keys
// ascend, else in an order that depends on the groups alone.
// Without keys it is one row. It ends the aggregate: only Close may follow.
func (f *FinalAggregate) Stream(ctx context.Context) batch.Stream {
	return generate(ctx, "aggregate", func(emit emitFunc) error {
		if f.err != nil {
			return f.err
		}
		f.err = errors.New("aggregate: its result was taken already")
		return f.stream(ctx, through(f.spec.codes.finish, emit))
	})
}

func (f *FinalAggregate) stream(ctx context.Context, emit emitFunc) error {
	if f.shards != nil {
		return f.shards.results(ctx, emit)
	}
	if err := f.state.ensureRow(ctx); err != nil {
		return err
	}
	if f.parts == nil {
		fits, err := f.roomForResult()
		if err != nil {
			return err
		}
		if fits {
			defer f.grant.release()
			return f.state.results(ctx, emit)
		}
	}
	if err := f.spill(ctx); err != nil {
		return err
	}
	return f.parts.each(ctx, func(run *memory.Run) error { return f.partition(ctx, run, emit) })
}

// roomForResult asks for the columns of the result, which stand beside the table while it is given out.
func (f *FinalAggregate) roomForResult() (bool, error) {
	groups := int64(f.state.table.len())
	if len(f.spec.keys) == 0 || f.level > maxLevel || groups <= maxRows/8 {
		return true, nil
	}
	return f.grant.resize(f.state.bytes() + groups*9*int64(len(f.spec.aggs)))
}

// partition merges one run alone.
func (f *FinalAggregate) partition(ctx context.Context, run *memory.Run, emit emitFunc) error {
	sub := newFinalAggregate(f.env, f.spec, f.file, f.level+1)
	defer sub.Close()
	for rec, err := range run.Read(ctx, f.env.Mem) {
		if err != nil {
			return err
		}
		if err := sub.Merge(ctx, rec); err != nil {
			return err
		}
	}
	return sub.stream(ctx, emit)
}

// Close gives back memory and files. It may be called more than once, and after a stream was broken off.
func (f *FinalAggregate) Close() {
	if f.shards != nil {
		f.shards.close()
	}
	if f.state != nil {
		f.state.reset()
	}
	if f.parts != nil {
		f.parts.drop()
	}
	if f.ownFile {
		f.file.close()
	}
	f.grant.release()
	if f.err == nil {
		f.err = errors.New("aggregate: closed")
	}
}
