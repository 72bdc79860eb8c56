package distrib

import (
	"slices"
	"time"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/exec"
	"github.com/rivulet-go/rivulet/frame/plan"
)

// flow is the stream of what operator by of the meter gives; what lanes give comes from outside.
type flow struct {
	batch.Stream
	by int
}

// measuring is the meter, nil in runs over a part of the result, for a snapshot.
func (r *run) measuring() *meter {
	if r.partial {
		return nil
	}
	return r.meter
}

// into is a flow as operator to takes it.
func (r *run) into(in flow, to int) batch.Stream { return r.measuring().crossing(in.by, to, in.Stream) }

// own is the environment of operator at.
func (r *run) own(at int) *exec.Env { return r.measuring().env(r.env, at) }

// stepAt, partialAt and gatherAt are where the meter has the operators of a stage, in the order of plan.StageProfile.
func (r *run) stepAt(s *plan.Stage, step int) int { return r.begins[s] + 1 + step }
func (r *run) partialAt(s *plan.Stage) int        { return r.stepAt(s, len(s.Steps)) }
func (r *run) gatherAt(s *plan.Stage) int         { return r.partialAt(s) + 1 }

// measured is the profile of the run so far.
func (r *run) measured() *plan.Profile {
	r.meter.enter(r.meter.on)
	out := &plan.Profile{Took: time.Since(r.start)}
	for _, s := range r.profile.Stages {
		ops := slices.Clone(s.Ops)
		for i := range ops {
			ops[i].Add(r.meter.read(r.begins[s.Stage] + i))
		}
		out.Stages = append(out.Stages, plan.StageProfile{Stage: s.Stage, Ops: ops, Nodes: r.places.of(s.Stage.ID)})
	}
	return out
}

// timed takes what tasks did as the work of an operator, whose rows are counted elsewhere.
func (r *run) timed(at int) func(Done) {
	return func(d Done) {
		for _, op := range d.Ops {
			op.Rows, op.Bytes = 0, 0
			r.profileAt(at).Add(op)
		}
	}
}

// parting takes what tasks that part for the gather of s did as the work of its lanes; what they read was counted where it was made.
func (r *run) parting(s *plan.Stage) func(Done) {
	return func(d Done) {
		r.timed(r.partialAt(s))(Done{Ops: d.Ops[max(len(d.Ops)-1, 0):]})
	}
}

// profileAt is the profile of what the meter knows as at.
func (r *run) profileAt(at int) *plan.OpProfile {
	for _, p := range r.profile.Stages {
		if i := at - r.begins[p.Stage]; i >= 0 && i < len(p.Ops) {
			return &p.Ops[i]
		}
	}
	return &plan.OpProfile{}
}
