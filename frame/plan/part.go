package plan

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/source"
)

// Part is a subplan that stands more than once in a plan. Where it stood there are scans of it, so that a Part is a source; whoever runs the
// plan runs Plan once, keeps its rows, and reads those in place of the Part.
type Part struct {
	Plan   Node // changed only while the plan is optimised that the part was made for
	number int
}

// ErrNotRun is the error of who reads a Part itself.
var ErrNotRun = errors.New("the rows of a shared subplan are read before it has run")

// PartOf is the part that a scan reads; nil where it reads something else.
func PartOf(n *Scan) *Part {
	p, _ := n.Source.(*Part)
	return p
}

// Name implements source.Source.
func (p *Part) Name() string { return fmt.Sprintf("shared %d", p.number) }

// Schema implements source.Source.
func (p *Part) Schema(context.Context) (*arrow.Schema, error) { return p.Plan.Schema(), nil }

// Splits implements source.Source.
func (p *Part) Splits(context.Context, int64) iter.Seq2[source.Split, error] {
	return func(yield func(source.Split, error) bool) { yield(nil, fmt.Errorf("%s: %w", p.Name(), ErrNotRun)) }
}

// Size implements source.Source.
func (p *Part) Size() int64 { return 0 }

// partsOf are the parts that a plan and its parts read, each once: one comes before those that it reads itself.
func partsOf(n Node) []*Part {
	var out []*Part
	seen := map[*Part]bool{}
	var visit func(Node)
	visit = func(n Node) {
		if s, ok := n.(*Scan); ok {
			if p := PartOf(s); p != nil && !seen[p] {
				seen[p] = true
				visit(p.Plan)
				out = append(out, p)
			}
		}
		for _, in := range n.Inputs() {
			visit(in)
		}
	}
	visit(n)
	slices.Reverse(out)
	return out
}

// eachScan calls f with each scan of a plan and what is directly above it, nil for nothing.
func eachScan(n, above Node, f func(scan *Scan, above Node)) {
	if s, ok := n.(*Scan); ok {
		f(s, above)
	}
	for _, in := range n.Inputs() {
		eachScan(in, n, f)
	}
}
