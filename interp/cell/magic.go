package cell

import (
	"slices"
	"strings"
)

// Magic is a line that is for the session, not Go: one that begins with % or, where a statement would begin, with !.
type Magic struct {
	Name   string // what follows the %, such as "get"; "sh" for a line that begins with !
	Args   string // what follows the name
	Text   string // the line without space around it
	Line   int    // from 1
	Column int    // where it begins, from 1
	Cell   bool   // it begins with %%: the rest of the cell belongs to it
	Body   string // that rest, unless it is Go
}

// GoBodies are the names of the cell magics whose body is Go.
var GoBodies = []string{"time", "timeit"}

// Magics takes the magic lines out of a cell. The rest has blanks in their place, so that positions stay. A line inside a raw
// string or a comment is none.
func Magics(src string) (magics []Magic, rest string) {
	var out strings.Builder
	var at position
	number := 0
	for line := range strings.Lines(src) {
		number++
		m, ok := magicLine(line, at)
		if !ok {
			at.pass(line)
			out.WriteString(line)
			continue
		}
		m.Line = number
		if m.Cell = strings.HasPrefix(m.Text, "%%") && strings.TrimSpace(out.String()) == "" && magics == nil; m.Cell && !slices.Contains(GoBodies, m.Name) {
			m.Body = after(src, number)
			return []Magic{m}, out.String() + blank(line+m.Body)
		}
		magics = append(magics, m)
		out.WriteString(blank(line))
	}
	if magics == nil {
		return nil, src
	}
	return magics, out.String()
}

func magicLine(line string, at position) (m Magic, ok bool) {
	text := strings.TrimSpace(line)
	switch {
	case at.open != "" || text == "":
		return m, false
	case text[0] == '%':
		m.Name, m.Args = text[1:], ""
		if i := strings.IndexAny(m.Name, " \t"); i >= 0 {
			m.Name, m.Args = m.Name[:i], strings.TrimSpace(m.Name[i:])
		}
		m.Name = strings.TrimPrefix(m.Name, "%")
	case text[0] == '!' && at.between():
		m.Name, m.Args = "sh", strings.TrimSpace(text[1:])
	default:
		return m, false
	}
	m.Text, m.Column = text, strings.Index(line, text)+1
	return m, true
}

// after is what follows the first lines of a text.
func after(src string, lines int) string {
	for range lines {
		_, src, _ = strings.Cut(src, "\n")
	}
	return src
}

// blank is text with a space for each byte but line ends.
func blank(text string) string {
	b := []byte(text)
	for i, c := range b {
		if c != '\n' && c != '\r' {
			b[i] = ' '
		}
	}
	return string(b)
}

// position is where in Go's syntax a line begins.
type position struct {
	open  string // what ends the raw string or comment around it
	depth int    // of brackets
	last  byte   // of the code before it
}

// between says whether a statement would begin here.
func (p *position) between() bool {
	return p.open == "" && p.depth <= 0 && !strings.ContainsRune("+-*/%&|^<>=!,.:(", rune(p.last))
}

// pass goes on to the next line.
func (p *position) pass(line string) {
	for line != "" {
		switch {
		case p.open != "":
			_, after, ok := strings.Cut(line, p.open)
			if !ok {
				return
			}
			line, p.open = after, ""
		case strings.HasPrefix(line, "//"):
			return
		case strings.HasPrefix(line, "/*"):
			line, p.open = line[2:], "*/"
		case line[0] == '`':
			line, p.open, p.last = line[1:], "`", '`'
		case line[0] == '"' || line[0] == '\'':
			p.last = line[0]
			line = afterQuote(line)
		default:
			p.code(line[0])
			line = line[1:]
		}
	}
}

func (p *position) code(c byte) {
	switch c {
	case '(', '[', '{':
		p.depth++
	case ')', ']', '}':
		p.depth--
	case ' ', '\t', '\r', '\n':
		return
	}
	if c == p.last && (c == '+' || c == '-') { // ++ and -- end a statement
		c = ';'
	}
	p.last = c
}

// afterQuote is what follows a string or rune literal that ends on its line.
func afterQuote(line string) string {
	for i := 1; i < len(line); i++ {
		switch line[i] {
		case '\\':
			i++
		case line[0]:
			return line[i+1:]
		}
	}
	return ""
}
