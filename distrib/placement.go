package distrib

import (
	"fmt"
	"slices"
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
	if slices.Contains(plan.Fired(n), plan.SharedRule) {
		b.WriteString("  what several stages read of a shared subplan is run for each of them\n")
	}
	p.place(&b, plan.Cut(p.optimize(n)))
	return b.String()
}

func (p *Pool) place(b *strings.Builder, last *plan.Stage) {
	spine := last.Spine()
	for _, s := range spine {
		for _, build := range s.Builds {
			p.place(b, build)
		}
	}
	for i, s := range spine {
		var above *plan.Stage
		if i+1 < len(spine) {
			above = spine[i+1]
		}
		fmt.Fprintf(b, "  stage %d: %s\n", s.ID, p.placeOf(s, above))
	}
}

func (p *Pool) placeOf(s, above *plan.Stage) string {
	where := "lanes on the cluster"
	if s.Scan == nil {
		where = "over the rows of the stage before: lanes on the cluster where those were exchanged, else the session"
	}
	joins := 0
	for _, step := range s.Steps {
		if _, ok := step.(*plan.Join); ok {
			joins++
		}
	}
	if joins > 0 {
		where += fmt.Sprintf(", %d join tables sent to each worker; from %s on both sides exchanged by hash in %d parts",
			joins, memory.FormatSize(p.broadcastUpTo()), p.keyParts())
	}
	switch n := s.Gather.(type) {
	case nil:
		return where + "; rows to the session, in order"
	case *plan.Aggregate:
		if exchangeable(n, nil) {
			return where + fmt.Sprintf("; groups merged in the session, where they are many exchanged by hash in %d parts", exec.ExchangeParts)
		}
	case *plan.Sort:
		return where + fmt.Sprintf("; sorted in the session, from %s on exchanged by range", memory.FormatSize(p.exchangeBytes))
	default:
		if exchangeable(n, above) {
			return where + fmt.Sprintf("; gathered in the session, from %s on exchanged by hash in %d parts", memory.FormatSize(p.exchangeBytes), p.keyParts())
		}
	}
	return where + "; gathered in the session"
}
