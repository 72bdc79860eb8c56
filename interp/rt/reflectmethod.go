package rt

import (
	"go/types"
	"reflect"
	"slices"
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
	have, recv := bound.fn.Type(), r.plainType(t)
	in := append([]reflect.Type{recv}, parameters(have)...)
	plain := reflect.FuncOf(in, results(have), have.IsVariadic())
	fn := reflect.MakeFunc(plain, func(args []reflect.Value) []reflect.Value {
		return bound.run(append([]reflect.Value{bound.plainReceiver(args[0])}, args[1:]...))
	})
	sig := f.Signature()
	params := append([]*types.Var{types.NewParam(0, nil, "", r.checkedType(t))}, slices.Collect(sig.Params().Variables())...)
	whole := types.NewSignatureType(nil, nil, nil, types.NewTuple(params...), sig.Results(), sig.Variadic())
	m.Type, m.Func = r.typeFor(whole, plain), r.typed(fn, whole)
	return m
}

// parameters are those of a method's function without the receiver.
func parameters(fn reflect.Type) []reflect.Type { return slices.Collect(fn.Ins())[1:] }

func results(fn reflect.Type) []reflect.Type { return slices.Collect(fn.Outs()) }

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
	have, recv := bound.fn.Type(), bound.plainReceiver(r.unboxed(v))
	fn := reflect.MakeFunc(reflect.FuncOf(parameters(have), results(have), have.IsVariadic()), func(args []reflect.Value) []reflect.Value {
		return bound.run(append([]reflect.Value{recv}, args...))
	})
	if bound.sig == nil {
		return fn
	}
	return r.typed(fn, bound.sig)
}
