package complete

import (
	"go/scanner"
	"go/token"
	"strings"
	"unicode"
	"unicode/utf8"
)

// place is what the text itself says of the cursor.
type place struct {
	text   string
	cursor int
	start  int // of the word before the cursor
	end    int // of the word around the cursor
	// before are the last tokens before the word, the last one first.
	before [3]token.Token
	// ended says that a line has ended, or none has begun, since the last token.
	ended bool
	// quiet says that nothing is completed here: in comments, numbers and runes.
	quiet bool
	// clauses says that the innermost braces are those of a switch or select.
	clauses bool
	// imports says that an import path stands here.
	imports bool
	str     *literal // the string around the cursor
}

// literal is a string around the cursor.
type literal struct {
	start, end int // quotes included; the end of the line where it is not closed
	closed     bool
	raw        bool
}

// head is what has been typed of it.
func (p *place) head() string { return p.text[p.str.start+1 : p.cursor] }

func (p *place) prefix() string { return p.text[p.start:p.cursor] }

func (p *place) word() string { return p.text[p.start:p.end] }

// newPlace looks at the text around a cursor, a byte offset.
func newPlace(text string, cursor int) *place {
	cursor = min(max(cursor, 0), len(text))
	for cursor > 0 && cursor < len(text) && !utf8.RuneStart(text[cursor]) {
		cursor--
	}
	p := &place{text: text, cursor: cursor, start: cursor, end: cursor, ended: true}
	for p.start > 0 {
		r, n := utf8.DecodeLastRuneInString(text[:p.start])
		if !inName(r) {
			break
		}
		p.start -= n
	}
	for p.end < len(text) {
		r, n := utf8.DecodeRuneInString(text[p.end:])
		if !inName(r) {
			break
		}
		p.end += n
	}
	p.scan()
	return p
}

func inName(r rune) bool {
	return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) && r != utf8.RuneError
}

// scan reads the tokens up to the cursor.
func (p *place) scan() {
	fset := token.NewFileSet()
	file := fset.AddFile("", fset.Base(), len(p.text))
	var s scanner.Scanner
	s.Init(file, []byte(p.text), func(token.Position, string) {}, scanner.ScanComments)
	importing, group := false, false
	var braces []bool
	clauses := false
	for {
		pos, tok, lit := s.Scan()
		off := file.Offset(pos)
		if tok == token.EOF || off >= p.cursor {
			return
		}
		switch tok {
		case token.COMMENT, token.STRING, token.CHAR:
			if p.around(tok, off, lit) {
				p.imports = importing
				return
			}
			if tok == token.COMMENT {
				continue
			}
		case token.INT, token.FLOAT, token.IMAG:
			p.quiet = p.cursor <= off+len(lit)
		case token.IMPORT:
			importing = true
		case token.LPAREN:
			group = importing
		case token.RPAREN:
			importing, group = importing && !group, false
		case token.SWITCH, token.SELECT:
			clauses = true
		case token.IF, token.FOR, token.FUNC, token.ELSE:
			clauses = false
		case token.LBRACE:
			braces = append(braces, p.clauses)
			p.clauses, clauses = clauses, false
		case token.RBRACE:
			if n := len(braces); n > 0 {
				p.clauses, braces = braces[n-1], braces[:n-1]
			}
		case token.SEMICOLON:
			importing = importing && group
		}
		if p.quiet || off >= p.start {
			return
		}
		p.ended = tok == token.SEMICOLON
		if tok == token.SEMICOLON && lit == "\n" {
			continue
		}
		copy(p.before[1:], p.before[:])
		p.before[0] = tok
	}
}

// around says whether the cursor is inside a token of text, and keeps which.
func (p *place) around(tok token.Token, off int, lit string) bool {
	rest := p.text[off:]
	var end int
	var closed bool
	switch {
	case strings.HasPrefix(rest, "//"):
		end = lineEnd(p.text, off)
	case strings.HasPrefix(rest, "/*"):
		end, closed = past(p.text, off+2, "*/")
	case strings.HasPrefix(rest, "`"):
		end, closed = past(p.text, off+1, "`")
		if !closed {
			end = max(lineEnd(p.text, off), p.cursor)
		}
	default:
		end = off + len(lit)
		closed = len(lit) > 1 && lit[len(lit)-1] == lit[0] && !escaped(lit[1:len(lit)-1])
		if !closed {
			end = lineEnd(p.text, off)
		}
	}
	if p.cursor <= off || p.cursor > end || closed && p.cursor == end {
		return false
	}
	if tok == token.STRING {
		p.str = &literal{start: off, end: end, closed: closed, raw: rest[0] == '`'}
	} else {
		p.quiet = true
	}
	return true
}

// escaped says whether what follows a text is escaped by it.
func escaped(s string) bool {
	n := len(s) - len(strings.TrimRight(s, `\`))
	return n%2 == 1
}

func lineEnd(text string, off int) int {
	if i := strings.IndexByte(text[off:], '\n'); i >= 0 {
		return off + i
	}
	return len(text)
}

func past(text string, off int, mark string) (end int, found bool) {
	if i := strings.Index(text[off:], mark); i >= 0 {
		return off + i + len(mark), true
	}
	return len(text), false
}
