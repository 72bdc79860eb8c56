package cell

import (
	"errors"
	"go/parser"
	"go/scanner"
	"go/token"
	"strings"
)

// IsComplete is "complete", "incomplete" or "invalid", and the indent for the next line of an incomplete cell.
func IsComplete(src string) (status, indent string) {
	_, src = Magics(src)
	depth := 0
	last := token.SEMICOLON
	auto := true
	errs := scan(src, func(tok token.Token, _ int, lit string) {
		switch tok {
		case token.LBRACE, token.LPAREN, token.LBRACK:
			depth++
		case token.RBRACE, token.RPAREN, token.RBRACK:
			depth--
		}
		auto = tok == token.SEMICOLON && lit == "\n"
		if !auto {
			last = tok
		}
	})
	for _, e := range errs {
		if strings.Contains(e.Msg, "not terminated") && (strings.Contains(e.Msg, "raw string") || strings.Contains(e.Msg, "comment")) {
			return "incomplete", ""
		}
	}
	if len(errs) > 0 || depth < 0 {
		return "invalid", ""
	}
	if depth > 0 {
		return "incomplete", strings.Repeat("\t", depth)
	}
	if !auto && continues(last) {
		return "incomplete", "\t"
	}
	segs, err := Split(src)
	if err != nil {
		return "invalid", ""
	}
	for _, seg := range segs {
		if at, ok := faulty(src, seg); ok {
			if at >= len(strings.TrimRight(src, " \t\r\n;")) {
				return "incomplete", ""
			}
			return "invalid", ""
		}
	}
	return "complete", ""
}

// faulty is where the first syntax error of a segment lies in the cell; false where it has none.
func faulty(src string, s Segment) (int, bool) {
	prefix, suffix := s.frame()
	_, err := parser.ParseFile(token.NewFileSet(), "", prefix+src[s.Start:s.End]+suffix, parser.SkipObjectResolution)
	list, ok := errors.AsType[scanner.ErrorList](err)
	if !ok || len(list) == 0 {
		return s.Start, err != nil
	}
	return min(list[0].Pos.Offset-len(prefix)+s.Start, s.End), true
}

// continues says whether a line that ends in tok can't be the end of a cell.
func continues(tok token.Token) bool {
	switch tok {
	case token.SEMICOLON, token.RPAREN, token.RBRACK, token.RBRACE, token.INC, token.DEC:
		return false
	case token.COMMA, token.PERIOD, token.COLON:
		return true
	}
	return tok.IsOperator()
}
