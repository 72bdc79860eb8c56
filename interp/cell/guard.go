package cell

import (
	"fmt"
	"go/ast"
	"go/token"
	"strings"
)

// guards are the edits that make a panic in a goroutine end its cell instead of the process. A go statement of a
// function literal gets a deferred recover; one of a named function is started from inside such a literal, in a frame
// of its own, with its arguments evaluated before. Methods are left alone: their receiver can't be evaluated early
// without knowing its type.
func (l *lowering) guards(n ast.Node, shift int) []edit {
	var edits []edit
	ast.Inspect(n, func(n ast.Node) bool {
		g, ok := n.(*ast.GoStmt)
		if !ok {
			return true
		}
		at := func(p token.Pos) int { return l.offset(p) + shift }
		if lit, ok := ast.Unparen(g.Call.Fun).(*ast.FuncLit); ok {
			open := at(lit.Body.Lbrace) + 1
			edits = append(edits, edit{open, open, " " + l.guard(open)})
			return true
		}
		if fn, ok := g.Call.Fun.(*ast.Ident); ok && !builtins[fn.Name] && plainArgs(g.Call) {
			head, args := l.early(g.Call, shift)
			call := l.mark(at(g.Call.Pos())) + fn.Name + args
			edits = append(edits, edit{at(g.Pos()), at(g.End()), "func() { " + head + "go func() { " + l.guard(at(g.Call.Pos())) + call + " }() }()"})
			return false
		}
		return true
	})
	return edits
}

// guard reports a panic of the goroutine that begins at an offset.
func (l *lowering) guard(off int) string {
	return fmt.Sprintf("defer func() { %s.Guard(recover(), %d, %d) }(); ", Runtime, l.number, off)
}

var builtins = map[string]bool{
	"append": true, "cap": true, "clear": true, "close": true, "complex": true, "copy": true, "delete": true,
	"imag": true, "len": true, "make": true, "max": true, "min": true, "new": true, "panic": true, "print": true,
	"println": true, "real": true, "recover": true,
}

// plainArgs says whether the arguments can be evaluated one by one: no nested function literals or go statements that
// would need edits of their own.
func plainArgs(c *ast.CallExpr) bool {
	ok := true
	for _, a := range c.Args {
		ast.Inspect(a, func(n ast.Node) bool {
			if _, is := n.(*ast.FuncLit); is {
				ok = false
			}
			return ok
		})
	}
	return ok
}

// early evaluates the arguments of a call into names: the assignments, and the argument list to use later.
func (l *lowering) early(c *ast.CallExpr, shift int) (head, args string) {
	var h, a strings.Builder
	for i, x := range c.Args {
		if i > 0 {
			a.WriteString(", ")
		}
		start, end := l.offset(x.Pos())+shift, l.offset(x.End())+shift
		text := l.mark(start) + l.src[start:end]
		_, call := x.(*ast.CallExpr)
		if constant(x) || (call && len(c.Args) == 1) {
			a.WriteString(text)
			continue
		}
		fmt.Fprintf(&h, "%sa%d := %s; ", Runtime, i, text)
		fmt.Fprintf(&a, "%sa%d", Runtime, i)
	}
	dots := ""
	if c.Ellipsis.IsValid() {
		dots = "..."
	}
	return h.String(), "(" + a.String() + dots + ")"
}

// constant says whether an expression is made of literals and predeclared values: it keeps its untyped meaning only
// where it stands.
func constant(x ast.Expr) bool {
	ok := true
	ast.Inspect(x, func(n ast.Node) bool {
		switch n := n.(type) {
		case nil, *ast.BasicLit, *ast.BinaryExpr, *ast.UnaryExpr, *ast.ParenExpr:
		case *ast.Ident:
			ok = ok && (n.Name == "nil" || n.Name == "true" || n.Name == "false")
		default:
			ok = false
		}
		return ok
	})
	return ok
}

// defers are the edits of defer statements that belong to the cell, not to a function in it.
func (l *lowering) defers(p piece) []edit {
	var edits []edit
	ast.Inspect(p.stmt, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.DeferStmt:
			q := p
			q.End = l.offset(n.End()) + p.shift
			edits = append(edits, edit{l.offset(n.Pos()) + p.shift, q.End, l.deferred(n.Call, q)})
			return false
		}
		return true
	})
	return edits
}

// deferred registers a top-level defer with the session, which calls it when the cell ends.
func (l *lowering) deferred(c *ast.CallExpr, p piece) string {
	start := l.offset(c.Pos()) + p.shift
	if len(c.Args) == 0 || !plainArgs(c) {
		edits := l.guards(c, p.shift)
		return Runtime + ".Defer(func() { " + l.render(start, p.End, edits) + "\n})"
	}
	end := l.offset(c.Lparen) + p.shift
	head, args := l.early(c, p.shift)
	return "func() { " + head + Runtime + ".Defer(func() { " + l.render(start, end, l.guards(c.Fun, p.shift)) + args + "\n}) }()"
}
