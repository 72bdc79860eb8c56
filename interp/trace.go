package interp

import (
	"fmt"
	"runtime"
	"strings"

	"github.com/rivulet-go/rivulet/interp/cell"
	"github.com/rivulet-go/rivulet/kernel"
)

// traceFrames bounds the frames that a panic shows.
const traceFrames = 20

// traceWriter receives what yaegi writes while a panic unwinds: one line per interpreted function, the innermost
// first, with the position of the function's first statement. They are kept for the traceback of the cell; for a
// panic that is recovered they are noise. A panic that leaves the last interpreted function of a goroutine which compiled code
// has started, and which nothing recovers, is caught here: what is left of the goroutine ends.
type traceWriter struct{ s *session }

func (w traceWriter) Write(p []byte) (int, error) {
	if r := w.s.owner(); r != nil {
		r.mu.Lock()
		if len(r.trace) < 10*traceFrames {
			r.trace = append(r.trace, strings.Split(strings.TrimRight(string(p), "\n"), "\n")...)
		}
		r.mu.Unlock()
		if v, ok := w.s.lang.registry.Uncaught(); ok {
			r.guard(v)
			runtime.Goexit()
		}
	}
	return len(p), nil
}

// panicError makes the error of a panic: its value, and the functions of cells that it went through.
func (r *run) panicError(v any, goroutine bool) *kernel.CellError {
	l := r.s.lang
	l.mu.Lock()
	defer l.mu.Unlock()
	r.mu.Lock()
	lines, at := r.trace, r.at
	r.trace = nil
	r.mu.Unlock()
	plain := l.registry.Normalize(plainValue(v))
	text := l.translate(l.registry.Text(plain))
	_, isRuntime := plain.(runtime.Error)
	cause := cell.Cause{Panic: !isRuntime, Text: text}
	e := &kernel.CellError{Name: "panic", Value: firstLine(text)}
	head := red("panic") + ": " + text
	if goroutine {
		head += " (in a goroutine)"
	}
	e.Traceback = strings.Split(head, "\n")
	for _, f := range l.frames(lines) {
		if f.function == theCell && !goroutine && f.place.cell == r.number && at.cell != 0 {
			f.place = at
		}
		l.refine(&f, cause)
		cause = cell.Cause{Call: f.function[strings.LastIndexByte(f.function, '.')+1:]}
		where := l.placeText(f.place) + " in " + f.function
		if len(f.others) > 0 {
			where += fmt.Sprintf(" (or line %s)", strings.Join(f.others, ", "))
		}
		e.Traceback = append(e.Traceback, where)
		e.Traceback = append(e.Traceback, l.excerpt(f.place)...)
	}
	return e
}

// theCell is what a traceback calls the statements of a cell.
const theCell = "the cell"

// traced is one function of a traceback.
type traced struct {
	place    place
	function string
	others   []string // lines that may be meant as well
}

// frames reads yaegi's lines. Functions that the lowering has added are left out; those of a cell's body are the cell.
func (l *language) frames(lines []string) []traced {
	var out []traced
	for _, line := range lines {
		at, msg := parsePlace(line)
		name, ok := strings.CutPrefix(msg, "panic: ")
		if !ok || at.cell == 0 || len(out) == traceFrames {
			continue
		}
		name = strings.TrimPrefix(strings.TrimSuffix(name, "(...)"), "main.")
		outer, inner, _ := strings.Cut(name, ".")
		function := l.lower.Label(outer)
		if outer == fmt.Sprintf("cell_%d", at.cell) {
			function = theCell
		} else if function == "" {
			continue
		} else if inner != "" {
			function += ".func"
		}
		if n := len(out); n > 0 && out[n-1].function == function && inner != "" {
			continue
		}
		out = append(out, traced{place: at, function: function})
	}
	return out
}

// refine moves a frame from the start of its function to what caused the panic.
func (l *language) refine(f *traced, c cell.Cause) {
	src := l.sources[f.place.cell]
	found := cell.Locate(src, offsetOf(src, f.place), c)
	if len(found) == 0 {
		return
	}
	first := placeIn(src, f.place.cell, found[0])
	last := first.line
	for _, off := range found[1:] {
		if p := placeIn(src, f.place.cell, off); p.line != last {
			f.others = append(f.others, fmt.Sprint(p.line))
			last = p.line
		}
	}
	f.place = first
}

// offsetOf is the byte offset of a place in its source.
func offsetOf(src string, p place) int {
	off := 0
	for range p.line - 1 {
		i := strings.IndexByte(src[off:], '\n')
		if i < 0 {
			return len(src)
		}
		off += i + 1
	}
	return min(off+max(p.col-1, 0), len(src))
}
