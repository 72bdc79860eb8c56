package rt

import (
	"go/types"
	"reflect"
	"strconv"
)

// Values and types of package reflect keep the box of what their Go type can't be told from otherwise: a reflect.Value of a
// Celsius is one of the box of a Celsius. Where package reflect works on it, it gets what is in the box, and where it takes a
// part of a value, the part gets the box of its own type.

// unboxed is a value without its box.
func (r *Registry) unboxed(v reflect.Value) reflect.Value {
	if v.IsValid() && r.isBox(v.Type()) {
		return v.Field(0)
	}
	return v
}

// plainType is a type without its box, interface{} for what stands for an interface type.
func (r *Registry) plainType(t reflect.Type) reflect.Type {
	if r.isBox(t) || r.stoodFor(t) != nil {
		return t.Field(0).Type
	}
	return t
}

// boxFor is the box of a type of the checker's whose values are of type plain; nil if they need none.
func (r *Registry) boxFor(t types.Type, plain reflect.Type) reflect.Type {
	if t == nil || plain.PkgPath() != "" || plain.Kind() == reflect.Interface || r.stoodFor(plain) != nil {
		return nil
	}
	ty := r.declared(t)
	if ty != nil {
		if b := ty.bound.Load().rtype; b != nil {
			if ty.box && b.Field(0).Type == plain {
				return b
			}
			return nil
		}
	}
	if typeString(t) == r.typeName(plain, nil) {
		return nil
	}
	return r.newBox(t, plain)
}

// newBox makes the box of a type that no cell has put in an interface.
func (r *Registry) newBox(t types.Type, plain reflect.Type) reflect.Type {
	id := r.newID()
	tag := reflect.StructTag(`rv:"` + strconv.Itoa(id) + `"`)
	b := reflect.StructOf([]reflect.StructField{{Name: "V", Type: plain, Tag: tag}})
	r.Declare(id, t, true, nil)
	r.Bind(id, reflect.Zero(b).Interface())
	return b
}

// typed gives a part of a value the box of its type, which shares its variable if it has one.
func (r *Registry) typed(v reflect.Value, t types.Type) reflect.Value {
	if !v.IsValid() {
		return v
	}
	b := r.boxFor(t, v.Type())
	if b == nil {
		return v
	}
	mark := *markOf(&v) & (stickyMark | embedMark)
	*markOf(&v) &^= mark
	var out reflect.Value
	if v.CanAddr() {
		out = reflect.NewAt(b, v.Addr().UnsafePointer()).Elem()
	} else {
		box := reflect.New(b).Elem()
		box.Field(0).Set(v)
		out = reflect.ValueOf(box.Interface())
	}
	*markOf(&out) |= mark
	return out
}

// typeFor is what a cell gets for a type of which package reflect says plain.
func (r *Registry) typeFor(t types.Type, plain reflect.Type) reflect.Type {
	if t != nil && plain == anyType {
		return r.interfaceFor(t)
	}
	if b := r.boxFor(t, plain); b != nil {
		return b
	}
	return plain
}

// interfaceFor is the reflect type of an interface type: its own where it is a compiled one, and otherwise what stands for it.
func (r *Registry) interfaceFor(t types.Type) reflect.Type {
	i, ok := t.Underlying().(*types.Interface)
	if !ok || i.NumMethods() == 0 {
		return anyType
	}
	if n, ok := types.Unalias(t).(*types.Named); ok {
		if n.Obj().Pkg() == nil {
			return reflect.TypeFor[error]()
		}
		if v, ok := r.Symbol(n.Obj().Pkg().Path(), n.Obj().Name()); ok {
			return v.Type().Elem()
		}
	}
	tag := reflect.StructTag(`rv:"` + interfaceTag + strconv.Itoa(r.interfaceID(t)) + `"`)
	return reflect.StructOf([]reflect.StructField{{Name: "V", Type: anyType, Tag: tag}})
}

// interfaceID is the number of an interface type; one that no cell has asked for gets a new one.
func (r *Registry) interfaceID(t types.Type) int {
	id := 0
	r.ifaces.Range(func(k, v any) bool {
		if types.Identical(v.(*Interface).typ, t) {
			id = k.(int)
		}
		return id == 0
	})
	if id == 0 {
		id = r.newID()
		r.DeclareInterface(id, t)
	}
	return id
}

// newID is a number that lowered code does not give.
func (r *Registry) newID() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lastID--
	return r.lastID
}

// made gives a value the box that t is, if it is one.
func (r *Registry) made(v reflect.Value, t reflect.Type) reflect.Value {
	if v.IsValid() && r.isBox(t) {
		return r.typed(v, r.checkedType(t))
	}
	return v
}

// stored is a value as a variable of type t can hold it: an interface keeps the box.
func (r *Registry) stored(v reflect.Value, t reflect.Type) reflect.Value {
	if t.Kind() == reflect.Interface {
		return v
	}
	return r.unboxed(v)
}

// goType is the checker's type of a value, nil where package reflect knows all of it.
func (r *Registry) goType(v reflect.Value) types.Type {
	if !v.IsValid() {
		return nil
	}
	return r.checkedType(v.Type())
}
