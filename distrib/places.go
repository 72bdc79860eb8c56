package distrib

import (
	"maps"
	"slices"
	"sync"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/plan"
)

// places is which nodes of a remote engine did what of a run; on any other engine it counts nothing. It is safe for
// concurrent use: the tasks of an exchange run beside those that feed them.
type places struct {
	remote    bool
	dashboard string

	mu     sync.Mutex
	stages map[int]map[string]*plan.NodeProfile
}

func newPlaces(e Engine) *places {
	p := &places{stages: map[int]map[string]*plan.NodeProfile{}}
	if remote, ok := e.(Remote); ok {
		p.remote, p.dashboard = true, remote.Dashboard()
	}
	return p
}

// add counts a block, or the end of a split.
func (p *places) add(ref Ref) {
	if !p.remote {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	nodes := p.stages[ref.ID.Stage]
	if nodes == nil {
		nodes = map[string]*plan.NodeProfile{}
		p.stages[ref.ID.Stage] = nodes
	}
	n := nodes[ref.Node]
	if n == nil {
		n = &plan.NodeProfile{Node: ref.Node}
		nodes[ref.Node] = n
	}
	switch {
	case !ref.Last:
		n.Rows += ref.Rows
		n.Bytes += ref.Bytes
	case ref.ID.Role == Map:
		n.Splits++
		n.Read += ref.Done.Rows
	default:
		n.Exchanged++
	}
}

// of is what nodes did of a stage, by name.
func (p *places) of(stage int) (out []plan.NodeProfile) {
	p.mu.Lock()
	defer p.mu.Unlock()
	nodes := p.stages[stage]
	for _, name := range slices.Sorted(maps.Keys(nodes)) {
		out = append(out, *nodes[name])
	}
	return out
}

// splits is how many splits of all stages each node made, by name.
func (p *places) splits() (out []batch.NodeSplits) {
	p.mu.Lock()
	defer p.mu.Unlock()
	count := map[string]int{}
	for _, nodes := range p.stages {
		for name, n := range nodes {
			if n.Splits > 0 {
				count[name] += n.Splits
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(count)) {
		out = append(out, batch.NodeSplits{Node: name, Splits: count[name]})
	}
	return out
}
