package plan

// sortLimit keeps only the rows that a limit over a sort lets through: Limit(Sort) is TopK.
func sortLimit(n Node) Node {
	l, ok := n.(*Limit)
	if !ok {
		return n
	}
	switch in := l.Input.(type) {
	case *Sort:
		return &TopK{Input: in.Input, Keys: in.Keys, N: l.N}
	case *TopK:
		return &TopK{Input: in.Input, Keys: in.Keys, N: min(l.N, in.N)}
	case *Project: // a projection keeps rows and their order, so the limit may go first
		switch in.Input.(type) {
		case *Sort, *TopK, *Limit:
			return replaceInputs(in, []Node{&Limit{Input: in.Input, N: l.N}})
		}
	}
	return n
}

// mergeLimits makes one of two limits in a row.
func mergeLimits(n Node) Node {
	l, ok := n.(*Limit)
	if !ok {
		return n
	}
	if in, ok := l.Input.(*Limit); ok {
		return &Limit{Input: in.Input, N: min(l.N, in.N)}
	}
	return n
}

// limitIntoScan tells the scan, below projections, how many rows of a split can matter. The limit itself stays: the
// scan may give more.
func limitIntoScan(n Node) Node {
	l, ok := n.(*Limit)
	if !ok || l.N == 0 {
		return n
	}
	below, ok := limitScan(l.Input, l.N)
	if !ok {
		return n
	}
	return &Limit{Input: below, N: l.N}
}

func limitScan(n Node, rows int64) (Node, bool) {
	switch n := n.(type) {
	case *Scan:
		if n.Limit > 0 && n.Limit <= rows {
			return n, false
		}
		s := *n
		s.Limit = rows
		return &s, true
	case *Project:
		below, ok := limitScan(n.Input, rows)
		if !ok {
			return n, false
		}
		return replaceInputs(n, []Node{below}), true
	}
	return n, false
}
