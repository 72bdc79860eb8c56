package rt

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"
)

// rewriter makes a format in which %T and %p are asked of strings, every argument is named by its number, and what is
// left over is reported by the names of the user's types.
type rewriter struct {
	r         *Registry
	b         strings.Builder
	format    string
	args, out []any
	next      int // number of the next argument, from 0
	explicit  bool
	reordered bool
}

// rewrite makes a format and arguments for fmt of those of a cell.
func (r *Registry) rewrite(format string, args, out []any) (string, []any) {
	w := &rewriter{r: r, format: format, args: args, out: append([]any(nil), out...)}
	for w.format != "" {
		i := strings.IndexByte(w.format, '%')
		if i < 0 {
			i = len(w.format)
		}
		w.b.WriteString(w.format[:i])
		w.format = w.format[i:]
		if w.format != "" {
			w.verb()
		}
	}
	if !w.reordered && w.next < len(args) {
		w.extra()
	}
	if len(w.out) > 0 { // numbers keep fmt from reporting what is left over
		w.b.WriteByte('%')
		w.instead("s", "")
	}
	return w.b.String(), w.out
}

// verb rewrites the one that the format begins with.
func (w *rewriter) verb() {
	start := w.b.Len()
	whole := w.format
	w.b.WriteByte('%')
	w.format, w.explicit = w.format[1:], false
	w.take("+-# 0")
	w.number()
	w.star()
	if strings.HasPrefix(w.format, ".") {
		w.take(".")
		w.number()
		w.star()
	}
	w.number()
	verb, size := utf8.DecodeRuneInString(w.format)
	w.format = w.format[size:]
	switch {
	case size == 0:
		w.restart(start)
		w.b.WriteString("%%!(NOVERB)")
		return
	case verb == '%':
		w.restart(start)
		w.b.WriteString(whole[:len(whole)-len(w.format)])
		return
	case w.next < 0 || w.next >= len(w.args):
		w.restart(start)
		text := "MISSING"
		if w.explicit {
			text = "BADINDEX"
		}
		w.b.WriteString("%%!" + string(verb) + "(" + text + ")")
	case verb == 'T':
		w.instead("s", w.r.TypeString(w.args[w.next]))
	case verb == 'p':
		w.pointer()
	default:
		w.b.WriteString("[" + strconv.Itoa(w.next+1) + "]" + string(verb))
	}
	w.next++
}

// restart takes back what was written from start on.
func (w *rewriter) restart(start int) {
	text := w.b.String()[:start]
	w.b.Reset()
	w.b.WriteString(text)
}

// take copies the characters of a set.
func (w *rewriter) take(set string) {
	n := len(w.format) - len(strings.TrimLeft(w.format, set))
	w.b.WriteString(w.format[:n])
	w.format = w.format[n:]
}

// number reads an explicit argument number.
func (w *rewriter) number() {
	if !strings.HasPrefix(w.format, "[") {
		return
	}
	text, rest, ok := strings.Cut(w.format[1:], "]")
	if !ok {
		return
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		n = 0
	}
	w.format = rest
	w.next, w.reordered, w.explicit = n-1, true, true
}

// star copies a width or precision, in figures or as an argument.
func (w *rewriter) star() {
	if !strings.HasPrefix(w.format, "*") {
		w.take("0123456789")
		return
	}
	w.format = w.format[1:]
	w.b.WriteString("[" + strconv.Itoa(w.next+1) + "]*")
	w.next++
}

// instead prints another argument.
func (w *rewriter) instead(verb string, x any) {
	w.out = append(w.out, x)
	w.b.WriteString("[" + strconv.Itoa(len(w.out)) + "]" + verb)
}

func (w *rewriter) pointer() {
	x := w.r.Raw(w.args[w.next])
	switch reflect.ValueOf(x).Kind() {
	case reflect.Chan, reflect.Func, reflect.Map, reflect.Pointer, reflect.Slice, reflect.UnsafePointer:
		w.instead("p", x)
	default:
		w.instead("s", "%!p("+w.described(w.next)+")")
	}
}

func (w *rewriter) described(i int) string {
	if w.args[i] == nil {
		return "<nil>"
	}
	return w.r.TypeString(w.args[i]) + "=" + fmt.Sprint(w.out[i])
}

func (w *rewriter) extra() {
	w.b.WriteString("%%!(EXTRA ")
	for i := w.next; i < len(w.args); i++ {
		if i > w.next {
			w.b.WriteString(", ")
		}
		w.b.WriteByte('%')
		w.instead("s", w.described(i))
	}
	w.b.WriteString(")")
}
