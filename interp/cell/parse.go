package cell

import (
	"go/ast"
	"go/parser"
	"go/token"
)

// parsed is the syntax tree of a segment. Its offsets are in a text that has prefix before the segment.
type parsed struct {
	fset  *token.FileSet
	node  ast.Node
	shift int // offset in the cell = offset in the text + shift
}

// frame is what makes a file of a segment.
func (s Segment) frame() (prefix, suffix string) {
	switch s.Kind {
	case Package:
		return "", "\n"
	case Stmt:
		return "package p\nfunc _() {\n", "\n}\n"
	}
	return "package p\n", "\n"
}

// parseSegment parses a declaration or a statement; false where it is something else, or not well formed.
func parseSegment(src string, s Segment) (parsed, bool) {
	if s.Kind != Decl && s.Kind != Stmt {
		return parsed{}, false
	}
	prefix, suffix := s.frame()
	p := parsed{fset: token.NewFileSet(), shift: s.Start - len(prefix)}
	f, err := parser.ParseFile(p.fset, "", prefix+src[s.Start:s.End]+suffix, parser.SkipObjectResolution)
	if err != nil || len(f.Decls) != 1 {
		return parsed{}, false
	}
	p.node = f.Decls[0]
	if s.Kind != Stmt {
		return p, true
	}
	fn, ok := f.Decls[0].(*ast.FuncDecl)
	if !ok || len(fn.Body.List) == 0 {
		return parsed{}, false
	}
	p.node = fn.Body.List[0]
	return p, true
}

// offset is where a position lies in the cell.
func (p parsed) offset(pos token.Pos) int { return p.fset.Position(pos).Offset + p.shift }
