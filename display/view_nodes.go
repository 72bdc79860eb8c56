package display

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/rivulet-go/rivulet/frame/batch"
)

// namedNodes is how many nodes of a cluster a status line names.
const namedNodes = 4

// cluster writes the line of a cluster: which nodes made how many of the splits, and a link to its own page.
func (s *state) cluster(html, text *strings.Builder) {
	nodes, at := s.nodesText(), clean(s.progress.Dashboard)
	if exchanged := s.exchangedText(); nodes != "" && exchanged != "" {
		nodes += " · " + exchanged
	}
	link := ""
	if strings.HasPrefix(at, "http://") || strings.HasPrefix(at, "https://") {
		link = fmt.Sprintf(`<a href="%s" target="_blank">cluster dashboard</a>`, escapeHTML(at))
	} else {
		at = ""
	}
	if nodes == "" && link == "" {
		return
	}
	between := ""
	if nodes != "" && link != "" {
		between = " · "
	}
	fmt.Fprintf(html, "\n"+`<div style="%s">%s%s%s</div>`, statusStyle, escapeHTML(nodes), between, link)
	text.WriteString(nodes + between + at + "\n")
}

// nodesText is the nodes, the busiest first.
func (s *state) nodesText() string {
	nodes := slices.Clone(s.progress.Nodes)
	if len(nodes) == 0 {
		return ""
	}
	slices.SortStableFunc(nodes, func(a, b batch.NodeSplits) int { return cmp.Compare(b.Splits, a.Splits) })
	var parts []string
	rest := 0
	for i, n := range nodes {
		if i < namedNodes {
			parts = append(parts, clean(cmp.Or(n.Node, "session"))+" "+grouped(int64(n.Splits)))
		} else {
			rest += n.Splits
		}
	}
	if more := len(nodes) - namedNodes; more > 0 {
		parts = append(parts, fmt.Sprintf("%d more %s %s", more, plural(int64(more), "node"), grouped(int64(rest))))
	}
	return "splits by node: " + strings.Join(parts, ", ")
}

// exchangedText is how far the nodes are with what they exchanged, while that is all that goes on.
func (s *state) exchangedText() string {
	p := s.progress
	if p.PartsTotal == 0 || s.final {
		return ""
	}
	return fmt.Sprintf("exchange: %s of %s parts done", grouped(int64(p.Parts)), grouped(int64(p.PartsTotal)))
}

// whereText says on how many nodes a result was made.
func (s *state) whereText() []string {
	nodes := 0
	for _, n := range s.progress.Nodes {
		if n.Node != "" {
			nodes++
		}
	}
	if nodes == 0 {
		return nil
	}
	return []string{fmt.Sprintf("on %d %s", nodes, plural(int64(nodes), "node"))}
}
