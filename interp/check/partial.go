package check

import (
	"go/ast"
	"go/scanner"
	"go/token"
	"go/types"
	"regexp"
	"slices"
	"strings"

	"github.com/rivulet-go/rivulet/interp/cell"
)

// placeholder is the name that stands where a name has not been typed yet.
const placeholder = "Ꝏ"

// Partial is what is known of a cell that is being written. It is valid until the session's next check. Close it before anything
// else is asked of the session.
type Partial struct {
	Fset *token.FileSet
	Pkg  *types.Package
	Info *types.Info
	// Path are the nodes around the cursor, the innermost first. Where nothing has been typed after a dot, or where an expression
	// must come, there is an identifier that IsPlaceholder knows.
	Path []ast.Node
	// Nodes are the syntax trees of the cell, in order.
	Nodes []ast.Node
	// Pos is the cursor's position, NoPos where it lies in no statement or declaration.
	Pos token.Pos
	// Choices are the packages that an undefined name may mean.
	Choices map[string][]string

	a *attempt
}

// IsPlaceholder says whether an identifier stands for what has not been typed yet, or has been completed so: a keyword that is
// being typed.
func IsPlaceholder(id *ast.Ident) bool { return strings.HasSuffix(id.Name, placeholder) }

// CheckPartial finds the types in a cell that may be incomplete, for a cursor at a byte offset. Imports are added as Check
// adds them. Nothing has changed in the session once the result is closed: until then, types of earlier cells have the methods
// that the cell declares.
func (s *Session) CheckPartial(text string, cursor int) *Partial {
	s.Discard()
	s.forgetPartial()
	cursor = min(max(cursor, 0), len(text))
	var src *source
	for _, variant := range repairs(text, cursor) {
		next := &source{number: partialCell, text: variant, lines: lineStarts(variant), tolerant: true}
		next.parse(s.fset)
		if src == nil || len(next.errs) < len(src.errs) {
			src = next
		}
		if len(src.errs) == 0 {
			break
		}
	}
	before := *s.pkg.Scope()
	defer func() { *s.pkg.Scope() = before }()
	t := newTask(s, src)
	var a *attempt
	for range maxAttempts {
		if a != nil {
			restore(a.touched)
		}
		if a = t.run(); a.failure != nil || !a.revise() {
			break
		}
	}
	a.snapshot()
	p := &Partial{Fset: s.fset, Pkg: s.pkg, Info: a.info, Choices: t.choices, a: a}
	for _, piece := range src.pieces {
		p.Nodes = append(p.Nodes, piece.nodes()...)
	}
	p.locate(src, cursor)
	s.open = p
	return p
}

// Close takes the methods that the cell declares from the types of earlier cells.
func (p *Partial) Close() {
	restore(p.a.touched)
	p.a.touched = nil
}

// forgetPartial takes the files of the partial cell before out of the file set: each key that a user types may make some.
func (s *Session) forgetPartial() {
	for pos := s.partial; pos.IsValid() && pos < token.Pos(s.fset.Base()); {
		f := s.fset.File(pos)
		if f == nil {
			pos++
			continue
		}
		pos = token.Pos(f.Base() + f.Size() + 1)
		if f.Name() == FileName(partialCell) {
			s.fset.RemoveFile(f)
		}
	}
	s.partial = token.Pos(s.fset.Base())
}

// partialCell is the number of cells that are being written.
const partialCell = 0

// snapshot keeps the scope of the cell, which the session empties for the next.
func (a *attempt) snapshot() {
	scope := *a.scope
	a.scope = &scope
}

// repairs are texts that may parse where a cell that is being written does not: with a name at the cursor, with the brackets
// closed that are open there, and without what follows. The part before the cursor is always the cell's.
func repairs(text string, cursor int) []string {
	head, tail := text[:cursor], text[cursor:]
	_, rest, _ := strings.Cut(tail, "\n")
	name := ""
	if !endsInName(head) && !startsName(tail) {
		name = placeholder
	}
	closed := head + name + closers(head)
	list := []string{head + name + tail, text, closed + "\n" + rest, closed, head + closers(head) + "\n" + rest, head + closers(head)}
	if needsCall.MatchString(head) {
		// Without a call after go or defer there is no statement at all.
		called := head + name + "()"
		list = append([]string{called + tail, called + closers(head) + "\n" + rest, called + closers(head)}, list...)
	}
	return list
}

// needsCall finds go and defer before what the cursor stands after.
var needsCall = regexp.MustCompile(`(?:^|[\s;{}])(?:go|defer)[ \t]+[\pL\pN_.]*$`)

func endsInName(s string) bool {
	s = s[strings.LastIndexAny(s, " \t\n.([{,;:=+-*/%&|^<>!\"`'")+1:]
	return s != "" && token.IsIdentifier(s)
}

func startsName(s string) bool {
	return s != "" && (token.IsIdentifier(s[:1]) || s[0] >= 0x80)
}

// closers close the brackets that are open at the end of a text.
func closers(text string) string {
	fset := token.NewFileSet()
	var s scanner.Scanner
	s.Init(fset.AddFile("", -1, len(text)), []byte(text), func(token.Position, string) {}, 0)
	var open []string
	for {
		_, tok, _ := s.Scan()
		switch tok {
		case token.EOF:
			var b strings.Builder
			for _, c := range slices.Backward(open) {
				b.WriteString(c)
			}
			return b.String()
		case token.LPAREN:
			open = append(open, ")")
		case token.LBRACK:
			open = append(open, "]")
		case token.LBRACE:
			open = append(open, "}")
		case token.RPAREN, token.RBRACK, token.RBRACE:
			if len(open) > 0 {
				open = open[:len(open)-1]
			}
		}
	}
}

// locate finds the nodes around the cursor.
func (p *Partial) locate(src *source, cursor int) {
	for _, piece := range src.pieces {
		if cursor < piece.Start || cursor > piece.End || piece.Kind == cell.Package {
			continue
		}
		p.Pos = piece.file.Pos(min(max(cursor-piece.shift, 0), piece.file.Size()))
		for _, n := range piece.nodes() {
			p.descend(n)
		}
		return
	}
}

// descend adds the nodes around the cursor to the path. Of two that meet there, the first counts: the name that is being
// written.
func (p *Partial) descend(root ast.Node) {
	var outer []ast.Node
	var walk func(ast.Node)
	walk = func(n ast.Node) {
		outer = append(outer, n)
		var inner ast.Node
		ast.Inspect(n, func(c ast.Node) bool {
			if c == nil || c == n {
				return c != nil
			}
			if inner == nil && c.Pos() <= p.Pos && p.Pos <= c.End() {
				inner = c
			}
			return false
		})
		if inner != nil {
			walk(inner)
		}
	}
	if root.Pos() > p.Pos || p.Pos > root.End() {
		return
	}
	walk(root)
	for _, n := range slices.Backward(outer) {
		p.Path = append(p.Path, n)
	}
}

// Visible are the objects that can be used at the cursor, by name: locals, those of the cell and of earlier cells, packages,
// and what is predeclared. Packages that have not been used yet are *types.PkgName too.
func (p *Partial) Visible() map[string]types.Object {
	found := map[string]types.Object{}
	put := func(obj types.Object) {
		if obj != nil && obj.Name() != "_" && obj.Name() != placeholder && clean(obj.Name()) == obj.Name() && found[obj.Name()] == nil {
			found[obj.Name()] = obj
		}
	}
	for s := p.innermost(); s != nil && s.Parent() != nil && s.Parent().Parent() != types.Universe; s = s.Parent() {
		for _, name := range s.Names() {
			if obj := s.Lookup(name); obj.Pos() < p.Pos {
				put(obj)
			}
		}
	}
	for _, s := range []*types.Scope{p.a.scope, p.a.info.Scopes[p.a.main]} {
		if s == nil {
			continue
		}
		for _, name := range s.Names() {
			put(s.Lookup(name))
		}
	}
	for _, l := range p.a.t.lines {
		if l.name != "." && l.name != "_" {
			put(types.NewPkgName(l.pos, p.Pkg, l.name, l.pkg))
		}
	}
	for name, e := range p.a.t.s.names {
		if found[name] == nil {
			put(p.a.t.s.object(name, e))
		}
	}
	for _, pkg := range p.a.t.dots() {
		for _, name := range exported(pkg.Scope()) {
			put(pkg.Scope().Lookup(name))
		}
	}
	for _, name := range types.Universe.Names() {
		put(types.Universe.Lookup(name))
	}
	return found
}

// innermost is the scope around the cursor.
func (p *Partial) innermost() *types.Scope {
	var best *types.Scope
	for n, s := range p.a.info.Scopes {
		if _, ok := n.(*ast.File); ok || !s.Contains(p.Pos) && s.End() != p.Pos {
			continue
		}
		if best == nil || s.Pos() >= best.Pos() && s.End() <= best.End() {
			best = s
		}
	}
	return best
}

// Members are the fields and methods that can be selected of a value of type t, by name, those of embedded fields included.
func (p *Partial) Members(t types.Type) map[string]types.Object {
	found := map[string]types.Object{}
	for _, obj := range members(t, p.Pkg) {
		found[obj.Name()] = obj
	}
	return found
}
