package rt

import (
	"go/types"
	"reflect"
	"strconv"
	"strings"
)

// What lowered code asks package reflect about types goes through here: package reflect itself sees structs of cells without
// their names and methods and with all fields exported, boxes for other types of cells, and no interfaces.

// interfaceTag begins the tag of the struct that stands for an interface type of cells, before its number.
const interfaceTag = "i"

// stoodFor is the interface type of cells that a reflect type stands for, nil for all others.
func (r *Registry) stoodFor(t reflect.Type) *Interface {
	if t.Kind() != reflect.Struct || t.NumField() != 1 {
		return nil
	}
	number, ok := strings.CutPrefix(t.Field(0).Tag.Get("rv"), interfaceTag)
	if !ok {
		return nil
	}
	id, err := strconv.Atoi(number)
	if err != nil {
		return nil
	}
	return r.iface(id)
}

// checkedType is the checker's type of a reflect type of cells: of a box, a struct, a pointer to one, or an interface. nil for
// all others, of which package reflect knows what there is to know.
func (r *Registry) checkedType(t reflect.Type) types.Type {
	if i := r.stoodFor(t); i != nil {
		return i.typ
	}
	if ty := r.info(t).typ; ty != nil {
		return ty.typ
	}
	if t.Kind() == reflect.Pointer && t.Name() == "" {
		if elem := r.checkedType(t.Elem()); elem != nil {
			return types.NewPointer(elem)
		}
	}
	return nil
}

// asType is the reflect type that lowered code has in an interface. nil is a nil dereference.
func asType(t any) reflect.Type {
	if t == nil {
		panic(nilDereference())
	}
	return t.(reflect.Type)
}

// ReflectImplements is the method Implements of reflect.Type.
func (r *Registry) ReflectImplements(t, u any) bool {
	if u == nil {
		panic("reflect: nil type passed to Type.Implements")
	}
	return r.typeImplements(asType(t), asType(u))
}

func (r *Registry) typeImplements(t, u reflect.Type) bool {
	have := r.checkedType(t)
	if i := r.stoodFor(u); i != nil {
		if have == nil {
			return i.find(t) == ""
		}
		m, _ := types.MissingMethod(have, i.iface, true)
		return m == nil
	}
	if have == nil || u.Kind() != reflect.Interface {
		return t.Implements(u)
	}
	set := types.NewMethodSet(have)
	for m := range u.Methods() {
		found := set.Lookup(nil, m.Name)
		if found == nil || !sameMethod(m.Type, found.Obj().(*types.Func).Signature(), false) {
			return false
		}
	}
	return true
}

// ReflectAssignableTo is the method AssignableTo of reflect.Type.
func (r *Registry) ReflectAssignableTo(t, u any) bool {
	tt, ut := asType(t), asType(u)
	if ut.Kind() == reflect.Interface || r.stoodFor(ut) != nil {
		return r.typeImplements(tt, ut)
	}
	if r.checkedType(tt) != nil && r.checkedType(ut) != nil {
		return types.AssignableTo(r.checkedType(tt), r.checkedType(ut))
	}
	return tt.AssignableTo(ut)
}

// ReflectConvertibleTo is the method ConvertibleTo of reflect.Type.
func (r *Registry) ReflectConvertibleTo(t, u any) bool {
	tt, ut := asType(t), asType(u)
	if ut.Kind() == reflect.Interface || r.stoodFor(ut) != nil {
		return r.typeImplements(tt, ut)
	}
	return r.plainType(tt).ConvertibleTo(r.plainType(ut))
}

// ReflectKind is the method Kind of reflect.Type.
func (r *Registry) ReflectKind(t any) reflect.Kind {
	tt := asType(t)
	if r.stoodFor(tt) != nil {
		return reflect.Interface
	}
	return r.plainType(tt).Kind()
}

// ReflectString is the method String of reflect.Type.
func (r *Registry) ReflectString(t any) string {
	tt := asType(t)
	if c := r.checkedType(tt); c != nil {
		return typeString(c)
	}
	return r.typeName(tt, nil)
}

// typeText is a reflect type that prints the names of cells.
type typeText struct {
	reflect.Type
	text string
}

func (t typeText) String() string { return t.text }

func (r *Registry) typeText(t reflect.Type) any {
	if text := r.ReflectString(t); text != t.String() {
		return typeText{t, text}
	}
	return t
}

// ReflectName is the method Name of reflect.Type.
func (r *Registry) ReflectName(t any) string {
	tt := asType(t)
	c := r.checkedType(tt)
	if c == nil {
		return tt.Name()
	}
	n, ok := types.Unalias(c).(*types.Named)
	if !ok {
		return ""
	}
	return n.Obj().Name() + typeString(c)[len(typeString(n.Origin())):]
}

// ReflectPkgPath is the method PkgPath of reflect.Type.
func (r *Registry) ReflectPkgPath(t any) string {
	tt := asType(t)
	switch c := types.Unalias(r.checkedType(tt)).(type) {
	case nil:
		return tt.PkgPath()
	case *types.Named:
		if c.Obj().Pkg() != nil {
			return c.Obj().Pkg().Path()
		}
	}
	return ""
}

// ReflectPlain is a type for methods of reflect.Type that need not know whose it is.
func (r *Registry) ReflectPlain(t any) any { return r.plainType(asType(t)) }

// ReflectArgument is a type for functions of package reflect.
func (r *Registry) ReflectArgument(t reflect.Type) reflect.Type {
	if t == nil {
		return nil
	}
	return r.plainType(t)
}

// ReflectElem is the method Elem of reflect.Type.
func (r *Registry) ReflectElem(t any) any {
	tt := asType(t)
	return r.typeFor(elemType(r.checkedType(tt)), r.plainType(tt).Elem())
}

// ReflectKey is the method Key of reflect.Type.
func (r *Registry) ReflectKey(t any) any {
	tt := asType(t)
	return r.typeFor(keyType(r.checkedType(tt)), r.plainType(tt).Key())
}

// ReflectIn is the method In of reflect.Type.
func (r *Registry) ReflectIn(t any, i int) any {
	tt := asType(t)
	p := r.plainType(tt).In(i)
	if sig, ok := underlying(r.checkedType(tt)).(*types.Signature); ok {
		return r.typeFor(sig.Params().At(i).Type(), p)
	}
	return p
}

// ReflectOut is the method Out of reflect.Type.
func (r *Registry) ReflectOut(t any, i int) any {
	tt := asType(t)
	p := r.plainType(tt).Out(i)
	if sig, ok := underlying(r.checkedType(tt)).(*types.Signature); ok {
		return r.typeFor(sig.Results().At(i).Type(), p)
	}
	return p
}

// ReflectField is the method Field of reflect.Type.
func (r *Registry) ReflectField(t any, i int) reflect.StructField {
	tt := asType(t)
	return r.trueField(tt, r.plainType(tt).Field(i), i)
}

// ReflectFieldByName is the method FieldByName of reflect.Type.
func (r *Registry) ReflectFieldByName(t any, name string) (reflect.StructField, bool) {
	tt := asType(t)
	path, known := r.fieldPath(tt, name)
	if !known {
		return r.plainType(tt).FieldByName(name)
	}
	if path == nil {
		return reflect.StructField{}, false
	}
	var f reflect.StructField
	for n, i := range path {
		if n > 0 {
			if tt = f.Type; r.plainType(tt).Kind() == reflect.Pointer {
				tt = r.ReflectElem(tt).(reflect.Type)
			}
		}
		f = r.ReflectField(tt, i)
	}
	f.Index = path
	return f, true
}
