package distrib

import (
	"context"
	"crypto/rand"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/plan"
)

// Sized is an engine that knows the memory of its workers.
type Sized interface {
	// WorkerBytes is the budget of a worker's operators.
	WorkerBytes() int64
}

// broadcastShare is the part of a worker's budget that the rows of a build side may take there: they are held with a table, and
// perhaps beside other tables.
const broadcastShare = 4

// broadcastUpTo is how large a build side may be that each worker has for itself.
func (p *Pool) broadcastUpTo() int64 {
	if p.broadcastBytes > 0 {
		return p.broadcastBytes
	}
	budget := p.env.Budget.Total()
	if sized, ok := p.engine.(Sized); ok {
		budget = min(budget, sized.WorkerBytes())
	}
	return budget / broadcastShare
}

// broadcast is the build side of a join on a remote engine. Up to a size it is sent to each worker, which makes a table of it once; what
// runs in this process has a table too. Beyond, it is parted as it comes, and so will be the probe side.
type broadcast struct {
	spread *spread
	join   *plan.Join
	refs   []Ref
	bytes  int64
	parts  *exchange
}

// buildRemote runs the stages of the build side of a join, which the meter knows as at.
func (r *run) buildRemote(ctx context.Context, remote Remote, join *plan.Join, spine []*plan.Stage, at int) error {
	ctx, cancel := context.WithCancel(ctx)
	x := &spread{run: r, remote: remote, building: true}
	b := &broadcast{spread: x, join: join}
	b.parts = x.newExchange(r.fresh(), PartBuild, plan.Fragment{Schema: join.Right.Schema(), End: join}, x.sourceOf(spine[0]), r.timed(at))
	defer func() {
		r.lineage.free(b.refs...)
		cancel()
		x.close()
	}()
	var ignored int64
	in, err := x.stages(ctx, spine, &ignored)
	if err != nil {
		return err
	}
	return b.take(ctx, in, at)
}

// take takes the rows of the build side over.
func (b *broadcast) take(ctx context.Context, in rows, at int) (err error) {
	r := b.spread.run
	if in.phase != nil {
		err = in.phase.refs(ctx, nil, func(ref Ref) error { return b.add(ctx, ref) })
	} else {
		p := putter{run: r, remote: b.spread.remote, schema: b.join.Right.Schema(), take: func(ref Ref) error { return b.add(ctx, ref) }}
		err = p.all(ctx, r.into(in.flow, at))
	}
	if err == nil && !b.parts.started {
		err = b.table(ctx, at)
	}
	if err != nil || !b.parts.started {
		b.parts.close()
		return err
	}
	r.parted[b.join] = b.parts
	return b.parts.parted(ctx)
}

// add takes a block over.
func (b *broadcast) add(ctx context.Context, ref Ref) error {
	if b.parts.started {
		b.parts.add(ref)
		return nil
	}
	b.refs = append(b.refs, ref)
	if b.bytes += ref.Bytes; b.bytes > b.spread.run.pool.broadcastUpTo() {
		b.part(ctx)
	}
	return nil
}

// part begins to part.
func (b *broadcast) part(ctx context.Context) {
	b.parts.start(ctx)
	for _, ref := range b.refs {
		b.parts.add(ref)
	}
	b.refs = nil
}

// table makes the table of this process and keeps what workers make theirs of. Where it does not fit, the blocks are parted.
func (b *broadcast) table(ctx context.Context, at int) error {
	r, remote := b.spread.run, b.spread.remote
	var small []Ref
	p := putter{run: r, remote: remote, schema: b.join.Right.Schema(), take: func(ref Ref) error {
		small = append(small, ref)
		return nil
	}}
	defer func() {
		p.close()
		r.lineage.free(small...)
	}()
	// Blocks that are small are joined: each is an input of every task.
	joined := len(b.refs) > 1 && b.bytes/int64(len(b.refs)) < putBytes/8
	in := func(yield func(arrow.Record, error) bool) {
		for _, ref := range b.refs {
			rec, err := r.lineage.read(ctx, ref, r.unblock)
			if err == nil && joined {
				rec.Retain()
				err = p.add(ctx, rec)
				if err != nil {
					rec.Release()
				}
			}
			if !yield(rec, err) || err != nil {
				return
			}
		}
	}
	table, err := r.tableOf(ctx, b.join, flow{in, r.meter.outside()}, at)
	if err == nil && !table.Resident() {
		table.Close()
		b.part(ctx)
		return nil
	}
	if err == nil {
		r.tables[b.join] = table
		err = p.flush(ctx)
	}
	if err != nil {
		return err
	}
	blocks := &b.refs
	if joined {
		blocks = &small
	}
	r.builds[b.join] = Build{ID: rand.Text(), Join: b.join, Blocks: *blocks}
	*blocks = nil
	return nil
}

// buildsOf are the build sides of steps, nil where some are in this process alone.
func (r *run) buildsOf(steps []plan.Node) (builds []Build) {
	for _, step := range steps {
		if _, ok := step.(*plan.Join); !ok {
			continue
		}
		b, ok := r.builds[step]
		if !ok {
			return nil
		}
		builds = append(builds, b)
	}
	return builds
}

// travelling is how far steps can run on the engine: up to a join whose table is in this process alone, or that is exchanged.
func (r *run) travelling(steps []plan.Node) []plan.Node {
	i := slices.IndexFunc(steps, func(n plan.Node) bool {
		_, join := n.(*plan.Join)
		_, built := r.builds[n]
		return join && !built
	})
	if i < 0 {
		return steps
	}
	return steps[:i]
}
