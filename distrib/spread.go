package distrib

import (
	"context"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/exec"
	"github.com/rivulet-go/rivulet/frame/plan"
)

// spread runs the stages of a spine on a remote engine: only the result, and what is few, passes through this process. A gather is
// exchanged where its blocks are many; until then, they are gathered here, and what follows is run here.
//
//	scan's splits ─► lanes ─► blocks, in order ─► few: gathered here ─► …
//	                 ▲                         └► exchange ─► parts
//	                 └──── reduced, then the steps above ◄──────┘
type spread struct {
	run      *run
	remote   Remote
	building bool
	above    *plan.Stage // of the stage that is run
	closers  []func()
}

// rows is what is between two operators: a flow in this process or, where phase is not nil, splits on the engine.
type rows struct {
	flow
	phase *phase
}

// spreading gives the result of a spine.
func (r *run) spreading(ctx context.Context, remote Remote, spine []*plan.Stage) flow {
	at := r.meter.outside()
	return flow{func(yield func(arrow.Record, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		x := &spread{run: r, remote: remote}
		defer func() {
			cancel()
			x.close()
		}()
		out, err := x.stages(ctx, spine, &r.counted)
		if err != nil {
			yield(nil, err)
			return
		}
		r.into(out.here(ctx, at), at)(yield)
	}, at}
}

// close frees what is left. The context has been cancelled.
func (x *spread) close() {
	for _, c := range x.closers {
		c()
	}
	x.closers = nil
}

// here is the rows in this process.
func (in rows) here(ctx context.Context, outside int) flow {
	if in.phase == nil {
		return in.flow
	}
	return flow{in.phase.stream(ctx, nil), outside}
}

func (x *spread) stages(ctx context.Context, spine []*plan.Stage, counted *int64) (in rows, err error) {
	in = rows{phase: &phase{}}
	for i, s := range spine {
		x.above = nil
		if i+1 < len(spine) {
			x.above = spine[i+1]
		}
		if in, err = x.stage(ctx, s, in, counted); err != nil {
			return rows{}, err
		}
	}
	return in, nil
}

// stage runs one stage over the rows of that below it; over its scan where there is none.
func (x *spread) stage(ctx context.Context, s *plan.Stage, in rows, counted *int64) (rows, error) {
	r := x.run
	for from := 0; ; {
		if p := in.phase; p != nil {
			p.run, p.remote, p.building, p.stage, p.from = r, x.remote, x.building, s, from
			reach, _ := r.resident(r.travelling(s.Steps[from:]))
			p.to = from + reach
			outer := p.outer()
			if p.to == len(s.Steps) && outer == nil {
				return x.gather(ctx, p)
			}
			from = p.to
			if outer != nil {
				var err error
				if in, err = x.full(ctx, p, outer); err != nil {
					return rows{}, err
				}
				continue
			}
		} else {
			to := from + r.unparted(s.Steps[from:])
			in.flow = r.steps(ctx, s, from, to, in.flow)
			if to == len(s.Steps) {
				return rows{flow: r.whole(ctx, s, in.flow, counted)}, nil
			}
			from = to
		}
		var err error
		if in, err = x.join(ctx, s, from, in); err != nil {
			return rows{}, err
		}
		from++
	}
}

// unparted is how many steps there are before a join that is exchanged.
func (r *run) unparted(steps []plan.Node) int {
	for i, step := range steps {
		if r.parted[step] != nil {
			return i
		}
	}
	return len(steps)
}

// exchangeable says whether the gather of a stage can be spread; above is the stage over it, nil for none.
func exchangeable(n plan.Node, above *plan.Stage) bool {
	switch n := n.(type) {
	case *plan.Aggregate:
		return len(n.Keys) > 0
	case *plan.Sort:
		return true
	case *plan.Window:
		return len(n.By) > 0
	case *plan.GroupTopK:
		return len(n.Groups) > 0
	case *plan.Distinct: // its first rows are there before the last are read, where few are wanted
		return above == nil || !fewWanted(above.Gather)
	}
	return false
}

// fewWanted says whether a gather gives the first rows of its input.
func fewWanted(n plan.Node) bool {
	switch n := n.(type) {
	case *plan.Limit:
		return true
	case *plan.Preview:
		return len(n.Keys) == 0
	}
	return false
}

// refGatherer takes blocks of a gather by reference.
type refGatherer interface {
	// add takes the block over.
	add(context.Context, Ref) error
	// result is called once, after the last add.
	result(context.Context) (rows, error)
	close()
}

// gather puts what lanes give for the gather at the end of their stage together.
func (x *spread) gather(ctx context.Context, p *phase) (rows, error) {
	s := p.stage
	live := !x.building && p.parts == nil
	switch {
	case s.Gather == nil:
		return rows{phase: p}, nil
	case !exchangeable(s.Gather, x.above):
		return rows{flow: x.run.gather(ctx, s, flow{p.stream(ctx, s.Gather), x.run.meter.outside()}, live)}, nil
	}
	if _, ok := s.Gather.(*plan.Sort); ok {
		if bounds := x.sampleBounds(ctx, p); bounds != nil {
			return x.sortRanges(ctx, p, bounds)
		}
	}
	g, err := x.newGatherer(s, live)
	if err != nil {
		return rows{}, err
	}
	x.closers = append(x.closers, g.close)
	if err := p.refs(ctx, s.Gather, func(ref Ref) error { return g.add(ctx, ref) }); err != nil {
		return rows{}, err
	}
	return g.result(ctx)
}

// newGatherer makes the state of an exchangeable gather. live says that snapshots of it are wanted.
func (x *spread) newGatherer(s *plan.Stage, live bool) (refGatherer, error) {
	e := x.newExchange(s.ID, Part, plan.Fragment{Schema: s.Lane(), End: s.Gather}, x.sourceOf(s), x.run.parting(s))
	env := x.run.own(x.run.gatherAt(s))
	if n, ok := s.Gather.(*plan.Aggregate); ok {
		spec, err := exec.NewAggSpec(s.Lane(), n.Keys, n.Aggs)
		if err != nil {
			return nil, err
		}
		g := &aggExchange{exchange: e, stage: s, final: exec.NewUnsharded(env, spec)}
		if live {
			e.watched(&aggregateGatherer{g.final})
		}
		return g, nil
	}
	held := heldExchange{exchange: e, stage: s}
	if breaker(s.Gather) {
		var err error
		if held.state, err = newGatherer(env, s.Lane(), s.Gather, nil); err != nil {
			return nil, err
		}
		if live {
			e.watched(held.state)
		}
	}
	if _, ok := s.Gather.(*plan.Sort); ok {
		return &sortExchange{held}, nil
	}
	return x.newPlaceExchange(held), nil
}

// sourceOf is the name of the scan below a stage.
func (x *spread) sourceOf(s *plan.Stage) string { return s.Spine()[0].Scan.Source.Name() }

// reducing is the phase over the parts of an exchange: its lanes give what the exchange's End makes of each.
func (x *exchange) reducing(parts []*Blocks, by int) *phase {
	f := x.task.Fragment
	return &phase{
		run: x.run, remote: x.remote, parts: parts, reduce: &f, schema: f.End.Schema(), number: x.task.Stage, role: Reduce, source: x.task.Source, by: by,
	}
}

// reading is the phase over blocks as they are.
func (r *run) reading(remote Remote, refs []Ref, schema *arrow.Schema, source string) *phase {
	p := &phase{run: r, remote: remote, parts: []*Blocks{}, schema: schema, number: r.fresh(), source: source, by: r.meter.outside()}
	size := int64(0)
	for _, ref := range refs {
		size += ref.Bytes
	}
	most := r.pool.splitBytes(Task{}, size)
	for i, bytes := 0, int64(0); i < len(refs); i++ {
		if n := len(p.parts); n == 0 || bytes >= most {
			p.parts, bytes = append(p.parts, &Blocks{Get: remote.Get}), 0
		}
		last := p.parts[len(p.parts)-1]
		last.Refs = append(last.Refs, refs[i])
		bytes += refs[i].Bytes
	}
	return p
}

// fetching is blocks that are fetched one after the other.
func (r *run) fetching(ctx context.Context, refs []Ref) batch.Stream {
	return (&phase{run: r, parts: []*Blocks{{Refs: refs}}}).stream(ctx, nil)
}
