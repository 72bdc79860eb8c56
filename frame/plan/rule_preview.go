package plan

import "slices"

// previewBelowProject computes columns only for the rows that a preview of sorted rows shows.
func previewBelowProject(n Node) Node {
	p, ok := n.(*Preview)
	if !ok || len(p.Keys) > 0 {
		return n
	}
	project, ok := p.Input.(*Project)
	if !ok || !sorted(project) {
		return n
	}
	return replaceInputs(project, []Node{&Preview{Input: project.Input, N: p.N}})
}

// sorted says whether only projections are between n and a sort.
func sorted(n Node) bool {
	for {
		switch in := n.(type) {
		case *Project:
			n = in.Input
		case *Sort:
			return true
		default:
			return false
		}
	}
}

// previewSort keeps only the rows that a preview of a sort shows, and counts all.
func previewSort(n Node) Node {
	p, ok := n.(*Preview)
	if !ok {
		return n
	}
	s, ok := p.Input.(*Sort)
	if !ok {
		return n
	}
	if len(p.Keys) > 0 {
		// A stable sort by keys over a sort: the lower one breaks ties.
		return &Preview{Input: s.Input, N: p.N, Keys: slices.Concat(p.Keys, s.Keys)}
	}
	return &Preview{Input: s.Input, N: p.N, Keys: s.Keys}
}
