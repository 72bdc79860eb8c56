package cell

import (
	"fmt"
	"go/ast"
	"go/token"
	"slices"
	"sort"
	"strings"
)

// edit replaces bytes start to end of the cell; the text after it goes on at its own position.
type edit struct {
	start, end int
	text       string
}

// render is the text of a range with edits applied and positions marked.
func (l *lowering) render(start, end int, edits []edit) string {
	sort.SliceStable(edits, func(i, j int) bool { return edits[i].start < edits[j].start })
	var b strings.Builder
	b.WriteString(l.mark(start))
	at := start
	for _, e := range edits {
		if e.start < at || e.end > end {
			continue
		}
		b.WriteString(l.src[at:e.start])
		b.WriteString(e.text)
		b.WriteString(l.mark(e.end))
		at = e.end
	}
	b.WriteString(l.src[at:end])
	return b.String()
}

// emit makes the items, in the order in which they run.
func (l *lowering) emit(out *Lowered) {
	for slot := -1; slot < len(l.pieces); slot++ {
		for _, group := range l.schedule(slot) {
			switch p := group[0]; {
			case p.decl != nil:
				l.emitDecls(out, group)
			case p.spec != nil:
				l.emitVariables(out, p)
			default:
				l.emitStmt(out, p, p.Start == l.pieces[len(l.pieces)-1].Start)
			}
		}
	}
	if out.Main {
		for _, p := range l.pieces {
			if f, ok := p.decl.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "main" {
				out.Items = append(out.Items, Item{Text: l.mark(p.Start) + Main + "()", Start: p.Start, End: p.End})
			}
		}
	}
}

// renames are the edits that every form of an item has: loops over integers, and another name for the user's main,
// because yaegi runs a function main after whatever it compiles.
func (l *lowering) renames(p piece) []edit {
	var edits []edit
	rename := func(id *ast.Ident) {
		if id.Name == "main" {
			start := l.offset(id.Pos()) + p.shift
			edits = append(edits, edit{start, start + len("main"), Main})
		}
	}
	for _, id := range p.open {
		rename(id)
	}
	if f, ok := p.decl.(*ast.FuncDecl); ok && f.Recv == nil {
		rename(f.Name)
	}
	return append(edits, l.ranges(p)...)
}

// emitDecls emits declarations that are compiled together.
func (l *lowering) emitDecls(out *Lowered, group []piece) {
	it := Item{Decl: true, Start: group[0].Start}
	var text, plain strings.Builder
	guarded := false
	for _, p := range group {
		it.End = p.End
		it.Names = append(it.Names, p.names...)
		names := l.renames(p)
		edits := l.guards(p.decl, p.shift)
		guarded = guarded || len(edits) > 0
		text.WriteString(l.render(p.Start, p.End, append(edits, names...)) + "\n")
		plain.WriteString(l.render(p.Start, p.End, names) + "\n")
	}
	it.Text = text.String()
	if guarded {
		it.Plain = plain.String()
	}
	out.Items = append(out.Items, it)
}

// emitVariables emits one line of a var declaration as statements: yaegi evaluates the initial values of var
// declarations twice, and takes those that use variables of other cells for loops.
func (l *lowering) emitVariables(out *Lowered, p piece) {
	s := p.spec
	part := func(from, to token.Pos) string {
		a, b := l.offset(from)+p.shift, l.offset(to)+p.shift
		return l.render(a, b, append(l.guards(s, p.shift), l.renames(p)...))
	}
	it := Item{Start: p.Start, End: p.End, Names: p.names}
	if s.Type != nil {
		it.Text = "var " + part(s.Pos(), s.Type.End())
		it.Fresh = true
		if len(s.Values) > 0 {
			out.Items = append(out.Items, it)
			it.Fresh = false
		}
	}
	if len(s.Values) > 0 {
		names := part(s.Pos(), s.Names[len(s.Names)-1].End())
		values := part(s.Values[0].Pos(), s.End())
		switch {
		case s.Type != nil || len(p.names) == 0:
			it.Text = names + " = " + values
		default:
			l.define(out, &it, s.Names, s.Values, p, values)
		}
	}
	out.Items = append(out.Items, it)
}

// define fills an item with names := values. Where the values use an old variable of the same name, they are evaluated
// into others first: yaegi would read the new ones.
func (l *lowering) define(out *Lowered, it *Item, names []*ast.Ident, values []ast.Expr, p piece, text string) {
	var left, temps []string
	for i, n := range names {
		left = append(left, n.Name)
		temps = append(temps, fmt.Sprintf("%sv%d", Runtime, i))
		if n.Name == "_" {
			temps[i] = "_"
		}
	}
	at := l.mark(l.offset(names[0].Pos()) + p.shift)
	lhs := strings.Join(left, ", ")
	it.Error = "func() { " + at + lhs + " := " + text + "\n}()"
	if len(names) == 2 && len(values) == 1 && l.commaOK(it, lhs, names, values[0], p, at) {
		return
	}
	own := false
	for _, id := range p.open {
		own = own || slices.Contains(left, id.Name)
	}
	if !own {
		it.Text = at + lhs + " := " + text
		return
	}
	// Whether the name is old or, in the first cell that has it, wrong, shows when it is compiled.
	var to, from []string
	for i, n := range left {
		if n != "_" {
			to, from = append(to, n), append(from, temps[i])
		}
	}
	first := *it
	first.Names, first.Text = nil, at+strings.Join(temps, ", ")+" := "+text
	out.Items = append(out.Items, first)
	it.Text = at + strings.Join(to, ", ") + " := " + strings.Join(from, ", ")
}

// commaOK handles v, ok := m[k] and v, ok := x.(T), for which yaegi knows no types outside functions.
func (l *lowering) commaOK(it *Item, lhs string, names []*ast.Ident, x ast.Expr, p piece, at string) bool {
	part := func(n ast.Node) string { return l.render(l.offset(n.Pos())+p.shift, l.offset(n.End())+p.shift, nil) }
	v, ok := names[0].Name, names[1].Name
	declare := ""
	if ok != "_" {
		declare = ok + " := false\n"
	}
	switch x := ast.Unparen(x).(type) {
	case *ast.TypeAssertExpr:
		if v != "_" {
			declare += "var " + v + " " + part(x.Type) + "\n"
		}
		it.Text = declare + at + lhs + " = " + part(x)
		return true
	case *ast.IndexExpr:
		if v != "_" {
			declare += v + " := " + Runtime + "m[" + Runtime + "k]\n"
		}
		it.Text = Runtime + "m := " + part(x.X) + "\n" + Runtime + "k := " + part(x.Index) + "\n" + declare +
			at + lhs + " = " + Runtime + "m[" + Runtime + "k]"
		return true
	}
	return false
}

func (l *lowering) emitStmt(out *Lowered, p piece, last bool) {
	it := Item{Start: p.Start, End: p.End}
	names := l.renames(p)
	edits := l.guards(p.stmt, p.shift)
	body := l.render(p.Start, p.End, append(edits, names...))
	plain := l.render(p.Start, p.End, names)
	wrap := func(text string) string { return l.mark(p.Start) + "func() { " + text + "\n}()" }
	switch s := p.stmt.(type) {
	case *ast.ReturnStmt:
		l.add(p.Start, "return outside a function")
		return
	case *ast.BranchStmt:
		l.add(p.Start, s.Tok.String()+" outside a loop")
		return
	case *ast.EmptyStmt:
		return
	case *ast.ExprStmt:
		it.Text = body
		if last && !quiet(s.X) {
			name := ".Show("
			if _, ok := ast.Unparen(s.X).(*ast.CallExpr); ok {
				name = ".Call("
				it.Called = true
			}
			it.Text, it.Plain = Runtime+name+body+")", plain
			if !it.Called {
				it.Plain = ""
			}
		}
	case *ast.DeferStmt:
		it.Text = l.deferred(s.Call, p)
	case *ast.GoStmt:
		it.Text, it.Plain = wrap(body), wrap(plain)
	case *ast.IfStmt, *ast.ForStmt, *ast.RangeStmt, *ast.SwitchStmt, *ast.TypeSwitchStmt, *ast.SelectStmt,
		*ast.BlockStmt, *ast.LabeledStmt:
		l.noReturn(p.stmt, p.shift)
		defers := l.defers(p)
		body = l.render(p.Start, p.End, slices.Concat(defers, edits, names))
		plain = l.render(p.Start, p.End, slices.Concat(defers, names))
		it.Text = wrap(body)
		if len(edits) > 0 {
			it.Plain = wrap(plain)
		}
	case *ast.AssignStmt:
		it.Text = body
		if len(edits) > 0 {
			it.Plain = plain
		}
		if s.Tok == token.DEFINE && len(p.names) > 0 {
			if names := idents(s.Lhs); names != nil {
				values := l.render(l.offset(s.Rhs[0].Pos())+p.shift, p.End, append(l.guards(s, p.shift), l.renames(p)...))
				l.define(out, &it, names, s.Rhs, p, values)
			}
		}
	default:
		it.Text = body
		if len(edits) > 0 {
			it.Plain = plain
		}
	}
	it.Names = p.names
	out.Items = append(out.Items, it)
}

// idents are expressions as identifiers, or nil where one is none.
func idents(xs []ast.Expr) []*ast.Ident {
	var ids []*ast.Ident
	for _, x := range xs {
		id, ok := x.(*ast.Ident)
		if !ok {
			return nil
		}
		ids = append(ids, id)
	}
	return ids
}

// quiet says whether the results of an expression are never shown: printing has shown what there is to see.
func quiet(x ast.Expr) bool {
	call, ok := ast.Unparen(x).(*ast.CallExpr)
	if !ok {
		return false
	}
	switch f := ast.Unparen(call.Fun).(type) {
	case *ast.Ident:
		return f.Name == "print" || f.Name == "println" || f.Name == "panic"
	case *ast.SelectorExpr:
		id, ok := f.X.(*ast.Ident)
		if !ok {
			return false
		}
		return id.Name == "fmt" && (strings.HasPrefix(f.Sel.Name, "Print") || strings.HasPrefix(f.Sel.Name, "Fprint"))
	}
	return false
}

// noReturn reports return statements that belong to no function.
func (l *lowering) noReturn(n ast.Node, shift int) {
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt:
			l.add(l.offset(n.Pos())+shift, "return outside a function")
		}
		return true
	})
}

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
