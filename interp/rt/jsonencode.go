package rt

import (
	"bytes"
	"encoding"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"go/types"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// JSON makes what encoding/json is given for a value: the value itself, or an adapter if there is something of the
// user's in it.
func (r *Registry) JSON(x any) any {
	switch v := x.(type) {
	case nil, int, string, bool, float64:
		return x
	case holder:
		x = v.inner()
	}
	in := r.info(reflect.TypeOf(x))
	if in.typ == nil && (in.plain || !r.contains(reflect.ValueOf(x), 0)) {
		return x
	}
	return jsonValue{held{x, r}}
}

// jsonValue is the adapter of values that are encoded by the user's types. Characters that are escaped for HTML are
// left to the encoder that asks it.
type jsonValue struct{ held }

// MarshalJSON gives what encoding/json makes of the value in compiled Go.
func (j jsonValue) MarshalJSON() ([]byte, error) {
	e := jsonEncoder{r: j.r}
	if err := e.encode(j.r.dynamic(reflect.ValueOf(j.x), open), false); err != nil {
		return nil, err
	}
	return e.buf, nil
}

// marshalError is an error of a marshaler, with the name of the user's type.
type marshalError struct {
	text string
	err  error
}

func (e *marshalError) Error() string { return e.text }
func (e *marshalError) Unwrap() error { return e.err }

// plainJSONError takes the errors of adapters out of what encoding/json puts around them.
func plainJSONError(x any) any {
	e, ok := x.(*json.MarshalerError)
	if !ok || e.Type.PkgPath() != reflect.TypeFor[jsonValue]().PkgPath() {
		return x
	}
	return e.Err
}

// jsonDepth is the depth at which a cycle is taken for granted.
const jsonDepth = 1000

type jsonEncoder struct {
	r     *Registry
	buf   []byte
	depth int
}

func (e *jsonEncoder) str(s string) { e.buf = append(e.buf, s...) }

// leaf leaves a value to encoding/json.
func (e *jsonEncoder) leaf(x any) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(x); err != nil {
		return err
	}
	e.buf = append(e.buf, bytes.TrimSuffix(b.Bytes(), []byte("\n"))...)
	return nil
}

// marshaler finds a method of a type or, if the value can be addressed, of its pointer type.
func (r *Registry) marshaler(n node, name, sig string) (*method, reflect.Value) {
	if n.t == nil {
		return nil, n.v
	}
	if n.v.Kind() != reflect.Pointer && n.v.CanAddr() {
		if m := r.declared(types.NewPointer(n.t)).method(name); m != nil && m.str == sig {
			return m, n.v.Addr()
		}
	}
	if m := n.ty.method(name); m != nil && m.str == sig {
		return m, n.v
	}
	return nil, n.v
}

const marshalSignature = "func() ([]uint8, error)"

func (e *jsonEncoder) encode(n node, quoted bool) error {
	e.depth++
	defer func() { e.depth-- }()
	switch {
	case !n.v.IsValid():
		e.str("null")
		return nil
	case e.depth > jsonDepth:
		return fmt.Errorf("json: unsupported value: encountered a cycle via %s", e.r.name(n))
	case n.t == nil && e.r.info(n.v.Type()).plain:
		return e.compiled(n.v, quoted)
	}
	if done, err := e.marshal(n); done || err != nil {
		return err
	}
	switch n.v.Kind() {
	case reflect.Struct:
		return e.encodeStruct(n)
	case reflect.Map:
		return e.encodeMap(n)
	case reflect.Slice, reflect.Array:
		return e.encodeList(n)
	case reflect.Pointer, reflect.Interface:
		if n.v.IsNil() {
			e.str("null")
			return nil
		}
		return e.encode(e.r.elem(n), quoted)
	case reflect.Chan, reflect.Func, reflect.UnsafePointer, reflect.Complex64, reflect.Complex128:
		return errors.New("json: unsupported type: " + e.r.name(n))
	}
	return e.compiled(n.v.Convert(basicTypes[n.v.Kind()]), quoted)
}

// compiled encodes a value in which there is nothing of the user's.
func (e *jsonEncoder) compiled(v reflect.Value, quoted bool) error {
	if v.CanAddr() {
		v = v.Addr()
	}
	if !quoted {
		return e.leaf(v.Interface())
	}
	start := len(e.buf)
	if err := e.leaf(v.Interface()); err != nil {
		return err
	}
	text := string(e.buf[start:])
	if text == "null" {
		return nil
	}
	e.buf = e.buf[:start]
	return e.leaf(text)
}

// basicTypes are the types of basic kinds without names.
var basicTypes = map[reflect.Kind]reflect.Type{}

func init() {
	for _, x := range []any{
		false, "", 0, int8(0), int16(0), int32(0), int64(0), uint(0), uint8(0), uint16(0), uint32(0), uint64(0), uintptr(0),
		float32(0), 0.0,
	} {
		basicTypes[reflect.TypeOf(x).Kind()] = reflect.TypeOf(x)
	}
}

// marshal calls the value's own marshaler, if it has one.
func (e *jsonEncoder) marshal(n node) (bool, error) {
	for _, name := range []string{"MarshalJSON", "MarshalText"} {
		m, recv := e.r.marshaler(n, name, marshalSignature)
		if m == nil {
			continue
		}
		if recv.Kind() == reflect.Pointer && recv.IsNil() {
			e.str("null")
			return true, nil
		}
		out := m.callPlain(recv)
		err := e.r.asError(out[1])
		if err == nil && name == "MarshalText" {
			return true, e.leaf(string(out[0].Bytes()))
		}
		if err == nil {
			var b bytes.Buffer
			if err = json.Compact(&b, out[0].Bytes()); err == nil {
				e.buf = append(e.buf, b.Bytes()...)
				return true, nil
			}
		}
		return true, &marshalError{"json: error calling " + name + " for type " + e.r.name(n) + ": " + err.Error(), err}
	}
	return false, nil
}

func (e *jsonEncoder) encodeStruct(n node) error {
	next := "{"
fields:
	for _, f := range e.r.jsonFields(n) {
		fn := n
		for _, i := range f.index {
			if fn.v.Kind() == reflect.Pointer {
				if fn.v.IsNil() {
					continue fields
				}
				fn = e.r.elem(fn)
			}
			_, fn = e.r.field(fn, i)
		}
		if f.omitEmpty && isEmpty(fn.v) || f.omitZero && e.r.isZero(fn) {
			continue
		}
		e.str(next)
		next = ","
		if err := e.leaf(f.name); err != nil {
			return err
		}
		e.str(":")
		if err := e.encode(fn, f.quoted); err != nil {
			return err
		}
	}
	if next == "{" {
		e.str("{")
	}
	e.str("}")
	return nil
}

func isEmpty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Array, reflect.Map, reflect.Slice, reflect.String:
		return v.Len() == 0
	case reflect.Struct, reflect.Chan, reflect.Func, reflect.UnsafePointer, reflect.Complex64, reflect.Complex128:
		return false
	}
	return v.IsZero()
}

// isZero asks the value's IsZero, if it has one.
func (r *Registry) isZero(n node) bool {
	v := n.v
	if v.Kind() == reflect.Interface || v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return true
		}
	}
	if v.Kind() == reflect.Interface {
		n = r.elem(n)
		if n.v.Kind() == reflect.Pointer && n.v.IsNil() {
			return true
		}
	}
	if n.t == nil {
		if z, ok := reflect.TypeAssert[interface{ IsZero() bool }](n.v); ok {
			return z.IsZero()
		}
		return v.IsZero()
	}
	if !n.v.CanAddr() {
		a := reflect.New(n.v.Type()).Elem()
		a.Set(n.v)
		n.v = a
	}
	if m, recv := r.marshaler(n, "IsZero", "func() bool"); m != nil {
		return m.callPlain(recv)[0].Bool()
	}
	return v.IsZero()
}

func (e *jsonEncoder) encodeList(n node) error {
	if n.v.Kind() == reflect.Slice {
		if n.v.IsNil() {
			e.str("null")
			return nil
		}
		if n.v.Type().Elem().Kind() == reflect.Uint8 && !e.r.marshals(elemType(n.t)) {
			e.str(`"` + base64.StdEncoding.EncodeToString(n.v.Bytes()) + `"`)
			return nil
		}
	}
	e.str("[")
	for i := range n.v.Len() {
		if i > 0 {
			e.str(",")
		}
		if err := e.encode(e.r.index(n, i), false); err != nil {
			return err
		}
	}
	e.str("]")
	return nil
}

// marshals says whether a type or its pointer type has a marshaler.
func (r *Registry) marshals(t types.Type) bool {
	if t == nil {
		return false
	}
	p := r.declared(types.NewPointer(t))
	v := r.declared(t)
	return p.method("MarshalJSON") != nil || p.method("MarshalText") != nil || v.method("MarshalJSON") != nil || v.method("MarshalText") != nil
}

func (e *jsonEncoder) encodeMap(n node) error {
	if n.v.IsNil() {
		e.str("null")
		return nil
	}
	if !e.r.keys(n) {
		return errors.New("json: unsupported type: " + e.r.name(n))
	}
	type keyed struct {
		key string
		v   reflect.Value
	}
	all := make([]keyed, 0, n.v.Len())
	for it := n.v.MapRange(); it.Next(); {
		key, err := e.key(e.r.static(it.Key(), keyType(n.t), open))
		if err != nil {
			return fmt.Errorf("json: encoding error for type %q: %q", e.r.name(n), err.Error())
		}
		all = append(all, keyed{key, it.Value()})
	}
	slices.SortFunc(all, func(a, b keyed) int { return strings.Compare(a.key, b.key) })
	e.str("{")
	for i, kv := range all {
		if i > 0 {
			e.str(",")
		}
		if err := e.leaf(kv.key); err != nil {
			return err
		}
		e.str(":")
		if err := e.encode(e.r.static(kv.v, elemType(n.t), open), false); err != nil {
			return err
		}
	}
	e.str("}")
	return nil
}

// keys says whether JSON has a form for the keys of a map type.
func (r *Registry) keys(n node) bool {
	k := n.v.Type().Key()
	if k.Kind() == reflect.String || k.Kind() >= reflect.Int && k.Kind() <= reflect.Uintptr {
		return true
	}
	if r.declared(keyType(n.t)).method("MarshalText") != nil {
		return true
	}
	return k.PkgPath() != "" && k.Implements(reflect.TypeFor[encoding.TextMarshaler]())
}

func (e *jsonEncoder) key(n node) (string, error) {
	if n.v.Kind() == reflect.String {
		return n.v.String(), nil
	}
	if m := n.ty.method("MarshalText"); m != nil && m.str == marshalSignature {
		if n.v.Kind() == reflect.Pointer && n.v.IsNil() {
			return "", nil
		}
		out := m.callPlain(n.v)
		return string(out[0].Bytes()), e.r.asError(out[1])
	}
	if t, ok := reflect.TypeAssert[encoding.TextMarshaler](n.v); ok && n.t == nil {
		b, err := t.MarshalText()
		return string(b), err
	}
	switch {
	case n.v.CanInt():
		return strconv.FormatInt(n.v.Int(), 10), nil
	case n.v.CanUint():
		return strconv.FormatUint(n.v.Uint(), 10), nil
	}
	return "", errors.New("unsupported type " + e.r.name(n))
}
