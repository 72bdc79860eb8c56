package rt

import (
	"go/types"
	"reflect"
	"unsafe"
)

// Package reflect lets nobody set or take out what it has from unexported fields. All fields of cells' structs are exported
// to it, so the mark of such a value is set here.

// stickyMark is that of a field, embedMark that of an embedded one, whose own exported fields are open.
var stickyMark, embedMark = marks()

type unexported int

func marks() (sticky, embed uintptr) {
	v := reflect.ValueOf(struct {
		A int
		b int //nolint:unused // what matters is that it has no capital
		unexported
	}{})
	open, field, inner := v.Field(0), v.Field(1), v.Field(2)
	return *markOf(&field) &^ *markOf(&open), *markOf(&inner) &^ *markOf(&open)
}

// markOf is where a value keeps its marks.
func markOf(v *reflect.Value) *uintptr {
	f, _ := reflect.TypeFor[reflect.Value]().FieldByName("flag")
	return (*uintptr)(unsafe.Add(unsafe.Pointer(v), f.Offset))
}

// fieldValue is a field of a struct, marked where it is not exported.
func (r *Registry) fieldValue(v reflect.Value, i int) reflect.Value {
	f := r.unboxed(v).Field(i)
	s := structType(r.goType(v))
	if s == nil || i >= s.NumFields() {
		return f
	}
	f = r.typed(f, s.Field(i).Type())
	if s.Field(i).Exported() {
		return f
	}
	mark := stickyMark
	if s.Field(i).Embedded() {
		mark = embedMark
	}
	*markOf(&f) |= mark
	return f
}

// ReflectValueField is the method Field of reflect.Value.
func (r *Registry) ReflectValueField(v reflect.Value, i int) reflect.Value {
	if u := r.unboxed(v); u.Kind() != reflect.Struct {
		return u.Field(i)
	}
	return r.fieldValue(v, i)
}

// ReflectValueFieldByIndex is the method FieldByIndex of reflect.Value.
func (r *Registry) ReflectValueFieldByIndex(v reflect.Value, path []int) reflect.Value {
	for i, index := range path {
		if u := r.unboxed(v); i > 0 && u.Kind() == reflect.Pointer {
			if u.IsNil() {
				panic("reflect: indirection through nil pointer to embedded struct")
			}
			v = r.ReflectValueElem(v)
		}
		v = r.ReflectValueField(v, index)
	}
	return v
}

// ReflectValueFieldByName is the method FieldByName of reflect.Value.
func (r *Registry) ReflectValueFieldByName(v reflect.Value, name string) reflect.Value {
	u := r.unboxed(v)
	if u.Kind() != reflect.Struct {
		return u.FieldByName(name)
	}
	path, known := r.fieldPath(v.Type(), name)
	switch {
	case !known:
		return u.FieldByName(name)
	case path == nil:
		return reflect.Value{}
	}
	return r.ReflectValueFieldByIndex(v, path)
}

// trueField gives a field of a struct type its own name and tag back.
func (r *Registry) trueField(t reflect.Type, f reflect.StructField, i int) reflect.StructField {
	s := structType(r.checkedType(t))
	if s == nil || i >= s.NumFields() {
		return f
	}
	v := s.Field(i)
	f.Name, f.PkgPath, f.Anonymous, f.Tag = v.Name(), "", v.Embedded(), reflect.StructTag(s.Tag(i))
	f.Type = r.typeFor(v.Type(), f.Type)
	if !v.Exported() && v.Pkg() != nil {
		f.PkgPath = v.Pkg().Path()
	}
	return f
}

// fieldPath is where a field of a struct type of cells is, through embedded ones too; nil where it has none of that name.
func (r *Registry) fieldPath(t reflect.Type, name string) (path []int, known bool) {
	c := r.checkedType(t)
	if structType(c) == nil {
		return nil, false
	}
	var pkg *types.Package
	if n, ok := types.Unalias(c).(*types.Named); ok {
		pkg = n.Obj().Pkg()
	}
	o, index, _ := types.LookupFieldOrMethod(c, true, pkg, name)
	if _, ok := o.(*types.Var); !ok {
		return nil, true
	}
	return index, true
}
