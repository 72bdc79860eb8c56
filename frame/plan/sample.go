package plan

import (
	"slices"

	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/frame/source"
)

// Sample is a plan over parts of n's sources, which part gives, each of whose rows is a row of n's result: those that joins
// find there. It is nil where there is no such plan, as below an aggregate or where a row must not find a partner, where n joins
// nothing, and where n calls functions, which may do more than compute.
func Sample(n Node, part func(source.Source) source.Source) Node {
	joins := 0
	var sample func(n Node) Node
	sample = func(n Node) Node {
		switch n := n.(type) {
		case *Scan:
			s := *n
			s.Source = part(n.Source)
			return &s
		case *Filter:
			if len(expr.Functions(n.Predicate)) > 0 {
				return nil
			}
		case *Project:
			if len(expr.Functions(n.Exprs...)) > 0 {
				return nil
			}
		case *Join:
			if n.AsOf != nil || n.Kind == Anti || n.Where != nil && len(expr.Functions(n.Where)) > 0 {
				return nil
			}
			joins++
		default:
			return nil
		}
		in := make([]Node, 0, len(n.Inputs()))
		for _, below := range n.Inputs() {
			in = append(in, sample(below))
		}
		if slices.Contains(in, nil) {
			return nil
		}
		return matched(replaceInputs(n, in))
	}
	if n = sample(n); joins == 0 {
		return nil
	}
	return n
}

// matched makes a join that has rows without a partner one without them.
func matched(n Node) Node {
	j, ok := n.(*Join)
	if !ok || j.Kind != Left && j.Kind != Full {
		return n
	}
	inner := *j
	inner.Kind, inner.Where = Inner, nil
	inner.schema = joinSchema(&inner)
	if j.Where == nil {
		return &inner
	}
	return &Filter{Input: &inner, Predicate: j.Where}
}
