package plan

import (
	"fmt"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/expr"
)

// Windows takes the window functions out of exprs: it gives in with a Window node for each partition and order above it,
// and exprs with columns in place of the functions, under the names that they had. Where there are no window functions
// it gives both as they are.
func Windows(in Node, exprs []expr.Expr) (Node, []expr.Expr, error) {
	if !expr.HasWindow(exprs...) {
		return in, exprs, nil
	}
	s := windowSplit{input: in, names: map[string]string{}, taken: columnSet(fieldNames(in.Schema()))}
	out := make([]expr.Expr, len(exprs))
	for i, e := range exprs {
		out[i] = e
		if !expr.HasWindow(e) {
			continue
		}
		var failed error
		rest := expr.SplitWindows(unalias(e), func(w expr.Window) expr.Expr {
			name, err := s.add(w)
			if err != nil && failed == nil {
				failed = err
			}
			return expr.Column{Name: name}
		})
		if failed != nil {
			return nil, nil, failed
		}
		out[i] = expr.Alias{X: rest, Name: expr.Name(e)}
	}
	n, err := s.node()
	return n, out, err
}

// windowSplit gathers window functions by partition and order.
type windowSplit struct {
	input  Node
	hidden []expr.Expr       // keys and operands that are computed, as columns beside the input's
	names  map[string]string // of hidden columns and of functions, by text
	taken  columns
	groups []*windowGroup
}

// windowGroup is the functions of one Window node.
type windowGroup struct {
	by    []string
	order []SortKey
	funcs []WindowFunc
}

// add gives the column of a window function.
func (s *windowSplit) add(w expr.Window) (string, error) {
	schema := s.input.Schema()
	dt, err := expr.BindWindow(w, schema)
	if err != nil {
		return "", err
	}
	if name, ok := s.names[w.String()]; ok {
		return name, nil
	}
	g := &windowGroup{}
	for _, x := range w.By {
		g.by = append(g.by, s.column(x))
	}
	slices.Sort(g.by)
	g.by = slices.Compact(g.by)
	for _, k := range w.Order {
		g.order = append(g.order, SortKey{expr.Column{Name: s.column(k.X)}, k.Descending})
	}
	f := WindowFunc{Name: s.fresh(w.String()), Type: dt, Expr: w}
	s.names[w.String()] = f.Name
	f.Expr.By, f.Expr.Order = nil, nil
	bounds := w.Bounds()
	f.Expr.Frame = &bounds
	if w.X != nil {
		x, err := operand(w, schema)
		if err != nil {
			return "", err
		}
		f.Expr.X = expr.Column{Name: s.column(x)}
	}
	f.Expr.Args = slices.Clone(w.Args)
	for i, x := range f.Expr.Args {
		if _, constant := unalias(x).(expr.Literal); !constant {
			f.Expr.Args[i] = expr.Column{Name: s.column(x)}
		}
	}
	s.place(g, f)
	return f.Name, nil
}

// operand is what a function takes in: sums and means of truth values count, means of decimals are floats.
func operand(w expr.Window, schema *arrow.Schema) (expr.Expr, error) {
	b, err := expr.Bind(w.X, schema)
	if err != nil {
		return nil, err
	}
	switch w.Func {
	case expr.WindowFunc(expr.Sum):
		if b.Type().ID() == arrow.BOOL {
			return expr.Cast{X: w.X, To: arrow.PrimitiveTypes.Int64}, nil
		}
	case expr.WindowFunc(expr.Mean), expr.WindowFunc(expr.Std), expr.WindowFunc(expr.StdPop),
		expr.WindowFunc(expr.Var), expr.WindowFunc(expr.VarPop):
		if b.Type().ID() != arrow.FLOAT64 {
			return expr.Cast{X: w.X, To: arrow.PrimitiveTypes.Float64}, nil
		}
	}
	return w.X, nil
}

// column is the name of the column that x is.
func (s *windowSplit) column(x expr.Expr) string {
	x = unalias(x)
	if c, ok := x.(expr.Column); ok {
		return c.Name
	}
	name, ok := s.names[x.String()]
	if !ok {
		name = s.fresh(x.String())
		s.names[x.String()] = name
		s.hidden = append(s.hidden, expr.Alias{X: x, Name: name})
	}
	return name
}

func (s *windowSplit) fresh(name string) string {
	for s.taken[name] {
		name += "_"
	}
	s.taken[name] = true
	return name
}

// place puts f into the group of its partition and order. A function of the whole partition whose value no order can
// change goes with any order.
func (s *windowSplit) place(g *windowGroup, f WindowFunc) {
	for _, have := range s.groups {
		if !slices.Equal(have.by, g.by) {
			continue
		}
		switch {
		case slices.EqualFunc(have.order, g.order, sameKey), len(g.order) == 0 && f.anyOrder():
		case len(have.order) == 0 && !slices.ContainsFunc(have.funcs, func(f WindowFunc) bool { return !f.anyOrder() }):
			have.order = g.order
		default:
			continue
		}
		have.funcs = append(have.funcs, f)
		return
	}
	g.funcs = []WindowFunc{f}
	s.groups = append(s.groups, g)
}

func sameKey(a, b SortKey) bool { return a.String() == b.String() }

func (f WindowFunc) anyOrder() bool {
	return f.Expr.Func.Aggregates() && f.Expr.Frame.From.Unbounded && f.Expr.Frame.To.Unbounded
}

// node stacks the Window nodes on the input.
func (s *windowSplit) node() (Node, error) {
	n := s.input
	if len(s.hidden) > 0 {
		all := append(expr.NamedColumns(fieldNames(n.Schema())), s.hidden...)
		var err error
		if n, err = NewProject(n, all); err != nil {
			return nil, err
		}
	}
	for _, g := range s.groups {
		n = newWindow(n, g.by, g.order, g.funcs)
	}
	return n, nil
}

func newWindow(in Node, by []string, order []SortKey, funcs []WindowFunc) *Window {
	fields := slices.Clone(in.Schema().Fields())
	for _, f := range funcs {
		fields = append(fields, arrow.Field{Name: f.Name, Type: f.Type, Nullable: true})
	}
	return &Window{Input: in, By: by, Order: order, Funcs: funcs, schema: arrow.NewSchema(fields, nil)}
}

// newWindowFilter filters by what is computed over windows, as QUALIFY does.
func newWindowFilter(in Node, predicate expr.Expr) (Node, error) {
	kept := expr.NamedColumns(fieldNames(in.Schema()))
	n, rest, err := Windows(in, []expr.Expr{predicate})
	if err != nil {
		return nil, fmt.Errorf("Filter: %w", err)
	}
	if n, err = NewFilter(n, unalias(rest[0])); err != nil {
		return nil, err
	}
	return NewProject(n, kept)
}

// pruneWindow leaves out functions that nobody uses.
func pruneWindow(n *Window, need columns) Node {
	var funcs []WindowFunc
	below := need.with()
	for _, f := range n.Funcs {
		delete(below, f.Name)
	}
	for _, f := range n.Funcs {
		if !need[f.Name] {
			continue
		}
		funcs = append(funcs, f)
		for _, name := range expr.Columns(f.Expr) {
			below[name] = true
		}
	}
	if len(funcs) == 0 {
		return prune(n.Input, below)
	}
	in := prune(n.Input, below.with(n.By...).with(keyColumns(n.Order)...))
	return newWindow(in, n.By, n.Order, funcs)
}

// pushFilterWindow moves a filter on keys of the partition below: it drops whole partitions.
func pushFilterWindow(f *Filter, w *Window) Node {
	reads := expr.Columns(f.Predicate)
	if len(reads) == 0 || slices.ContainsFunc(reads, func(name string) bool { return !slices.Contains(w.By, name) }) {
		return f
	}
	return replaceInputs(w, []Node{&Filter{Input: w.Input, Predicate: f.Predicate}})
}
