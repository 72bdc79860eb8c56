package rt

import (
	"bytes"
	"cmp"
	"fmt"
	"go/types"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	summaryDepth = 4
	// summaryKeys bounds the keys of a map that are sorted.
	summaryKeys = 1000
)

// Summary describes what a variable of a static type holds, in about as many bytes as limit says. No method of the user's is
// called: nothing of theirs runs.
func (r *Registry) Summary(v reflect.Value, t types.Type, limit int) string {
	if !v.IsValid() {
		return "<nil>"
	}
	s := summary{r: r, limit: limit}
	s.write(r.static(v, t, open), 0)
	return s.b.String()
}

// summary is a text that stops to grow.
type summary struct {
	r     *Registry
	b     strings.Builder
	limit int
	full  bool
}

// add adds a text, as much of it as there is room for.
func (s *summary) add(text string) {
	if s.full {
		return
	}
	if room := s.limit - s.b.Len(); len(text) > room {
		for room > 0 && !utf8.RuneStart(text[room]) {
			room--
		}
		text = text[:max(room, 0)] + "…"
		s.full = true
	}
	s.b.WriteString(text)
}

func (s *summary) write(n node, depth int) {
	if s.full {
		return
	}
	if n.v.IsValid() && n.v.Kind() == reflect.Interface {
		n = s.r.elem(n)
	}
	if !n.v.IsValid() {
		s.add("<nil>")
		return
	}
	if n.v.CanInterface() {
		if h, ok := reflect.TypeAssert[holder](n.v); ok {
			n = s.r.dynamic(reflect.ValueOf(h.inner()), n.ro)
		}
	}
	if text, ok := s.spoken(n.v); ok {
		s.add(text)
		return
	}
	v := n.v
	switch v.Kind() {
	case reflect.String:
		s.add(strconv.Quote(cutText(v.String(), s.limit)))
	case reflect.Struct:
		s.structure(n, depth)
	case reflect.Slice, reflect.Array:
		if v.Kind() == reflect.Slice && v.IsNil() {
			s.add("[]")
			return
		}
		s.list(n, depth)
	case reflect.Map:
		s.mapping(n, depth)
	case reflect.Pointer:
		s.pointer(n, depth)
	case reflect.Func, reflect.Chan, reflect.UnsafePointer:
		if v.IsNil() {
			s.add("<nil>")
			return
		}
		s.add(s.r.name(n))
		if v.Kind() == reflect.Chan {
			s.add(fmt.Sprintf(" (%d of %d)", v.Len(), v.Cap()))
		}
	default:
		s.add(scalar(v))
	}
}

func scalar(v reflect.Value) string {
	switch {
	case v.Kind() == reflect.Bool:
		return strconv.FormatBool(v.Bool())
	case v.CanInt():
		return strconv.FormatInt(v.Int(), 10)
	case v.CanUint():
		return strconv.FormatUint(v.Uint(), 10)
	case v.CanFloat():
		return strconv.FormatFloat(v.Float(), 'g', -1, v.Type().Bits())
	}
	return strconv.FormatComplex(v.Complex(), 'g', -1, v.Type().Bits())
}

func cutText(text string, limit int) string {
	return text[:min(len(text), max(limit, 0)+1)]
}

// spoken is what a value of a compiled type says of itself.
func (s *summary) spoken(v reflect.Value) (text string, ok bool) {
	t := v.Type()
	if t.Kind() == reflect.Pointer && !v.IsNil() {
		t = t.Elem()
	}
	if t.PkgPath() == "" || !v.CanInterface() || s.r.contains(v, 0) {
		return "", false
	}
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	switch x := v.Interface().(type) {
	case *bytes.Buffer, *strings.Builder: // theirs may be long
	case error:
		if theirs(x) {
			return "", false
		}
		return x.Error(), true
	case fmt.Stringer:
		return x.String(), true
	}
	return "", false
}

// theirs says whether an error wraps one of the user's, whose method Error it may call.
func theirs(err error) bool {
	if _, ok := err.(holder); ok { //nolint:errorlint // it goes down itself
		return true
	}
	switch x := err.(type) { //nolint:errorlint // it goes down itself
	case interface{ Unwrap() error }:
		return theirs(x.Unwrap())
	case interface{ Unwrap() []error }:
		return slices.ContainsFunc(x.Unwrap(), theirs)
	}
	return false
}

func (s *summary) structure(n node, depth int) {
	if depth >= summaryDepth {
		s.add("{…}")
		return
	}
	s.add("{")
	for i := range n.v.NumField() {
		if s.full {
			return
		}
		name, f := s.r.field(n, i)
		if i > 0 {
			s.add(" ")
		}
		s.add(name + ":")
		s.write(f, depth+1)
	}
	s.add("}")
}

func (s *summary) list(n node, depth int) {
	if depth >= summaryDepth {
		s.add("[…]")
		return
	}
	s.add("[")
	for i := range n.v.Len() {
		if s.full {
			fmt.Fprintf(&s.b, " (%d elements)", n.v.Len())
			return
		}
		if i > 0 {
			s.add(" ")
		}
		s.write(s.r.index(n, i), depth+1)
	}
	s.add("]")
}

func (s *summary) mapping(n node, depth int) {
	if depth >= summaryDepth {
		s.add("map[…]")
		return
	}
	var keys []reflect.Value
	for it := n.v.MapRange(); len(keys) < summaryKeys && it.Next(); {
		keys = append(keys, it.Key())
	}
	slices.SortFunc(keys, compareScalars)
	s.add("map[")
	for i, k := range keys {
		if s.full {
			fmt.Fprintf(&s.b, " (%d keys)", n.v.Len())
			return
		}
		if i > 0 {
			s.add(" ")
		}
		s.write(s.r.static(k, keyType(n.t), n.ro.inner()), depth+1)
		s.add(":")
		s.write(s.r.static(n.v.MapIndex(k), elemType(n.t), n.ro.inner()), depth+1)
	}
	s.add("]")
}

// compareScalars orders keys of basic kinds; others stay as they come.
func compareScalars(x, y reflect.Value) int {
	switch {
	case x.Kind() == reflect.String:
		return strings.Compare(x.String(), y.String())
	case x.CanInt():
		return cmp.Compare(x.Int(), y.Int())
	case x.CanUint():
		return cmp.Compare(x.Uint(), y.Uint())
	case x.CanFloat():
		return cmp.Compare(x.Float(), y.Float())
	}
	return 0
}

func (s *summary) pointer(n node, depth int) {
	if n.v.IsNil() {
		s.add("<nil>")
		return
	}
	if depth >= summaryDepth {
		s.add("&…")
		return
	}
	s.add("&")
	s.write(s.r.elem(n), depth+1)
}
