package distrib

import (
	"context"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/exec"
	"github.com/rivulet-go/rivulet/frame/plan"
)

// A join whose build side is too large for a worker is exchanged: both sides are parted by the hash of their keys, as one process would
// spill them, and a task joins one part. Rows come part by part.

// join is the phase over the parts of a join, the step of a stage at a place; in is the rows of its probe side.
func (x *spread) join(ctx context.Context, s *plan.Stage, at int, in rows) (rows, error) {
	r := x.run
	join := s.Steps[at].(*plan.Join)
	build := r.parted[join]
	by := r.stepAt(s, at)
	probe := x.newExchange(build.task.Stage, Part, plan.Fragment{Schema: join.Left.Schema(), End: join}, x.sourceOf(s), r.timed(by))
	x.closers = append(x.closers, probe.close)
	probe.start(ctx)
	add := func(ref Ref) error {
		probe.add(ref)
		return nil
	}
	var err error
	if in.phase != nil {
		err = in.phase.refs(ctx, nil, add)
	} else {
		p := putter{run: r, remote: x.remote, schema: join.Left.Schema(), take: add}
		err = p.all(ctx, r.into(in.flow, by))
	}
	if err == nil {
		err = probe.parted(ctx)
	}
	if err != nil {
		return rows{}, err
	}
	parts := []*Blocks{}
	left, right := probe.byPart(), build.byPart()
	for i := range left {
		if len(left[i]) > 0 || len(right[i]) > 0 && join.Kind == plan.Full {
			parts = append(parts, &Blocks{Refs: left[i], Build: right[i], Get: x.remote.Get})
		}
	}
	return rows{phase: probe.reducing(parts, by)}, nil
}

// full is the rows of a full join, with which the steps of p end, and whose table each worker has: they tell what they match, and the
// table's other rows follow from here.
func (x *spread) full(ctx context.Context, p *phase, table *exec.JoinTable) (rows, error) {
	r, s := x.run, p.stage
	outside := r.meter.outside()
	if whole := p.to == len(s.Steps) && !x.building; whole && (s.Gather == nil && x.above == nil || fewWanted(s.Gather)) {
		return rows{flow: flow{withUnmatched(ctx, table, p.stream(ctx, nil)), outside}}, nil
	}
	var refs []Ref
	x.closers = append(x.closers, func() { r.lineage.free(refs...) })
	take := func(ref Ref) error {
		refs = append(refs, ref)
		return nil
	}
	schema := s.Steps[p.to-1].Schema()
	if err := p.refs(ctx, nil, take); err != nil {
		return rows{}, err
	}
	rest := putter{run: r, remote: x.remote, schema: schema, take: take}
	if err := rest.all(ctx, r.into(flow{table.Unmatched(ctx), r.stepAt(s, p.to-1)}, outside)); err != nil {
		return rows{}, err
	}
	return rows{phase: r.reading(x.remote, refs, schema, x.sourceOf(s))}, nil
}

// putter makes blocks of rows of this process.
type putter struct {
	run    *run
	remote Remote
	schema *arrow.Schema
	take   func(Ref) error // owns the block
	next   []arrow.Record
	bytes  int64
	blocks int
}

// putBytes is about how large its blocks are.
const putBytes = 8 << 20

// all takes rows over.
func (p *putter) all(ctx context.Context, in batch.Stream) error {
	defer p.close()
	for rec, err := range in {
		if err != nil {
			return err
		}
		if err := p.add(ctx, rec); err != nil {
			return err
		}
	}
	return p.flush(ctx)
}

// add takes rec over.
func (p *putter) add(ctx context.Context, rec arrow.Record) error {
	if rec.NumRows() == 0 {
		rec.Release()
		return nil
	}
	p.next = append(p.next, rec)
	if p.bytes += batch.Bytes(rec); p.bytes < putBytes {
		return nil
	}
	return p.flush(ctx)
}

func (p *putter) flush(ctx context.Context) error {
	if len(p.next) == 0 {
		return nil
	}
	all, err := batch.Concat(p.run.env.Mem, p.schema, p.next)
	p.close()
	if err != nil {
		return err
	}
	ref, err := putPlain(ctx, p.run.env, p.remote, all)
	if err != nil {
		return err
	}
	ref.ID.Split = p.blocks // whole splits make a group
	p.blocks++
	return p.take(ref)
}

func (p *putter) close() {
	releaseAll(p.next)
	p.next, p.bytes = nil, 0
}

// putPlain makes a block of a record, which it takes over, without codes: what crosses to another process has none.
func putPlain(ctx context.Context, env *exec.Env, e Remote, rec arrow.Record) (Ref, error) {
	plain, err := batch.Plain(env.Mem, rec)
	if err != nil {
		return Ref{}, err
	}
	defer plain.Release()
	return e.Put(ctx, plain)
}
