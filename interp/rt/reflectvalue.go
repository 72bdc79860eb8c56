package rt

import (
	"go/types"
	"reflect"
)

// ReflectUnboxed is a value for methods of reflect.Value that need not know its type.
func (r *Registry) ReflectUnboxed(v reflect.Value) reflect.Value { return r.unboxed(v) }

// ReflectValueElem is the method Elem of reflect.Value.
func (r *Registry) ReflectValueElem(v reflect.Value) reflect.Value {
	u := r.unboxed(v)
	if u.Kind() != reflect.Pointer {
		return u.Elem()
	}
	return r.typed(u.Elem(), elemType(r.goType(v)))
}

// ReflectValueIndex is the method Index of reflect.Value.
func (r *Registry) ReflectValueIndex(v reflect.Value, i int) reflect.Value {
	return r.typed(r.unboxed(v).Index(i), elemType(r.goType(v)))
}

// ReflectValueAddr is the method Addr of reflect.Value.
func (r *Registry) ReflectValueAddr(v reflect.Value) reflect.Value {
	p := r.unboxed(v).Addr()
	if t := r.goType(v); t != nil {
		return r.typed(p, types.NewPointer(t))
	}
	return p
}

// ReflectValueSlice is the method Slice of reflect.Value.
func (r *Registry) ReflectValueSlice(v reflect.Value, i, j int) reflect.Value {
	return r.sliced(v, r.unboxed(v).Slice(i, j))
}

// ReflectValueSlice3 is the method Slice3 of reflect.Value.
func (r *Registry) ReflectValueSlice3(v reflect.Value, i, j, k int) reflect.Value {
	return r.sliced(v, r.unboxed(v).Slice3(i, j, k))
}

// sliced gives part of v its type: that of v, and for an array that of a slice of its elements.
func (r *Registry) sliced(v, part reflect.Value) reflect.Value {
	t := r.goType(v)
	if t == nil {
		return part
	}
	if a, ok := t.Underlying().(*types.Array); ok {
		t = types.NewSlice(a.Elem())
	}
	return r.typed(part, t)
}

// ReflectValueMapIndex is the method MapIndex of reflect.Value.
func (r *Registry) ReflectValueMapIndex(v, key reflect.Value) reflect.Value {
	u := r.unboxed(v)
	if u.Kind() != reflect.Map {
		return u.MapIndex(key)
	}
	return r.typed(u.MapIndex(r.stored(key, u.Type().Key())), elemType(r.goType(v)))
}

// ReflectValueMapKeys is the method MapKeys of reflect.Value.
func (r *Registry) ReflectValueMapKeys(v reflect.Value) []reflect.Value {
	keys := r.unboxed(v).MapKeys()
	for i, k := range keys {
		keys[i] = r.typed(k, keyType(r.goType(v)))
	}
	return keys
}

// ReflectValueMapRange is the method MapRange of reflect.Value. Where keys or elements need boxes, it goes through a copy.
func (r *Registry) ReflectValueMapRange(v reflect.Value) *reflect.MapIter {
	u := r.unboxed(v)
	t := r.goType(v)
	if u.Kind() != reflect.Map || t == nil {
		return u.MapRange()
	}
	key, elem := r.typeFor(keyType(t), u.Type().Key()), r.typeFor(elemType(t), u.Type().Elem())
	if key == u.Type().Key() && elem == u.Type().Elem() {
		return u.MapRange()
	}
	boxed := reflect.MakeMapWithSize(reflect.MapOf(key, elem), u.Len())
	for it := u.MapRange(); it.Next(); {
		boxed.SetMapIndex(r.typed(it.Key(), keyType(t)), r.typed(it.Value(), elemType(t)))
	}
	return boxed.MapRange()
}

// ReflectValueSet is the method Set of reflect.Value.
func (r *Registry) ReflectValueSet(v, x reflect.Value) {
	u := r.unboxed(v)
	if !u.IsValid() {
		u.Set(x)
		return
	}
	u.Set(r.stored(x, u.Type()))
}

// ReflectValueSetMapIndex is the method SetMapIndex of reflect.Value.
func (r *Registry) ReflectValueSetMapIndex(v, key, elem reflect.Value) {
	u := r.unboxed(v)
	if u.Kind() == reflect.Map {
		key, elem = r.stored(key, u.Type().Key()), r.stored(elem, u.Type().Elem())
	}
	u.SetMapIndex(key, elem)
}

// ReflectValueSend is the method Send of reflect.Value.
func (r *Registry) ReflectValueSend(v, x reflect.Value) {
	u := r.unboxed(v)
	if u.Kind() == reflect.Chan {
		x = r.stored(x, u.Type().Elem())
	}
	u.Send(x)
}

// ReflectValueRecv is the method Recv of reflect.Value.
func (r *Registry) ReflectValueRecv(v reflect.Value) (reflect.Value, bool) {
	x, ok := r.unboxed(v).Recv()
	return r.typed(x, elemType(r.goType(v))), ok
}

// ReflectValueConvert is the method Convert of reflect.Value.
func (r *Registry) ReflectValueConvert(v reflect.Value, t any) reflect.Value {
	tt := asType(t)
	if tt.Kind() == reflect.Interface {
		return v.Convert(tt)
	}
	return r.made(r.unboxed(v).Convert(r.plainType(tt)), tt)
}

// ReflectValueString is the method String of reflect.Value.
func (r *Registry) ReflectValueString(v reflect.Value) string {
	u := r.unboxed(v)
	if !u.IsValid() || u.Kind() == reflect.String {
		return u.String()
	}
	return "<" + r.ReflectString(v.Type()) + " Value>"
}

// ReflectValueCall is the method Call of reflect.Value.
func (r *Registry) ReflectValueCall(v reflect.Value, in []reflect.Value) []reflect.Value {
	return r.reflectCall(v, in, reflect.Value.Call)
}

// ReflectValueCallSlice is the method CallSlice of reflect.Value.
func (r *Registry) ReflectValueCallSlice(v reflect.Value, in []reflect.Value) []reflect.Value {
	return r.reflectCall(v, in, reflect.Value.CallSlice)
}

func (r *Registry) reflectCall(v reflect.Value, in []reflect.Value, call func(reflect.Value, []reflect.Value) []reflect.Value) []reflect.Value {
	u := r.unboxed(v)
	if u.Kind() != reflect.Func {
		return call(u, in)
	}
	t := u.Type()
	args := make([]reflect.Value, len(in))
	for i, a := range in {
		switch {
		case !a.IsValid():
		case i < t.NumIn():
			p := t.In(i)
			if t.IsVariadic() && i == t.NumIn()-1 {
				p = p.Elem()
			}
			a = r.stored(a, p)
		case t.IsVariadic():
			a = r.stored(a, t.In(t.NumIn()-1).Elem())
		}
		args[i] = a
	}
	out := call(u, args)
	if sig, ok := underlying(r.goType(v)).(*types.Signature); ok {
		for i := range out {
			out[i] = r.typed(out[i], sig.Results().At(i).Type())
		}
	}
	return out
}

// underlying is that of a type that may be nil.
func underlying(t types.Type) types.Type {
	if t == nil {
		return nil
	}
	return t.Underlying()
}
