package rt

import (
	"go/types"
	"reflect"
	"strings"
	"sync/atomic"
)

// Type is a registered type.
type Type struct {
	r     *Registry
	id    int
	typ   types.Type
	box   bool
	names []string
	str   string
	bound atomic.Pointer[binding]
}

// binding is what Bind gave; without it a type is known by name alone.
type binding struct {
	rtype   reflect.Type // of the values in interfaces: the box's if there is one
	methods map[string]*method
	kind    kind
}

// Type is the type as the checker knows it.
func (t *Type) Type() types.Type { return t.typ }

// String is the name that %T prints.
func (t *Type) String() string { return t.str }

// Boxed says whether the values are in a box when they are in an interface.
func (t *Type) Boxed() bool { return t.box }

// Methods are the names of the methods that are bound.
func (t *Type) Methods() []string {
	t.r.mu.Lock()
	defer t.r.mu.Unlock()
	return t.names
}

// method is the bound method of a name, or nil.
func (t *Type) method(name string) *method {
	if t == nil {
		return nil
	}
	return t.bound.Load().methods[name]
}

// plain takes a value out of its box.
func (t *Type) plain(x any) any {
	if t == nil || !t.box {
		return x
	}
	return reflect.ValueOf(x).Field(0).Interface()
}

// boxed makes what a cell has in an interface for a value in its plain form.
func (t *Type) boxed(v reflect.Value) any {
	b := t.bound.Load()
	if !t.box || b.rtype == nil {
		return v.Interface()
	}
	box := reflect.New(b.rtype).Elem()
	box.Field(0).Set(v)
	return box.Interface()
}

// method is a method of a registered type.
type method struct {
	t    *Type
	name string
	fn   reflect.Value
	run  func([]reflect.Value) []reflect.Value // calls fn
	sig  *types.Signature                      // nil if the checker's type has no such method
	str  string                                // the signature as package reflect writes it
	mode receiver
}

// receiver is how a value becomes the first argument.
type receiver int

const (
	asIs receiver = iota
	unbox
	deref
	unboxDeref
)

func newMethod(t *Type, b *binding, name string, fn reflect.Value) *method {
	m := &method{t: t, name: name, fn: fn, run: direct(fn)}
	if s := lookupMethod(t.typ, name); s != nil {
		m.sig = s
		m.str = typeString(s)
	} else if s := fn.Type().String(); fn.Type().NumIn() == 1 {
		m.str = "func()" + strings.TrimPrefix(s[strings.LastIndex(s, ")")+1:], "")
	}
	want, have := fn.Type().In(0), b.rtype
	if t.box {
		m.mode = unbox
		have = have.Field(0).Type
	}
	if have != want && have.Kind() == reflect.Pointer && have.Elem() == want {
		m.mode += deref
	}
	return m
}

// lookupMethod is the signature of a method in the method set of a type.
func lookupMethod(t types.Type, name string) *types.Signature {
	set := types.NewMethodSet(t)
	for method := range set.Methods() {
		if f := method.Obj(); f.Name() == name {
			return f.Type().(*types.Signature)
		}
	}
	return nil
}

// receiver makes the first argument of a value that is in an interface.
func (m *method) receiver(x reflect.Value) reflect.Value {
	if m.mode == unbox || m.mode == unboxDeref {
		x = x.Field(0)
	}
	return m.plainReceiver(x)
}

// plainReceiver makes the first argument of a value without its box.
func (m *method) plainReceiver(x reflect.Value) reflect.Value {
	if m.mode != deref && m.mode != unboxDeref {
		return x
	}
	if x.IsNil() {
		name := strings.TrimPrefix(m.t.str, "*")
		panic(runtimeError("value method " + name + "." + m.name + " called using nil *" + name[strings.LastIndexByte(name, '.')+1:] + " pointer"))
	}
	return x.Elem()
}

// call calls the method of a value that is in an interface. Arguments and results are internal ones.
func (m *method) call(x any, args ...reflect.Value) []reflect.Value {
	in := append(make([]reflect.Value, 1, 1+len(args)), args...)
	in[0] = m.receiver(reflect.ValueOf(x))
	return m.run(in)
}

// callPlain calls the method of a value that is out of its box.
func (m *method) callPlain(v reflect.Value, args ...reflect.Value) []reflect.Value {
	in := append(make([]reflect.Value, 1, 1+len(args)), args...)
	in[0] = m.plainReceiver(v)
	return m.run(in)
}
