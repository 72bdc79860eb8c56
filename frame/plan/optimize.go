package plan

import "slices"

// rule rewrites a node, or a plan; it gives what it was given where it does not apply.
type rule struct {
	name  string
	apply func(Node) Node
}

// rules rewrite one node, whose inputs are rewritten already: bottom up, together, until none applies.
var rules = []rule{
	{"drop constant filter", dropConstantFilter},
	{"drop empty input", dropEmpty},
	{"push filter", pushFilter},
	{"range join", rangeJoin},
	{"join build side first", rotateJoins},
	{"sort and limit", sortLimit},
	{"merge limits", mergeLimits},
	{"merge sorts", mergeSorts},
	{"drop distinct", dropDistinct},
	{"preview below projection", previewBelowProject},
	{"preview of sort", previewSort},
	{"limit into scan", limitIntoScan},
}

// shared goes ahead of all: filters that move apart would make subplans differ.
var shared = []rule{{ReducedRule, reduceJoins}, {SharedRule, shareSubplans}}

// Passes that rewrite a whole plan, once each: ahead of the rules; and when these have moved filters down, after which they run again.
var (
	before   = []rule{{"fold constants", foldConstants}}
	inferred = []rule{
		{"infer side filter", inferSides},
		{"infer key filter", inferKeys},
		{"drop implied filter", dropImplied},
		{"drop sort", dropSorts},
		{"group before join", groupBeforeJoin},
		{"build side", buildSides},
	}
)

const pruneRule = "prune columns"

// passes rewrite a whole plan, once each, in this order, when the rules are done.
var passes = []rule{
	{"filter into scan", filterScans},
	{"share expressions", shareExpressions},
	{pruneRule, pruneColumns},
	{"narrow scan", narrowScans},
	{"code text", codeTexts},
	{"unscale decimals", unscaleDecimals},
}

// Optimize rewrites a plan into one with the same result that reads and holds less.
func Optimize(n Node) Node { return OptimizeWithout(n) }

// OptimizeWithout is Optimize without some of the rules that Fired names: the result is the same.
func OptimizeWithout(n Node, rules ...string) Node {
	o := optimizer{without: rules}
	return o.optimize(n)
}

// Fired are the names of the rules that change a plan.
func Fired(n Node) []string {
	_, fired := optimizeTraced(n)
	return fired
}

func all() []rule { return slices.Concat(shared, before, rules, inferred, passes) }

// RuleNames are the names of all rules.
func RuleNames() []string {
	var names []string
	for _, r := range all() {
		names = append(names, r.name)
	}
	return names
}

func optimizeTraced(n Node) (optimized Node, fired []string) {
	o := optimizer{fired: map[string]bool{}}
	optimized = o.optimize(n)
	for _, r := range all() {
		if o.fired[r.name] {
			fired = append(fired, r.name)
		}
	}
	return optimized, fired
}

// optimizer is one optimisation.
type optimizer struct {
	without []string        // the rules that are left out
	fired   map[string]bool // the rules that changed something; nil where nobody asks
}

func (o *optimizer) optimize(n Node) Node {
	n = o.passes(n, shared)
	parts := partsOf(n)
	n = o.whole(n)
	for _, p := range parts { // the filters of whoever reads one have moved down to it
		p.Plan = o.whole(o.pass(p.Plan, rule{SharedRule, func(Node) Node { return filterParts(n, parts, p) }}))
	}
	for _, r := range passes {
		n = o.pass(n, r)
		for _, p := range parts {
			part := r
			if r.name == pruneRule {
				part.apply = func(Node) Node { return prunePart(n, parts, p) }
			}
			p.Plan = o.pass(p.Plan, part)
		}
	}
	return n
}

// whole applies the rules, and the passes that go with them.
func (o *optimizer) whole(n Node) Node {
	n = o.rewrite(o.passes(n, before))
	if m := o.passes(n, inferred); m != n {
		n = o.rewrite(m)
	}
	return n
}

func (o *optimizer) passes(n Node, list []rule) Node {
	for _, p := range list {
		n = o.pass(n, p)
	}
	return n
}

func (o *optimizer) pass(n Node, p rule) Node {
	if slices.Contains(o.without, p.name) {
		return n
	}
	made := p.apply(n)
	// Some passes make a plan anew that is the same.
	if o.fired != nil && Tree(made) != Tree(n) {
		o.fired[p.name] = true
	}
	return made
}

// rewrite applies the rules to n and everything below it, to a fixed point.
func (o *optimizer) rewrite(n Node) Node {
	n = withInputs(n, o.rewrite)
	for {
		before := n
		for _, r := range rules {
			if slices.Contains(o.without, r.name) {
				continue
			}
			made := r.apply(n)
			if o.fired != nil && made != n {
				o.fired[r.name] = true
			}
			n = made
		}
		if n == before {
			return n
		}
		n = withInputs(n, o.rewrite)
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
