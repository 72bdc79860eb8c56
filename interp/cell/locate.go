package cell

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"
)

// Cause says what to look for in a function that a panic went through.
type Cause struct {
	Call  string // the name of the function that it called, "" for the innermost
	Panic bool   // it called panic
	Text  string // what the runtime said
}

// Locate finds where in a function, or in a statement outside functions, something happened: yaegi gives only the
// position of a function's first statement. offset lies in that function. It returns the offsets of what may have been
// the cause, in order; none when nothing fits.
func Locate(src string, offset int, c Cause) []int {
	segs, err := Split(src)
	if err != nil {
		return nil
	}
	for _, s := range segs {
		if offset < s.Start || offset >= s.End {
			continue
		}
		p, ok := parseSegment(src, s)
		if !ok {
			return nil
		}
		var found []int
		for _, n := range candidates(innermost(p, offset), c) {
			found = append(found, p.offset(n))
		}
		slices.Sort(found)
		return slices.Compact(found)
	}
	return nil
}

// innermost is the body of the innermost function around an offset, else the node itself.
func innermost(p parsed, offset int) ast.Node {
	best := p.node
	ast.Inspect(p.node, func(n ast.Node) bool {
		if n == nil || offset < p.offset(n.Pos()) || offset >= p.offset(n.End()) {
			return false
		}
		if lit, ok := n.(*ast.FuncLit); ok && offset >= p.offset(lit.Body.Pos()) {
			best = lit.Body
		}
		if f, ok := n.(*ast.FuncDecl); ok && f.Body != nil {
			best = f.Body
		}
		return true
	})
	return best
}

// candidates are the positions of what fits the cause, outside function literals.
func candidates(in ast.Node, c Cause) []token.Pos {
	var found []token.Pos
	ast.Inspect(in, func(n ast.Node) bool {
		if lit, ok := n.(*ast.FuncLit); ok && ast.Node(lit.Body) != in {
			return false
		}
		if n != nil && fits(n, c) {
			found = append(found, place(n))
		}
		return true
	})
	return found
}

// place is where an operation is said to be: at its operator where it has one.
func place(n ast.Node) token.Pos {
	switch n := n.(type) {
	case *ast.BinaryExpr:
		return n.X.Pos()
	case *ast.SelectorExpr:
		return n.Sel.Pos()
	}
	return n.Pos()
}

func fits(n ast.Node, c Cause) bool {
	call, isCall := n.(*ast.CallExpr)
	switch {
	case c.Call != "":
		return isCall && calls(call, c.Call)
	case c.Panic:
		return isCall && calls(call, "panic")
	}
	has := func(s string) bool { return strings.Contains(c.Text, s) }
	switch n := n.(type) {
	case *ast.IndexExpr:
		return has("index out of range")
	case *ast.SliceExpr:
		return has("slice bounds out of range")
	case *ast.BinaryExpr:
		return has("divide by zero") && (n.Op == token.QUO || n.Op == token.REM)
	case *ast.AssignStmt:
		if has("divide by zero") {
			return n.Tok == token.QUO_ASSIGN || n.Tok == token.REM_ASSIGN
		}
		return has("nil map") && slices.ContainsFunc(n.Lhs, isIndex)
	case *ast.IncDecStmt:
		return has("nil map") && isIndex(n.X)
	case *ast.SelectorExpr, *ast.StarExpr:
		return has("nil pointer dereference")
	case *ast.SendStmt:
		return has("send on closed channel")
	case *ast.TypeAssertExpr:
		return has("interface conversion")
	case *ast.CallExpr:
		return has("closed channel") && calls(n, "close") || has("close of nil channel") && calls(n, "close") ||
			has("makeslice") && calls(n, "make")
	}
	return false
}

func isIndex(x ast.Expr) bool { _, ok := ast.Unparen(x).(*ast.IndexExpr); return ok }

// calls says whether a call is one of a function or method with this name.
func calls(c *ast.CallExpr, name string) bool {
	switch f := ast.Unparen(c.Fun).(type) {
	case *ast.Ident:
		return f.Name == name
	case *ast.SelectorExpr:
		return f.Sel.Name == name
	case *ast.IndexExpr:
		return calls(&ast.CallExpr{Fun: f.X}, name)
	}
	return false
}
