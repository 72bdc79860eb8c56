package interp

import (
	"fmt"
	"go/token"
	"strings"
	"text/tabwriter"

	"github.com/rivulet-go/rivulet/interp/cell"
	"github.com/rivulet-go/rivulet/interp/check"
	"github.com/rivulet-go/rivulet/kernel"
)

// magic is something that a line beginning with % asks of the session.
type magic struct {
	name    string
	usage   string
	purpose string
	forms   form
	// run comes before the Go of the cell is checked.
	run func(l *language, r *run, line cell.Magic) error
	// source is the Go that stands in the line's place, and what follows the cell; nil where there is none.
	source func(line cell.Magic) (text, end string)
}

// form is how a magic is written: as a line, as the head of a cell, or as both.
type form uint8

const (
	asLine form = 1 << iota
	asCell
)

// magics are all there are.
func magics() []magic {
	return []magic{
		{name: "cd", forms: asLine, usage: "%cd [folder]", purpose: "changes the working directory, to home without a folder", run: (*language).changeDir},
		{name: "config", forms: asLine, usage: "%config [name[=value]]", purpose: "shows the session's options, or sets one", run: (*language).config},
		{name: "env", forms: asLine, usage: "%env [name[=value]]", purpose: "shows environment variables, or sets one", run: (*language).env},
		{name: "file", forms: asCell, usage: "%%file [-a] path", purpose: "writes the rest of the cell to a file, or appends it", run: (*language).writeFile},
		{name: "get", forms: asLine, usage: "%get module@version", purpose: "makes a module importable", run: (*language).get},
		{name: "help", forms: asLine, usage: "%help", purpose: "lists these lines", run: (*language).help},
		{name: "history", forms: asLine, usage: "%history [count]", purpose: "shows what was executed in this session", run: alone},
		{name: "load", forms: asLine, usage: "%load path", purpose: "puts the text of a file in the cell's place", run: (*language).load},
		{name: "reset", forms: asLine, usage: "%reset", purpose: "forgets all variables, functions and imports", run: alone},
		{name: "sh", forms: asLine | asCell, usage: "!command, %%sh", purpose: "runs a line, or the rest of the cell, in the shell", run: (*language).shell},
		{name: "time", forms: asLine | asCell, usage: "%time [statement]", purpose: "says how long the cell takes", run: (*language).time, source: timed},
		{name: "timeit", forms: asLine | asCell, usage: "%timeit statement", purpose: "runs a statement, or the rest of the cell after %%timeit, many times and says how long it takes", source: repeated},
		{name: "who", forms: asLine, usage: "%who [func|type|var|const]", purpose: "lists what cells have declared", run: (*language).who},
	}
}

// alone is of lines that the kernel answers, where nothing else is in the cell.
func alone(_ *language, _ *run, line cell.Magic) error {
	return fmt.Errorf("%%%s stands alone in its cell, in a front end", line.Name)
}

func (l *language) help(r *run, _ cell.Magic) error {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, m := range magics() {
		fmt.Fprintf(w, "%s\t%s\n", m.usage, m.purpose)
	}
	fmt.Fprint(w, "name?\tshows what is known of a name; name?? its source as well\n")
	_ = w.Flush()
	r.print("stdout", []byte(b.String()))
	return nil
}

// runMagics runs the magic lines of a cell, and gives what is left: the Go, with its positions.
func (l *language) runMagics(r *run) (code string, failed *kernel.CellError) {
	lines, code := cell.Magics(r.code)
	for _, line := range lines {
		m, err := magicOf(line)
		if err == nil && m.run != nil {
			err = m.run(l, r, line)
		}
		if err != nil && r.halt.Err() == nil {
			return "", l.magicError(r, line, err)
		}
		if r.halt.Err() != nil {
			return "", r.failed()
		}
		if m.source != nil {
			text, end := m.source(line)
			code = withLine(code, line.Line, text) + end
		}
	}
	return code, nil
}

func magicOf(line cell.Magic) (magic, error) {
	var known []string
	for _, m := range magics() {
		if m.name == line.Name {
			if !line.Cell && m.forms&asLine == 0 {
				return m, fmt.Errorf("%%%%%s begins a cell, and takes the rest of it", m.name)
			}
			if line.Cell && m.forms&asCell == 0 {
				return m, fmt.Errorf("%%%s is a line, not a cell: write it with one %%", m.name)
			}
			return m, nil
		}
		known = append(known, "%"+m.name)
	}
	return magic{}, fmt.Errorf("%%%s: there is no such line command; there is %s; %%help says what they do", line.Name, strings.Join(known, " "))
}

// withLine puts text in the place of a line. What follows moves only where text is longer.
func withLine(code string, number int, text string) string {
	lines := strings.SplitAfter(code, "\n")
	line := &lines[number-1]
	length := len(strings.TrimRight(*line, "\r\n"))
	*line = text + strings.Repeat(" ", max(length-len(text), 0)) + (*line)[length:]
	return strings.Join(lines, "")
}

// magicError is the error of a magic line.
func (l *language) magicError(r *run, line cell.Magic, err error) *kernel.CellError {
	l.mu.Lock()
	defer l.mu.Unlock()
	at := token.Position{Filename: check.FileName(int(r.number)), Line: line.Line, Column: line.Column}
	end := at
	end.Column += len(line.Text)
	e := &kernel.CellError{Name: "error"}
	l.diagnose(e, check.Diagnostic{Pos: at, End: end, Msg: err.Error()})
	return e
}
