package interp

import (
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"github.com/traefik/yaegi/interp"

	"github.com/rivulet-go/rivulet/interp/check"
	"github.com/rivulet-go/rivulet/interp/lower"
	"github.com/rivulet-go/rivulet/kernel"
)

// shownErrors bounds the errors that one cell shows.
const shownErrors = 10

// unsupported is what yaegi says of code that it does not take, although it is Go.
type unsupported struct{ text string }

func (e unsupported) Error() string {
	return "the interpreter does not take this code, although it is Go (it says: " + e.text + ")"
}

var positionPattern = regexp.MustCompile(`^/cell/(\d+)/_\.go:(\d+):(\d+): `)

// place is a position in a cell; the zero place is unknown.
type place struct {
	cell      uint64
	line, col int
}

// parsePlace takes the position off the front of a message.
func parsePlace(msg string) (place, string) {
	m := positionPattern.FindStringSubmatch(msg)
	if m == nil {
		return place{}, msg
	}
	n, _ := strconv.ParseUint(m[1], 10, 64)
	line, _ := strconv.Atoi(m[2])
	col, _ := strconv.Atoi(m[3])
	return place{n, line, col}, msg[len(m[0]):]
}

// compileError makes the error that a cell shows from what the checker or the lowering said.
func (l *language) compileError(err error) *kernel.CellError {
	e := &kernel.CellError{Name: "compile error"}
	if list, ok := errors.AsType[*check.Errors](err); ok {
		for i, d := range list.List {
			if i == shownErrors {
				e.Traceback = append(e.Traceback, fmt.Sprintf("and %d more", len(list.List)-i))
				break
			}
			l.diagnose(e, d)
		}
		return e
	}
	d := check.Diagnostic{Msg: l.translate(err.Error())}
	if u, ok := errors.AsType[*lower.UnsupportedError](err); ok && u.Pos.IsValid() {
		d.Pos = l.check.Fset().Position(u.Pos)
		d.Msg = "not available in cells: " + u.Msg
	}
	if r, ok := errors.AsType[*lower.Refused](err); ok && r.Pos.IsValid() {
		d.Pos, d.Msg = l.check.Fset().Position(r.Pos), r.Msg
	}
	l.diagnose(e, d)
	return e
}

// diagnose adds one message with its excerpt.
func (l *language) diagnose(e *kernel.CellError, d check.Diagnostic) {
	source := func(n int) string { return l.sources[uint64(n)] }
	label := func(n int) string { return fmt.Sprintf("In[%d]", l.counts[uint64(n)]) }
	lines := check.Render(d, source, label, check.ANSI)
	if e.Value == "" {
		e.Value = lines[0]
	}
	lines[0] = red(e.Name) + ": " + lines[0]
	e.Traceback = append(e.Traceback, lines...)
}

var cellFile = regexp.MustCompile(`/cell/(\d+)/_\.go`)

// translate puts the user's names of cells for the file names in a message.
func (l *language) translate(msg string) string {
	return cellFile.ReplaceAllStringFunc(msg, func(s string) string {
		n, _ := strconv.ParseUint(cellFile.FindStringSubmatch(s)[1], 10, 64)
		return fmt.Sprintf("In[%d]", l.counts[n])
	})
}

func (l *language) placeText(p place) string {
	return fmt.Sprintf("In[%d]:%d:%d", l.counts[p.cell], p.line, p.col)
}

// excerpt is the line of a place with a caret under its column.
func (l *language) excerpt(p place) []string {
	lines := strings.Split(l.sources[p.cell], "\n")
	if p.line < 1 || p.line > len(lines) {
		return nil
	}
	text := strings.TrimRight(lines[p.line-1], "\r")
	col := min(max(p.col-1, 0), len(text))
	pad := strings.Map(func(r rune) rune {
		if r == '\t' {
			return r
		}
		return ' '
	}, text[:col])
	head := fmt.Sprintf("%4d | ", p.line)
	return []string{faint(head) + text, faint(strings.Repeat(" ", len(head)-2)+"| ") + pad + red("^")}
}

// placeIn is the place of a byte offset of a source.
func placeIn(src string, number uint64, off int) place {
	off = min(max(off, 0), len(src))
	before := src[:off]
	return place{number, strings.Count(before, "\n") + 1, off - strings.LastIndexByte(before, '\n')}
}

// executeError makes the error of a cell from what Execute returned.
func (r *run) executeError(err error) *kernel.CellError {
	if p, ok := errors.AsType[interp.Panic](err); ok {
		return r.panicError(p.Value, false)
	}
	return r.panicError(err, false)
}

// plainValue takes off yaegi's wrapping of a panic value.
func plainValue(v any) any {
	for range 8 {
		rv, ok := v.(reflect.Value)
		if !ok {
			return v
		}
		if !rv.IsValid() {
			return nil
		}
		if rv.Kind() == reflect.Interface && rv.IsNil() {
			return nil
		}
		if !rv.CanInterface() {
			return rv.String()
		}
		v = rv.Interface()
	}
	return v
}

// quietLog silences the standard logger, to which yaegi writes before it panics; it returns the way back.
func quietLog() func() {
	log.SetOutput(io.Discard)
	return func() { log.SetOutput(os.Stderr) }
}

func red(s string) string   { return "\x1b[31m" + s + "\x1b[0m" }
func faint(s string) string { return "\x1b[2m" + s + "\x1b[0m" }

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}
