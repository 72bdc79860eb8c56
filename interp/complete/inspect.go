package complete

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// Description is what is known of something, as text and as Markdown.
type Description struct{ Plain, Markdown string }

// Inspect describes what stands at the cursor, a byte offset: the name there, else the call around it with the parameter that
// is being written. Detail 1 adds sources, and lists at full length. False: nothing is known.
func (c *Completer) Inspect(text string, cursor, detail int) (Description, bool) {
	q := &query{Completer: c, place: newPlace(text, cursor)}
	defer q.close()
	if q.quiet {
		return Description{}, false
	}
	s := &sheet{q: q, detail: detail}
	if !s.find() {
		return Description{}, false
	}
	return s.render(), true
}

// sheet is a description in the making.
type sheet struct {
	q      *query
	detail int

	decl   string // Go
	facts  []string
	values []string // what variables hold
	doc    string   // a comment
	more   []string // Go: methods and the like
	source string   // Go
	link   string
}

// find fills the sheet; false where there is nothing to say.
func (s *sheet) find() bool {
	q := s.q
	if q.str != nil {
		if q.imports {
			return s.importable(strings.Trim(q.text[q.str.start:q.str.end], "\"`"))
		}
		q.check()
		return s.column() || s.call()
	}
	q.p = q.o.Checker.CheckPartial(q.text, q.end)
	id, ok := q.up(0).(*ast.Ident)
	if !ok || q.word() == "" || id.Name != q.word() {
		return s.keyword() || s.call()
	}
	if obj := q.p.Info.ObjectOf(id); obj != nil && s.object(obj, id) {
		s.place(id)
		return true
	}
	return s.choice(id) || s.unknown(id.Name) || s.call()
}

// choice describes what a name may be of several packages that the name before its dot may mean.
func (s *sheet) choice(id *ast.Ident) bool {
	sel, ok := s.q.up(1).(*ast.SelectorExpr)
	if !ok || sel.Sel != id {
		return false
	}
	x, ok := ast.Unparen(sel.X).(*ast.Ident)
	if !ok {
		return false
	}
	found := false
	for _, p := range s.q.p.Choices[x.Name] {
		pkg, err := s.q.o.Checker.Import(p)
		if err != nil {
			continue
		}
		obj := pkg.Scope().Lookup(id.Name)
		if obj == nil || !obj.Exported() {
			continue
		}
		if !found {
			found = s.object(obj, id)
		}
		s.facts = append(s.facts, fmt.Sprintf("with import %q", p))
	}
	return found
}

// keyword describes the keyword at the cursor.
func (s *sheet) keyword() bool {
	word := s.q.word()
	if !token.IsKeyword(word) {
		return false
	}
	s.decl = word
	s.facts = append(s.facts, "keyword of Go")
	s.link = "https://go.dev/ref/spec#Keywords"
	return true
}

// unknown describes a name that means packages which could be imported.
func (s *sheet) unknown(name string) bool {
	paths := s.q.packages()[name]
	switch len(paths) {
	case 0:
		return false
	case 1:
		return s.importable(paths[0])
	}
	s.decl = "package " + name
	s.facts = append(s.facts, "it may be any of these: import the one that is meant")
	for _, p := range paths {
		s.facts = append(s.facts, fmt.Sprintf("%q: %s", p, synopsis(s.q.o.Library.Doc(p, ""))))
	}
	return true
}

// importable describes a package by its path.
func (s *sheet) importable(path string) bool {
	pkg, err := s.q.o.Checker.Import(path)
	if err != nil {
		return false
	}
	if s.q.p == nil {
		s.q.p = s.q.o.Checker.CheckPartial("", 0)
	}
	s.pkg(pkg)
	return true
}

// place says where in a call a name stands.
func (s *sheet) place(id *ast.Ident) {
	i := 1
	if sel, ok := s.q.up(1).(*ast.SelectorExpr); ok && sel.Sel == id {
		i = 2
	}
	call, ok := s.q.up(i).(*ast.CallExpr)
	if !ok {
		return
	}
	arg, _ := s.q.up(i - 1).(ast.Expr)
	if n := slices.Index(call.Args, arg); n >= 0 {
		if text := s.parameter(call, n); text != "" {
			s.facts = append(s.facts, text+" of "+types.ExprString(call.Fun))
		}
	}
}

// call describes the innermost call with the cursor between its brackets, or before it.
func (s *sheet) call() bool {
	q := s.q
	for i, n := range q.p.Path {
		call, ok := n.(*ast.CallExpr)
		inside := ok && call.Lparen < q.p.Pos && (!call.Rparen.IsValid() || q.p.Pos <= call.Rparen)
		if !inside && (!ok || i > 0) {
			continue
		}
		if !s.callee(call.Fun) {
			return false
		}
		if inside {
			n := len(call.Args)
			for i, a := range call.Args {
				if q.p.Pos <= a.End() {
					n = i
					break
				}
			}
			if text := s.parameter(call, n); text != "" {
				s.facts = append([]string{text}, s.facts...)
			}
		}
		return true
	}
	return false
}

// callee describes what is called.
func (s *sheet) callee(fun ast.Expr) bool {
	switch f := ast.Unparen(fun).(type) {
	case *ast.Ident:
		if obj := s.q.p.Info.ObjectOf(f); obj != nil {
			return s.object(obj, f)
		}
	case *ast.SelectorExpr:
		if obj := s.q.p.Info.ObjectOf(f.Sel); obj != nil {
			return s.object(obj, f.Sel)
		}
	case *ast.IndexExpr:
		return s.callee(f.X)
	case *ast.IndexListExpr:
		return s.callee(f.X)
	}
	t := s.q.typeOf(fun)
	if t == nil {
		return false
	}
	s.decl = s.q.typeText(t)
	return true
}

// parameter says which parameter an argument is, "" where there is none.
func (s *sheet) parameter(call *ast.CallExpr, i int) string {
	sig, ok := s.q.under(call.Fun).(*types.Signature)
	if !ok || s.q.p.Info.Types[call.Fun].IsBuiltin() {
		return ""
	}
	p := parameter(sig, i)
	if p == nil {
		return ""
	}
	n := sig.Params().Len()
	text := s.q.typeText(p.Type())
	if sig.Variadic() && i >= n-1 {
		i = n - 1
		if elem, ok := p.Type().(*types.Slice); ok {
			text = "..." + s.q.typeText(elem.Elem())
		}
	}
	if p.Name() != "" {
		text = p.Name() + " " + text
	}
	return fmt.Sprintf("argument %d of %d: %s", i+1, n, text)
}

// column describes the column that a string names.
func (s *sheet) column() bool {
	c, ok := s.q.columnCall()
	if !ok {
		return false
	}
	name := strings.Trim(s.q.text[s.q.str.start:s.q.str.end], "\"`")
	if c.role == textRole || c.role == eitherRole && token.IsIdentifier(s.q.word()) && !token.IsIdentifier(name) {
		name = s.q.word()
	}
	for _, x := range s.q.columnsFor(c) {
		if x.name == name {
			s.decl = "column " + x.name
			if x.kind != "" {
				s.decl += " " + x.kind
			}
			if x.from != "" {
				s.facts = append(s.facts, "of "+x.from)
			}
			if f := s.q.called(c.call); f != nil {
				s.facts = append(s.facts, "in "+f.Name()+s.q.signature(f.Signature()))
			}
			return true
		}
	}
	return false
}
