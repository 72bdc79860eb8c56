package complete

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/rivulet-go/rivulet/frame/expr"
)

const framePath = "github.com/rivulet-go/rivulet/frame"

// role is what a parameter of package frame takes in a string.
type role int

const (
	noRole     role = iota
	nameRole        // the name of a column
	eitherRole      // a name, or an expression
	textRole        // an expression
	pairRole        // old and new names in turn
)

// roles are the parameters of functions and methods of package frame that take columns, by name.
var roles = map[string]role{
	"column": nameRole, "columns": nameRole, "left": nameRole, "right": nameRole, "on": nameRole, "by": nameRole,
	"columnsOrExprs": eitherRole, "keys": eitherRole, "x": eitherRole, "y": eitherRole, "conditions": textRole, "aggregates": textRole, "value": textRole, "cond": textRole,
	"oldNew": pairRole,
}

// columnCall is a call of package frame with the cursor in an argument that takes columns.
type columnCall struct {
	call  *ast.CallExpr
	fun   *types.Func
	index int // of the argument
	path  int // of the call in the path
	role  role
	value bool // in a map: after the colon
}

// columnCall finds the innermost call around the cursor.
func (q *query) columnCall() (c columnCall, ok bool) {
	for i := 1; i < len(q.p.Path); i++ {
		switch n := q.p.Path[i].(type) {
		case *ast.ParenExpr, *ast.CompositeLit:
		case *ast.KeyValueExpr:
			c.value = c.value || n.Value == q.p.Path[i-1]
		case *ast.CallExpr:
			c.call, c.path = n, i
			arg, _ := q.p.Path[i-1].(ast.Expr)
			c.index = slices.Index(n.Args, arg)
			c.fun = q.called(n)
			c.role = roleOf(c.fun, c.index)
			if c.value && c.fun != nil && c.fun.Name() == "Types" {
				c.role = noRole
			}
			return c, c.role != noRole
		default:
			return c, false
		}
	}
	return c, false
}

// called is the function that a call names, nil where it names none.
func (q *query) called(call *ast.CallExpr) *types.Func {
	var id *ast.Ident
	switch f := ast.Unparen(call.Fun).(type) {
	case *ast.Ident:
		id = f
	case *ast.SelectorExpr:
		id = f.Sel
	default:
		return nil
	}
	f, _ := q.p.Info.Uses[id].(*types.Func)
	return f
}

func roleOf(f *types.Func, i int) role {
	if f == nil || f.Pkg() == nil || f.Pkg().Path() != framePath {
		return noRole
	}
	p := parameter(f.Signature(), i)
	function := f.Signature().Recv() == nil
	switch {
	case p == nil:
		return noRole
	case function && (f.Name() == "Col" || f.Name() == "Columns" || f.Name() == "Types"):
		return nameRole
	case receiverName(f) == "Expr" || receiverName(f) == "Case" && p.Name() == "value":
		return noRole // a string is a constant there
	}
	r := roles[p.Name()]
	if r == pairRole && i%2 == 1 {
		return noRole
	}
	return r
}

// receiverName is the name of a method's type, "" for a function.
func receiverName(f *types.Func) string {
	if f == nil || f.Signature().Recv() == nil {
		return ""
	}
	t := f.Signature().Recv().Type()
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	if n, ok := types.Unalias(t).(*types.Named); ok {
		return n.Obj().Name()
	}
	return ""
}

// columnNames completes a column: the whole string, or the last name in an expression.
func (q *query) columnNames(c columnCall, start, end int) Result {
	columns := q.columnsFor(c)
	whole := c.role == nameRole || c.role == pairRole
	if c.role == eitherRole {
		whole = slices.ContainsFunc(columns, func(x column) bool { return strings.HasPrefix(x.name, q.head()) })
	}
	if whole {
		for _, x := range columns {
			if text, ok := q.escape(x.name); ok {
				q.addColumn(x, text)
			}
		}
		return q.result(q.head(), start, end)
	}
	for _, x := range columns {
		text := x.name
		if !token.IsIdentifier(text) {
			text = `col("` + text + `")`
		}
		if text, ok := q.escape(text); ok {
			q.addColumn(x, text)
		}
	}
	for name, usage := range expr.Usages() {
		q.addText(Function, builtin, usage, name)
	}
	head := q.head()
	from := len(head)
	for from > 0 {
		r, n := utf8.DecodeLastRuneInString(head[:from])
		if !inName(r) {
			break
		}
		from -= n
	}
	to := q.cursor
	if from < len(head) {
		to = min(q.end, end)
	}
	return q.result(head[from:], start+from, to)
}

func (q *query) addColumn(c column, text string) {
	detail := c.kind
	if c.from != "" {
		detail = strings.TrimSpace(detail + " of " + c.from)
	}
	q.found = append(q.found, candidate{Item: Item{text, Column, detail}})
}
