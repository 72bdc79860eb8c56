package plan

import (
	"math"
	"slices"

	"github.com/rivulet-go/rivulet/frame/expr"
)

// SharedRule is the name of the rule that has subplans that stand more than once in a plan run once.
const SharedRule = "share subplans"

// What it takes to compute the rows of a node, for each row of its input, in units of what it takes to keep a row, or to read it back. They tell
// what is worth sharing and are not to be exact.
const (
	passWork  = 1 // read, filter or compute a column
	textWork  = 3 // a function, most of which are of text
	joinWork  = 2 // look a row up; to put it into a table takes twice that
	groupWork = 3 // put a row into its group
	sortWork  = 5
	callWork  = 5 // a user's function
	// filterPrice: a filter over a scan is computed where columns are read, which readers of its rows do as well.
	filterPrice = 2
	// manyValues is from how many on rows are kept on disk rather than in memory, and diskPrice what that makes of them.
	manyValues = 1 << 26
	diskPrice  = 4
	// leastWork is what a part has to take: one more phase, which the others wait for, takes time by itself.
	leastWork = 50_000
)

// shareSubplans makes a part of each subplan that stands more than once, where it takes more to compute it again than to keep its rows and to
// read them back.
func shareSubplans(n Node) Node {
	s := sharer{
		shapes: shapes{numbers: map[Node]int{}, like: map[string][]int{}}, e: estimator{known: map[Node]float64{}},
		spent: map[Node]float64{}, parts: map[int]*Part{}, made: map[Node]Node{},
	}
	if !s.find(s.shapes.number(n)) {
		return n
	}
	for _, p := range s.parts {
		p.Plan = withInputs(p.Plan, s.rewrite)
		p.number = len(s.parts) - p.number // those that others read come first
	}
	return s.rewrite(n)
}

type sharer struct {
	shapes shapes
	e      estimator
	spent  map[Node]float64 // work's results
	parts  map[int]*Part    // by number of the subplan
	made   map[Node]Node    // rewrite's results
}

// find makes a part of each subplan that is worth it. From the top down it counts how often each is computed; where only the first rows of one
// are wanted they are there before the rest is, so that this does not count.
func (s *sharer) find(root int) bool {
	whole, first := make([]int, root+1), make([]int, root+1)
	whole[root] = 1
	for i := root; i >= 0; i-- { // what is above a node has a larger number
		n := s.shapes.nodes[i]
		if first[i] > 0 && !streams(n) {
			whole[i], first[i] = whole[i]+first[i], 0
		}
		w, f := whole[i], first[i]
		if w > 1 && s.pays(n, w) {
			s.parts[i] = &Part{Plan: n, number: len(s.parts)}
			w, f = 1, 0
		}
		for k, in := range s.shapes.inputs[i] {
			switch n.(type) {
			case *Limit:
				first[in] += w + f
			case *Join:
				if k > 0 { // it is held whole
					whole[in] += w + f
					continue
				}
				whole[in], first[in] = whole[in]+w, first[in]+f
			default:
				whole[in], first[in] = whole[in]+w, first[in]+f
			}
		}
	}
	return len(s.parts) > 0
}

// streams says whether n gives rows before it has read all that it reads last.
func streams(n Node) bool {
	switch n := n.(type) {
	case *Scan:
		return true
	case *Aggregate, *Sort, *TopK, *GroupTopK, *Tail, *Window:
		return false
	case *Preview:
		return len(n.Keys) == 0 && streams(n.Input)
	}
	return streams(n.Inputs()[0])
}

// pays says whether it takes more to compute n times than once with its rows kept.
func (s *sharer) pays(n Node, times int) bool {
	work := s.work(n)
	if work == 0 {
		return false
	}
	rows := s.e.rows(n)
	if math.IsNaN(rows) || math.IsNaN(work) {
		return !overScan(n)
	}
	price := rows * float64(1+times)
	if overScan(n) {
		price *= filterPrice
	}
	if rows*float64(n.Schema().NumFields()) > manyValues {
		price *= diskPrice
	}
	return work >= leastWork && work*float64(times-1) > price
}

// overScan says whether n only filters and computes columns of what a scan reads.
func overScan(n Node) bool {
	switch n := n.(type) {
	case *Scan:
		return true
	case *Filter, *Project, *Limit:
		return expr.Functions(expressions(n)...) == nil && overScan(n.Inputs()[0])
	}
	return false
}

// work is what it takes to compute the rows of n, 0 for a scan or columns of one; NaN where nothing is known.
func (s *sharer) work(n Node) float64 {
	if w, ok := s.spent[n]; ok {
		return w
	}
	w := s.own(n)
	for _, in := range n.Inputs() {
		w += s.work(in)
	}
	if w > 0 {
		w += s.scanned(n)
	}
	s.spent[n] = w
	return w
}

// scanned is what it takes to read the inputs of a node that are scans.
func (s *sharer) scanned(n Node) (w float64) {
	for _, in := range n.Inputs() {
		for p, ok := in.(*Project); ok; p, ok = in.(*Project) {
			in = p.Input
		}
		if _, ok := in.(*Scan); ok {
			w += passWork * s.e.rows(in)
		}
	}
	return w
}

// own is what n itself takes.
func (s *sharer) own(n Node) float64 {
	in := n.Inputs()
	if len(in) == 0 {
		return 0
	}
	rows := s.e.rows(in[0])
	switch n := n.(type) {
	case *Filter:
		return rows * (passWork + calls(n))
	case *Project:
		computed := 0.0
		for _, x := range n.Exprs {
			switch unalias(x).(type) {
			case expr.Column:
			case expr.Call:
				computed += textWork
			default:
				computed += passWork
			}
		}
		if computed == 0 {
			return 0
		}
		return rows * (computed + calls(n))
	case *MapBatches:
		return rows * callWork
	case *Join:
		return joinWork * (rows + 2*s.e.rows(n.Right))
	case *Aggregate, *Distinct, *GroupTopK:
		return rows * (groupWork + calls(n))
	case *Sort, *Window:
		return rows * (sortWork + calls(n))
	case *TopK, *Tail:
		return rows * (passWork + calls(n))
	}
	return 0
}

func calls(n Node) float64 { return callWork * float64(len(expr.Functions(expressions(n)...))) }

// rewrite is n with scans of parts where these stood.
func (s *sharer) rewrite(n Node) Node {
	made, ok := s.made[n]
	if !ok {
		if p := s.parts[s.shapes.number(n)]; p != nil {
			made = &Scan{Source: p, schema: n.Schema()}
		} else {
			made = withInputs(n, s.rewrite)
		}
		s.made[n] = made
	}
	return made
}

// filterParts gives the plans of parts the filters of their readers, as far as each has one: a row is kept that any of them wants.
func filterParts(root Node, parts []*Part, p *Part) Node {
	var any []expr.Expr
	all := true
	visit := func(scan *Scan, above Node) {
		f, ok := above.(*Filter)
		switch {
		case PartOf(scan) != p:
		case !ok || expr.Functions(f.Predicate) != nil:
			all = false
		case !slices.ContainsFunc(any, func(e expr.Expr) bool { return expr.Same(e, f.Predicate) }):
			any = append(any, f.Predicate)
		}
	}
	eachScan(root, nil, visit)
	for _, other := range parts {
		eachScan(other.Plan, nil, visit)
	}
	if !all || len(any) == 0 {
		return p.Plan
	}
	either := any[0]
	for _, e := range any[1:] {
		either = expr.Binary{Op: expr.Or, Left: either, Right: e}
	}
	return &Filter{Input: p.Plan, Predicate: either}
}

// prunePart gives a part only the columns that its readers want.
func prunePart(root Node, parts []*Part, p *Part) Node {
	need := columns{}
	visit := func(scan *Scan, _ Node) {
		if PartOf(scan) == p {
			need = need.with(fieldNames(scan.schema)...)
		}
	}
	eachScan(root, nil, visit)
	for _, other := range parts {
		eachScan(other.Plan, nil, visit)
	}
	return narrow(prune(p.Plan, need), need)
}
