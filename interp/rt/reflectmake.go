package rt

import (
	"go/types"
	"reflect"
)

// ReflectNew is the function New of package reflect.
func (r *Registry) ReflectNew(t any) reflect.Value {
	tt := asType(t)
	return r.pointed(reflect.New(r.plainType(tt)), tt)
}

// pointed gives a pointer to a value of type t its type.
func (r *Registry) pointed(p reflect.Value, t reflect.Type) reflect.Value {
	if c := r.checkedType(t); c != nil {
		return r.typed(p, types.NewPointer(c))
	}
	return p
}

// ReflectZero is the function Zero of package reflect.
func (r *Registry) ReflectZero(t any) reflect.Value { return reflect.Zero(asType(t)) }

// ReflectMakeSlice is the function MakeSlice of package reflect.
func (r *Registry) ReflectMakeSlice(t any, n, capacity int) reflect.Value {
	tt := asType(t)
	return r.made(reflect.MakeSlice(r.plainType(tt), n, capacity), tt)
}

// ReflectMakeMap is the function MakeMap of package reflect.
func (r *Registry) ReflectMakeMap(t any) reflect.Value { return r.ReflectMakeMapWithSize(t, 0) }

// ReflectMakeMapWithSize is the function MakeMapWithSize of package reflect.
func (r *Registry) ReflectMakeMapWithSize(t any, n int) reflect.Value {
	tt := asType(t)
	return r.made(reflect.MakeMapWithSize(r.plainType(tt), n), tt)
}

// ReflectMakeChan is the function MakeChan of package reflect.
func (r *Registry) ReflectMakeChan(t any, n int) reflect.Value {
	tt := asType(t)
	return r.made(reflect.MakeChan(r.plainType(tt), n), tt)
}

// ReflectMakeFunc is the function MakeFunc of package reflect.
func (r *Registry) ReflectMakeFunc(t any, f func([]reflect.Value) []reflect.Value) reflect.Value {
	tt := asType(t)
	plain := r.plainType(tt)
	sig, _ := underlying(r.checkedType(tt)).(*types.Signature)
	return r.made(reflect.MakeFunc(plain, func(args []reflect.Value) []reflect.Value {
		if sig != nil {
			for i := range args {
				args[i] = r.typed(args[i], sig.Params().At(i).Type())
			}
		}
		out := f(args)
		for i := range min(len(out), plain.NumOut()) {
			if out[i].IsValid() {
				out[i] = r.stored(out[i], plain.Out(i))
			}
		}
		return out
	}), tt)
}

// ReflectPointerTo is the function PointerTo of package reflect.
func (r *Registry) ReflectPointerTo(t any) any {
	tt := asType(t)
	p := reflect.PointerTo(r.plainType(tt))
	if c := r.checkedType(tt); c != nil {
		return r.typeFor(types.NewPointer(c), p)
	}
	return p
}

// ReflectSliceOf is the function SliceOf of package reflect.
func (r *Registry) ReflectSliceOf(t any) any {
	tt := asType(t)
	s := reflect.SliceOf(r.plainType(tt))
	if c := r.checkedType(tt); c != nil {
		return r.typeFor(types.NewSlice(c), s)
	}
	return s
}

// ReflectIndirect is the function Indirect of package reflect.
func (r *Registry) ReflectIndirect(v reflect.Value) reflect.Value {
	if r.unboxed(v).Kind() != reflect.Pointer {
		return v
	}
	return r.ReflectValueElem(v)
}

// ReflectAppend is the function Append of package reflect.
func (r *Registry) ReflectAppend(s reflect.Value, x ...reflect.Value) reflect.Value {
	u := r.unboxed(s)
	if u.Kind() != reflect.Slice {
		return reflect.Append(u, x...)
	}
	elems := make([]reflect.Value, len(x))
	for i, e := range x {
		elems[i] = r.stored(e, u.Type().Elem())
	}
	return r.typed(reflect.Append(u, elems...), r.goType(s))
}

// ReflectAppendSlice is the function AppendSlice of package reflect.
func (r *Registry) ReflectAppendSlice(s, t reflect.Value) reflect.Value {
	return r.typed(reflect.AppendSlice(r.unboxed(s), r.unboxed(t)), r.goType(s))
}
