package complete

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"reflect"
	"slices"
	"strings"
	"unicode"

	"github.com/rivulet-go/rivulet/frame"
	"github.com/rivulet-go/rivulet/frame/expr"
)

// definition is what the cell gave to a variable last before a position, nil where it gave nothing.
func (q *query) definition(v *types.Var, before token.Pos) ast.Expr {
	var last ast.Expr
	take := func(at token.Pos, names, values []ast.Expr) {
		if before.IsValid() && at > before {
			return
		}
		for i, n := range names {
			id, ok := ast.Unparen(n).(*ast.Ident)
			if !ok || q.p.Info.ObjectOf(id) != types.Object(v) {
				continue
			}
			switch {
			case len(values) == len(names):
				last = values[i]
			case len(values) == 1 && i == 0:
				last = values[0]
			default:
				last = nil
			}
		}
	}
	for _, n := range q.p.Nodes {
		ast.Inspect(n, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.AssignStmt:
				take(n.End(), n.Lhs, n.Rhs)
			case *ast.ValueSpec:
				names := make([]ast.Expr, len(n.Names))
				for i, id := range n.Names {
					names[i] = id
				}
				take(n.End(), names, n.Values)
			}
			return true
		})
	}
	return last
}

// defined is what the cell gave to the variable that an expression names.
func (q *query) defined(x ast.Expr) ast.Expr {
	if id, ok := ast.Unparen(x).(*ast.Ident); ok {
		if v, ok := q.p.Info.ObjectOf(id).(*types.Var); ok {
			if x := q.definition(v, q.p.Pos); x != nil {
				return ast.Unparen(x)
			}
		}
	}
	return nil
}

// made are the columns of a frame that a function of package frame makes.
func (s *schema) made(f *types.Func, call *ast.CallExpr) ([]column, bool) {
	switch {
	case len(call.Args) != 1: // options may change the columns
	case f.Name() == "Read":
		return s.file(call.Args[0])
	case f.Name() == "New":
		return s.data(call.Args[0])
	}
	return nil, false
}

// file are the columns of a file that is named.
func (s *schema) file(path ast.Expr) ([]column, bool) {
	name, ok := s.q.constant(path)
	if !ok {
		return nil, false
	}
	return s.q.files.columns(name, s.q.o.Wait)
}

// data are the columns of a frame over Go values: a map of columns that is written out, or a slice of structs.
func (s *schema) data(x ast.Expr) ([]column, bool) {
	x = ast.Unparen(x)
	if d := s.q.defined(x); d != nil {
		x = d
	}
	switch t := under(s.q.typeOf(x)).(type) {
	case *types.Map:
		lit, ok := x.(*ast.CompositeLit)
		if !ok {
			return nil, false
		}
		var out []column
		for _, e := range lit.Elts {
			if pair, ok := e.(*ast.KeyValueExpr); ok {
				if name, ok := s.q.constant(pair.Key); ok {
					out = append(out, column{name: name})
				}
			}
		}
		slices.SortFunc(out, func(x, y column) int { return strings.Compare(x.name, y.name) })
		return out, true
	case *types.Slice:
		st, ok := pointed(t.Elem()).(*types.Struct)
		if !ok {
			return nil, false
		}
		var out []column
		for i := range st.NumFields() {
			if name := columnName(st.Field(i), st.Tag(i)); name != "" {
				out = append(out, column{name: name, kind: s.q.typeText(st.Field(i).Type())})
			}
		}
		return out, true
	}
	return nil, false
}

// columnName is the name that frame.New gives to the column of a field, "" where there is none.
func columnName(f *types.Var, tag string) string {
	if !f.Exported() || f.Embedded() {
		return ""
	}
	for _, key := range []string{"frame", "json"} {
		name, _, _ := strings.Cut(reflect.StructTag(tag).Get(key), ",")
		switch name {
		case "-":
			return ""
		case "":
			continue
		}
		return name
	}
	return f.Name()
}

// exprName is the name of the column that an expression gives, "" where its text does not say.
func (s *schema) exprName(x ast.Expr) string {
	call, ok := ast.Unparen(x).(*ast.CallExpr)
	if !ok {
		return ""
	}
	f := s.q.called(call)
	if f == nil || f.Pkg() == nil || f.Pkg().Path() != framePath {
		return ""
	}
	first := ""
	if len(call.Args) > 0 {
		if first, ok = s.q.constant(call.Args[0]); !ok {
			first = s.exprName(call.Args[0])
		}
	}
	if f.Name() == "As" || f.Name() == "Col" {
		return first
	}
	name := snake(f.Name())
	if !slices.Contains(expr.AggFuncs(), expr.AggFunc(name)) {
		return ""
	}
	more := call.Args
	if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok && receiverName(f) != "" {
		first = s.exprName(sel.X)
	} else if len(call.Args) == 0 {
		return name
	} else {
		more = call.Args[1:]
	}
	if first == "" {
		return ""
	}
	return s.aggregateName(expr.AggFunc(name), first, more)
}

// aggregateName is the name of an aggregate's column; first is the operand's, more are the arguments behind it.
func (s *schema) aggregateName(f expr.AggFunc, first string, more []ast.Expr) string {
	a := expr.Aggregate{Func: f, X: expr.Column{Name: first}}
	switch f {
	case expr.Quantile:
		if len(more) != 1 {
			return ""
		}
		v := s.q.p.Info.Types[more[0]].Value
		if v == nil {
			return ""
		}
		q, _ := constant.Float64Val(constant.ToFloat(v))
		a.Args = []expr.Expr{expr.Literal{Value: q}}
	case expr.Corr, expr.Cov:
		if len(more) != 1 {
			return ""
		}
		second, ok := s.q.constant(more[0])
		if !ok {
			second = s.exprName(more[0])
		}
		if second == "" {
			return ""
		}
		a.Args = []expr.Expr{expr.Column{Name: second}}
	}
	return expr.Name(a)
}

// snake turns CountDistinct into count_distinct.
func snake(s string) string {
	var b strings.Builder
	for i, r := range s {
		if unicode.IsUpper(r) {
			if i > 0 {
				b.WriteByte('_')
			}
			r = unicode.ToLower(r)
		}
		b.WriteRune(r)
	}
	return b.String()
}

// columnsOf are the columns that a frame knows of itself.
func columnsOf(f *frame.Frame) []column {
	schema := f.Schema()
	names, kinds := schema.Names(), schema.Types()
	out := make([]column, len(names))
	for i := range names {
		out[i] = column{name: names[i], kind: kinds[i]}
	}
	return out
}

// frameColumns are the columns of a frame that a value holds.
func frameColumns(v reflect.Value) ([]column, bool) {
	if !v.IsValid() || !v.CanInterface() {
		return nil, false
	}
	f, ok := reflect.TypeAssert[*frame.Frame](v)
	if !ok || f.Err() != nil {
		return nil, false
	}
	return columnsOf(f), true
}
