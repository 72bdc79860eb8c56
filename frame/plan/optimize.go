package plan

// rule rewrites one node whose inputs are rewritten already; it gives the node itself where it does not apply.
type rule struct {
	name  string
	apply func(Node) Node
}

// rules run bottom up, together, until none applies.
var rules = []rule{
	{"drop constant filter", dropConstantFilter},
	{"push filter", pushFilter},
	{"range join", rangeJoin},
	{"sort and limit", sortLimit},
	{"merge limits", mergeLimits},
	{"preview below projection", previewBelowProject},
	{"preview of sort", previewSort},
	{"limit into scan", limitIntoScan},
}

// Optimize rewrites a plan into one with the same result that reads and holds less.
func Optimize(n Node) Node {
	return narrowScans(pruneColumns(shareExpressions(filterScans(rewrite(n)))))
}

// rewrite applies the rules to n and everything below it, to a fixed point.
func rewrite(n Node) Node {
	n = withInputs(n, rewrite)
	for {
		before := n
		for _, r := range rules {
			n = r.apply(n)
		}
		if n == before {
			return n
		}
		n = withInputs(n, rewrite)
	}
}

// withInputs gives n with each input replaced by what f makes of it; n itself where nothing changed.
func withInputs(n Node, f func(Node) Node) Node {
	inputs := n.Inputs()
	changed := false
	made := make([]Node, len(inputs))
	for i, in := range inputs {
		made[i] = f(in)
		changed = changed || made[i] != in
	}
	if !changed {
		return n
	}
	return replaceInputs(n, made)
}

// replaceInputs gives a copy of n over other inputs, which have the columns that n uses.
func replaceInputs(n Node, in []Node) Node {
	switch n := n.(type) {
	case *Filter:
		return &Filter{Input: in[0], Predicate: n.Predicate}
	case *Project:
		return &Project{Input: in[0], Exprs: n.Exprs, schema: n.schema}
	case *MapBatches:
		return &MapBatches{Input: in[0], Func: n.Func, schema: n.schema}
	case *Aggregate:
		return &Aggregate{Input: in[0], Keys: n.Keys, Aggs: n.Aggs, schema: n.schema}
	case *Join:
		j := *n
		j.Left, j.Right = in[0], in[1]
		j.schema = joinSchema(&j)
		return &j
	case *Sort:
		return &Sort{Input: in[0], Keys: n.Keys}
	case *TopK:
		return &TopK{Input: in[0], Keys: n.Keys, N: n.N}
	case *GroupTopK:
		return &GroupTopK{Input: in[0], Groups: n.Groups, Keys: n.Keys, N: n.N}
	case *Limit:
		return &Limit{Input: in[0], N: n.N}
	case *Tail:
		return &Tail{Input: in[0], N: n.N}
	case *Distinct:
		return &Distinct{Input: in[0], Columns: n.Columns}
	case *Window:
		return newWindow(in[0], n.By, n.Order, n.Funcs)
	case *Preview:
		return &Preview{Input: in[0], N: n.N, Keys: n.Keys}
	default:
		return n
	}
}
