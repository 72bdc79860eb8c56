package cell

import "strings"

// Magic is a line that begins with %: it is for the session, not Go.
type Magic struct {
	Name   string // what follows the %, such as "get"
	Text   string // the line without space around it
	Line   int    // from 1
	Column int    // of the %, from 1
}

// Magics takes the magic lines out of a cell. The rest has blanks in their place, so that positions stay. A line inside a raw
// string or a comment is none.
func Magics(src string) (magics []Magic, rest string) {
	var out strings.Builder
	open := "" // what ends the string or comment that a line begins in
	number := 0
	for line := range strings.Lines(src) {
		number++
		text := strings.TrimSpace(line)
		if open != "" || !strings.HasPrefix(text, "%") {
			open = openAfter(line, open)
			out.WriteString(line)
			continue
		}
		name, _, _ := strings.Cut(text[1:], " ")
		name, _, _ = strings.Cut(name, "\t")
		magics = append(magics, Magic{Name: name, Text: text, Line: number, Column: strings.IndexByte(line, '%') + 1})
		body := strings.TrimRight(line, "\r\n")
		out.WriteString(strings.Repeat(" ", len(body)) + line[len(body):])
	}
	if magics == nil {
		return nil, src
	}
	return magics, out.String()
}

// openAfter is what ends the raw string or comment that is open at the end of a line.
func openAfter(line, open string) string {
	for line != "" {
		switch {
		case open != "":
			_, after, ok := strings.Cut(line, open)
			if !ok {
				return open
			}
			line, open = after, ""
		case strings.HasPrefix(line, "//"):
			return ""
		case strings.HasPrefix(line, "/*"):
			line, open = line[2:], "*/"
		case line[0] == '`':
			line, open = line[1:], "`"
		case line[0] == '"' || line[0] == '\'':
			line = afterQuote(line)
		default:
			line = line[1:]
		}
	}
	return open
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
