package rt

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"reflect"
)

// holder is a value that stands for one of a cell's where compiled code looks at it.
type holder interface{ inner() any }

// held is what all adapters have: the value in its interface form. Adapters are equal when their values are.
type held struct {
	x any
	r *Registry
}

func (h held) inner() any { return h.x }

func (h held) method(name string) *method { return h.r.info(reflect.TypeOf(h.x)).typ.method(name) }

// kind is which of the methods that compiled code looks for a type has.
type kind int

const (
	isError  kind = 1 << iota
	isErrors      // Unwrap gives a slice
	isStringer
	isText
	isJSON
	isLog
)

var known = []struct {
	name, sig string
	kind      kind
}{
	{"Error", "func() string", isError},
	{"Unwrap", "func() []error", isErrors},
	{"String", "func() string", isStringer},
	{"MarshalText", "func() ([]uint8, error)", isText},
	{"MarshalJSON", "func() ([]uint8, error)", isJSON},
	{"LogValue", "func() slog.Value", isLog},
}

func adapterKind(b *binding) kind {
	var k kind
	for _, w := range known {
		if m := b.methods[w.name]; m != nil && m.str == w.sig {
			k |= w.kind
		}
	}
	return k
}

// In takes an adapter off.
func (r *Registry) In(x any) any {
	switch v := x.(type) {
	case nil, int, string, bool, float64:
		return x
	case holder:
		return v.inner()
	}
	if u := r.info(reflect.TypeOf(x)).unwrap; u != nil {
		return u(x)
	}
	return x
}

// Out makes what functions that look at values are given: the value itself, or, if there is something of the user's
// in it, an adapter that formats, compares and marshals as the value does in compiled Go.
func (r *Registry) Out(x any) any {
	switch v := x.(type) {
	case nil, int, string, bool, float64, holder:
		return x
	case reflect.Value:
		if v.IsValid() && v.CanInterface() {
			return r.Out(v.Interface())
		}
		return x
	}
	in := r.info(reflect.TypeOf(x))
	switch {
	case in.typ != nil:
		return adapt(held{x, r}, in.typ.bound.Load().kind)
	case in.isType:
		return r.typeText(x.(reflect.Type))
	case in.plain || in.unwrap != nil || !r.contains(reflect.ValueOf(x), 0):
		return x
	}
	return value{held{x, r}}
}

// Raw takes a value out of its box, for functions that use reflection.
func (r *Registry) Raw(x any) any { return r.Of(x).plain(x) }

func adapt(h held, k kind) any {
	if k&isError != 0 {
		switch {
		case k&isErrors != 0:
			return joinedError{valueError{h}}
		case k&isJSON != 0:
			return jsonError{valueError{h}}
		case k&isText != 0:
			return textError{valueError{h}}
		case k&isStringer != 0:
			return stringerError{valueError{h}}
		}
		return valueError{h}
	}
	switch k & (isStringer | isText | isLog) {
	case isStringer:
		return stringer{value{h}}
	case isText:
		return texter{value{h}}
	case isStringer | isText:
		return textStringer{texter{value{h}}}
	case isLog:
		return logger{value{h}}
	case isLog | isStringer, isLog | isStringer | isText:
		return logStringer{logger{value{h}}}
	case isLog | isText:
		return logTexter{logger{value{h}}}
	}
	return value{h}
}

// value is the adapter of values without further methods.
type value struct{ held }

// MarshalJSON gives what encoding/json makes of the value.
func (v value) MarshalJSON() ([]byte, error) { return json.Marshal(v.r.JSON(v.x)) }

type stringer struct{ value }

func (s stringer) String() string { return s.callString("String") }

type texter struct{ value }

func (t texter) MarshalText() ([]byte, error) { return t.callBytes("MarshalText") }

type textStringer struct{ texter }

func (t textStringer) String() string { return t.callString("String") }

type logger struct{ value }

func (l logger) LogValue() slog.Value {
	return l.method("LogValue").call(l.x)[0].Interface().(slog.Value)
}

type logStringer struct{ logger }

func (l logStringer) String() string { return l.callString("String") }

type logTexter struct{ logger }

func (l logTexter) MarshalText() ([]byte, error) { return l.callBytes("MarshalText") }

func (h held) callString(name string) string { return h.method(name).call(h.x)[0].String() }

func (h held) callBytes(name string) ([]byte, error) {
	out := h.method(name).call(h.x)
	return out[0].Bytes(), h.r.asError(out[1])
}

var (
	_ fmt.Formatter  = value{}
	_ json.Marshaler = value{}
	_ slog.LogValuer = logger{}
)
