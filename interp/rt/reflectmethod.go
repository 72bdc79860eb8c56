package rt

import (
	"go/types"
	"reflect"
)

// exportedMethods are the methods of a type of cells that package reflect would see, by name; known is false where reflect
// knows them itself.
func (r *Registry) exportedMethods(t reflect.Type) (list []*types.Func, known bool) {
	c := r.checkedType(t)
	if c == nil {
		return nil, false
	}
	for sel := range types.NewMethodSet(c).Methods() {
		if f := sel.Obj().(*types.Func); f.Exported() {
			list = append(list, f)
		}
	}
	return list, true
}

// ReflectNumMethod is the method NumMethod of reflect.Type.
func (r *Registry) ReflectNumMethod(t any) int {
	tt := asType(t)
	if i := r.stoodFor(tt); i != nil {
		return i.iface.NumMethods()
	}
	if list, known := r.exportedMethods(tt); known {
		return len(list)
	}
	return tt.NumMethod()
}

// ReflectMethod is the method Method of reflect.Type.
func (r *Registry) ReflectMethod(t any, i int) reflect.Method {
	tt := asType(t)
	list, known := r.exportedMethods(tt)
	if !known {
		return tt.Method(i)
	}
	return r.reflectMethod(tt, list[i], i)
}

// ReflectMethodByName is the method MethodByName of reflect.Type.
func (r *Registry) ReflectMethodByName(t any, name string) (reflect.Method, bool) {
	tt := asType(t)
	list, known := r.exportedMethods(tt)
	if !known {
		return tt.MethodByName(name)
	}
	for i, f := range list {
		if f.Name() == name {
			return r.reflectMethod(tt, f, i), true
		}
	}
	return reflect.Method{}, false
}

// reflectMethod describes a method as package reflect would.
func (r *Registry) reflectMethod(t reflect.Type, f *types.Func, i int) reflect.Method {
	m := reflect.Method{Name: f.Name(), Index: i}
	bound := r.info(t).typ.method(f.Name())
	if bound == nil { // of an interface
		return m
	}
	m.Type = bound.external(t)
	sig := r.signature(bound.fn.Type(), 1, bound.external(nil), outward)
	m.Func = reflect.MakeFunc(m.Type, func(args []reflect.Value) []reflect.Value {
		in := append(make([]reflect.Value, 0, len(args)), bound.plainReceiver(args[0]))
		return sig.results(bound.run(sig.arguments(in, args[1:])))
	})
	return m
}

// external is the type of a method as compiled code has it, with the receiver first where one is given.
func (m *method) external(recv reflect.Type) reflect.Type {
	have := m.fn.Type()
	var in, out []reflect.Type
	if recv != nil {
		in = append(in, recv)
	}
	for i := 1; i < have.NumIn(); i++ {
		in = append(in, externalType(have.In(i), m.sig, i-1, false))
	}
	for i := range have.NumOut() {
		out = append(out, externalType(have.Out(i), m.sig, i, true))
	}
	return reflect.FuncOf(in, out, have.IsVariadic())
}

// externalType is the type of a parameter or result: an error is one.
func externalType(t reflect.Type, sig *types.Signature, i int, result bool) reflect.Type {
	if sig == nil || t != anyType {
		return t
	}
	list := sig.Params()
	if result {
		list = sig.Results()
	}
	if i < list.Len() && types.Identical(list.At(i).Type(), types.Universe.Lookup("error").Type()) {
		return reflect.TypeFor[error]()
	}
	return t
}

// ReflectValueNumMethod is the method NumMethod of reflect.Value.
func (r *Registry) ReflectValueNumMethod(v reflect.Value) int {
	if v.IsValid() {
		if list, known := r.exportedMethods(v.Type()); known {
			return len(list)
		}
	}
	return v.NumMethod()
}

// ReflectValueMethod is the method Method of reflect.Value.
func (r *Registry) ReflectValueMethod(v reflect.Value, i int) reflect.Value {
	if v.IsValid() {
		if list, known := r.exportedMethods(v.Type()); known {
			return r.methodValue(v, list[i].Name())
		}
	}
	return v.Method(i)
}

// ReflectValueMethodByName is the method MethodByName of reflect.Value.
func (r *Registry) ReflectValueMethodByName(v reflect.Value, name string) reflect.Value {
	if v.IsValid() {
		if _, known := r.exportedMethods(v.Type()); known {
			return r.methodValue(v, name)
		}
	}
	return v.MethodByName(name)
}

// methodValue is a method bound to a value, the zero Value where it has none of that name.
func (r *Registry) methodValue(v reflect.Value, name string) reflect.Value {
	bound := r.info(v.Type()).typ.method(name)
	if bound == nil {
		return reflect.Value{}
	}
	t := bound.external(nil)
	sig := r.signature(bound.fn.Type(), 1, t, outward)
	recv := bound.plainReceiver(v)
	return reflect.MakeFunc(t, func(args []reflect.Value) []reflect.Value {
		return sig.results(bound.run(sig.arguments(append(make([]reflect.Value, 0, 1+len(args)), recv), args)))
	})
}
