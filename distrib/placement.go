package distrib

import (
	"fmt"
	"strings"

	"github.com/rivulet-go/rivulet/frame/exec"
	"github.com/rivulet-go/rivulet/frame/memory"
	"github.com/rivulet-go/rivulet/frame/plan"
)

// Placement says where the stages of a plan run, a line each; "" where all of it runs in this process.
func (p *Pool) Placement(n plan.Node) string {
	remote, ok := p.engine.(Remote)
	if !ok {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "placement: %d tasks at once on the cluster\n", remote.Slots())
	p.place(&b, plan.Cut(plan.Optimize(n)))
	return b.String()
}

func (p *Pool) place(b *strings.Builder, last *plan.Stage) {
	spine := last.Spine()
	for _, s := range spine {
		for _, build := range s.Builds {
			p.place(b, build)
		}
	}
	for _, s := range spine {
		fmt.Fprintf(b, "  stage %d: %s\n", s.ID, p.placeOf(s))
	}
}

func (p *Pool) placeOf(s *plan.Stage) string {
	if s.Scan == nil {
		return "in the session, over the rows of the stage before"
	}
	steps := len(s.Steps)
	joins := 0
	for i, step := range s.Steps {
		join, ok := step.(*plan.Join)
		if !ok {
			continue
		}
		if join.Kind == plan.Full { // see broadcast
			steps = i
			break
		}
		joins++
	}
	where := "lanes on the cluster"
	if joins > 0 {
		where += fmt.Sprintf(", %d join tables sent to each worker (a table that memory does not hold stays in the session, and so does its join)", joins)
	}
	switch n := s.Gather.(type) {
	case nil:
		return where + "; rows to the session, in order" + rest(steps < len(s.Steps))
	case *plan.Aggregate:
		if steps == len(s.Steps) && exchangeable(n) {
			return where + fmt.Sprintf("; groups merged in the session, where they are many exchanged by hash in %d parts", exec.ExchangeParts)
		}
	case *plan.Sort:
		if steps == len(s.Steps) {
			return where + fmt.Sprintf("; sorted in the session, from %s on exchanged by range", memory.FormatSize(p.exchangeBytes))
		}
	}
	return where + "; gathered in the session" + rest(steps < len(s.Steps))
}

func rest(some bool) string {
	if some {
		return ", from the full join on"
	}
	return ""
}
