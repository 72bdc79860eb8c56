package rt

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"go/types"
	"reflect"
	"strconv"
	"strings"
)

// decodeArray decodes into a slice, whose elements are kept and overwritten as encoding/json does, or an array.
func (d *jsonDecoder) decodeArray(n node, b []byte) error {
	v := n.v
	if v.Kind() != reflect.Slice && v.Kind() != reflect.Array {
		d.mismatch("array", n)
		return nil
	}
	var parts []json.RawMessage
	if err := json.Unmarshal(b, &parts); err != nil {
		return err
	}
	for i, p := range parts {
		if v.Kind() == reflect.Slice && i >= v.Len() {
			if i >= v.Cap() {
				v.Grow(1)
			}
			v.SetLen(i + 1)
		}
		if i < v.Len() {
			if err := d.decode(d.r.index(n, i), p, false); err != nil {
				return err
			}
		}
	}
	switch {
	case v.Kind() == reflect.Array:
		for i := len(parts); i < v.Len(); i++ {
			v.Index(i).SetZero()
		}
	case len(parts) == 0:
		v.Set(reflect.MakeSlice(v.Type(), 0, 0))
	default:
		v.SetLen(len(parts))
	}
	return nil
}

// decodeObject decodes into a struct or a map.
func (d *jsonDecoder) decodeObject(n node, b []byte) error {
	var each func(key string, b []byte) error
	switch {
	case n.v.Kind() == reflect.Struct:
		fields := d.r.jsonFields(n)
		each = func(key string, b []byte) error {
			if f := findField(fields, key); f != nil {
				return d.decodeField(n, f, b)
			}
			if d.strict {
				d.save(fmt.Errorf("json: unknown field %q", key))
			}
			return nil
		}
	case n.v.Kind() == reflect.Map && d.keys(n):
		if n.v.IsNil() {
			n.v.Set(reflect.MakeMap(n.v.Type()))
		}
		each = func(key string, b []byte) error { return d.decodeEntry(n, key, b) }
	default:
		d.mismatch("object", n)
		return nil
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	if _, err := dec.Token(); err != nil {
		return err
	}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return err
		}
		var part json.RawMessage
		if err := dec.Decode(&part); err != nil {
			return err
		}
		if err := each(key.(string), part); err != nil {
			return err
		}
	}
	return nil
}

// findField is the field of a name, or else of one that differs in case alone.
func findField(fields []jsonField, key string) *jsonField {
	for i := range fields {
		if fields[i].name == key {
			return &fields[i]
		}
	}
	for i := range fields {
		if strings.EqualFold(fields[i].name, key) {
			return &fields[i]
		}
	}
	return nil
}

func (d *jsonDecoder) decodeField(n node, f *jsonField, b []byte) error {
	in, depth := d.in, len(d.stack)
	defer func() { d.in, d.stack = in, d.stack[:depth] }()
	at := n
	for i, index := range f.index {
		if at.v.Kind() == reflect.Pointer {
			if at.v.IsNil() {
				if at.ro != open {
					d.save(fmt.Errorf("json: cannot set embedded pointer to unexported struct: %s", strings.TrimPrefix(d.r.name(at), "*")))
					return nil
				}
				at.v.Set(reflect.New(at.v.Type().Elem()))
			}
			at = d.r.elem(at)
		}
		name, next := d.r.field(at, index)
		if i < len(f.index)-1 {
			d.stack = append(d.stack, name)
		}
		at = next
	}
	d.in = ""
	if t := d.r.name(n); !strings.HasPrefix(t, "struct {") {
		d.in = t[strings.IndexByte(t, '.')+1:]
	}
	d.stack = append(d.stack, f.name)
	if !f.quoted {
		return d.decode(at, b, false)
	}
	switch literalKind(b) {
	case "null":
		return d.decode(at, b, false)
	case "string":
		return d.decodeQuoted(at, b)
	}
	d.save(fmt.Errorf("json: invalid use of ,string struct tag, trying to unmarshal unquoted value into %s", d.r.name(at)))
	return nil
}

// decodeQuoted decodes the value that a string holds.
func (d *jsonDecoder) decodeQuoted(n node, b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return err
	}
	wrong := fmt.Errorf("json: invalid use of ,string struct tag, trying to unmarshal %q into %s", s, d.r.name(n))
	if !json.Valid([]byte(s)) || strings.TrimSpace(s) != s {
		d.save(wrong)
		return nil
	}
	saved := d.saved
	d.saved = nil
	err := d.decode(n, []byte(s), true)
	if d.saved != nil {
		switch e, ok := errors.AsType[*json.UnmarshalTypeError](d.saved); {
		case ok && e.Value == "number":
			return wrong
		case !ok || !strings.HasPrefix(e.Value, "number "):
			d.saved = wrong
		}
	}
	if saved != nil {
		d.saved = saved
	}
	return err
}

// keys says whether the keys of a map can be decoded.
func (d *jsonDecoder) keys(n node) bool {
	k := n.v.Type().Key()
	return k.Kind() == reflect.String || k.Kind() >= reflect.Int && k.Kind() <= reflect.Uintptr || d.textKey(n) ||
		reflect.PointerTo(k).Implements(reflect.TypeFor[encoding.TextUnmarshaler]())
}

func (d *jsonDecoder) textKey(n node) bool {
	k := keyType(n.t)
	return k != nil && d.r.declared(types.NewPointer(k)).method("UnmarshalText") != nil
}

func (d *jsonDecoder) decodeEntry(n node, key string, b []byte) error {
	value := d.r.static(reflect.New(n.v.Type().Elem()).Elem(), elemType(n.t), open)
	if err := d.decode(value, b, false); err != nil {
		return err
	}
	k := d.r.static(reflect.New(n.v.Type().Key()).Elem(), keyType(n.t), open)
	quoted, err := json.Marshal(key)
	if err != nil {
		return err
	}
	switch {
	case d.textKey(n):
		m, recv := d.r.unmarshaler(k, "UnmarshalText")
		if err := d.own(k, m, recv, quoted, true); err != nil {
			return err
		}
	case k.t == nil && k.v.Addr().Type().Implements(reflect.TypeFor[encoding.TextUnmarshaler]()):
		if err := k.v.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(key)); err != nil {
			return err
		}
	case k.v.Kind() == reflect.String:
		k.v.SetString(key)
	case !setNumber(k.v, key):
		d.mismatch("number "+key, k)
		return nil
	}
	n.v.SetMapIndex(k.v, value.v)
	return nil
}

// setNumber sets an integer from its text.
func setNumber(v reflect.Value, text string) bool {
	if v.CanInt() {
		i, err := strconv.ParseInt(text, 10, 64)
		if err != nil || v.OverflowInt(i) {
			return false
		}
		v.SetInt(i)
		return true
	}
	u, err := strconv.ParseUint(text, 10, 64)
	if err != nil || v.OverflowUint(u) {
		return false
	}
	v.SetUint(u)
	return true
}
