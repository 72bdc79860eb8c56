package check

import (
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"regexp"
	"strings"

	"github.com/rivulet-go/rivulet/interp/cell"
)

const (
	declPrefix = "package p\n"
	stmtPrefix = "package p\nfunc _() {\n"
)

// source is a parsed cell.
type source struct {
	number int
	text   string
	lines  []int // offsets of line starts
	pieces []piece
	pkg    bool // it has a package clause
	errs   []Diagnostic
	// tolerant says that pieces with errors are kept as far as they could be parsed.
	tolerant bool
}

// piece is a parsed segment: one of the syntax trees is not nil.
type piece struct {
	cell.Segment
	imports []*ast.ImportSpec
	fn      *ast.FuncDecl
	gen     *ast.GenDecl // type, const or var
	stmt    ast.Stmt
	file    *token.File // where it was parsed
	shift   int         // offset in the cell = offset in file + shift
}

// nodes are the trees of a piece.
func (p piece) nodes() []ast.Node {
	var list []ast.Node
	for _, i := range p.imports {
		list = append(list, i)
	}
	if p.fn != nil {
		list = append(list, p.fn)
	}
	if p.gen != nil {
		list = append(list, p.gen)
	}
	if p.stmt != nil {
		list = append(list, p.stmt)
	}
	return list
}

// parse parses each segment of a cell by itself, so that an error in one hides none in the others. Positions in fset have
// the lines and columns of the cell.
func parse(fset *token.FileSet, text string, number int) *source {
	src := &source{number: number, text: text, lines: lineStarts(text)}
	src.parse(fset)
	return src
}

func (src *source) parse(fset *token.FileSet) {
	text := src.text
	segs, err := cell.Split(text)
	if list, ok := err.(scanner.ErrorList); ok { //nolint:errorlint // Split returns it bare
		for _, e := range list {
			src.fail(e.Pos.Offset, e.Pos.Offset, friendly(e.Msg))
		}
		if !src.tolerant {
			return
		}
	}
	plain := withoutDirectives(text)
	for i, s := range segs {
		from := 0
		if i > 0 {
			from = segs[i-1].End
		}
		src.add(fset, plain, s, from)
	}
}

// add parses one segment. The gap before it begins at from.
func (src *source) add(fset *token.FileSet, plain string, s cell.Segment, from int) {
	p := piece{Segment: s}
	prefix, suffix, start := declPrefix, "\n", s.Start
	switch s.Kind {
	case cell.Package:
		src.pkg = true
		return
	case cell.Decl:
		start = docStart(plain, from, s.Start)
	case cell.Stmt:
		prefix, suffix = stmtPrefix, "\n}\n"
	}
	f := src.file(fset, prefix+plain[start:s.End]+suffix, start-len(prefix), s)
	if f == nil {
		return
	}
	p.file, p.shift = fset.File(f.Package), start-len(prefix)
	line, col := src.lineColumn(start)
	p.file.AddLineColumnInfo(len(prefix), FileName(src.number), line, col)
	if !src.take(&p, f) {
		return
	}
	src.pieces = append(src.pieces, p)
}

// take takes the tree of a piece out of the file that it was parsed in.
func (src *source) take(p *piece, f *ast.File) bool {
	switch {
	case p.Kind == cell.Import:
		p.imports = f.Imports
		return true
	case len(f.Decls) == 0 || len(f.Decls) > 1 && !src.tolerant:
		src.fail(p.Start, p.Start, "expected one declaration")
		return false
	}
	switch d := f.Decls[0].(type) {
	case *ast.FuncDecl:
		if p.Kind == cell.Decl {
			p.fn = d
			return true
		}
		if len(f.Decls) == 1 && d.Body != nil && len(d.Body.List) == 1 {
			p.stmt = d.Body.List[0]
			return true
		}
	case *ast.GenDecl:
		if p.Kind == cell.Decl {
			p.gen = d
			return true
		}
	}
	src.fail(p.Start, p.Start, "expected a statement")
	return false
}

// file parses the text of a segment.
func (src *source) file(fset *token.FileSet, text string, shift int, s cell.Segment) *ast.File {
	mode := parser.ParseComments | parser.SkipObjectResolution
	if src.tolerant {
		mode |= parser.AllErrors
	}
	f, err := parser.ParseFile(fset, FileName(src.number), text, mode)
	if err == nil {
		return f
	}
	list, ok := err.(scanner.ErrorList) //nolint:errorlint // ParseFile returns it bare
	if !ok || len(list) == 0 {
		src.fail(s.Start, s.Start, err.Error())
		return nil
	}
	// What follows the first error of a segment is mostly noise.
	msg := list[0].Msg
	off := list[0].Pos.Offset + shift
	if off >= s.End {
		if i := strings.Index(msg, ", found "); i >= 0 {
			msg = msg[:i] + ", found the end of the statement"
		}
	}
	off = min(max(off, s.Start), s.End)
	src.fail(off, off, friendly(msg))
	if src.tolerant && f != nil && f.Package.IsValid() {
		return f
	}
	return nil
}

// friendly words the parser's messages for people.
func friendly(msg string) string {
	msg = strings.ReplaceAll(msg, "found newline", "found the end of the line")
	msg = strings.ReplaceAll(msg, "found 'EOF'", "found the end of the cell")
	return strings.ReplaceAll(msg, "found EOF", "found the end of the cell")
}

func lineStarts(text string) []int {
	lines := []int{0}
	for i := range len(text) {
		if text[i] == '\n' {
			lines = append(lines, i+1)
		}
	}
	return lines
}

// lineColumn is the line and column of an offset, both from 1.
func (src *source) lineColumn(off int) (line, col int) {
	lo, hi := 0, len(src.lines)
	for hi-lo > 1 {
		if mid := (lo + hi) / 2; src.lines[mid] <= off {
			lo = mid
		} else {
			hi = mid
		}
	}
	return lo + 1, off - src.lines[lo] + 1
}

// position is the place of an offset in the cell.
func (src *source) position(off int) token.Position {
	off = min(max(off, 0), len(src.text))
	line, col := src.lineColumn(off)
	return token.Position{Filename: FileName(src.number), Offset: off, Line: line, Column: col}
}

func (src *source) fail(off, end int, msg string) {
	if end <= off {
		end = off + tokenLength(src.text, off)
	}
	src.errs = append(src.errs, Diagnostic{Pos: src.position(off), End: src.position(end), Msg: msg})
}

// tokenLength is the length of the token at an offset, 0 at the end of a line.
func tokenLength(text string, off int) int {
	if off >= len(text) {
		return 0
	}
	line := text[off:]
	if i := strings.IndexByte(line, '\n'); i >= 0 {
		line = line[:i]
	}
	fset := token.NewFileSet()
	var s scanner.Scanner
	s.Init(fset.AddFile("", -1, len(line)), []byte(line), func(token.Position, string) {}, 0)
	pos, tok, lit := s.Scan()
	if fset.Position(pos).Offset != 0 || tok == token.EOF || tok == token.SEMICOLON && lit == "\n" {
		return 0
	}
	if lit == "" {
		lit = tok.String()
	}
	return min(len(lit), len(line))
}

var directive = regexp.MustCompile(`(//|/\*)line `)

// withoutDirectives disarms line directives, which would move positions out of the cell. Lengths stay. One in a string
// would change, so only comments are touched.
func withoutDirectives(text string) string {
	if !directive.MatchString(text) {
		return text
	}
	out := []byte(text)
	for _, c := range comments(text) {
		if strings.HasPrefix(c.text[2:], "line ") {
			out[c.off+2] = 'L'
		}
	}
	return string(out)
}

type comment struct {
	off  int
	text string
}

// comments are the comments of a text.
func comments(text string) []comment {
	fset := token.NewFileSet()
	file := fset.AddFile("", -1, len(text))
	var s scanner.Scanner
	s.Init(file, []byte(text), func(token.Position, string) {}, scanner.ScanComments)
	var found []comment
	for {
		pos, tok, lit := s.Scan()
		switch tok {
		case token.EOF:
			return found
		case token.COMMENT:
			found = append(found, comment{file.Offset(pos), lit})
		}
	}
}

// docStart is where the block of line comments directly above a declaration begins, else start.
func docStart(text string, from, start int) int {
	line := strings.LastIndexByte(text[:start], '\n') + 1
	if strings.TrimSpace(text[line:start]) != "" {
		return start
	}
	for line > from {
		above := strings.LastIndexByte(text[:line-1], '\n') + 1
		if above < from || !strings.HasPrefix(strings.TrimSpace(text[above:line-1]), "//") {
			break
		}
		line, start = above, above
	}
	return start
}
