package rt

import (
	"fmt"
	"reflect"
)

// plan is how values of a type become values of an interface type.
type plan func(x any) any

type planKey struct{ t, iface reflect.Type }

// implement makes a value with the methods of a compiled interface.
func (r *Registry) implement(x any, iface reflect.Type) any {
	key := planKey{reflect.TypeOf(x), iface}
	if p, ok := r.plans.Load(key); ok {
		return p.(plan)(x)
	}
	p := r.plan(key.t, iface)
	r.plans.Store(key, p)
	return p(x)
}

func (r *Registry) plan(t, iface reflect.Type) plan {
	in := r.info(t)
	if in.typ == nil {
		if !t.Implements(iface) {
			panic(assertionError("interface conversion: " + r.typeName(t, nil) + " is not " + iface.String() +
				": missing method " + missing(iface, func(name string) bool { _, ok := t.MethodByName(name); return ok })))
		}
		return func(x any) any { return x }
	}
	b := in.typ.bound.Load()
	if name := missing(iface, func(name string) bool { return b.methods[name] != nil }); name != "" {
		if t.Implements(iface) { // what the interpreter embeds can have them
			return func(x any) any { return x }
		}
		panic(assertionError("interface conversion: " + in.typ.str + " is not " + iface.String() + ": missing method " + name))
	}
	if k := b.kind; adapterFor(k).Implements(iface) && !isMarshaler(iface, k) {
		return func(x any) any { return adapt(held{x, r}, k) }
	}
	if p := responsePlan(b, iface); p != nil && iface.NumMethod() > 1 {
		return func(x any) any { return p(held{x, r}) }
	}
	if p := handmade(b, iface); p != nil {
		return func(x any) any { return p(held{x, r}) }
	}
	if r.Wrapper != nil && iface.PkgPath() != "" {
		if w, ok := r.Wrapper(iface.PkgPath(), iface.Name()); ok {
			return r.wrapperPlan(in.typ, b, iface, w)
		}
	}
	panic(conversionError(fmt.Sprintf("a %s can't be given to compiled code as %s: there is no wrapper for this interface", in.typ.str, iface)))
}

// isMarshaler says whether only the adapter's own MarshalJSON, which is not the type's, is asked for.
func isMarshaler(iface reflect.Type, k kind) bool {
	_, ok := iface.MethodByName("MarshalJSON")
	return ok && k&isJSON == 0
}

var adapterTypes = map[kind]reflect.Type{}

func init() {
	for k := range kind(1 << 6) {
		adapterTypes[k] = reflect.TypeOf(adapt(held{}, k))
	}
}

func adapterFor(k kind) reflect.Type { return adapterTypes[k] }

// missing is the first method of an interface that has has not.
func missing(iface reflect.Type, has func(string) bool) string {
	for m := range iface.Methods() {
		if !has(m.Name) {
			return m.Name
		}
	}
	return ""
}

// wrapperPlan fills a struct whose function fields are its methods.
func (r *Registry) wrapperPlan(t *Type, b *binding, iface, w reflect.Type) plan {
	type field struct {
		m   *method
		t   reflect.Type
		sig *signature
	}
	fields := make([]field, w.NumField())
	for i := 1; i < len(fields); i++ {
		f := w.Field(i)
		m := b.methods[f.Name[1:]]
		fields[i] = field{m, f.Type, r.signature(m.fn.Type(), 1, f.Type, outward)}
	}
	return func(x any) any {
		if t.bound.Load() != b { // methods were bound again while this was made
			return r.plan(reflect.TypeOf(x), iface)(x)
		}
		v := reflect.ValueOf(x)
		out := reflect.New(w).Elem()
		out.Field(0).Set(v)
		for i := 1; i < len(fields); i++ {
			f := fields[i]
			recv := f.m.receiver(v)
			out.Field(i).Set(reflect.MakeFunc(f.t, func(args []reflect.Value) []reflect.Value {
				in := append(make([]reflect.Value, 0, 1+len(args)), recv)
				return f.sig.results(f.m.run(f.sig.arguments(in, args)))
			}))
		}
		return out.Interface()
	}
}
