package check

import (
	"fmt"
	"strings"

	"github.com/mattn/go-runewidth"
)

// Style says how Render marks text.
type Style struct{ Red, Faint func(string) string }

// Plain is text without colours.
var Plain = Style{func(s string) string { return s }, func(s string) string { return s }}

// ANSI is text with the colours of terminals.
var ANSI = Style{
	func(s string) string { return "\x1b[31m" + s + "\x1b[0m" },
	func(s string) string { return "\x1b[2m" + s + "\x1b[0m" },
}

// Render gives the lines that show a diagnostic: the place and the message, the line of the source with what is meant
// underlined, and the notes. source gives the text of a cell, label its name, such as In[3].
func Render(d Diagnostic, source func(cell int) string, label func(cell int) string, style Style) []string {
	var lines []string
	for i, m := range strings.Split(d.Msg, "\n") {
		if i > 0 {
			lines = append(lines, "    "+strings.ReplaceAll(strings.TrimSpace(m), "\t", " "))
			continue
		}
		if n := cellOf(d.Pos); n > 0 {
			m = fmt.Sprintf("%s:%d:%d: %s", label(n), d.Pos.Line, d.Pos.Column, m)
		}
		lines = append(lines, m)
	}
	lines = append(lines, excerpt(d, source, style)...)
	for _, n := range d.Notes {
		text := n.Msg
		if c := cellOf(n.Pos); c > 0 {
			text = fmt.Sprintf("%s at %s:%d:%d", n.Msg, label(c), n.Pos.Line, n.Pos.Column)
		}
		lines = append(lines, style.Faint("     = ")+text)
	}
	return lines
}

// excerpt is the line of a diagnostic, with a line under it that marks its extent.
func excerpt(d Diagnostic, source func(cell int) string, style Style) []string {
	n := cellOf(d.Pos)
	if n == 0 {
		return nil
	}
	lines := strings.Split(source(n), "\n")
	if d.Pos.Line < 1 || d.Pos.Line > len(lines) {
		return nil
	}
	text := strings.TrimRight(lines[d.Pos.Line-1], "\r")
	from := min(max(d.Pos.Column-1, 0), len(text))
	to := from
	switch {
	case d.End.Line == d.Pos.Line:
		to = min(max(d.End.Column-1, from), len(text))
	case d.End.Line > d.Pos.Line:
		to = len(strings.TrimRight(text, " \t"))
	}
	marks := "^"
	if width := runewidth.StringWidth(text[from:max(from, to)]); width > 1 {
		marks += strings.Repeat("~", width-1)
	}
	head := fmt.Sprintf("%4d | ", d.Pos.Line)
	return []string{
		style.Faint(head) + text,
		style.Faint(strings.Repeat(" ", len(head)-2)+"| ") + blank(text[:from]) + style.Red(marks),
	}
}

// blank is space as wide as a text; tabs stay, for they are as wide as the reader has them.
func blank(text string) string {
	var b strings.Builder
	for _, r := range text {
		if r == '\t' {
			b.WriteByte('\t')
			continue
		}
		b.WriteString(strings.Repeat(" ", runewidth.RuneWidth(r)))
	}
	return b.String()
}
