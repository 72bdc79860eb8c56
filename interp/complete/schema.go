package complete

import (
	"go/ast"
	"go/token"
	"go/types"
	"regexp"
	"slices"
	"strings"
)

// column is one that a frame has.
type column struct {
	name, kind string
	from       string // the variable of the frame, where several are possible
}

// maxSteps bounds the way from an expression to the frames that it comes from.
const maxSteps = 100

// columnsFor are the columns that an argument can name: those of the frame that it is about, or of all frames in scope.
func (q *query) columnsFor(c columnCall) []column {
	right := c.value || c.fun.Name() == "On" && c.index == 1
	for i := c.path; i < len(q.p.Path); i++ {
		call, ok := q.p.Path[i].(*ast.CallExpr)
		if !ok {
			continue
		}
		f := q.called(call)
		if f == nil || f.Pkg() == nil || f.Pkg().Path() != framePath {
			continue
		}
		s := schema{q: q, steps: maxSteps}
		if receiverName(f) == "" && f.Name() == "Read" && len(call.Args) > 0 {
			if list, ok := s.file(call.Args[0]); ok {
				return list
			}
		}
		sel, isSelector := ast.Unparen(call.Fun).(*ast.SelectorExpr)
		if !isSelector {
			continue
		}
		of := sel.X
		switch receiverName(f) {
		case "Frame", "Groups", "Rows", "Row", "Plot":
		default:
			continue
		}
		if f.Name() == "Join" && right && len(call.Args) > 0 {
			of = call.Args[0]
		}
		list, ok := s.of(of, call.Pos())
		if ok {
			return list
		}
		if receiverName(f) == "Frame" {
			break
		}
	}
	return q.allColumns()
}

// allColumns are those of all frames in scope.
func (q *query) allColumns() []column {
	var list []column
	at := map[string]int{} // in the list, by name
	for name, obj := range q.p.Visible() {
		v, ok := obj.(*types.Var)
		if !ok || !isFrame(v.Type(), "Frame") {
			continue
		}
		s := schema{q: q, steps: maxSteps}
		columns, _ := s.variable(v, q.p.Pos)
		for _, c := range columns {
			if i, ok := at[c.name]; ok {
				list[i].from += ", " + name
				continue
			}
			c.from = name
			at[c.name] = len(list)
			list = append(list, c)
		}
	}
	for i := range list {
		names := strings.Split(list[i].from, ", ")
		slices.Sort(names)
		list[i].from = shorten(strings.Join(names, ", "))
	}
	return list
}

// isFrame says whether a type is one of package frame, or a pointer to it.
func isFrame(t types.Type, name string) bool {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	n, ok := types.Unalias(t).(*types.Named)
	return ok && n.Obj().Name() == name && n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == framePath
}

// schema follows an expression to the columns of the frame that it gives, as far as its text says what they are. Nothing
// runs: the frames of earlier cells know their columns.
type schema struct {
	q     *query
	steps int
}

// of are the columns of a frame, of groups, or of rows; false where they are not known. Definitions count that come before a position.
func (s *schema) of(x ast.Expr, before token.Pos) ([]column, bool) {
	if s.steps--; s.steps < 0 {
		return nil, false
	}
	switch x := ast.Unparen(x).(type) {
	case *ast.Ident:
		if v, ok := s.q.p.Info.ObjectOf(x).(*types.Var); ok {
			return s.variable(v, before)
		}
	case *ast.SelectorExpr:
		if v, ok := s.q.value(x); ok {
			return frameColumns(v)
		}
	case *ast.CallExpr:
		return s.call(x, before)
	}
	return nil, false
}

// variable are the columns of what a variable held before a position of the cell.
func (s *schema) variable(v *types.Var, before token.Pos) ([]column, bool) {
	if x := s.q.definition(v, before); x != nil {
		return s.of(x, x.Pos())
	}
	if s.q.o.Values == nil {
		return nil, false
	}
	if f := s.q.o.Values.Frame(v); f != nil {
		return columnsOf(f), true
	}
	return nil, false
}

// call are the columns of what a function or method of package frame gives.
func (s *schema) call(call *ast.CallExpr, before token.Pos) ([]column, bool) {
	f := s.q.called(call)
	if f == nil || f.Pkg() == nil || f.Pkg().Path() != framePath {
		return nil, false
	}
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if receiverName(f) == "" || !ok {
		return s.made(f, call)
	}
	in, ok := s.of(sel.X, before)
	if !ok {
		return nil, false
	}
	switch f.Name() {
	case "Filter", "Sort", "Head", "Tail", "Limit", "Distinct", "Collect", "CollectContext", "GroupBy", "Rows", "RowsContext",
		"Plot", "Bar", "Line", "Histogram", "Color", "Title", "Size", "Bins", "Top":
		return in, true
	case "Select":
		return s.selection(call.Args, in, true), true
	case "Agg", "Count":
		return s.aggregated(sel.X, call, in), true
	case "Drop":
		return slices.DeleteFunc(slices.Clone(in), func(c column) bool { return slices.Contains(s.texts(call.Args), c.name) }), true
	case "Rename":
		return s.renamed(call.Args, in), true
	case "WithColumn", "Map":
		if len(call.Args) > 0 {
			if name, ok := s.q.constant(call.Args[0]); ok {
				return with(in, column{name: name}), true
			}
		}
		return in, true
	case "Join":
		if len(call.Args) < 2 {
			return in, true
		}
		out := slices.Clone(in)
		right, _ := s.of(call.Args[0], before)
		for _, c := range right {
			if !slices.ContainsFunc(in, func(x column) bool { return x.name == c.name }) {
				out = append(out, c)
			}
		}
		return out, true
	}
	return nil, false
}

// with adds a column, or replaces that of its name.
func with(in []column, c column) []column {
	out := slices.Clone(in)
	if i := slices.IndexFunc(out, func(x column) bool { return x.name == c.name }); i >= 0 {
		out[i] = c
		return out
	}
	return append(out, c)
}

// texts are the constant strings among arguments, and in slices among them.
func (s *schema) texts(args []ast.Expr) []string {
	var list []string
	for _, a := range args {
		if lit, ok := a.(*ast.CompositeLit); ok {
			list = append(list, s.texts(lit.Elts)...)
			continue
		}
		if text, ok := s.q.constant(a); ok {
			list = append(list, text)
		}
	}
	return list
}

func (s *schema) renamed(args []ast.Expr, in []column) []column {
	to := map[string]string{}
	for i := 0; i+1 < len(args); i += 2 {
		before, ok1 := s.q.constant(args[i])
		after, ok2 := s.q.constant(args[i+1])
		if ok1 && ok2 {
			to[before] = after
		}
	}
	if len(args) == 1 {
		if lit, ok := args[0].(*ast.CompositeLit); ok {
			for _, e := range lit.Elts {
				if pair, ok := e.(*ast.KeyValueExpr); ok {
					before, _ := s.q.constant(pair.Key)
					to[before], _ = s.q.constant(pair.Value)
				}
			}
		}
	}
	out := slices.Clone(in)
	for i, c := range out {
		if name := to[c.name]; name != "" {
			out[i].name = name
		}
	}
	return out
}

// asName is the name that an expression in a string gives itself.
var asName = regexp.MustCompile(`(?is)\S\s+as\s+([\pL_][\pL\pN_]*)\s*$`)

// selection are the columns that names and expressions give; those of unknown names are left out.
func (s *schema) selection(args []ast.Expr, in []column, names bool) []column {
	var out []column
	for _, a := range args {
		if lit, ok := a.(*ast.CompositeLit); ok {
			out = append(out, s.selection(lit.Elts, in, names)...)
			continue
		}
		text, isText := s.q.constant(a)
		if isText && text == "*" && names {
			out = append(out, in...)
			continue
		}
		if !isText {
			text = s.exprName(a)
		} else if m := asName.FindStringSubmatch(text); m != nil {
			text = m[1]
		}
		if i := slices.IndexFunc(in, func(c column) bool { return c.name == text }); i >= 0 {
			out = append(out, in[i])
		} else if token.IsIdentifier(text) {
			out = append(out, column{name: text})
		}
	}
	return out
}

// aggregated are the keys and the aggregates.
func (s *schema) aggregated(groups ast.Expr, call *ast.CallExpr, in []column) []column {
	var out []column
	if by, ok := ast.Unparen(groups).(*ast.CallExpr); ok && receiverName(s.q.called(by)) == "Frame" && s.q.called(by).Name() == "GroupBy" {
		out = s.selection(by.Args, in, true)
	}
	if s.q.called(call).Name() == "Count" {
		return append(out, column{name: "count", kind: "int"})
	}
	return append(out, s.selection(call.Args, in, false)...)
}
