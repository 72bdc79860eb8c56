package worker

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/distrib"
	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/exec"
	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/frame/memory"
	"github.com/rivulet-go/rivulet/frame/plan"
)

// idleTables is how many tables that no request uses are kept. A run's tasks follow each other closely.
const idleTables = 4

// tables are the build sides of joins, made once each and shared by the requests that name them.
type tables struct {
	mu   sync.Mutex
	kept []*keptTable // the last used ones last
}

type keptTable struct {
	id    string
	users int
	ready chan struct{} // closed when table and err are valid
	table *exec.JoinTable
	err   error
}

// get gives the tables of a request; release says that it has ended.
func (t *tables) get(ctx context.Context, env *exec.Env, builds []wireBuild, input Input) (list []*exec.JoinTable, release func(), err error) {
	var used []*keptTable
	release = func() {
		for _, k := range used {
			t.release(k)
		}
	}
	for _, b := range builds {
		k, err := t.one(ctx, env, b, input)
		if err != nil {
			release()
			return nil, nil, err
		}
		used, list = append(used, k), append(list, k.table)
	}
	return list, release, nil
}

func (t *tables) one(ctx context.Context, env *exec.Env, b wireBuild, input Input) (*keptTable, error) {
	k, mine := t.use(b.ID)
	if mine {
		k.table, k.err = t.build(ctx, env, b, input)
		close(k.ready)
	}
	select {
	case <-k.ready:
	case <-ctx.Done():
		t.release(k)
		return nil, ctx.Err()
	}
	if k.err == nil {
		return k, nil
	}
	t.release(k)
	if !mine && ctx.Err() == nil && errors.Is(k.err, context.Canceled) { // who made it was cancelled, this request is not
		return t.one(ctx, env, b, input)
	}
	return nil, k.err
}

// use gives the table of an id; mine says that the caller has to make it.
func (t *tables) use(id string) (k *keptTable, mine bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	i := slices.IndexFunc(t.kept, func(k *keptTable) bool { return k.id == id })
	if mine = i < 0; mine {
		k = &keptTable{id: id, ready: make(chan struct{})}
	} else {
		k = t.kept[i]
		t.kept = slices.Delete(t.kept, i, i+1)
	}
	t.kept = append(t.kept, k)
	k.users++
	return k, mine
}

// release lets go of a table, and drops those that nobody uses beyond the last few, or that could not be made.
func (t *tables) release(k *keptTable) {
	t.mu.Lock()
	defer t.mu.Unlock()
	k.users--
	t.drop(idleTables)
}

// drop closes idle tables but the last few.
func (t *tables) drop(but int) {
	for i, k := range slices.Backward(slices.Clone(t.kept)) {
		if k.users > 0 {
			continue
		}
		if k.err == nil && but > 0 {
			but--
			continue
		}
		t.kept = slices.Delete(t.kept, i, i+1)
		if k.table != nil {
			k.table.Close()
		}
	}
}

func (t *tables) close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.drop(0)
}

// build makes a table of its blocks; where there is no room, idle tables go first.
func (t *tables) build(ctx context.Context, env *exec.Env, b wireBuild, input Input) (*exec.JoinTable, error) {
	spec, err := b.spec()
	if err != nil {
		return nil, err
	}
	table, err := exec.BuildJoin(ctx, env, spec, b.blocks(ctx, input))
	if err != nil || table.Resident() {
		return table, err
	}
	table.Close()
	t.mu.Lock()
	t.drop(0)
	t.mu.Unlock()
	if table, err = exec.BuildJoin(ctx, env, spec, b.blocks(ctx, input)); err != nil || table.Resident() {
		return table, err
	}
	table.Close()
	return nil, fmt.Errorf("join: the build side does not fit the memory of a worker (%s sets its budget): %w", memory.BudgetEnv, memory.ErrBudget)
}

func (b *wireBuild) blocks(ctx context.Context, input Input) batch.Stream {
	return func(yield func(arrow.Record, error) bool) {
		for _, number := range b.Records {
			if rec, err := input(ctx, number); !yield(rec, err) || err != nil {
				return
			}
		}
	}
}

// encodeBuild is a build side without its blocks.
func encodeBuild(b distrib.Build) (w wireBuild, err error) {
	w.ID = b.ID
	if w.Join, err = plan.EncodeFragment(plan.Fragment{Schema: b.Join.Left.Schema(), Steps: []plan.Node{b.Join}}); err != nil {
		return w, err
	}
	if w.Right, err = expr.EncodeSchema(b.Join.Right.Schema()); err == nil {
		w.Pairs, err = expr.EncodeSchema(b.Join.Pairs())
	}
	return w, err
}

func (b *wireBuild) spec() (spec exec.JoinSpec, err error) {
	f, err := plan.DecodeFragment(b.Join)
	if err != nil {
		return spec, err
	}
	if len(f.Steps) != 1 {
		return spec, errors.New("a build side without its join")
	}
	join, ok := f.Steps[0].(*plan.Join)
	if !ok {
		return spec, errors.New("a build side without its join")
	}
	spec = exec.JoinSpec{
		Left: f.Schema, Output: join.Schema(), LeftKeys: join.LeftKeys, RightKeys: join.RightKeys,
		Kind: join.Kind, AsOf: join.AsOf, Where: join.Where,
	}
	if spec.Right, err = expr.DecodeSchema(b.Right); err == nil {
		spec.Pairs, err = expr.DecodeSchema(b.Pairs)
	}
	return spec, err
}
