package interp

import (
	"errors"
	"fmt"
	"go/scanner"
	"go/token"
	"io"
	"log"
	"os"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"github.com/traefik/yaegi/interp"

	"github.com/rivulet-go/rivulet/interp/cell"
	"github.com/rivulet-go/rivulet/kernel"
)

// shownErrors bounds the errors that one cell shows.
const shownErrors = 10

// itemError is a compile error of an item.
type itemError struct {
	err  error
	item cell.Item
}

func (e itemError) Error() string { return e.err.Error() }
func (e itemError) Unwrap() error { return e.err }

// unsupported is what yaegi panics with on code that it does not handle.
type unsupported struct{ text string }

func (e unsupported) Error() string {
	return "the interpreter does not know this construct (it says: " + e.text +
		"); ranging over functions, or over integers that are not plainly so, is a common reason"
}

func positioned(pos token.Position, msg string) error {
	return scanner.ErrorList{{Pos: pos, Msg: msg}}
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

func trimPosition(msg string) string {
	_, text := parsePlace(msg)
	return text
}

// compileError makes the error that a cell shows from what the parser or yaegi said.
func (l *language) compileError(r *run, err error) *kernel.CellError {
	e := &kernel.CellError{Name: "compile error"}
	if list, ok := errors.AsType[scanner.ErrorList](err); ok {
		for i, x := range list {
			if i == shownErrors {
				e.Traceback = append(e.Traceback, fmt.Sprintf("and %d more", len(list)-i))
				break
			}
			l.explain(e, place{r.number, x.Pos.Line, x.Pos.Column}, x.Msg)
		}
		return e
	}
	at, msg := parsePlace(err.Error())
	if ie, ok := errors.AsType[itemError](err); ok && at.cell == 0 {
		at = r.placeOf(ie.item.Start)
		msg = strings.TrimPrefix(msg, "_.go: ")
	}
	l.explain(e, at, l.translate(msg))
	return e
}

// explain adds one message with its excerpt.
func (l *language) explain(e *kernel.CellError, at place, msg string) {
	text := l.placeText(at) + ": " + msg
	if e.Value == "" {
		e.Value = text
	}
	e.Traceback = append(e.Traceback, red(e.Name)+": "+text)
	e.Traceback = append(e.Traceback, l.excerpt(at)...)
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

// placeOf is the place of a byte offset of the cell.
func (r *run) placeOf(off int) place { return placeIn(r.code, r.number, off) }

// placeIn is the place of a byte offset of a source.
func placeIn(src string, number uint64, off int) place {
	off = min(max(off, 0), len(src))
	before := src[:off]
	return place{number, strings.Count(before, "\n") + 1, off - strings.LastIndexByte(before, '\n')}
}

// here is the excerpt of the running statement.
func (r *run) here() []string {
	r.mu.Lock()
	at := r.at
	r.mu.Unlock()
	if at < 0 || at >= len(r.steps) {
		return nil
	}
	l := r.s.lang
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.excerpt(r.placeOf(r.steps[at].item.Start))
}

// executeError makes the error of a cell from what Execute returned.
func (r *run) executeError(err error) *kernel.CellError {
	if p, ok := errors.AsType[interp.Panic](err); ok {
		return r.panicError(p.Value, nil)
	}
	return r.panicError(err, nil)
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

// panicText is a panic value in one line, as Go prints it.
func panicText(v any) string {
	switch v := plainValue(v).(type) {
	case nil:
		return "nil"
	case error:
		return v.Error()
	case fmt.Stringer:
		return v.String()
	case string:
		return v
	default:
		return fmt.Sprintf("%+v", v)
	}
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
