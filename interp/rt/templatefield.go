package rt

import (
	"fmt"
	"go/types"
	"reflect"
	"strings"
)

// templateField is what a template gets for fields and methods, one after the other: arguments go to the last. The
// mode says what becomes of it.
func (r *Registry) templateField(mode string, recv reflect.Value, names string, args ...reflect.Value) (any, error) {
	for recv.Kind() == reflect.Interface && !recv.IsNil() {
		recv = recv.Elem()
	}
	n := r.dynamic(recv, open)
	list := strings.Split(names, ".")
	for i, name := range list {
		var in []reflect.Value
		if i == len(list)-1 {
			in = args
		}
		var err error
		if n, err = r.step(n, name, in); err != nil {
			return nil, err
		}
	}
	if !n.v.IsValid() {
		return nil, nil
	}
	switch mode {
	case printed:
		return r.templatePrinted(n), nil
	case looked:
		return n.v.Interface(), nil
	}
	return r.ranged(n), nil
}

// step is one field or method of a value.
func (r *Registry) step(n node, name string, args []reflect.Value) (node, error) {
	for n.v.Kind() == reflect.Interface && !n.v.IsNil() {
		n = r.elem(n)
	}
	if !n.v.IsValid() {
		return n, nil // as a field of no value is
	}
	if n.v.Kind() == reflect.Interface {
		return n, fmt.Errorf("nil pointer evaluating %s.%s", r.name(n), name)
	}
	if out, ok, err := r.methodOf(n, name, args); ok {
		return out, err
	}
	whole := n
	for n.v.Kind() == reflect.Pointer {
		if n.v.IsNil() {
			return n, fmt.Errorf("nil pointer evaluating %s.%s", r.name(n), name)
		}
		n = r.elem(n)
	}
	switch n.v.Kind() {
	case reflect.Struct:
		if f, ok := r.fieldNamed(n, name); ok {
			if len(args) > 0 {
				return n, fmt.Errorf("%s has arguments but cannot be invoked as function", name)
			}
			return f, nil
		}
	case reflect.Map:
		if key := reflect.ValueOf(name); key.Type().ConvertibleTo(n.v.Type().Key()) && n.v.Type().Key().Kind() == reflect.String {
			if len(args) > 0 {
				return n, fmt.Errorf("%s is not a method but has arguments", name)
			}
			v := n.v.MapIndex(key.Convert(n.v.Type().Key()))
			if !v.IsValid() {
				return node{}, nil // printed as <no value>
			}
			return r.static(v, elemType(n.t), open), nil
		}
	}
	return n, fmt.Errorf("can't evaluate field %s in type %s", name, r.name(whole))
}

// fieldNamed is an exported field of a struct, or of one that it embeds.
func (r *Registry) fieldNamed(n node, name string) (node, bool) {
	if n.t == nil || structType(n.t) == nil {
		f, ok := n.v.Type().FieldByName(name)
		if !ok || !f.IsExported() {
			return n, false
		}
		v, err := n.v.FieldByIndexErr(f.Index)
		return node{v: v}, err == nil
	}
	obj, index, _ := types.LookupFieldOrMethod(n.t, true, nil, name)
	if v, ok := obj.(*types.Var); !ok || !v.Exported() {
		return n, false
	}
	for _, i := range index {
		if n.v.Kind() == reflect.Pointer {
			if n.v.IsNil() {
				return n, false
			}
			n = r.elem(n)
		}
		_, n = r.field(n, i)
	}
	n.ro = open
	return n, true
}

// methodOf calls an exported method, if there is one of that name.
func (r *Registry) methodOf(n node, name string, args []reflect.Value) (out node, ok bool, err error) {
	if n.t == nil {
		v := n.v
		if v.Kind() != reflect.Pointer && v.CanAddr() {
			v = v.Addr()
		}
		m := v.MethodByName(name)
		if !m.IsValid() {
			return n, false, nil
		}
		out, err = r.invoke(m.Type(), 0, args, name, nil, func(in []reflect.Value) []reflect.Value {
			if m.Type().IsVariadic() {
				return m.CallSlice(in)
			}
			return m.Call(in)
		})
		return out, true, err
	}
	m, recv := n.ty.method(name), n.v
	if n.v.Kind() != reflect.Pointer && m == nil {
		if p := r.declared(types.NewPointer(n.t)).method(name); p != nil && n.v.CanAddr() {
			m, recv = p, n.v.Addr()
		}
	}
	if m == nil {
		return n, false, nil
	}
	out, err = r.invoke(m.fn.Type(), 1, args, name, m.sig, func(in []reflect.Value) []reflect.Value { return m.callPlain(recv, in...) })
	return out, true, err
}

// invoke calls a method with arguments of a template.
func (r *Registry) invoke(t reflect.Type, skip int, args []reflect.Value, name string, sig *types.Signature, call func([]reflect.Value) []reflect.Value) (node, error) {
	want := t.NumIn() - skip
	fixed := want
	if t.IsVariadic() || sig != nil && sig.Variadic() {
		fixed--
	}
	if len(args) < fixed || fixed == want && len(args) > want {
		return node{}, fmt.Errorf("wrong number of args for %s: want %d got %d", name, want, len(args))
	}
	in := make([]reflect.Value, want)
	for i := range fixed {
		in[i] = r.templateArg(args[i], t.In(i+skip))
	}
	if fixed < want {
		rest := reflect.MakeSlice(t.In(fixed+skip), 0, len(args)-fixed)
		for _, a := range args[fixed:] {
			rest = reflect.Append(rest, r.templateArg(a, rest.Type().Elem()))
		}
		in[fixed] = rest
	}
	out := call(in)
	switch len(out) {
	case 0:
		return node{}, fmt.Errorf("can't call method %s with 0 results", name)
	case 2:
		if err := r.asError(out[1]); err != nil {
			return node{}, err
		}
	}
	if sig != nil {
		return r.static(out[0], sig.Results().At(0).Type(), open), nil
	}
	if out[0].Kind() == reflect.Interface {
		return r.dynamic(reflect.ValueOf(r.In(anyOf(out[0]))), open), nil
	}
	return node{v: out[0]}, nil
}

// templatePrinted is what a template prints for a value: what a pointer points to, by the methods of either.
func (r *Registry) templatePrinted(n node) any {
	for n.v.Kind() == reflect.Interface && !n.v.IsNil() {
		n = r.elem(n)
	}
	if n.v.Kind() == reflect.Pointer && !n.v.IsNil() && n.t != nil {
		n = r.elem(n)
	}
	if n.t != nil && n.v.CanAddr() {
		if p := r.declared(types.NewPointer(n.t)); p != nil && p.bound.Load().kind&(isError|isStringer) != 0 {
			n = node{v: n.v.Addr(), t: p.typ, ty: p}
		}
	}
	if n.ty != nil && n.ty.bound.Load().kind&(isError|isStringer|isJSON) == isStringer {
		return templateStringer{held{n.iface(), r}}
	}
	return r.Out(n.iface())
}

// templateStringer is an adapter that html/template takes for nothing but a Stringer.
type templateStringer struct{ held }

func (s templateStringer) String() string { return s.callString("String") }

// templateArg is an argument for a parameter; constants of templates are of the types int, float64 and string.
func (r *Registry) templateArg(v reflect.Value, t reflect.Type) reflect.Value {
	x := r.In(anyOf(v))
	if x == nil {
		return reflect.Zero(t)
	}
	return r.conversion(reflect.TypeOf(x), t, inward).apply(reflect.ValueOf(x))
}

// ranged is a value whose elements, if they are in boxes in interfaces, are so.
func (r *Registry) ranged(n node) any {
	elem := r.declared(elemType(n.t))
	if elem == nil || !elem.box {
		return n.bare()
	}
	switch n.v.Kind() {
	case reflect.Slice, reflect.Array:
		list := make([]any, n.v.Len())
		for i := range list {
			list[i] = elem.boxed(n.v.Index(i))
		}
		return list
	case reflect.Map:
		m := reflect.MakeMapWithSize(reflect.MapOf(n.v.Type().Key(), anyType), n.v.Len())
		for it := n.v.MapRange(); it.Next(); {
			m.SetMapIndex(it.Key(), reflect.ValueOf(elem.boxed(it.Value())))
		}
		return m.Interface()
	}
	return n.bare()
}

// iface is the value as a cell has it in an interface.
func (n node) iface() any {
	if n.ty != nil {
		return n.ty.boxed(n.v)
	}
	return n.v.Interface()
}

// bare is the same, but for lists and maps, which templates range over.
func (n node) bare() any {
	switch n.v.Kind() {
	case reflect.Slice, reflect.Array, reflect.Map, reflect.Chan, reflect.Func:
		return n.v.Interface()
	}
	return n.iface()
}
