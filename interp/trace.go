package interp

import (
	"fmt"
	"reflect"
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

// origin is where a goroutine begins.
type origin struct {
	cell   uint64
	offset int
}

// panicError makes the error of a panic: its value, the statement of the cell or the start of the goroutine (from is
// nil for the cell's own), and the functions that it went through.
func (r *run) panicError(v any, from *origin) *kernel.CellError {
	l := r.s.lang
	l.mu.Lock()
	defer l.mu.Unlock()
	r.mu.Lock()
	lines, at := r.trace, r.at
	r.trace = nil
	r.mu.Unlock()
	exact, text := parsePlace(panicText(v))
	text = cleanRuntimeText(text)
	_, explicit := v.(reflect.Value)
	cause := cell.Cause{Panic: explicit, Text: text}
	e := &kernel.CellError{Name: "panic", Value: firstLine(text)}
	head := red("panic") + ": " + l.translate(text)
	if from != nil {
		head += " (in a goroutine)"
	}
	e.Traceback = strings.Split(head, "\n")
	frames := l.frames(lines)
	switch {
	case from != nil:
		at := placeIn(l.sources[from.cell], from.cell, from.offset)
		frames = append(frames, traced{place: at, function: "the goroutine"})
	case at >= 0 && at < len(r.steps):
		frames = l.outermost(frames, r, r.steps[at].item)
	}
	for i, f := range frames {
		if exact.cell != 0 && i == 0 {
			f.place = exact
		} else {
			l.refine(&f, cause)
		}
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

// outermost ends the frames with the statement of the cell. Frames of function literals inside it are part of it: most
// are those that the statement was wrapped in.
func (l *language) outermost(frames []traced, r *run, it cell.Item) []traced {
	n := len(frames)
	for n > 0 && frames[n-1].within(l, r.number, it.Start, it.End) {
		n--
	}
	last := traced{place: r.placeOf(it.Start), function: "the cell"}
	if n < len(frames) && frames[n].place != last.place {
		last.inside = frames[n].place
	}
	return append(frames[:n], last)
}

// traced is one function of a traceback.
type traced struct {
	place    place
	function string
	inside   place    // where to look instead of at place, if set
	others   []string // lines that may be meant as well
}

// frames reads yaegi's lines.
func (l *language) frames(lines []string) []traced {
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
		if len(out) < traceFrames {
			out = append(out, traced{place: at, function: strings.ReplaceAll(name, cell.Main, "main")})
		}
	}
	return out
}

// within says whether a frame lies in a statement of a cell and is that of a function literal.
func (f traced) within(l *language, number uint64, start, end int) bool {
	if f.place.cell != number || !strings.HasSuffix(f.function, "func") {
		return false
	}
	off := offsetOf(l.sources[number], f.place)
	return start <= off && off < end
}

// refine moves a frame from the start of its function to what caused the panic.
func (l *language) refine(f *traced, c cell.Cause) {
	src := l.sources[f.place.cell]
	from := f.place
	if f.inside.cell != 0 {
		from = f.inside
	}
	found := cell.Locate(src, offsetOf(src, from), c)
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
