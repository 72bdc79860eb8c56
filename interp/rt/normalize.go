package rt

import (
	"reflect"
	"regexp"
	"runtime"
	"strconv"
	"strings"
)

// Normalize makes of what was panicked with what Go code would have recovered.
func (r *Registry) Normalize(v any) any {
	for {
		switch x := v.(type) {
		case reflect.Value:
			if !x.IsValid() || !x.CanInterface() {
				return nil
			}
			v = x.Interface()
		case *PanicError:
			v = x.Value
		case string:
			if strings.HasPrefix(x, "reflect") {
				return reflectError(x)
			}
			return x
		case *reflect.ValueError:
			if x.Kind == reflect.Invalid {
				return nilDereference()
			}
			return x
		case runtime.Error:
			if x.Error() == "runtime: allocation size out of range" || x.Error() == "runtime error: runtime: allocation size out of range" {
				return runtimeError("makeslice: len out of range")
			}
			if rest, ok := strings.CutPrefix(strings.TrimPrefix(x.Error(), "runtime error: "), "hash of unhashable type: "); ok {
				return runtimeError("hash of unhashable type " + r.userNames(rest))
			}
			if text := x.Error(); strings.Contains(text, "rv:") {
				return renamedError{x, r.userNames(text)}
			}
			return x
		case error:
			if text, ok := failedAssertion(x); ok {
				return assertionError(r.userNames(text))
			}
			return r.In(v)
		default:
			return r.In(v)
		}
	}
}

// renamedError is a run-time error whose text names types of the user's.
type renamedError struct {
	err  runtime.Error
	text string
}

func (e renamedError) Error() string { return e.text }

// RuntimeError marks the errors of the runtime.
func (e renamedError) RuntimeError() {}

func (e renamedError) Unwrap() error { return e.err }

// reflectTexts are the texts with which package reflect, through which the interpreter runs code, panics, and those
// that the runtime has for the same.
var reflectTexts = []struct{ prefix, text string }{
	{"reflect: slice index out of range", "index out of range"},
	{"reflect: array index out of range", "index out of range"},
	{"reflect: string index out of range", "index out of range"},
	{"reflect.Value.Slice", "slice bounds out of range"},
	{"reflect.Value.Call: call of nil function", "invalid memory address or nil pointer dereference"},
	{"reflect: call of nil function", "invalid memory address or nil pointer dereference"},
	{"reflect.MakeSlice: negative len", "makeslice: len out of range"},
	{"reflect.MakeSlice: ", "makeslice: cap out of range"},
	{"reflect.MakeChan: ", "makechan: size out of range"},
	{"reflect.Value.Grow: ", "growslice: len out of range"},
	{"reflect.Append: slice overflow", "growslice: len out of range"},
}

// reflectError is the runtime's error for what package reflect panics with. Other texts come from the user's own
// calls of that package.
func reflectError(text string) any {
	for _, t := range reflectTexts {
		if strings.HasPrefix(text, t.prefix) {
			return runtimeError(t.text)
		}
	}
	if strings.HasSuffix(text, "on zero Value") || strings.HasPrefix(text, "reflect: Call using zero Value") {
		return nilDereference()
	}
	if rest, ok := strings.CutPrefix(text, "reflect: cannot convert slice with length "); ok {
		if have, want, ok := strings.Cut(rest, " to "); ok {
			want = want[strings.LastIndexByte(want, ' ')+1:]
			return runtimeError("cannot convert slice with length " + have + " to array or pointer to array with length " + want)
		}
	}
	return text
}

var assertionPattern = regexp.MustCompile(`^\S*\d+:\d+: (interface conversion: .*)$`)

// failedAssertion is the text of the interpreter's error of a failed type assertion, without its position.
func failedAssertion(err error) (string, bool) {
	if reflect.TypeOf(err).String() != "*interp.cfgError" {
		return "", false
	}
	m := assertionPattern.FindStringSubmatch(err.Error())
	if m == nil {
		return "", false
	}
	return m[1], true
}

// userNames puts the names of the user's types for the struct types that the interpreter has for them.
func (r *Registry) userNames(text string) string {
	var b strings.Builder
	for {
		i := strings.Index(text, "struct {")
		if i < 0 {
			b.WriteString(text)
			return b.String()
		}
		b.WriteString(text[:i])
		text = text[i:]
		end := structEnd(text)
		if t := r.namedIn(text[:end]); t != nil {
			b.WriteString(t.str)
			text = text[end:]
			continue
		}
		b.WriteString("struct {")
		text = text[len("struct {"):]
	}
}

// namedIn is the type whose number the first field of a struct type carries.
func (r *Registry) namedIn(text string) *Type {
	first := text
	depth, quoted := 0, false
	for i := range len(text) {
		switch c := text[i]; {
		case c == '"' && text[i-1] != '\\':
			quoted = !quoted
		case quoted:
		case c == '{':
			depth++
		case c == '}':
			depth--
		case c == ';' && depth == 1:
			first = text[:i]
		}
		if len(first) < len(text) {
			break
		}
	}
	tag := first[strings.LastIndex(first, "rv:")+1:]
	if !strings.HasPrefix(tag, `v:\"`) {
		return nil
	}
	number, _, _ := strings.Cut(tag[len(`v:\"`):], `\"`)
	id, err := strconv.Atoi(number)
	if err != nil {
		return nil
	}
	return r.byTag(id)
}

// structEnd is where the struct type ends that text begins with.
func structEnd(text string) int {
	depth, quoted := 0, false
	for i := range len(text) {
		switch c := text[i]; {
		case c == '"' && text[i-1] != '\\':
			quoted = !quoted
		case quoted:
		case c == '{':
			depth++
		case c == '}':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return len(text)
}
