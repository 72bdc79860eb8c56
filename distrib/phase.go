package distrib

import (
	"context"
	"math"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/exec"
	"github.com/rivulet-go/rivulet/frame/plan"
)

// phase is splits on a remote engine and the steps that its lanes run over them.
type phase struct {
	run    *run
	remote Remote
	parts  []*Blocks      // nil for the scan of stage
	reduce *plan.Fragment // what is made of each of parts; nil takes blocks as they are
	schema *arrow.Schema  // of what is read of parts
	number int            // of the tasks' stage, with role
	role   Role
	source string
	bounds arrow.Record // Task.Bounds of a scan
	by     int          // the operator whose work reading parts is, as the meter knows it

	stage    *plan.Stage // whose steps are run; nil for none
	from, to int
	building bool
}

// open makes the lanes, which do their part of the gather end. fetched says that their blocks are fetched as they come.
func (p *phase) open(ctx context.Context, end plan.Node, fetched bool) *lanes {
	p.run.lanesNow = p.make(ctx, end, fetched)
	p.run.lanesNow.fetched = fetched
	return p.run.lanesNow
}

func (p *phase) make(ctx context.Context, end plan.Node, fetched bool) *lanes {
	r := p.run
	var steps []plan.Node
	if p.stage != nil {
		steps = p.stage.Steps[p.from:p.to]
	}
	_, tables := r.resident(steps)
	marks := r.outer(steps) != nil
	if p.parts == nil {
		f := p.stage.Fragment()
		f.Steps, f.End = steps, end
		return r.lanes(ctx, p.stage, Task{Fragment: f, Tables: tables, Bounds: p.bounds, Marks: marks}, p.building)
	}
	task := Task{
		Stage: p.number, Role: p.role, Source: p.source, Tables: tables, Builds: r.buildsOf(steps), Reduce: p.reduce, Marks: marks,
		Fragment: plan.Fragment{Schema: p.schema, Steps: steps, End: end},
	}
	share := r.pool.shareBytes()
	if !fetched { // they lie in the engine's store
		share = math.MaxInt64
	}
	splits := listed(p.parts)
	r.lineage.exchanged(task, splits)
	l := &lanes{
		engine: p.remote, task: task, queue: newQueue(ctx, blockSource{task.Source, splits}, 0),
		merger: newMerger(p.remote.Slots(), share), lineage: r.lineage, placed: r.places.add,
	}
	counting := !p.building && end != nil && end == plan.Node(r.preview)
	done := 0
	l.split = func(d Done) error {
		if counting {
			r.counted += d.Counted
		}
		r.countAt(p.by, p.stage, p.from, d)
		if p.reduce != nil {
			r.progress.Parts, r.progress.PartsTotal = done+1, len(p.parts)
			r.reduced()
		}
		if d.Ops != nil { // not where the consumer has stopped
			var next []Ref
			if done++; done < len(p.parts) {
				next = p.parts[done].all()
			}
			r.lineage.free(without(p.parts[done-1].all(), next)...)
		}
		return nil
	}
	return l
}

// without is the blocks of a that are not in b too.
func without(a, b []Ref) (out []Ref) {
	shared := map[any]bool{}
	for _, ref := range b {
		shared[ref.Handle] = true
	}
	for _, ref := range a {
		if !shared[ref.Handle] {
			out = append(out, ref)
		}
	}
	return out
}

// refs gives the blocks of the rows, in order, to take, which owns them.
func (p *phase) refs(ctx context.Context, end plan.Node, take func(Ref) error) (err error) {
	p.run.meter.enter(p.run.meter.outside())
	marked := p.outer()
	p.open(ctx, end, false).refs(ctx, func(ref Ref, e error) bool {
		err = e
		switch {
		case err != nil:
		case marked != nil && ref.Part == IndexPart:
			err = p.mark(ctx, marked, ref)
		default:
			err = take(ref)
		}
		return err == nil
	})
	if err == nil {
		err = ctx.Err()
	}
	return err
}

// stream fetches the rows, in order.
func (p *phase) stream(ctx context.Context, end plan.Node) batch.Stream {
	return func(yield func(arrow.Record, error) bool) {
		if p.asTheyAre() && end == nil {
			p.fetch(ctx, yield)
			return
		}
		marked := p.outer()
		p.open(ctx, end, true).refs(ctx, func(ref Ref, err error) bool {
			if err == nil && marked != nil && ref.Part == IndexPart {
				if err = p.mark(ctx, marked, ref); err == nil {
					return true
				}
			}
			var rec arrow.Record
			if err == nil {
				rec, err = p.run.fetch(ctx, ref)
			}
			return yield(rec, err) && err == nil
		})
	}
}

// outer is the table of the full join with which the steps end; nil where they do not.
func (p *phase) outer() *exec.JoinTable {
	if p.stage == nil {
		return nil
	}
	return p.run.outer(p.stage.Steps[p.from:p.to])
}

// mark notes what a split of a full join matched.
func (p *phase) mark(ctx context.Context, table *exec.JoinTable, ref Ref) error {
	rec, err := p.run.fetch(ctx, ref)
	if err != nil {
		return err
	}
	defer rec.Release()
	return table.Mark(rec)
}

// asTheyAre says that the rows are the blocks, with nothing to do.
func (p *phase) asTheyAre() bool { return p.parts != nil && p.reduce == nil && p.from == p.to }

func (p *phase) fetch(ctx context.Context, yield func(arrow.Record, error) bool) {
	for _, b := range p.parts {
		for i, ref := range b.Refs {
			if i+1 < len(b.Refs) {
				p.run.lineage.fetchAhead(ctx, ref, b.Refs[i+1])
			}
			rec, err := p.run.fetch(ctx, ref)
			if !yield(rec, err) || err != nil {
				return
			}
		}
	}
}

// fetch gives the record of a block and frees the block.
func (r *run) fetch(ctx context.Context, ref Ref) (arrow.Record, error) {
	return r.lineage.fetch(ctx, ref, r.unblock)
}

// unblock keeps the lanes that run from waiting for this goroutine.
func (r *run) unblock() {
	if r.lanesNow != nil {
		r.lanesNow.merger.unblock()
	}
}

// countAt adds what a lane did in a split to the profile: what it read is the work of the operator by, then come the steps of stage from
// one on, then the lanes' part of its gather.
func (r *run) countAt(by int, stage *plan.Stage, from int, done Done) {
	for i, op := range done.Ops {
		switch {
		case i == 0:
			r.profileAt(by).Add(op)
		case stage == nil:
		case i == len(done.Ops)-1:
			r.profileAt(r.partialAt(stage)).Add(op)
		default:
			r.profileAt(r.stepAt(stage, from+i-1)).Add(op)
		}
	}
}
