package cell

import (
	"fmt"
	"go/ast"
	"go/token"
	"slices"
	"strings"
)

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
	if len(names) == 2 && len(values) == 1 && l.commaOK(out, it, lhs, names, values[0], p, at) {
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

// commaOK handles v, ok := m[k], x.(T) and <-c, for which yaegi knows no types outside functions.
func (l *lowering) commaOK(out *Lowered, it *Item, lhs string, names []*ast.Ident, x ast.Expr, p piece, at string) bool {
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
	case *ast.UnaryExpr:
		if x.Op != token.ARROW {
			return false
		}
		if v != "_" {
			out.Items = append(out.Items, Item{Text: at + v + " := " + part(x), Skip: true, Start: it.Start, End: it.End, Error: it.Error})
		}
		it.Text = declare + at + lhs + " = " + part(x)
		return true
	}
	return false
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
