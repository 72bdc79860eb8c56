package rt

import (
	"go/types"
	"reflect"
)

// node is a value out of its box, with what is known of its type. Inside a value of known type the types of the parts
// come from the checker, because the interpreter's types have lost the names; what is in an interface has a
// registered type or is compiled.
type node struct {
	v  reflect.Value
	t  types.Type // nil for compiled values
	ty *Type      // nil if t is not registered
	ro access
}

// access is how package reflect would have come to a value: fmt calls no methods of what it can't take out.
type access uint8

const (
	open     access = iota
	embedded        // an embedded field of an unexported type: its own exported fields are open again
	closed
)

// dynamic is the node of what is in an interface.
func (r *Registry) dynamic(v reflect.Value, ro access) node {
	if !v.IsValid() {
		return node{ro: ro}
	}
	in := r.info(v.Type())
	switch {
	case in.unwrap != nil && v.CanInterface():
		return r.dynamic(reflect.ValueOf(in.unwrap(v.Interface())), ro)
	case in.typ == nil:
		return node{v: v, ro: ro}
	case in.typ.box:
		if v = v.Field(0); v.Kind() == reflect.Interface {
			v = uncut(v, in.typ.typ)
		}
	}
	return node{v: v, t: in.typ.typ, ty: in.typ, ro: ro}
}

// static is the node of a part of a value, of a type that is known from the whole's; nil if it is not.
func (r *Registry) static(v reflect.Value, t types.Type, ro access) node {
	vt := v.Type()
	if vt.PkgPath() != "" {
		return node{v: v, ro: ro}
	}
	if t != nil {
		if vt.Kind() == reflect.Interface {
			v = uncut(v, t)
		}
		return node{v: v, t: t, ty: r.declared(t), ro: ro}
	}
	if ty := r.tagged(vt); ty != nil && vt.Kind() == reflect.Struct && !ty.box {
		return node{v: v, t: ty.typ, ty: ty, ro: ro}
	}
	return node{v: v, ro: ro}
}

// uncut takes the value of a type that contains itself other than through a struct out of the interface{} that it is.
func uncut(v reflect.Value, t types.Type) reflect.Value {
	var zero reflect.Type
	switch t.Underlying().(type) {
	case *types.Slice:
		zero = reflect.TypeFor[[]any]()
	case *types.Map:
		zero = reflect.TypeFor[map[any]any]()
	case *types.Pointer:
		zero = reflect.TypeFor[*any]()
	case *types.Chan:
		zero = reflect.TypeFor[chan any]()
	case *types.Signature:
		zero = reflect.TypeFor[func()]()
	default:
		return v
	}
	if v.IsNil() {
		return reflect.Zero(zero)
	}
	return v.Elem()
}

// elemType is the element type of a type that has one.
func elemType(t types.Type) types.Type {
	if t == nil {
		return nil
	}
	switch u := t.Underlying().(type) {
	case *types.Slice:
		return u.Elem()
	case *types.Array:
		return u.Elem()
	case *types.Pointer:
		return u.Elem()
	case *types.Map:
		return u.Elem()
	case *types.Chan:
		return u.Elem()
	}
	return nil
}

func keyType(t types.Type) types.Type {
	if t == nil {
		return nil
	}
	if m, ok := t.Underlying().(*types.Map); ok {
		return m.Key()
	}
	return nil
}

func structType(t types.Type) *types.Struct {
	if t == nil {
		return nil
	}
	s, _ := t.Underlying().(*types.Struct)
	return s
}

// inner is the access to parts of a value other than fields.
func (a access) inner() access {
	if a == open {
		return open
	}
	return closed
}

// elem is what a pointer or an interface holds.
func (r *Registry) elem(n node) node {
	if n.v.Kind() == reflect.Interface {
		return r.dynamic(n.v.Elem(), n.ro)
	}
	return r.static(n.v.Elem(), elemType(n.t), n.ro)
}

// index is an element of a slice or an array.
func (r *Registry) index(n node, i int) node {
	return r.static(n.v.Index(i), elemType(n.t), n.ro.inner())
}

// field is a field of a struct, with its name.
func (r *Registry) field(n node, i int) (string, node) {
	if s := structType(n.t); s != nil && i < s.NumFields() {
		f := s.Field(i)
		return f.Name(), r.static(n.v.Field(i), f.Type(), fieldAccess(n.ro, f.Exported(), f.Embedded()))
	}
	f := n.v.Type().Field(i)
	return f.Name, r.static(n.v.Field(i), nil, fieldAccess(n.ro, f.IsExported(), f.Anonymous))
}

// fieldAccess is the access to a field of a struct.
func fieldAccess(ro access, exported, anonymous bool) access {
	switch {
	case ro == closed:
		return closed
	case exported:
		return open
	case anonymous:
		return embedded
	}
	return closed
}

// name is the type's as package reflect would write it.
func (r *Registry) name(n node) string { return r.typeName(n.v.Type(), n.t) }
