package expr

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"time"
)

// States of a Reduce travel as bytes: fixed-width numbers, texts and lists behind their length, fields in order. Types are
// not written: both ends have the same functions. The same value gives the same bytes: keys of maps are sorted.

// checkState says what in a state's type can't travel.
func checkState(t reflect.Type, above []reflect.Type) error {
	if slices.Contains(above, t) {
		return nil
	}
	above = append(above, t)
	switch t.Kind() {
	case reflect.Chan, reflect.Func, reflect.Interface, reflect.UnsafePointer, reflect.Uintptr, reflect.Invalid:
		return fmt.Errorf("it has a %s", t)
	case reflect.Pointer, reflect.Slice, reflect.Array:
		return checkState(t.Elem(), above)
	case reflect.Map:
		if err := checkState(t.Key(), above); err != nil {
			return err
		}
		return checkState(t.Elem(), above)
	case reflect.Struct:
		if t == timeType {
			return nil
		}
		for f := range t.Fields() {
			if !f.IsExported() {
				return fmt.Errorf("field %s of %s is not exported", f.Name, t)
			}
			if err := checkState(f.Type, above); err != nil {
				return err
			}
		}
	}
	return nil
}

// encodeState appends a value.
func encodeState(dst []byte, v reflect.Value) ([]byte, error) {
	switch v.Kind() {
	case reflect.Bool:
		if v.Bool() {
			return append(dst, 1), nil
		}
		return append(dst, 0), nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return binary.AppendVarint(dst, v.Int()), nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return binary.AppendUvarint(dst, v.Uint()), nil
	case reflect.Float32, reflect.Float64:
		return binary.LittleEndian.AppendUint64(dst, math.Float64bits(v.Float())), nil
	case reflect.Complex64, reflect.Complex128:
		dst = binary.LittleEndian.AppendUint64(dst, math.Float64bits(real(v.Complex())))
		return binary.LittleEndian.AppendUint64(dst, math.Float64bits(imag(v.Complex()))), nil
	case reflect.String:
		dst = binary.AppendUvarint(dst, uint64(v.Len()))
		return append(dst, v.String()...), nil
	case reflect.Pointer:
		if v.IsNil() {
			return append(dst, 0), nil
		}
		return encodeState(append(dst, 1), v.Elem())
	case reflect.Slice:
		if v.IsNil() {
			return append(dst, 0), nil
		}
		return encodeItems(binary.AppendUvarint(append(dst, 1), uint64(v.Len())), v)
	case reflect.Array:
		return encodeItems(dst, v)
	case reflect.Map:
		return encodeMap(dst, v)
	case reflect.Struct:
		if v.Type() == timeType {
			text, err := v.Interface().(time.Time).MarshalBinary()
			return append(binary.AppendUvarint(dst, uint64(len(text))), text...), err
		}
		var err error
		for _, field := range v.Fields() {
			if dst, err = encodeState(dst, field); err != nil {
				return dst, err
			}
		}
		return dst, nil
	}
	return dst, fmt.Errorf("a state has a %s", v.Type())
}

func encodeItems(dst []byte, v reflect.Value) ([]byte, error) {
	if b := v.Type().Elem().Kind(); b == reflect.Uint8 && v.Kind() == reflect.Slice {
		return append(dst, v.Bytes()...), nil
	}
	var err error
	for i := range v.Len() {
		if dst, err = encodeState(dst, v.Index(i)); err != nil {
			return dst, err
		}
	}
	return dst, nil
}

func encodeMap(dst []byte, v reflect.Value) ([]byte, error) {
	if v.IsNil() {
		return append(dst, 0), nil
	}
	dst = binary.AppendUvarint(append(dst, 1), uint64(v.Len()))
	pairs := make([][2][]byte, 0, v.Len())
	for it := v.MapRange(); it.Next(); {
		key, err := encodeState(nil, it.Key())
		if err != nil {
			return dst, err
		}
		elem, err := encodeState(nil, it.Value())
		if err != nil {
			return dst, err
		}
		pairs = append(pairs, [2][]byte{key, elem})
	}
	slices.SortFunc(pairs, func(a, b [2][]byte) int { return bytes.Compare(a[0], b[0]) })
	for _, p := range pairs {
		dst = append(append(dst, p[0]...), p[1]...)
	}
	return dst, nil
}

var errShortState = errors.New("it ends too early")

// decodeState reads a value of type t, all of src.
func decodeState(t reflect.Type, src []byte) (reflect.Value, error) {
	v := reflect.New(t).Elem()
	d := stateReader{src}
	if err := d.read(v); err != nil {
		return v, err
	}
	if len(d.rest) > 0 {
		return v, fmt.Errorf("%d bytes too many", len(d.rest))
	}
	return v, nil
}

type stateReader struct{ rest []byte }

func (d *stateReader) take(n uint64) ([]byte, error) {
	if n > uint64(len(d.rest)) {
		return nil, errShortState
	}
	part := d.rest[:n]
	d.rest = d.rest[n:]
	return part, nil
}

func (d *stateReader) uvarint() (uint64, error) {
	v, n := binary.Uvarint(d.rest)
	if n <= 0 {
		return 0, errShortState
	}
	d.rest = d.rest[n:]
	return v, nil
}

func (d *stateReader) float() (float64, error) {
	b, err := d.take(8)
	if err != nil {
		return 0, err
	}
	return math.Float64frombits(binary.LittleEndian.Uint64(b)), nil
}

// present reads whether there is a value, or how many where it is a list.
func (d *stateReader) present() (bool, error) {
	b, err := d.take(1)
	return err == nil && b[0] != 0, err
}

func (d *stateReader) read(v reflect.Value) error {
	switch v.Kind() {
	case reflect.Bool:
		b, err := d.present()
		v.SetBool(b)
		return err
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		i, n := binary.Varint(d.rest)
		if n <= 0 {
			return errShortState
		}
		d.rest = d.rest[n:]
		v.SetInt(i)
		return nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		u, err := d.uvarint()
		v.SetUint(u)
		return err
	case reflect.Float32, reflect.Float64:
		f, err := d.float()
		v.SetFloat(f)
		return err
	case reflect.Complex64, reflect.Complex128:
		re, err := d.float()
		if err != nil {
			return err
		}
		im, err := d.float()
		v.SetComplex(complex(re, im))
		return err
	case reflect.Slice, reflect.Map, reflect.Pointer:
		return d.readReference(v)
	case reflect.Array:
		return d.items(v)
	case reflect.Struct:
		if v.Type() != timeType {
			for _, field := range v.Fields() {
				if err := d.read(field); err != nil {
					return err
				}
			}
			return nil
		}
	case reflect.String:
	default:
		return fmt.Errorf("a state has a %s", v.Type())
	}
	n, err := d.uvarint()
	if err != nil {
		return err
	}
	text, err := d.take(n)
	if err != nil {
		return err
	}
	if v.Kind() == reflect.String {
		v.SetString(string(text))
		return nil
	}
	return v.Addr().Interface().(*time.Time).UnmarshalBinary(text)
}

// readReference reads what may be nil.
func (d *stateReader) readReference(v reflect.Value) error {
	there, err := d.present()
	if err != nil || !there {
		return err
	}
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		return d.read(v.Elem())
	}
	n, err := d.uvarint()
	if err != nil {
		return err
	}
	// Each element takes a byte at least, unless it has no size: what is claimed is not allocated unseen.
	if n > uint64(len(d.rest)) && v.Type().Elem().Size() > 0 {
		return errShortState
	}
	if v.Kind() == reflect.Slice {
		if v.Type().Elem().Kind() == reflect.Uint8 {
			text, err := d.take(n)
			v.SetBytes(append([]byte{}, text...))
			return err
		}
		v.Set(reflect.MakeSlice(v.Type(), int(n), int(n)))
		return d.items(v)
	}
	v.Set(reflect.MakeMapWithSize(v.Type(), int(n)))
	for range n {
		key, elem := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		if err := d.read(key); err != nil {
			return err
		}
		if err := d.read(elem); err != nil {
			return err
		}
		v.SetMapIndex(key, elem)
	}
	return nil
}

func (d *stateReader) items(v reflect.Value) error {
	for i := range v.Len() {
		if err := d.read(v.Index(i)); err != nil {
			return err
		}
	}
	return nil
}

// stateSize estimates the memory of states: those that grow are looked at now and then.
type stateSize struct{ each int64 }

// sampled is how many states are looked at.
const sampled = 16

func (s *stateSize) measure(t reflect.Type, states []reflect.Value) {
	const header = 48 // a reflect.Value, and what the allocator adds
	s.each = header + int64(t.Size())
	if len(states) == 0 || !grows(t) {
		return
	}
	total, step := int64(0), max(1, len(states)/sampled)
	n := 0
	for i := 0; i < len(states); i += step {
		total += heldBy(states[i])
		n++
	}
	s.each += total / int64(n)
}

func (s *stateSize) bytes(groups int) int64 { return s.each * int64(groups) }

func grows(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Slice, reflect.Map, reflect.String, reflect.Pointer:
		return true
	case reflect.Array:
		return grows(t.Elem())
	case reflect.Struct:
		for field := range t.Fields() {
			if grows(field.Type) {
				return true
			}
		}
	}
	return false
}

// heldBy is about what a value holds beyond itself.
func heldBy(v reflect.Value) int64 {
	switch v.Kind() {
	case reflect.String:
		return int64(v.Len())
	case reflect.Pointer:
		if v.IsNil() {
			return 0
		}
		return int64(v.Type().Elem().Size()) + heldBy(v.Elem())
	case reflect.Slice:
		n := int64(v.Cap()) * int64(v.Type().Elem().Size())
		if grows(v.Type().Elem()) {
			for i := range v.Len() {
				n += heldBy(v.Index(i))
			}
		}
		return n
	case reflect.Map:
		n := int64(v.Len()) * (int64(v.Type().Key().Size()+v.Type().Elem().Size()) + 16)
		if grows(v.Type().Elem()) || grows(v.Type().Key()) {
			for it := v.MapRange(); it.Next(); {
				n += heldBy(it.Key()) + heldBy(it.Value())
			}
		}
		return n
	case reflect.Struct:
		n := int64(0)
		for _, field := range v.Fields() {
			n += heldBy(field)
		}
		return n
	}
	return 0
}
