package interp

import (
	"fmt"
	"go/token"
	"strings"

	"github.com/rivulet-go/rivulet/interp/cell"
	"github.com/rivulet-go/rivulet/interp/check"
	"github.com/rivulet-go/rivulet/kernel"
)

// magic is something that a line beginning with % asks of the session. It runs before the Go of its cell is checked.
type magic struct {
	name    string
	usage   string
	purpose string
	run     func(l *language, r *run, line cell.Magic) error
}

// magics are all there are.
func magics() []magic {
	return []magic{
		{"get", "%get module@version", "makes a module importable", (*language).get},
	}
}

// runMagics runs the magic lines of a cell, and gives what is left: the Go, with its positions.
func (l *language) runMagics(r *run) (code string, failed *kernel.CellError) {
	lines, code := cell.Magics(r.code)
	for _, line := range lines {
		if err := l.runMagic(r, line); err != nil {
			return "", l.magicError(r, line, err)
		}
		if r.halt.Err() != nil {
			return "", r.failed()
		}
	}
	return code, nil
}

func (l *language) runMagic(r *run, line cell.Magic) error {
	var known []string
	for _, m := range magics() {
		if m.name == line.Name {
			return m.run(l, r, line)
		}
		known = append(known, m.usage+" "+m.purpose)
	}
	return fmt.Errorf("%%%s: there is no such line command; there is: %s", line.Name, strings.Join(known, "; "))
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
