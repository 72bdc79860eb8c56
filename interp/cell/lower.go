package cell

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"strings"
)

// Runtime is the name under which lowered code calls the session: Show, Call, Defer and Guard.
const Runtime = "rivulet_"

// Main is the name under which yaegi knows the user's func main.
const Main = Runtime + "main"

// Spec is one import.
type Spec struct {
	Name string // "" for the package's own name
	Path string
	Pos  token.Position
}

// Item is one piece to compile and run. Declarations of one group form one item.
type Item struct {
	Decl bool
	Text string // for yaegi: a file without its package clause, or the statements of a function body
	// Plain replaces Text where that does not compile; its errors are the ones to show. Empty: there is none.
	Plain string
	// Error, where it is not empty, is what to compile for its errors: those of Text mislead.
	Error string
	// Fresh says that Names are declared by Text, and old declarations of them are to be forgotten.
	Fresh bool
	// Called says that Text shows the results of a call, which Plain runs without showing them.
	Called bool
	// Skip says that Text is only compiled, to give its names their types.
	Skip  bool
	Start int // offset in the cell
	End   int
	// Names are what a declaration declares.
	Names []string
}

// Lowered is a cell ready to be compiled.
type Lowered struct {
	Imports []Spec
	Items   []Item
	// Main says that the cell is a program: it declares package main and func main, which is to be called.
	Main bool
}

// FileName is the name of the file that positions of a cell carry. The base name is the same for all cells, because
// yaegi scopes imports by it.
func FileName(number int) string { return fmt.Sprintf("/cell/%d/_.go", number) }

type lowering struct {
	src    string
	number int
	env    Env
	fset   *token.FileSet
	lines  []int // offsets of line starts
	errs   scanner.ErrorList
	pieces []piece
}

// piece is a parsed segment.
type piece struct {
	Segment
	decl  ast.Decl
	stmt  ast.Stmt
	open  []*ast.Ident // identifiers that are not resolved inside the piece
	shift int          // offset in the cell = offset in the parsed text + shift
	names []string
	spec  *ast.ValueSpec // of variables: they are declared in their place among the statements
	after int            // the piece runs when the piece with this index does; -1: before all
}

// Lower parses a cell and rewrites it. Its errors are a scanner.ErrorList with positions in the cell.
func Lower(src string, number int, env Env) (*Lowered, error) {
	l := &lowering{src: src, number: number, env: env, fset: token.NewFileSet(), lines: []int{0}}
	for i := range len(src) {
		if src[i] == '\n' {
			l.lines = append(l.lines, i+1)
		}
	}
	segs, err := Split(src)
	if list, ok := errors.AsType[scanner.ErrorList](err); ok {
		for _, e := range list {
			l.add(e.Pos.Offset, e.Msg)
		}
		return nil, l.errs
	}
	out := &Lowered{}
	pkg, mainFunc := false, false
	for _, s := range segs {
		p := piece{Segment: s, after: -1}
		switch s.Kind {
		case Package:
			pkg = true
			continue
		case Import:
			l.imports(out, s)
			continue
		case Decl:
			p.decl, p.open, p.shift = l.parseDecl(s)
			if p.decl == nil {
				continue
			}
			if g, ok := p.decl.(*ast.GenDecl); ok && g.Tok == token.VAR {
				l.variables(g, p)
				continue
			}
			p.names = declared(p.decl)
			if f, ok := p.decl.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "main" {
				mainFunc = true
			}
		case Stmt:
			p.stmt, p.open, p.shift = l.parseStmt(s)
			if p.stmt == nil {
				continue
			}
			p.names = defined(p.stmt)
		}
		l.pieces = append(l.pieces, p)
	}
	if len(l.errs) > 0 {
		l.errs.Sort()
		return nil, l.errs
	}
	out.Main = pkg && mainFunc
	l.order()
	l.emit(out)
	if len(l.errs) > 0 {
		l.errs.Sort()
		return nil, l.errs
	}
	return out, nil
}

// variables makes a piece of each line of a var declaration.
func (l *lowering) variables(g *ast.GenDecl, p piece) {
	for _, s := range g.Specs {
		q := p
		q.decl, q.open, q.names = nil, nil, nil
		q.spec = s.(*ast.ValueSpec)
		q.Start, q.End = l.offset(s.Pos())+p.shift, l.offset(s.End())+p.shift
		for _, id := range p.open {
			if s.Pos() <= id.Pos() && id.Pos() < s.End() {
				q.open = append(q.open, id)
			}
		}
		for _, n := range q.spec.Names {
			if n.Name != "_" {
				q.names = append(q.names, n.Name)
			}
		}
		l.pieces = append(l.pieces, q)
	}
}

func (l *lowering) position(off int) token.Position {
	off = max(0, min(off, len(l.src)))
	lo, hi := 0, len(l.lines)
	for hi-lo > 1 {
		if mid := (lo + hi) / 2; l.lines[mid] <= off {
			lo = mid
		} else {
			hi = mid
		}
	}
	return token.Position{Filename: FileName(l.number), Offset: off, Line: lo + 1, Column: off - l.lines[lo] + 1}
}

func (l *lowering) add(off int, msg string) { l.errs.Add(l.position(off), msg) }

// parse parses prefix + segment + suffix as a file; shift maps its offsets to the cell's.
func (l *lowering) parse(prefix string, s Segment, suffix string) (*ast.File, int, bool) {
	shift := s.Start - len(prefix)
	f, err := parser.ParseFile(l.fset, "", prefix+l.src[s.Start:s.End]+suffix, 0)
	if err == nil {
		return f, shift, true
	}
	list, ok := errors.AsType[scanner.ErrorList](err)
	if !ok {
		l.add(s.Start, err.Error())
		return nil, 0, false
	}
	// What follows the first error of a segment is mostly noise.
	msg := list[0].Msg
	if list[0].Pos.Offset+shift >= s.End {
		if i := strings.Index(msg, ", found "); i >= 0 {
			msg = msg[:i] + ", found the end of the statement"
		}
	}
	l.add(min(max(list[0].Pos.Offset+shift, s.Start), s.End), msg)
	return nil, 0, false
}

func (l *lowering) imports(out *Lowered, s Segment) {
	f, shift, ok := l.parse("package p\n", s, "\n")
	if !ok {
		return
	}
	for _, spec := range f.Imports {
		is := Spec{Path: strings.Trim(spec.Path.Value, "\"`"), Pos: l.position(l.offset(spec.Pos()) + shift)}
		if spec.Name != nil {
			is.Name = spec.Name.Name
		}
		out.Imports = append(out.Imports, is)
	}
}

func (l *lowering) parseDecl(s Segment) (ast.Decl, []*ast.Ident, int) {
	f, shift, ok := l.parse("package p\n", s, "\n")
	if !ok {
		return nil, nil, 0
	}
	if len(f.Decls) != 1 {
		l.add(s.Start, "expected one declaration")
		return nil, nil, 0
	}
	return f.Decls[0], f.Unresolved, shift
}

const stmtPrefix = "package p\nfunc _() {\n"

func (l *lowering) parseStmt(s Segment) (ast.Stmt, []*ast.Ident, int) {
	f, shift, ok := l.parse(stmtPrefix, s, "\n}\n")
	if !ok {
		return nil, nil, 0
	}
	fn, isFunc := f.Decls[0].(*ast.FuncDecl)
	if len(f.Decls) != 1 || !isFunc || len(fn.Body.List) != 1 {
		l.add(s.Start, "expected a statement")
		return nil, nil, 0
	}
	return fn.Body.List[0], f.Unresolved, shift
}

func (l *lowering) offset(p token.Pos) int { return l.fset.Position(p).Offset }

// mark is a line directive for an offset of the cell.
func (l *lowering) mark(off int) string {
	p := l.position(off)
	return fmt.Sprintf("/*line %s:%d:%d*/", p.Filename, p.Line, p.Column)
}
