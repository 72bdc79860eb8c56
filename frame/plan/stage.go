package plan

import "github.com/apache/arrow/go/v17/arrow"

// Stage is the part of a plan between two pipeline breakers.
//
//	Scan or Input ─► Steps (in each lane, over each split) ─► Gather (one, over all lanes' blocks)
type Stage struct {
	ID     int
	Scan   *Scan    // what the lanes read; nil where the stage goes on from Input
	Part   *Stage   // the last stage of the Part that Scan reads, the same for all its readers; nil where it reads no Part
	Input  *Stage   // the stage whose gather this one reads; nil under a Scan
	Steps  []Node   // Filter, Project, MapBatches and Join (its probe side), bottom first
	Builds []*Stage // the last stage of the right side of each Join in Steps, in their order
	// Gather is the Aggregate, Sort, TopK, GroupTopK, Limit, Tail, Distinct, Window or Preview at the stage's end; nil puts the blocks in
	// order and no more.
	Gather Node
}

// Cut parts a plan into stages and gives the last. It does not change the plan: optimise it before.
func Cut(n Node) *Stage {
	c := cutter{parts: map[*Part]*Stage{}}
	return c.cut(n)
}

// Schema is the columns of the stage's result.
func (s *Stage) Schema() *arrow.Schema {
	if s.Gather != nil {
		return s.Gather.Schema()
	}
	return s.Lane()
}

// Lane is the columns that reach the gather, before any partial form of it.
func (s *Stage) Lane() *arrow.Schema {
	if len(s.Steps) > 0 {
		return s.Steps[len(s.Steps)-1].Schema()
	}
	if s.Scan != nil {
		return s.Scan.Schema()
	}
	return s.Input.Schema()
}

// Spine lists the stages from the scan up to s, without build sides.
func (s *Stage) Spine() []*Stage {
	if s.Input == nil {
		return []*Stage{s}
	}
	return append(s.Input.Spine(), s)
}

// All lists the stages that s needs and s, each once, in the order in which they are run.
func (s *Stage) All() []*Stage {
	var list []*Stage
	shared := map[*Stage]bool{}
	var visit func(*Stage)
	visit = func(last *Stage) {
		spine := last.Spine()
		for _, stage := range spine {
			if p := stage.Part; p != nil && !shared[p] {
				shared[p] = true
				visit(p)
			}
			for _, b := range stage.Builds {
				visit(b)
			}
		}
		list = append(list, spine...)
	}
	visit(s)
	return list
}

// Scans lists the scans of sources that s needs, in the order in which they are run.
func (s *Stage) Scans() []*Scan {
	var list []*Scan
	for _, stage := range s.All() {
		if stage.Scan != nil && stage.Part == nil {
			list = append(list, stage.Scan)
		}
	}
	return list
}

type cutter struct {
	last  int
	parts map[*Part]*Stage
}

func (c *cutter) cut(n Node) *Stage {
	s := c.open(n)
	if s.ID == 0 {
		c.last++
		s.ID = c.last
	}
	return s
}

// open gives the stage in which n runs, not numbered while more steps may join it.
func (c *cutter) open(n Node) *Stage {
	switch n := n.(type) {
	case *Scan:
		return &Stage{Scan: n, Part: c.part(PartOf(n))}
	case *Filter, *Project, *MapBatches:
		s := c.steps(n.Inputs()[0])
		s.Steps = append(s.Steps, n)
		return s
	case *Join:
		build := c.cut(n.Right)
		s := c.steps(n.Left)
		s.Steps = append(s.Steps, n)
		s.Builds = append(s.Builds, build)
		return s
	default:
		s := c.steps(n.Inputs()[0])
		s.Gather = n
		return s
	}
}

// part gives the last stage of a part, which is cut once.
func (c *cutter) part(p *Part) *Stage {
	if p != nil && c.parts[p] == nil {
		c.parts[p] = c.cut(p.Plan)
	}
	return c.parts[p]
}

// steps gives a stage to which a step or a gather can be added.
func (c *cutter) steps(n Node) *Stage {
	s := c.open(n)
	if s.Gather == nil {
		return s
	}
	c.last++
	s.ID = c.last
	return &Stage{Input: s}
}

// Fragment is what a lane does with each split: plain data, so that it can travel to another process.
type Fragment struct {
	Columns []string      // what to read of the source, in order; nil for all
	Limit   int64         // rows after which a split may stop; 0 for no limit
	Schema  *arrow.Schema // the columns read
	Steps   []Node        // their own fields and schemas count; the Inputs below them are not followed
	End     Node          // the gather of which the lane runs its part, or a Join that is exchanged; nil for none
}

// Fragment is the lanes' part of a stage over a scan.
func (s *Stage) Fragment() Fragment {
	return Fragment{Columns: s.Scan.Columns, Limit: s.Scan.Limit, Schema: s.Scan.Schema(), Steps: s.Steps, End: s.Gather}
}
