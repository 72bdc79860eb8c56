package rt

import (
	"go/types"
	"reflect"
	"sync"
	"unsafe"
)

// signature converts the arguments and results of calls between a function of one side and one of the other.
type signature struct {
	in, out []*conversion // of the arguments, from the caller's types; of the results, to the caller's types
}

// signature matches the parameters of callee from number skip on with those of caller. The caller is on the side to
// which d leads.
func (r *Registry) signature(callee reflect.Type, skip int, caller reflect.Type, d direction) *signature {
	s := &signature{}
	for i := range caller.NumIn() {
		if i+skip >= callee.NumIn() {
			break
		}
		s.in = append(s.in, r.conversion(caller.In(i), callee.In(i+skip), d.back()))
	}
	for i := range caller.NumOut() {
		s.out = append(s.out, r.conversion(callee.Out(i), caller.Out(i), d))
	}
	return s
}

func (s *signature) arguments(to, from []reflect.Value) []reflect.Value {
	for i, c := range s.in {
		to = append(to, c.apply(from[i]))
	}
	return to
}

func (s *signature) results(out []reflect.Value) []reflect.Value {
	all := make([]reflect.Value, len(s.out))
	for i, c := range s.out {
		all[i] = c.apply(out[i])
	}
	return all
}

// buildFunc makes conversions of functions: calls convert their arguments and results.
func (r *Registry) buildFunc(c *conversion, d direction) {
	from, to := c.from, c.to
	if from.NumIn() != to.NumIn() || from.NumOut() != to.NumOut() {
		panic(conversionError("a " + from.String() + " can't be handed over as " + to.String()))
	}
	get := sync.OnceValue(func() *signature { return r.signature(from, 0, to, d) }) // a function may take its own type
	c.f = func(v reflect.Value) reflect.Value {
		if v.IsNil() {
			return reflect.Zero(to)
		}
		sig, call := get(), direct(v)
		return reflect.MakeFunc(to, func(args []reflect.Value) []reflect.Value {
			unwrap(args)
			return sig.results(call(sig.arguments(make([]reflect.Value, 0, len(args)), args)))
		})
	}
}

// unwrap takes out of arguments what the interpreter puts around them where it calls a function that is in a field, and takes
// it for one of its own: a struct of a node and a reflect.Value.
func unwrap(args []reflect.Value) {
	for i, a := range args {
		if a.Kind() != reflect.Interface || a.IsNil() {
			continue
		}
		if t := a.Elem().Type(); t.Name() != "valueInterface" || t.PkgPath() != "github.com/traefik/yaegi/interp" {
			continue
		}
		wrapper := reflect.New(a.Elem().Type()).Elem()
		wrapper.Set(a.Elem())
		value := *(*reflect.Value)(unsafe.Pointer(wrapper.FieldByName("value").UnsafeAddr()))
		args[i] = reflect.New(a.Type()).Elem()
		if value.IsValid() {
			args[i].Set(value)
		}
	}
}

// internal is the type that a cell has for values of a compiled type.
func (r *Registry) internal(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Interface {
		return anyType
	}
	if t.PkgPath() != "" || !hasInterface(t, map[reflect.Type]bool{}) {
		return t
	}
	switch t.Kind() {
	case reflect.Slice:
		return reflect.SliceOf(r.internal(t.Elem()))
	case reflect.Array:
		return reflect.ArrayOf(t.Len(), r.internal(t.Elem()))
	case reflect.Map:
		return reflect.MapOf(r.internal(t.Key()), r.internal(t.Elem()))
	case reflect.Func:
		var in, out []reflect.Type
		for p := range t.Ins() {
			in = append(in, r.internal(p))
		}
		for p := range t.Outs() {
			out = append(out, r.internal(p))
		}
		return reflect.FuncOf(in, out, t.IsVariadic())
	}
	return t
}

// Call calls a method of a value by name; a variadic parameter takes a slice. A nil value panics.
func (r *Registry) Call(x any, name string, args ...any) []any {
	if x == nil {
		panic(nilDereference())
	}
	if m := r.Of(x).method(name); m != nil {
		return values(m.call(x, arguments(args, m.fn.Type(), 1)...))
	}
	if r.info(reflect.TypeOf(x)).isType {
		if own, ok := r.reflections()["Reflect"+name]; ok {
			return values(own.Call(append([]reflect.Value{reflect.ValueOf(x)}, arguments(args, own.Type(), 1)...)))
		}
	}
	m := reflect.ValueOf(x).MethodByName(name)
	if !m.IsValid() {
		panic(runtimeError("no method " + name + " in " + r.TypeString(x)))
	}
	return r.callCompiled(m, args)
}

// callCompiled calls a compiled function with arguments of a cell.
func (r *Registry) callCompiled(m reflect.Value, args []any) []any {
	t := m.Type()
	in := make([]reflect.Value, len(args))
	for i, a := range args {
		if a == nil {
			in[i] = reflect.Zero(t.In(i))
			continue
		}
		in[i] = r.conversion(reflect.TypeOf(a), t.In(i), outward).apply(reflect.ValueOf(a))
	}
	var out []reflect.Value
	if t.IsVariadic() {
		out = m.CallSlice(in)
	} else {
		out = m.Call(in)
	}
	all := make([]any, len(out))
	for i, v := range out {
		all[i] = r.conversion(v.Type(), r.internal(v.Type()), inward).apply(v).Interface()
	}
	return all
}

// arguments are values as arguments of a function of a type, which has skip parameters before.
func arguments(args []any, fn reflect.Type, skip int) []reflect.Value {
	in := make([]reflect.Value, len(args))
	for i, a := range args {
		in[i] = argument(a, fn.In(i+skip))
	}
	return in
}

// argument is a value as an argument for a parameter of a type.
func argument(a any, t reflect.Type) reflect.Value {
	if a == nil {
		return reflect.Zero(t)
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

// sameMethod says whether a compiled method, whose first parameter is the receiver if skip, has a signature.
func sameMethod(m reflect.Type, sig *types.Signature, skip bool) bool {
	first := 0
	if skip {
		first = 1
	}
	if m.NumIn()-first != sig.Params().Len() || m.NumOut() != sig.Results().Len() || m.IsVariadic() != sig.Variadic() {
		return false
	}
	for i := range sig.Params().Len() {
		if !sameType(m.In(i+first), sig.Params().At(i).Type()) {
			return false
		}
	}
	for i := range sig.Results().Len() {
		if !sameType(m.Out(i), sig.Results().At(i).Type()) {
			return false
		}
	}
	return true
}

// sameType says whether a compiled type is one of the checker's.
func sameType(t reflect.Type, want types.Type) bool {
	want = types.Unalias(want)
	if n, ok := want.(*types.Named); ok {
		path := ""
		if n.Obj().Pkg() != nil {
			path = n.Obj().Pkg().Path()
		}
		if n.TypeArgs().Len() > 0 {
			return t.PkgPath() == path && t.String() == typeString(want)
		}
		return t.PkgPath() == path && t.Name() == n.Obj().Name()
	}
	return t.String() == typeString(want)
}
