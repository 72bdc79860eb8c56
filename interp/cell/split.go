package cell

import (
	"go/scanner"
	"go/token"
	"strings"
	"unicode/utf8"
)

// Kind is what a top-level piece of a cell is.
type Kind uint8

const (
	// Import is an import declaration.
	Import Kind = iota
	// Decl is a declaration of types, constants, variables, a function or a method.
	Decl
	// Stmt is a statement.
	Stmt
	// Package is a package clause.
	Package
)

// Segment is one top-level piece: bytes Start to End of the cell.
type Segment struct {
	Kind       Kind
	Tok        token.Token // its first token
	Start, End int
}

type lexeme struct {
	tok token.Token
	off int
}

// Split cuts a cell at the semicolons (written or automatic) that lie outside all brackets. The segments are in order
// and do not overlap; what lies between them is space, comments and semicolons. An error is a scanner.ErrorList whose
// positions count in src.
func Split(src string) ([]Segment, error) {
	var segs []Segment
	var cur []lexeme
	depth := 0
	end := 0
	flush := func() {
		if len(cur) > 0 {
			segs = append(segs, Segment{classify(cur), cur[0].tok, cur[0].off, end})
		}
		cur = cur[:0]
	}
	err := scan(src, func(tok token.Token, off int, lit string) {
		switch tok {
		case token.LBRACE, token.LPAREN, token.LBRACK:
			depth++
		case token.RBRACE, token.RPAREN, token.RBRACK:
			depth--
		case token.SEMICOLON:
			if depth <= 0 && !inHeader(src, cur, end, lit) {
				flush()
				depth = 0
				return
			}
		}
		cur = append(cur, lexeme{tok, off})
		switch {
		case tok == token.ILLEGAL: // the scanner puts U+FFFD for what is not UTF-8
			_, n := utf8.DecodeRuneInString(src[off:])
			end = off + n
		case tok.IsLiteral():
			end = off + len(lit)
		case tok == token.SEMICOLON: // inside brackets, written or not
			end = off
		default:
			end = off + len(tok.String())
		}
		end = min(end, len(src))
	})
	flush()
	if len(err) > 0 {
		return segs, err
	}
	return segs, nil
}

// inHeader says whether a semicolon outside all brackets belongs to the header of a for, if or switch statement. Only
// a closing brace can end such a statement; where a written semicolon follows one, the parser decides, because the
// brace may be that of a function literal in the header.
func inHeader(src string, cur []lexeme, end int, lit string) bool {
	i := 0
	for i+1 < len(cur) && cur[i].tok == token.IDENT && cur[i+1].tok == token.COLON {
		i += 2
	}
	if i >= len(cur) {
		return false
	}
	switch cur[i].tok {
	case token.FOR, token.IF, token.SWITCH:
	default:
		return false
	}
	if cur[len(cur)-1].tok != token.RBRACE {
		return lit != "\n"
	}
	if lit == "\n" {
		return false
	}
	_, bad := faulty(src, Segment{Kind: Stmt, Start: cur[0].off, End: end})
	return bad
}

// scan calls f for each token but comments.
func scan(src string, f func(tok token.Token, off int, lit string)) scanner.ErrorList {
	fset := token.NewFileSet()
	file := fset.AddFile("", fset.Base(), len(src))
	var errs scanner.ErrorList
	var s scanner.Scanner
	s.Init(file, []byte(src), errs.Add, 0)
	for {
		pos, tok, lit := s.Scan()
		if tok == token.EOF {
			return errs
		}
		f(tok, file.Offset(pos), rawText(src, file.Offset(pos), tok, lit))
	}
}

// rawText undoes the scanner's removal of carriage returns from raw strings, so that lengths count in src.
func rawText(src string, off int, tok token.Token, lit string) string {
	if tok != token.STRING || !strings.HasPrefix(lit, "`") {
		return lit
	}
	if i := strings.IndexByte(src[off+1:], '`'); i >= 0 {
		return src[off : off+i+2]
	}
	return src[off:]
}

func classify(ts []lexeme) Kind {
	switch ts[0].tok {
	case token.PACKAGE:
		return Package
	case token.IMPORT:
		return Import
	case token.TYPE, token.CONST, token.VAR:
		return Decl
	case token.FUNC:
		if declaresFunc(ts) {
			return Decl
		}
	}
	return Stmt
}

// declaresFunc tells a function or method declaration from a function literal: func Name, or func (receiver) Name (.
func declaresFunc(ts []lexeme) bool {
	if len(ts) < 2 {
		return false
	}
	if ts[1].tok == token.IDENT {
		return true
	}
	depth := 0
	for i := 1; i < len(ts); i++ {
		switch ts[i].tok {
		case token.LPAREN:
			depth++
		case token.RPAREN:
			depth--
		}
		if depth == 0 {
			return i+2 < len(ts) && ts[i+1].tok == token.IDENT && (ts[i+2].tok == token.LPAREN || ts[i+2].tok == token.LBRACK)
		}
	}
	return false
}
