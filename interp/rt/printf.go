package rt

import (
	"fmt"
	"io"
	"reflect"
	"strings"
)

// The functions below are those of fmt for arguments as cells have them.

// Sprintf is fmt.Sprintf.
func (r *Registry) Sprintf(format string, a ...any) string { return string(r.appendf(nil, format, a)) }

// Printf is fmt.Printf.
func (r *Registry) Printf(format string, a ...any) (int, any) {
	return r.write(r.Stdout, r.appendf(nil, format, a))
}

// Fprintf is fmt.Fprintf.
func (r *Registry) Fprintf(w any, format string, a ...any) (int, any) {
	return r.write(r.writer(w), r.appendf(nil, format, a))
}

// Appendf is fmt.Appendf.
func (r *Registry) Appendf(b []byte, format string, a ...any) []byte { return r.appendf(b, format, a) }

// Errorf is fmt.Errorf.
func (r *Registry) Errorf(format string, a ...any) any {
	out, adapted := r.outs(a)
	if adapted && (hasTypeVerb(format) || countVerbs(format) < len(a)) {
		format, out = r.rewrite(format, a, out)
	}
	return fmt.Errorf(format, out...)
}

// FmtSprint is fmt.Sprint.
func (r *Registry) FmtSprint(a ...any) string { return string(r.append(nil, a)) }

// FmtPrint is fmt.Print.
func (r *Registry) FmtPrint(a ...any) (int, any) { return r.write(r.Stdout, r.append(nil, a)) }

// FmtFprint is fmt.Fprint.
func (r *Registry) FmtFprint(w any, a ...any) (int, any) {
	return r.write(r.writer(w), r.append(nil, a))
}

// FmtAppend is fmt.Append.
func (r *Registry) FmtAppend(b []byte, a ...any) []byte { return r.append(b, a) }

// FmtSprintln is fmt.Sprintln.
func (r *Registry) FmtSprintln(a ...any) string { return string(r.appendln(nil, a)) }

// FmtPrintln is fmt.Println.
func (r *Registry) FmtPrintln(a ...any) (int, any) { return r.write(r.Stdout, r.appendln(nil, a)) }

// FmtFprintln is fmt.Fprintln.
func (r *Registry) FmtFprintln(w any, a ...any) (int, any) {
	return r.write(r.writer(w), r.appendln(nil, a))
}

// FmtAppendln is fmt.Appendln.
func (r *Registry) FmtAppendln(b []byte, a ...any) []byte { return r.appendln(b, a) }

func (r *Registry) writer(w any) io.Writer {
	if w == nil {
		panic(nilDereference())
	}
	return r.implement(w, reflect.TypeFor[io.Writer]()).(io.Writer)
}

func (r *Registry) write(w io.Writer, b []byte) (int, any) {
	n, err := w.Write(b)
	if err != nil {
		return n, r.In(err)
	}
	return n, nil
}

// outs are arguments for fmt. The slice is a's if nothing in it is the user's.
func (r *Registry) outs(a []any) (out []any, adapted bool) {
	out = a
	for i, x := range a {
		y := r.Out(x)
		if _, ok := y.(holder); !ok {
			continue
		}
		if !adapted {
			out, adapted = append([]any(nil), a...), true
		}
		out[i] = y
	}
	return out, adapted
}

func (r *Registry) appendln(b []byte, a []any) []byte {
	out, _ := r.outs(a)
	return fmt.Appendln(b, out...)
}

// append puts spaces between arguments of which neither is a string, as fmt does; adapters are none to fmt.
func (r *Registry) append(b []byte, a []any) []byte {
	out, adapted := r.outs(a)
	if !adapted {
		return fmt.Append(b, out...)
	}
	wasString := false
	for i, x := range out {
		isString := a[i] != nil && reflect.TypeOf(r.Raw(a[i])).Kind() == reflect.String
		if i > 0 && !isString && !wasString {
			b = append(b, ' ')
		}
		b = fmt.Append(b, x)
		wasString = isString
	}
	return b
}

func (r *Registry) appendf(b []byte, format string, a []any) []byte {
	out, adapted := r.outs(a)
	if adapted && (hasTypeVerb(format) || countVerbs(format) < len(a)) {
		format, out = r.rewrite(format, a, out)
	}
	return fmt.Appendf(b, format, out...)
}

// hasTypeVerb says whether a format may have %T or %p, for which fmt does not ask the argument.
func hasTypeVerb(format string) bool {
	for i := strings.IndexByte(format, '%'); i >= 0; {
		j := i + 1 + len(format[i+1:]) - len(strings.TrimLeft(format[i+1:], "+-# 0123456789.*[]"))
		if j < len(format) && (format[j] == 'T' || format[j] == 'p') {
			return true
		}
		next := strings.IndexByte(format[min(j+1, len(format)):], '%')
		if next < 0 {
			return false
		}
		i = j + 1 + next
	}
	return false
}

// countVerbs is about how many arguments a format takes: enough to see that some may be left over.
func countVerbs(format string) int { return strings.Count(format, "%") - 2*strings.Count(format, "%%") }
