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

// into is a flow as operator to takes it. Runs over a part of the result, for a snapshot, are not measured.
func (r *run) into(in flow, to int) batch.Stream {
	if r.partial {
		return in.Stream
	}
	return r.meter.crossing(in.by, to, in.Stream)
}

// own is the environment of operator at.
func (r *run) own(at int) *exec.Env {
	if r.partial {
		return r.env
	}
	return r.meter.env(r.env, at)
}

// measured is the profile of the run so far.
func (r *run) measured() *plan.Profile {
	r.meter.enter(r.meter.on)
	out := &plan.Profile{Took: time.Since(r.start)}
	for _, s := range r.profile.Stages {
		ops := slices.Clone(s.Ops)
		for i := range ops {
			ops[i].Add(r.meter.read(r.places[s.Stage] + i))
		}
		out.Stages = append(out.Stages, plan.StageProfile{Stage: s.Stage, Ops: ops})
	}
	return out
}

// count adds what a lane did in a split of s to the profile.
func (r *run) count(s *plan.Stage, done Done) {
	for _, p := range r.profile.Stages {
		if p.Stage != s {
			continue
		}
		for i, op := range done.Ops {
			if i == len(done.Ops)-1 { // the lane's part of the gather, whatever the steps that others do
				i = len(p.Ops) - 2
			}
			p.Ops[i].Add(op)
		}
	}
}
