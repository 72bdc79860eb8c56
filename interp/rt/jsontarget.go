package rt

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/types"
	"reflect"
	"strings"
)

// JSONTarget makes what encoding/json can decode into for a pointer: the pointer itself, or an adapter that fills what
// it points to if that is of a type of the user's. Options of a json.Decoder do not reach what an adapter fills: see
// JSONDecode.
func (r *Registry) JSONTarget(x any) any { return r.jsonTarget(x, false, false) }

// JSONDecode is the method Decode of a json.Decoder for a target of a cell. It keeps to the decoder's options.
func (r *Registry) JSONDecode(d *json.Decoder, x any) any {
	options := reflect.ValueOf(d).Elem().FieldByName("d")
	option := func(name string) bool {
		v := options
		if v.IsValid() {
			v = v.FieldByName(name)
		}
		return v.IsValid() && v.Bool()
	}
	if err := d.Decode(r.jsonTarget(x, option("disallowUnknownFields"), option("useNumber"))); err != nil {
		return r.In(err)
	}
	return nil
}

func (r *Registry) jsonTarget(x any, strict, number bool) any {
	if h, ok := x.(holder); ok {
		x = h.inner()
	}
	if x == nil {
		return nil
	}
	n := r.dynamic(reflect.ValueOf(x), open)
	in := r.info(reflect.TypeOf(x))
	if n.v.Kind() != reflect.Pointer || n.v.IsNil() || in.typ == nil && !in.user && !r.contains(reflect.ValueOf(x), 0) {
		return n.v.Interface()
	}
	return &jsonTarget{held{x, r}, strict, number}
}

// namedTargetError names the user's type in the error of a target that is no pointer.
func (r *Registry) namedTargetError(x any) any {
	e := x.(*json.InvalidUnmarshalError)
	if text := e.Error(); strings.Contains(text, "struct {") {
		return &marshalError{r.userNames(text), e}
	}
	return x
}

// jsonTarget is the adapter of pointers to what is decoded into.
type jsonTarget struct {
	held
	strict, number bool
}

// UnmarshalJSON decodes into what the pointer points to, as encoding/json does.
func (j *jsonTarget) UnmarshalJSON(b []byte) error {
	d := jsonDecoder{r: j.r, strict: j.strict, number: j.number}
	if err := d.decode(j.r.dynamic(reflect.ValueOf(j.x), open), b, false); err != nil {
		return err
	}
	return d.saved
}

// jsonTypeError is a json.UnmarshalTypeError that names the user's types.
type jsonTypeError struct {
	*json.UnmarshalTypeError
	name string
}

func (e *jsonTypeError) Error() string {
	text := "json: cannot unmarshal " + e.Value + " into Go "
	if e.Struct != "" || e.Field != "" {
		return text + "struct field " + e.Struct + "." + e.Field + " of type " + e.name
	}
	return text + "value of type " + e.name
}

func (e *jsonTypeError) Unwrap() error { return e.UnmarshalTypeError }

// jsonDecoder fills values from text that is known to be JSON.
type jsonDecoder struct {
	r      *Registry
	strict bool  // unknown fields are errors
	number bool  // numbers in interfaces are json.Number
	saved  error // the first wrong type; decoding goes on after one

	in    string   // name of the innermost struct
	stack []string // names of the fields on the way from the outermost
}

func (d *jsonDecoder) save(err error) {
	if d.saved == nil {
		d.saved = err
	}
}

func (d *jsonDecoder) mismatch(value string, n node) {
	d.save(&jsonTypeError{
		&json.UnmarshalTypeError{Value: value, Type: n.v.Type(), Struct: d.in, Field: strings.Join(d.stack, ".")}, d.r.name(n),
	})
}

// literalKind is what encoding/json calls a JSON value.
func literalKind(b []byte) string {
	switch b[0] {
	case '{':
		return "object"
	case '[':
		return "array"
	case '"':
		return "string"
	case 't', 'f':
		return "bool"
	case 'n':
		return "null"
	}
	return "number"
}

// unmarshaler finds UnmarshalJSON or UnmarshalText of the pointer type of a value that can be addressed.
func (r *Registry) unmarshaler(n node, name string) (*method, reflect.Value) {
	if n.t == nil {
		return nil, n.v
	}
	m, recv := n.ty.method(name), n.v
	if n.v.Kind() != reflect.Pointer && n.v.CanAddr() {
		if p := r.declared(types.NewPointer(n.t)).method(name); p != nil {
			m, recv = p, n.v.Addr()
		}
	}
	if m == nil || m.str != "func([]uint8) error" {
		return nil, n.v
	}
	return m, recv
}

// target follows pointers, and makes what they point to, until there is something to decode into. A null stops at a
// pointer, which becomes nil.
func (d *jsonDecoder) target(n node, null bool) (node, *method, reflect.Value) {
	for {
		if n.v.Kind() == reflect.Interface && !n.v.IsNil() {
			if e := d.r.elem(n); e.v.Kind() == reflect.Pointer && !e.v.IsNil() && (!null || e.v.Elem().Kind() == reflect.Pointer) {
				n = e
				continue
			}
		}
		if n.v.Kind() == reflect.Pointer {
			if null && n.v.CanSet() {
				return n, nil, n.v
			}
			if n.v.IsNil() {
				n.v.Set(reflect.New(n.v.Type().Elem()))
			}
		}
		if m, recv := d.r.unmarshaler(n, "UnmarshalJSON"); m != nil {
			return n, m, recv
		}
		if m, recv := d.r.unmarshaler(n, "UnmarshalText"); m != nil && !null {
			return n, m, recv
		}
		if n.v.Kind() != reflect.Pointer {
			return n, nil, n.v
		}
		n = d.r.elem(n)
	}
}

func (d *jsonDecoder) decode(n node, b []byte, quoted bool) error {
	if n.t == nil && d.r.info(n.v.Type()).plain {
		return d.compiled(n, b)
	}
	kind := literalKind(b)
	n, m, recv := d.target(n, kind == "null")
	if m != nil {
		return d.own(n, m, recv, b, quoted)
	}
	if n.t == nil && n.v.CanAddr() && d.r.info(n.v.Type()).plain {
		return d.compiled(n, b)
	}
	switch {
	case kind == "null":
		switch n.v.Kind() {
		case reflect.Interface, reflect.Pointer, reflect.Map, reflect.Slice:
			n.v.SetZero()
		}
		return nil
	case n.v.Kind() == reflect.Interface:
		return d.decodeInterface(n, b, kind)
	case kind == "object":
		return d.decodeObject(n, b)
	case kind == "array":
		return d.decodeArray(n, b)
	}
	return d.decodeLiteral(n, b, kind)
}

// own calls the value's own unmarshaler.
func (d *jsonDecoder) own(n node, m *method, recv reflect.Value, b []byte, quoted bool) error {
	if m.name == "UnmarshalText" {
		if b[0] != '"' {
			if quoted {
				d.save(errors.New("json: invalid use of ,string struct tag, trying to unmarshal " + string(b)))
			} else {
				d.mismatch(literalKind(b), n)
			}
			return nil
		}
		var s string
		if err := json.Unmarshal(b, &s); err != nil {
			return err
		}
		b = []byte(s)
	}
	return d.r.asError(m.callPlain(recv, reflect.ValueOf(append([]byte(nil), b...)))[0])
}

// unmarshal is json.Unmarshal with the decoder's options.
func (d *jsonDecoder) unmarshal(b []byte, p any) error {
	dec := json.NewDecoder(bytes.NewReader(b))
	if d.strict {
		dec.DisallowUnknownFields()
	}
	if d.number {
		dec.UseNumber()
	}
	return dec.Decode(p)
}

// compiled leaves a value in which there is nothing of the user's to encoding/json.
func (d *jsonDecoder) compiled(n node, b []byte) error {
	p := n.v
	if n.v.CanAddr() {
		p = n.v.Addr()
	}
	err := d.unmarshal(b, p.Interface())
	e, ok := errors.AsType[*json.UnmarshalTypeError](err)
	if !ok {
		return err
	}
	if e.Struct == "" {
		e.Struct = d.in
	}
	if e.Field != "" {
		e.Field = strings.Join(append(append([]string(nil), d.stack...), e.Field), ".")
	} else {
		e.Field = strings.Join(d.stack, ".")
	}
	d.save(e)
	return nil
}

func (d *jsonDecoder) decodeInterface(n node, b []byte, kind string) error {
	var x any
	saved := d.saved
	if err := d.compiled(node{v: reflect.ValueOf(&x).Elem()}, b); err != nil || !errors.Is(d.saved, saved) {
		return err
	}
	if i, ok := interfaceType(n.t); ok && i.NumMethods() > 0 || n.v.NumMethod() > 0 {
		d.mismatch(kind, n)
		return nil
	}
	n.v.Set(reflect.ValueOf(x))
	return nil
}

func interfaceType(t types.Type) (*types.Interface, bool) {
	if t == nil {
		return nil, false
	}
	i, ok := t.Underlying().(*types.Interface)
	return i, ok
}

// decodeLiteral decodes a string, a number or a boolean into a value of a basic kind, or text into bytes.
func (d *jsonDecoder) decodeLiteral(n node, b []byte, kind string) error {
	v := n.v
	target := basicTypes[v.Kind()]
	if v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Uint8 {
		target = reflect.TypeFor[[]byte]()
	}
	if target == nil {
		d.mismatch(kind, n)
		return nil
	}
	x := reflect.New(target)
	err := json.Unmarshal(b, x.Interface())
	if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		d.mismatch(e.Value, n)
		return nil
	}
	if err != nil {
		d.save(err)
		return nil
	}
	v.Set(x.Elem().Convert(v.Type()))
	return nil
}
