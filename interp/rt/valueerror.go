package rt

import (
	"errors"
	"reflect"
)

// valueError is the adapter of error values. Its Is, As and Unwrap find nothing where the type has no such method, which
// is what package errors makes of a missing one.
type valueError struct{ held }

func (f valueError) Error() string { return f.callString("Error") }

// Is calls the type's Is.
func (f valueError) Is(target error) bool {
	m := f.method("Is")
	if m == nil || m.str != "func(error) bool" {
		return false
	}
	return m.call(f.x, anyValue(f.r.In(target)))[0].Bool()
}

// As calls the type's As.
func (f valueError) As(target any) bool {
	m := f.method("As")
	if m == nil || (m.str != "func(interface {}) bool") {
		return false
	}
	return m.call(f.x, anyValue(f.r.In(target)))[0].Bool()
}

// Unwrap calls the type's Unwrap.
func (f valueError) Unwrap() error {
	m := f.method("Unwrap")
	if m == nil || m.str != "func() error" {
		return nil
	}
	return f.r.asError(m.call(f.x)[0])
}

// joinedError is the adapter of error values that wrap several.
type joinedError struct{ valueError }

func (f joinedError) Unwrap() []error {
	list := f.method("Unwrap").call(f.x)[0]
	out := make([]error, list.Len())
	for i := range out {
		out[i] = f.r.asError(list.Index(i))
	}
	return out
}

type jsonError struct{ valueError }

func (f jsonError) MarshalJSON() ([]byte, error) { return f.callBytes("MarshalJSON") }

type textError struct{ valueError }

func (f textError) MarshalText() ([]byte, error) { return f.callBytes("MarshalText") }

type stringerError struct{ valueError }

func (f stringerError) String() string { return f.callString("String") }

// asError makes an error of what a cell has for one.
func (r *Registry) asError(v reflect.Value) error {
	if v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	if !v.IsValid() {
		return nil
	}
	x := v.Interface()
	if err, ok := x.(error); ok {
		return err
	}
	if err, ok := r.Out(x).(error); ok {
		return err
	}
	return errors.New(r.TypeString(x) + " is not an error")
}

// anyValue is a value as an argument of type any.
func anyValue(x any) reflect.Value {
	v := reflect.New(anyType).Elem()
	if x != nil {
		v.Set(reflect.ValueOf(x))
	}
	return v
}

var anyType = reflect.TypeFor[any]()
