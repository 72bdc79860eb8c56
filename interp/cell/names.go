package cell

import (
	"go/ast"
	"go/token"
	"strings"
)

// Names are the names that a cell declares before an offset, with their kinds as completions name them. The cell need
// not parse.
func Names(src string, before int) map[string]string {
	found := map[string]string{}
	prev, ident := token.ILLEGAL, ""
	var list []string // identifiers separated by commas
	// The names before a fault are found all the same.
	_ = scan(src, func(tok token.Token, off int, lit string) {
		if off >= before {
			return
		}
		switch tok {
		case token.IDENT:
			ident = lit
			list = append(list, ident)
			switch prev {
			case token.FUNC:
				found[ident] = "function"
			case token.TYPE:
				found[ident] = "class"
			case token.VAR:
				found[ident] = "instance"
			case token.CONST:
				found[ident] = "constant"
			}
		case token.COMMA:
		case token.DEFINE:
			for _, n := range list {
				found[n] = "instance"
			}
			list = nil
		default:
			list = nil
		}
		prev = tok
	})
	return found
}

// Declarations are the functions and types that a cell declares: their text with the comment above it.
func Declarations(src string) map[string]string {
	l := &lowering{src: src, fset: token.NewFileSet(), lines: []int{0}}
	segs, err := Split(src)
	if err != nil {
		return nil
	}
	found := map[string]string{}
	for i, s := range segs {
		if s.Kind != Decl {
			continue
		}
		d, _, _ := l.parseDecl(s)
		if d == nil {
			continue
		}
		from := 0
		if i > 0 {
			from = segs[i-1].End
		}
		text := commentAbove(src[from:s.Start]) + src[s.Start:s.End]
		if f, ok := d.(*ast.FuncDecl); ok && f.Recv != nil {
			continue
		}
		for _, n := range declared(d) {
			found[n] = text
		}
	}
	return found
}

// commentAbove is the block of line comments that a gap between segments ends in.
func commentAbove(gap string) string {
	lines := strings.SplitAfter(gap, "\n")
	n := len(lines) - 1
	for n > 0 && strings.HasPrefix(strings.TrimSpace(lines[n-1]), "//") {
		n--
	}
	return strings.Join(lines[n:], "")
}
