package distrib

import (
	"context"

	"github.com/rivulet-go/rivulet/frame/plan"
)

// optimize applies the rules. On a remote engine each reader of a shared subplan runs it: the rows would have to pass through this process.
func (p *Pool) optimize(n plan.Node) plan.Node {
	if _, ok := p.engine.(Remote); ok {
		return plan.OptimizeWithout(n, plan.SharedRule, plan.ReducedRule)
	}
	return plan.Optimize(n)
}

// share runs a shared subplan, of which last is the last stage, unless it has run. All its rows are there before anyone reads them, so that its
// readers never wait for each other.
func (r *run) share(ctx context.Context, last *plan.Stage) error {
	if r.held[last] != nil {
		return nil
	}
	spine := last.Spine()
	for _, s := range spine {
		if err := r.build(ctx, s); err != nil {
			return err
		}
	}
	was := r.building
	r.building = true
	defer func() { r.building = was }()
	var ignored int64
	h := newHeldPart(r.env, "shared rows", last.Schema())
	r.held[last] = h
	if err := h.fill(r.into(r.above(ctx, spine[1:], r.bottom(ctx, spine[0]), &ignored), r.meter.outside())); err != nil {
		return err
	}
	r.wasRead(spine[0])
	return nil
}

// wasRead lets go of the rows that a stage read where no other is to read them.
func (r *run) wasRead(s *plan.Stage) {
	if s.Part == nil {
		return
	}
	if r.unread[s.Part]--; r.unread[s.Part] == 0 {
		r.held[s.Part].close()
	}
}
