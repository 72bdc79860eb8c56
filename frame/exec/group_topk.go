package exec

import (
	"context"
	"math"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/frame/memory"
	"github.com/rivulet-go/rivulet/frame/plan"
)

// GroupTopKSpec is a top-k of each group, with types. It is immutable.
type GroupTopKSpec struct {
	groups []*expr.Bound
	order  *sortSpec // nil: the order of the input
	schema *arrow.Schema
	n      int64
}

// NewGroupTopKSpec binds the groups and the order to the columns of schema.
func NewGroupTopKSpec(schema *arrow.Schema, groups []expr.Expr, keys []plan.SortKey, n int64) (*GroupTopKSpec, error) {
	s := &GroupTopKSpec{schema: schema, n: n}
	var err error
	if s.groups, err = bindAll(groups, schema); err != nil {
		return nil, err
	}
	if len(keys) > 0 {
		s.order, err = newSortSpec(schema, keys)
	}
	return s, err
}

func (s *GroupTopKSpec) keyTypes() []arrow.DataType {
	types := make([]arrow.DataType, len(s.groups))
	for i, k := range s.groups {
		types[i] = k.Type()
	}
	return types
}

const (
	// groupTopKSlack is how many rows are gathered at least before each group's best are picked again; groupTopKHeld where
	// their order is known without.
	groupTopKSlack = 1 << 18
	groupTopKHeld  = 1 << 20

	// groupTopKRanked is the most rows of a group that are kept in order row by row, not only when the best are picked.
	groupTopKRanked = 16

	// groupTopKPass: where, of so many rows of a split, seven in eight are groups of their own, the others are passed on.
	groupTopKPass = 1 << 15
)

// GroupTopK keeps the first n rows of each group in order, equal rows in input order: group by group, in order of the
// groups' first appearance. It works on rows and on the GroupTopK of parts of them. Where it would drop little it passes
// rows on as they are, which the state above takes as well.
func GroupTopK(env *Env, spec *GroupTopKSpec) batch.Op {
	return func(ctx context.Context, in batch.Stream) batch.Stream {
		return generate(ctx, "top-k of groups", func(emit emitFunc) error {
			state, err := NewGroupTopKState(env, spec)
			if err != nil {
				return err
			}
			defer state.Close()
			seen, pass := int64(0), false
			err = each(ctx, in, func(rec arrow.Record) error {
				if pass {
					return emit(rec)
				}
				seen += rec.NumRows()
				if err := state.Add(ctx, rec); err != nil {
					return err
				}
				if seen < groupTopKPass || int64(state.table.len()) < seen/8*7 {
					return nil
				}
				pass = true
				return state.flush(emit)
			})
			if err != nil {
				return err
			}
			return each(ctx, state.Stream(ctx), emit)
		})
	}
}

// GroupTopKState holds the best n rows of each group so far. Rows that are no better than the worst of their group are
// dropped when they come. Where the budget refuses, rows are parted by the hash of their group and written to a file.
// It is used by one goroutine.
type GroupTopKState struct {
	env   *Env
	spec  *GroupTopKSpec
	table *groupKeys
	grant *grant

	held   []arrow.Record // the best, group by group, then rows added since
	groups []uint32       // of held, row by row; with ranks only as of the last pick
	fresh  int64          // of held, added since the last pick
	bytes  int64          // of held
	ranks  *groupRanks    // nil where n is large
	limits slab[uint64]   // where n is large: the n-th prefix of each group, all ones while it has fewer
	ids    []uint32       // scratch

	file    *spillFile
	ownFile bool
	parts   *partitioner // nil until something spilled
	level   int
}

// NewGroupTopKState makes an empty state. Close it.
func NewGroupTopKState(env *Env, spec *GroupTopKSpec) (*GroupTopKState, error) {
	t, err := newGroupTopKState(env, spec, &spillFile{env: env}, 0)
	if err == nil {
		t.ownFile = true
	}
	return t, err
}

func newGroupTopKState(env *Env, spec *GroupTopKSpec, file *spillFile, level int) (*GroupTopKState, error) {
	table, err := newGroupKeys(env.Mem, spec.keyTypes())
	if err != nil {
		return nil, err
	}
	t := &GroupTopKState{
		env: env, spec: spec, table: table, grant: env.newGrant("top-k of groups"), file: file, level: level,
		limits: newSlab[uint64](env.Mem),
	}
	if spec.n <= groupTopKRanked {
		t.ranks = &groupRanks{n: int(spec.n), entries: newSlab[groupEntry](env.Mem)}
	}
	return t, nil
}

// Add takes over a batch. After an error only Close may be called.
func (t *GroupTopKState) Add(ctx context.Context, rec arrow.Record) error {
	return protect("top-k of groups", nil, func() error {
		rec, err := batch.Plain(t.env.Mem, rec)
		if err != nil {
			return err
		}
		return eachChunk(rec, func(piece arrow.Record) error { return t.add(ctx, piece) })
	})
}

func (t *GroupTopKState) add(ctx context.Context, rec arrow.Record) error {
	if err := t.take(ctx, rec); err != nil {
		return err
	}
	slack := int64(groupTopKSlack)
	if t.ranks != nil {
		slack = groupTopKHeld
	}
	if t.fresh >= max(int64(len(t.groups))/2, slack) || len(t.held) >= topKPieces {
		if err := t.pick(); err != nil {
			return err
		}
	}
	granted, err := t.grant.resize(t.claim())
	if err != nil || granted {
		return err
	}
	if err := t.pick(); err != nil {
		return err
	}
	if granted, err := t.grant.resize(t.claim()); err != nil || granted {
		return err
	}
	return t.spill(ctx)
}

// take takes rec over and holds the rows of it that may be among the best.
func (t *GroupTopKState) take(ctx context.Context, rec arrow.Record) error {
	defer rec.Release()
	groups, err := t.assign(ctx, rec)
	switch {
	case err != nil || len(groups) == 0:
		return err
	case t.ranks != nil:
		return t.takeRanked(rec, groups)
	}
	return t.takeBetter(rec, groups)
}

// assign gives the group of each row, nothing where none is wanted.
func (t *GroupTopKState) assign(ctx context.Context, rec arrow.Record) ([]uint32, error) {
	rows := int(rec.NumRows())
	if rows == 0 || t.spec.n == 0 {
		return nil, nil
	}
	keys, err := evalAll(ctx, t.env, t.spec.groups, rec)
	if err != nil {
		return nil, err
	}
	defer releaseArrays(keys)
	t.ids = sized(t.ids, rows)
	return t.ids, t.table.assign(keys, rows, t.ids)
}

// claim is what is held, with what a pick takes beside it.
func (t *GroupTopKState) claim() int64 {
	n := t.bytes + t.table.bytes() + t.limits.bytes() + 32*(int64(len(t.groups))+t.fresh)
	if t.ranks != nil {
		n += t.ranks.entries.bytes()
	}
	return n
}

// takeBetter holds the rows of rec that may be among the best of their groups, as far as the last pick told.
func (t *GroupTopKState) takeBetter(rec arrow.Record, groups []uint32) error {
	known := len(t.limits.vals)
	t.limits.resize(t.table.len())
	fill(t.limits.vals[known:], math.MaxUint64)
	var prefix []uint64 // nil: all alike
	exact := true
	if t.spec.order != nil {
		order, err := t.spec.order.keysOf(t.env, rec)
		if err != nil {
			return err
		}
		defer order.release()
		order.prepare(len(groups))
		prefix, exact = order.prefix, t.spec.order.mode == sortWord
	}
	ids := make([]rowID, 0, len(groups))
	for row, g := range groups {
		p := uint64(0)
		if prefix != nil {
			p = prefix[row]
		}
		if l := t.limits.vals[g]; p > l || p == l && exact && p != nullOrder {
			continue
		}
		groups[len(ids)] = g
		ids = append(ids, rowID(row))
	}
	out, err := pickRows(t.env, t.spec.schema, rec, ids)
	if err != nil || out == nil {
		return err
	}
	t.hold(out)
	t.groups = append(t.groups, groups[:len(ids)]...)
	return nil
}

// spill writes what is held, parted by the hash of the group, and forgets all groups.
func (t *GroupTopKState) spill(ctx context.Context) error {
	if len(t.spec.groups) == 0 || t.level > maxLevel {
		return refused("top-k of groups", t.claim())
	}
	if t.parts == nil {
		parts, err := newPartitioner(t.env, t.file, t.spec.schema, t.level)
		if err != nil {
			return err
		}
		t.parts = parts
	}
	all, err := t.table.hashes()
	if err != nil {
		return err
	}
	held, groups := t.held, t.groups
	t.held, t.groups = nil, nil
	for i, rec := range held {
		hashes := make([]uint64, rec.NumRows())
		for row := range hashes {
			hashes[row] = all[groups[row]]
		}
		groups = groups[len(hashes):]
		if err := t.parts.add(ctx, rec, hashes); err != nil {
			releaseRecords(held[i+1:])
			return err
		}
	}
	t.reset()
	return nil
}

// Snapshot is the result so far as one batch, nil where it is more than SnapshotGroups rows or has spilled. The caller
// releases it.
func (t *GroupTopKState) Snapshot() (rec arrow.Record, err error) {
	if t.parts != nil || int64(t.table.len())*t.spec.n > SnapshotGroups && len(t.groups) > SnapshotGroups {
		return nil, nil
	}
	err = protect("top-k of groups", nil, func() error {
		if err := t.pick(); err != nil {
			return err
		}
		rec, err = batch.Concat(t.env.Mem, t.spec.schema, t.held)
		return err
	})
	return rec, err
}

// Stream is the result: in order of the groups' first appearance where nothing spilled, else partition by partition. It
// ends the state: only Close may follow.
func (t *GroupTopKState) Stream(ctx context.Context) batch.Stream {
	return generate(ctx, "top-k of groups", func(emit emitFunc) error { return t.stream(ctx, emit) })
}

func (t *GroupTopKState) stream(ctx context.Context, emit emitFunc) error {
	if t.parts == nil {
		return t.flush(emit)
	}
	if err := t.pick(); err != nil {
		return err
	}
	if err := t.spill(ctx); err != nil {
		return err
	}
	return t.parts.each(ctx, func(run *memory.Run) error { return t.partition(ctx, run, emit) })
}

func (t *GroupTopKState) partition(ctx context.Context, run *memory.Run, emit emitFunc) error {
	sub, err := newGroupTopKState(t.env, t.spec, t.file, t.level+1)
	if err != nil {
		return err
	}
	defer sub.Close()
	if err := each(ctx, run.Read(ctx, t.env.Mem), func(rec arrow.Record) error { return sub.Add(ctx, rec) }); err != nil {
		return err
	}
	return sub.stream(ctx, emit)
}

// flush gives the best rows and forgets all groups.
func (t *GroupTopKState) flush(emit emitFunc) error {
	if err := t.pick(); err != nil {
		return err
	}
	t.table.reset()
	for len(t.held) > 0 {
		rec := t.held[0]
		t.held = t.held[1:]
		if err := emit(rec); err != nil {
			return err
		}
	}
	t.reset()
	return nil
}

func (t *GroupTopKState) reset() {
	releaseRecords(t.held)
	t.held, t.groups, t.fresh, t.bytes = nil, nil, 0, 0
	t.table.reset()
	t.limits.free()
	if t.ranks != nil {
		t.ranks.reset()
	}
	t.grant.release()
}

// Close gives back memory and files. It may be called more than once, and after a stream was broken off.
func (t *GroupTopKState) Close() {
	t.reset()
	if t.parts != nil {
		t.parts.drop()
	}
	if t.ownFile {
		t.file.close()
	}
}
