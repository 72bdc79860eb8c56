package complete

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/printer"
	"go/token"
	"go/types"
	"path"
	"strings"

	"github.com/rivulet-go/rivulet/interp/check"
)

// document adds the comment of an object, where it is declared and, at detail 1, its source.
func (s *sheet) document(obj types.Object) {
	switch {
	case obj.Pkg() == nil:
		s.doc = s.q.o.Library.Doc("builtin", obj.Name())
		return
	case obj.Pkg() == s.q.p.Pkg:
		s.ofCell(obj)
		return
	}
	if src := s.q.o.Checker.Source(obj.Pkg()); src != nil {
		for _, f := range src.Files {
			if f.Pos() <= origin(obj).Pos() && origin(obj).Pos() < f.End() {
				s.ofSource(f, obj)
			}
		}
	}
	symbol := symbolOf(obj)
	if s.doc == "" {
		s.doc = s.q.o.Library.Doc(obj.Pkg().Path(), symbol)
	}
	s.link = link(obj.Pkg().Path(), symbol)
}

// origin is the declaration of an instance.
func origin(obj types.Object) types.Object {
	switch obj := obj.(type) {
	case *types.Func:
		return obj.Origin()
	case *types.Var:
		return obj.Origin()
	}
	return obj
}

// symbolOf is the name of an object in the documentation of its package.
func symbolOf(obj types.Object) string {
	switch obj := obj.(type) {
	case *types.Func:
		if r := receiverName(obj); r != "" {
			return r + "." + obj.Name()
		}
	case *types.Var:
		if obj.IsField() {
			if tn := owner(obj); tn != nil {
				return tn.Name() + "." + obj.Name()
			}
		}
	}
	return obj.Name()
}

// ofCell documents what a cell has declared.
func (s *sheet) ofCell(obj types.Object) {
	pos := origin(obj).Pos()
	at := s.q.p.Fset.Position(pos)
	cell, ok := cellOf(at.Filename)
	if !ok {
		return
	}
	if n := s.q.nodeAt(pos); n != nil {
		s.facts = append(s.facts, fmt.Sprintf("line %d of this cell", at.Line))
		s.doc = docAt(n, pos)
		return
	}
	s.facts = append(s.facts, fmt.Sprintf("%s:%d", s.q.o.Label(cell), at.Line))
	text := s.q.o.Source(cell)
	d := s.q.o.Checker.DeclarationAt(pos)
	if d == nil {
		s.doc = above(text, at.Line)
		return
	}
	if s.doc = docAt(d.Node, pos); s.doc == "" {
		s.doc = above(text, d.Pos.Line)
	}
	if _, isVar := obj.(*types.Var); s.detail > 0 && !isVar {
		s.source = s.cut(text, d.Node)
	}
}

// nodeAt is the statement or declaration of the cell around a position, nil where there is none.
func (q *query) nodeAt(pos token.Pos) ast.Node {
	for _, n := range q.p.Nodes {
		if n.Pos() <= pos && pos < n.End() {
			return n
		}
	}
	return nil
}

func (q *query) ofThisCell(obj types.Object) bool { return q.nodeAt(obj.Pos()) != nil }

// cellOf is the number of the cell in which a position lies.
func cellOf(file string) (n int, ok bool) {
	if _, err := fmt.Sscanf(file, "/cell/%d/", &n); err != nil {
		return 0, false
	}
	return n, check.FileName(n) == file
}

// cut is the text of a declaration with its comment.
func (s *sheet) cut(text string, n ast.Node) string {
	from, to := s.q.p.Fset.Position(n.Pos()), s.q.p.Fset.Position(n.End())
	lines := strings.SplitAfter(text, "\n")
	if from.Line < 1 || to.Line > len(lines) || from.Line > to.Line {
		return ""
	}
	var b strings.Builder
	first := from.Line
	for first > 1 && strings.HasPrefix(strings.TrimSpace(lines[first-2]), "//") {
		first--
	}
	for i := first; i <= to.Line; i++ {
		line := lines[i-1]
		if i == to.Line {
			line = line[:min(max(to.Column-1, 0), len(line))]
		}
		b.WriteString(line)
	}
	source := b.String()
	if _, ok := n.(*ast.TypeSpec); ok && !strings.Contains(lines[from.Line-1][:min(max(from.Column-1, 0), len(lines[from.Line-1]))], "type") {
		return "type " + strings.TrimSpace(source)
	}
	return strings.TrimSpace(source)
}

// above is the comment on the lines before a line of a text.
func above(text string, line int) string {
	lines := strings.Split(text, "\n")
	var found []string
	for i := min(line-2, len(lines)-1); i >= 0; i-- {
		c, ok := strings.CutPrefix(strings.TrimSpace(lines[i]), "//")
		if !ok {
			break
		}
		found = append([]string{strings.TrimPrefix(c, " ")}, found...)
	}
	return strings.Join(found, "\n")
}

// ofSource documents what a package declares that was checked from source.
func (s *sheet) ofSource(f *ast.File, obj types.Object) {
	pos := origin(obj).Pos()
	for _, d := range f.Decls {
		if pos < d.Pos() || d.End() <= pos {
			continue
		}
		s.doc = docAt(d, pos)
		if s.detail > 0 {
			var b bytes.Buffer
			if err := printer.Fprint(&b, s.q.p.Fset, &printer.CommentedNode{Node: d, Comments: f.Comments}); err == nil {
				s.source = b.String()
			}
		}
	}
}

// docAt is the comment of what is named at a position of a declaration.
func docAt(root ast.Node, pos token.Pos) string {
	doc := ""
	var group *ast.CommentGroup
	ast.Inspect(root, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			if n.Name.Pos() == pos {
				doc = n.Doc.Text()
			}
		case *ast.GenDecl:
			group = n.Doc
		case *ast.TypeSpec:
			if n.Name.Pos() == pos {
				doc = firstComment(n.Doc, group)
			}
		case *ast.ValueSpec:
			if named(n.Names, pos) {
				doc = firstComment(n.Doc, n.Comment, group)
			}
		case *ast.Field:
			if named(n.Names, pos) {
				doc = firstComment(n.Doc, n.Comment)
			}
		}
		return true
	})
	return doc
}

func named(names []*ast.Ident, pos token.Pos) bool {
	for _, n := range names {
		if n.Pos() == pos {
			return true
		}
	}
	return false
}

// firstComment is the first that there is.
func firstComment(list ...*ast.CommentGroup) string {
	for _, c := range list {
		if text := c.Text(); text != "" {
			return text
		}
	}
	return ""
}

// packageDoc is the comment of a package.
func (s *sheet) packageDoc(pkg *types.Package) string {
	if doc := s.q.o.Library.Doc(pkg.Path(), ""); doc != "" {
		return doc
	}
	if src := s.q.o.Checker.Source(pkg); src != nil {
		for _, f := range src.Files {
			if f.Doc != nil {
				return f.Doc.Text()
			}
		}
	}
	return ""
}

// link is where the documentation of a public package can be read.
func link(p, symbol string) string {
	if strings.HasPrefix(p, path.Dir(framePath)) {
		return ""
	}
	if symbol == "" {
		return "https://pkg.go.dev/" + p
	}
	return "https://pkg.go.dev/" + p + "#" + symbol
}
