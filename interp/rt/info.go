package rt

import (
	"encoding/json"
	"go/types"
	"reflect"
	"strconv"
	"strings"
)

// valueType is that of what package reflect has of values, which can be some of the user's.
var valueType = reflect.TypeFor[reflect.Value]()

// info is what is known of a reflect type.
type info struct {
	isType bool // it is that of reflect types
	typ    *Type
	plain  bool // nothing of the user's can be in a value
	user   bool // a type of the user's is part of it
	equal  comparability
	unwrap func(any) any // for values that stand for others
}

// info is what is known of a reflect type.
func (r *Registry) info(t reflect.Type) *info {
	if v, ok := r.infos.Load(t); ok {
		return v.(*info)
	}
	in := r.study(t)
	in.equal = comparabilityOf(t)
	v, _ := r.infos.LoadOrStore(t, in)
	return v.(*info)
}

// tagged is the type that the tag of the first field names.
func (r *Registry) tagged(t reflect.Type) *Type {
	if t.Kind() != reflect.Struct || t.NumField() == 0 {
		return nil
	}
	id, err := strconv.Atoi(t.Field(0).Tag.Get("rv"))
	if err != nil {
		return nil
	}
	return r.byID(id)
}

func (r *Registry) study(t reflect.Type) *info {
	if nt := r.tagged(t); nt != nil {
		return &info{typ: nt}
	}
	if t.Kind() == reflect.Pointer && t.Name() == "" {
		if nt := r.tagged(t.Elem()); nt != nil && !nt.box {
			if p := r.declared(types.NewPointer(nt.typ)); p != nil {
				return &info{typ: p}
			}
		}
	}
	if isWrapper(t) {
		return &info{unwrap: func(x any) any { return reflect.ValueOf(x).Field(0).Interface() }}
	}
	switch t {
	case reflect.TypeOf(anyType):
		return &info{isType: true, plain: true}
	case reflect.TypeFor[*json.MarshalerError]():
		return &info{unwrap: plainJSONError, plain: true}
	case reflect.TypeFor[*json.InvalidUnmarshalError]():
		return &info{unwrap: r.namedTargetError, plain: true}
	}
	return &info{
		plain: !r.mayHold(t, map[reflect.Type]bool{}),
		user:  r.mentions(t, map[reflect.Type]bool{}, func(t reflect.Type) bool { return r.tagged(t) != nil }),
	}
}

// isWrapper says whether a type is one that gives its IValue the methods of an interface.
func isWrapper(t reflect.Type) bool {
	return t.Kind() == reflect.Struct && strings.HasPrefix(t.Name(), "_") && t.NumField() > 0 &&
		t.Field(0).Name == "IValue" && t.Field(0).Type.Kind() == reflect.Interface
}

// mayHold says whether there can be values of the user's in one of type t. Compiled types hold compiled values.
func (r *Registry) mayHold(t reflect.Type, seen map[reflect.Type]bool) bool {
	return t.Kind() != reflect.Func && r.mentions(t, seen, func(t reflect.Type) bool {
		return t.Kind() == reflect.Interface && t.NumMethod() == 0 || t == valueType || r.tagged(t) != nil
	})
}

// mentions says whether one of the types that t is composed of is such.
func (r *Registry) mentions(t reflect.Type, seen map[reflect.Type]bool, such func(reflect.Type) bool) bool {
	if seen[t] || t.PkgPath() != "" && t.Kind() != reflect.Interface && t != valueType {
		return false
	}
	seen[t] = true
	if such(t) {
		return true
	}
	if t == valueType {
		return false
	}
	switch t.Kind() {
	case reflect.Func:
		for p := range t.Ins() {
			if r.mentions(p, seen, such) {
				return true
			}
		}
		for p := range t.Outs() {
			if r.mentions(p, seen, such) {
				return true
			}
		}
	case reflect.Pointer, reflect.Slice, reflect.Array:
		return r.mentions(t.Elem(), seen, such)
	case reflect.Map:
		return r.mentions(t.Key(), seen, such) || r.mentions(t.Elem(), seen, such)
	case reflect.Struct:
		for field := range t.Fields() {
			if r.mentions(field.Type, seen, such) {
				return true
			}
		}
	}
	return false
}

// contains says whether there is something of the user's in a value.
func (r *Registry) contains(v reflect.Value, depth int) bool {
	const deep = 16
	if !v.IsValid() || depth > deep {
		return false
	}
	switch in := r.info(v.Type()); {
	case v.Type() == valueType:
		return v.CanInterface() && r.goType(v.Interface().(reflect.Value)) != nil
	case in.typ != nil || in.user:
		return true
	case in.plain || in.unwrap != nil:
		return false
	}
	switch v.Kind() {
	case reflect.Interface, reflect.Pointer:
		return r.contains(v.Elem(), depth+1)
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			if r.contains(v.Index(i), depth+1) {
				return true
			}
		}
	case reflect.Map:
		for it := v.MapRange(); it.Next(); {
			if r.contains(it.Key(), depth+1) || r.contains(it.Value(), depth+1) {
				return true
			}
		}
	case reflect.Struct:
		for _, field := range v.Fields() {
			if r.contains(field, depth+1) {
				return true
			}
		}
	}
	return false
}
