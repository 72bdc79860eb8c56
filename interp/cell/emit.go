package cell

import (
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
