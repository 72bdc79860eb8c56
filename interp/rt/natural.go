package rt

import (
	"go/types"
	"reflect"
	"unsafe"

	"github.com/rivulet-go/rivulet/display"
)

// naturalHead and naturalTail bound the elements of a long list that are made natural: more are never drawn.
const (
	naturalList = 10000
	naturalHead = 5000
	naturalTail = 100
)

// Display is what package display is given for a result: a value of compiled types with the names of the user's
// fields, so that it can be drawn as a table, with adapters for what says itself how it looks.
func (r *Registry) Display(x any) any {
	x = r.In(x)
	if x == nil {
		return nil
	}
	in := r.info(reflect.TypeOf(x))
	if in.typ == nil && (in.plain || !r.contains(reflect.ValueOf(x), 0)) {
		return x
	}
	return r.natural(x)
}

// natural makes a value of compiled types.
func (r *Registry) natural(x any) any {
	n := r.dynamic(reflect.ValueOf(x), open)
	switch n.v.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Slice, reflect.Func, reflect.Chan:
		if n.v.IsNil() {
			return plainText("nil (" + r.name(n) + ")")
		}
		if k := n.v.Kind(); k == reflect.Func || k == reflect.Chan {
			return plainText(r.name(n))
		}
	case reflect.Struct:
		if n.v.NumField() == 0 && r.speaker(n) == nil {
			return plainText(r.name(n) + "{}")
		}
	}
	if s := r.speaker(n); s != nil {
		return s
	}
	b := naturals{r: r, made: map[unsafe.Pointer]reflect.Value{}, open: map[types.Type]bool{}}
	out := reflect.New(b.typeOf(n)).Elem()
	b.fill(out, n)
	return named(out, n).Interface()
}

// plainText is text that package display takes as it is.
type plainText string

// Text is the text.
func (t plainText) Text() string { return string(t) }

type (
	namedString string
	namedByte   byte
)

// named keeps text and bytes of the user's types from being taken for plain ones.
func named(v reflect.Value, n node) reflect.Value {
	switch t := v.Type(); {
	case n.t == nil:
	case t.Kind() == reflect.String:
		return v.Convert(reflect.TypeFor[namedString]())
	case t == reflect.TypeFor[[]byte]():
		return reflect.ValueOf(*(*[]namedByte)(unsafe.Pointer(new(v.Bytes()))))
	}
	return v
}

// speaker is the adapter of a value that has methods to show itself; nil if it has none.
func (r *Registry) speaker(n node) any {
	if n.ty == nil {
		return nil
	}
	b := n.ty.bound.Load()
	for _, name := range showMethods {
		if b.methods[name] != nil {
			return shown{held{n.ty.boxed(n.v), r}}
		}
	}
	if b.kind&(isError|isStringer) != 0 || b.methods["Format"] != nil {
		return adapt(held{n.ty.boxed(n.v), r}, b.kind)
	}
	return nil
}

// naturals makes natural values; pointers that are equal stay so.
type naturals struct {
	r    *Registry
	made map[unsafe.Pointer]reflect.Value
	open map[types.Type]bool // the structs that are being made, which can't contain themselves
}

// typeOf is the natural type of a static type.
func (b *naturals) typeOf(n node) reflect.Type {
	if n.t == nil {
		if b.r.info(n.v.Type()).plain {
			return n.v.Type()
		}
		return b.composite(n.v.Type(), nil, n.ro)
	}
	return b.static(n.v.Type(), n.t, n.ro)
}

func (b *naturals) static(rt reflect.Type, t types.Type, ro access) reflect.Type {
	switch {
	case rt.PkgPath() != "":
		return rt
	case rt.Kind() == reflect.Interface:
		return anyType
	case t == nil && b.r.tagged(rt) != nil:
		t = b.r.tagged(rt).typ
	}
	if ro == open && b.speaks(t) {
		return anyType
	}
	return b.composite(rt, t, ro)
}

// speaks says whether values of a type are shown through an adapter.
func (b *naturals) speaks(t types.Type) bool {
	ty := b.r.declared(t)
	if ty == nil {
		return false
	}
	bound := ty.bound.Load()
	for _, name := range showMethods {
		if bound.methods[name] != nil {
			return true
		}
	}
	return bound.kind&(isError|isStringer) != 0 || bound.methods["Format"] != nil
}

func (b *naturals) composite(rt reflect.Type, t types.Type, ro access) reflect.Type {
	switch rt.Kind() {
	case reflect.Struct:
		return b.structure(rt, t, ro)
	case reflect.Slice:
		return reflect.SliceOf(b.static(rt.Elem(), elemType(t), ro.inner()))
	case reflect.Array:
		return reflect.ArrayOf(rt.Len(), b.static(rt.Elem(), elemType(t), ro.inner()))
	case reflect.Map:
		key := b.static(rt.Key(), keyType(t), ro.inner())
		return reflect.MapOf(key, b.static(rt.Elem(), elemType(t), ro.inner()))
	case reflect.Pointer:
		return reflect.PointerTo(b.static(rt.Elem(), elemType(t), ro.inner()))
	}
	return rt
}

func (b *naturals) structure(rt reflect.Type, t types.Type, ro access) reflect.Type {
	s := structType(t)
	if s == nil {
		return rt
	}
	if b.open[t] {
		return anyType
	}
	b.open[t] = true
	defer delete(b.open, t)
	fields := make([]reflect.StructField, rt.NumField())
	for i := range fields {
		f := s.Field(i)
		to := fieldAccess(ro, f.Exported(), f.Embedded())
		fields[i] = reflect.StructField{Name: f.Name(), Type: b.static(rt.Field(i).Type, f.Type(), to), Tag: reflect.StructTag(s.Tag(i))}
		if !f.Exported() {
			fields[i].PkgPath = "main"
		}
		if _, named := types.Unalias(t).(*types.Named); named && i == 0 {
			fields[i].Tag += reflect.StructTag(" " + display.TypeTag + `:"` + typeString(t) + `"`)
		}
	}
	return reflect.StructOf(fields)
}

// fill sets a natural value from a cell's.
func (b *naturals) fill(out reflect.Value, n node) {
	v := n.v
	switch {
	case !v.IsValid():
	case out.Type() == v.Type() && out.Kind() != reflect.Interface && b.r.info(v.Type()).plain:
		out.Set(v)
	case out.Kind() == reflect.Interface:
		b.fillAny(out, n)
	default:
		b.fillComposite(out, n)
	}
}

func (b *naturals) fillAny(out reflect.Value, n node) {
	if n.v.Kind() == reflect.Interface {
		if n.v.IsNil() {
			return
		}
		n = b.r.elem(n)
	}
	if s := b.r.speaker(n); s != nil && n.ro == open {
		out.Set(reflect.ValueOf(s))
		return
	}
	inner := &naturals{b.r, b.made, map[types.Type]bool{}}
	x := reflect.New(inner.typeOf(n)).Elem()
	inner.fill(x, n)
	out.Set(x)
}

func (b *naturals) fillComposite(out reflect.Value, n node) {
	v := n.v
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			_, f := b.r.field(n, i)
			to := out.Field(i)
			b.fill(reflect.NewAt(to.Type(), to.Addr().UnsafePointer()).Elem(), f)
		}
	case reflect.Slice:
		if v.IsNil() {
			return
		}
		out.Set(reflect.MakeSlice(out.Type(), v.Len(), v.Len()))
		b.fillList(out, n)
	case reflect.Array:
		b.fillList(out, n)
	case reflect.Map:
		if v.IsNil() {
			return
		}
		out.Set(reflect.MakeMapWithSize(out.Type(), v.Len()))
		for it := v.MapRange(); it.Next(); {
			key, elem := reflect.New(out.Type().Key()).Elem(), reflect.New(out.Type().Elem()).Elem()
			b.fill(key, b.r.static(it.Key(), keyType(n.t), n.ro.inner()))
			b.fill(elem, b.r.static(it.Value(), elemType(n.t), n.ro.inner()))
			out.SetMapIndex(key, elem)
		}
	case reflect.Pointer:
		b.fillPointer(out, n)
	default:
		out.Set(v)
	}
}

func (b *naturals) fillList(out reflect.Value, n node) {
	total := n.v.Len()
	for i := range total {
		if total > naturalList && i >= naturalHead && i < total-naturalTail {
			continue
		}
		b.fill(out.Index(i), b.r.index(n, i))
	}
}

func (b *naturals) fillPointer(out reflect.Value, n node) {
	if n.v.IsNil() {
		return
	}
	at := n.v.UnsafePointer()
	if p, ok := b.made[at]; ok && p.Type() == out.Type() {
		out.Set(p)
		return
	}
	p := reflect.New(out.Type().Elem())
	b.made[at] = p
	b.fill(p.Elem(), b.r.elem(n))
	out.Set(p)
}
