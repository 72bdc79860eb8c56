package plan

import (
	"maps"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/frame/source"
)

// pruneColumns reads and computes only the columns that something above uses. The root keeps all.
func pruneColumns(n Node) Node {
	return prune(n, columnSet(fieldNames(n.Schema())))
}

type columns map[string]bool

func columnSet(names []string) columns {
	set := make(columns, len(names))
	for _, name := range names {
		set[name] = true
	}
	return set
}

func (c columns) with(names ...string) columns {
	set := make(columns, len(c)+len(names))
	for name := range c {
		set[name] = true
	}
	for _, name := range names {
		set[name] = true
	}
	return set
}

// prune gives n with at least the columns in need, in the order that they had.
func prune(n Node, need columns) Node {
	switch n := n.(type) {
	case *Scan:
		return pruneScan(n, need)
	case *Filter:
		return replaceInputs(n, []Node{prune(n.Input, need.with(expr.Columns(n.Predicate)...))})
	case *Project:
		return pruneProject(n, need)
	case *MapBatches: // what the function reads is not known
		return replaceInputs(n, []Node{prune(n.Input, columnSet(fieldNames(n.Input.Schema())))})
	case *Aggregate:
		return pruneAggregate(n, need)
	case *Join:
		return pruneJoin(n, need)
	case *Sort:
		return replaceInputs(n, []Node{prune(n.Input, need.with(keyColumns(n.Keys)...))})
	case *TopK:
		return replaceInputs(n, []Node{prune(n.Input, need.with(keyColumns(n.Keys)...))})
	case *GroupTopK:
		return replaceInputs(n, []Node{prune(n.Input, need.with(keyColumns(n.Keys)...).with(expr.Columns(n.Groups...)...))})
	case *Preview:
		return replaceInputs(n, []Node{prune(n.Input, need.with(keyColumns(n.Keys)...))})
	case *Window:
		return pruneWindow(n, need)
	case *Distinct:
		if len(n.Columns) == 0 {
			return replaceInputs(n, []Node{prune(n.Input, columnSet(fieldNames(n.Schema())))})
		}
		return replaceInputs(n, []Node{prune(n.Input, need.with(n.Columns...))})
	default: // Limit, Tail
		return replaceInputs(n, []Node{prune(n.Inputs()[0], need)})
	}
}

func pruneScan(n *Scan, need columns) Node {
	fields := n.schema.Fields()
	kept := slices.DeleteFunc(slices.Clone(fields), func(f arrow.Field) bool { return !need[f.Name] })
	if len(kept) == 0 && len(fields) > 0 {
		kept = []arrow.Field{cheapest(fields)} // a batch of no columns has lost its row count in many readers
	}
	if len(kept) == len(fields) {
		return n
	}
	schema := arrow.NewSchema(kept, nil)
	return &Scan{Source: n.Source, Columns: fieldNames(schema), Limit: n.Limit, Filter: n.Filter, schema: schema}
}

// cheapest is the column to read where only rows are counted: the first of fixed width, else the first.
func cheapest(fields []arrow.Field) arrow.Field {
	for _, f := range fields {
		if _, ok := f.Type.(arrow.FixedWidthDataType); ok {
			return f
		}
	}
	return fields[0]
}

func pruneProject(n *Project, need columns) Node {
	var kept []expr.Expr
	var fields []arrow.Field
	for i, f := range n.schema.Fields() {
		if need[f.Name] {
			kept, fields = append(kept, n.Exprs[i]), append(fields, f)
		}
	}
	if len(kept) == 0 {
		kept, fields = n.Exprs[:1], n.schema.Fields()[:1]
	}
	in := prune(n.Input, columnSet(expr.Columns(kept...)))
	if passesAll(kept, in.Schema()) {
		return in
	}
	return &Project{Input: in, Exprs: kept, schema: arrow.NewSchema(fields, nil)}
}

// passesAll says whether exprs are just the columns of s in their order: a projection that does nothing.
func passesAll(exprs []expr.Expr, s *arrow.Schema) bool {
	if len(exprs) != s.NumFields() {
		return false
	}
	for i, e := range exprs {
		if c, ok := e.(expr.Column); !ok || c.Name != s.Field(i).Name {
			return false
		}
	}
	return true
}

func pruneAggregate(n *Aggregate, need columns) Node {
	keys := len(n.Keys)
	fields := slices.Clone(n.schema.Fields()[:keys])
	var aggs []Agg
	reads := expr.Columns(n.Keys...)
	for i, a := range n.Aggs {
		if !need[a.Name] && (keys > 0 || len(n.Aggs) > 1 && (len(aggs) > 0 || i < len(n.Aggs)-1)) {
			continue
		}
		aggs, fields = append(aggs, a), append(fields, n.schema.Field(keys+i))
		reads = append(reads, expr.Columns(a.aggregate().Children()...)...)
	}
	in := prune(n.Input, columnSet(reads))
	if scan, ok := in.(*Scan); ok && len(reads) == 0 && source.Counts(scan.Source) {
		in = &Scan{Source: scan.Source, Columns: []string{}, Limit: scan.Limit, Filter: scan.Filter, schema: arrow.NewSchema(nil, nil)}
	}
	return &Aggregate{Input: in, Keys: n.Keys, Aggs: aggs, schema: arrow.NewSchema(fields, nil)}
}

func pruneJoin(n *Join, need columns) Node {
	if n.Where != nil {
		need = maps.Clone(need)
		for _, name := range expr.Columns(n.Where) {
			need[name] = true
		}
	}
	left, right := columnSet(n.LeftKeys), columnSet(n.RightKeys)
	if n.AsOf != nil {
		left[n.AsOf.Left] = true
		need = maps.Clone(need)
		need[n.outputName(n.AsOf.Right)] = true
	}
	for _, f := range n.Left.Schema().Fields() {
		if need[f.Name] {
			left[f.Name] = true
		}
	}
	for _, f := range n.Right.Schema().Fields() {
		if n.Kind.OnlyLeft() && n.Where == nil || slices.Contains(n.RightKeys, f.Name) || !need[n.outputName(f.Name)] {
			continue
		}
		right[f.Name] = true
		if n.outputName(f.Name) != f.Name {
			left[f.Name] = true // the clash gives the right column its name
		}
	}
	return replaceInputs(n, []Node{narrow(prune(n.Left, left), left), narrow(prune(n.Right, right), right)})
}

// narrow drops the columns that were read only for a filter below: a join would copy and hold them.
func narrow(n Node, need columns) Node {
	var kept []expr.Expr
	var fields []arrow.Field
	for _, f := range n.Schema().Fields() {
		if need[f.Name] {
			kept, fields = append(kept, expr.Column{Name: f.Name}), append(fields, f)
		}
	}
	if len(kept) == n.Schema().NumFields() {
		return n
	}
	return &Project{Input: n, Exprs: kept, schema: arrow.NewSchema(fields, nil)}
}

func keyColumns(keys []SortKey) []string {
	var names []string
	for _, k := range keys {
		names = append(names, expr.Columns(k.X)...)
	}
	return names
}

func fieldNames(s *arrow.Schema) []string {
	names := make([]string, s.NumFields())
	for i := range names {
		names[i] = s.Field(i).Name
	}
	return names
}
