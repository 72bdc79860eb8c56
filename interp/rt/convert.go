package rt

import (
	"go/types"
	"reflect"
)

// As makes a value of a compiled type from one of a cell. proto is a nil pointer to that type.
func (r *Registry) As(x, proto any) any {
	t := reflect.TypeOf(proto).Elem()
	if t.Kind() == reflect.Interface {
		if x == nil {
			return nil
		}
		return r.Out(x)
	}
	return x
}

// From makes a value of a cell's type from one of a compiled type. proto is a nil pointer to the cell's type.
func (r *Registry) From(x, proto any) any { return r.In(x) }

func argument(a any, f reflect.Type, i int) reflect.Value {
	if a == nil {
		return reflect.Zero(f.In(i))
	}
	return reflect.ValueOf(a)
}

func values(out []reflect.Value) []any {
	all := make([]any, len(out))
	for i, v := range out {
		all[i] = v.Interface()
	}
	return all
}

func (r *Registry) callCompiled(m reflect.Value, args []any) []any {
	in := make([]reflect.Value, len(args))
	for i, a := range args {
		in[i] = argument(a, m.Type(), i)
	}
	if m.Type().IsVariadic() {
		return values(m.CallSlice(in))
	}
	return values(m.Call(in))
}

func sameMethod(reflect.Type, *types.Signature, bool) bool { return true }
