package interp

import (
	"strings"

	"github.com/rivulet-go/rivulet/interp/cell"
	"github.com/rivulet-go/rivulet/kernel"
)

// traceFrames bounds the frames that a panic shows.
const traceFrames = 20

// traceWriter receives what yaegi writes while a panic unwinds: one line per interpreted function, the innermost
// first, with the position of the function's first statement. They are kept for the traceback of the cell; for a
// panic that is recovered they are noise.
type traceWriter struct{ s *session }

func (w traceWriter) Write(p []byte) (int, error) {
	if r := w.s.owner(); r != nil {
		r.mu.Lock()
		if len(r.trace) < 10*traceFrames {
			r.trace = append(r.trace, strings.Split(strings.TrimRight(string(p), "\n"), "\n")...)
		}
		r.mu.Unlock()
	}
	return len(p), nil
}

// panicError makes the error of a panic: its value, the statement of the cell, and the functions that it went through.
func (r *run) panicError(v any, goroutine bool) *kernel.CellError {
	l := r.s.lang
	l.mu.Lock()
	defer l.mu.Unlock()
	r.mu.Lock()
	lines, at := r.trace, r.at
	r.mu.Unlock()
	text := cleanRuntimeText(panicText(v))
	e := &kernel.CellError{Name: "panic", Value: firstLine(text)}
	head := red("panic") + ": " + l.translate(text)
	if goroutine {
		head += " (in a goroutine)"
	}
	e.Traceback = strings.Split(head, "\n")
	var stmt place
	if at >= 0 && at < len(r.steps) && !goroutine {
		stmt = r.placeOf(r.steps[at].item.Start)
	}
	for _, f := range l.frames(lines, stmt, text) {
		e.Traceback = append(e.Traceback, l.placeText(f.place)+" in "+f.function)
		e.Traceback = append(e.Traceback, l.excerpt(f.place)...)
	}
	return e
}

// traced is one function of a traceback.
type traced struct {
	place    place
	function string
}

// frames reads yaegi's lines.
func (l *language) frames(lines []string, stmt place, _ string) []traced {
	var out []traced
	for _, line := range lines {
		at, msg := parsePlace(line)
		name, ok := strings.CutPrefix(msg, "panic: ")
		if !ok || at.cell == 0 {
			continue
		}
		name = strings.TrimPrefix(strings.TrimSuffix(name, "(...)"), "main.")
		if name == "main" {
			continue
		}
		name = strings.ReplaceAll(name, cell.Main, "main")
		if len(out) < traceFrames {
			out = append(out, traced{at, name})
		}
	}
	if stmt.cell != 0 {
		out = append(out, traced{stmt, "the cell"})
	}
	return out
}

// cleanRuntimeText turns the texts of package reflect, through which yaegi runs code, into those of compiled Go.
func cleanRuntimeText(s string) string {
	switch {
	case s == "reflect: slice index out of range" || s == "reflect: array index out of range" || s == "reflect: string index out of range":
		return "runtime error: index out of range"
	case strings.HasPrefix(s, "reflect: call of reflect.Value.") && strings.HasSuffix(s, "on zero Value"):
		return "runtime error: invalid memory address or nil pointer dereference"
	case strings.HasPrefix(s, "reflect.Value.Slice: "):
		return "runtime error: slice bounds out of range"
	}
	return s
}
