package rt

import (
	"go/types"
	"reflect"
	"strconv"
	"strings"
)

// info is what is known of a reflect type.
type info struct {
	typ    *Type
	plain  bool          // nothing of the user's can be in a value
	unwrap func(any) any // for values that stand for others
}

// info is what is known of a reflect type.
func (r *Registry) info(t reflect.Type) *info {
	if v, ok := r.infos.Load(t); ok {
		return v.(*info)
	}
	in := r.study(t)
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
		if nt := r.tagged(t.Elem()); nt != nil {
			return &info{typ: r.declared(types.NewPointer(nt.typ))}
		}
	}
	if isWrapper(t) {
		return &info{unwrap: func(x any) any { return reflect.ValueOf(x).Field(0).Interface() }}
	}
	return &info{plain: !r.mayHold(t, map[reflect.Type]bool{})}
}

// isWrapper says whether a type is one that gives its IValue the methods of an interface.
func isWrapper(t reflect.Type) bool {
	return t.Kind() == reflect.Struct && strings.HasPrefix(t.Name(), "_") && t.NumField() > 0 &&
		t.Field(0).Name == "IValue" && t.Field(0).Type.Kind() == reflect.Interface
}

// mayHold says whether there can be values of the user's in one of type t. Compiled types hold compiled values.
func (r *Registry) mayHold(t reflect.Type, seen map[reflect.Type]bool) bool {
	if seen[t] {
		return false
	}
	seen[t] = true
	if t.PkgPath() != "" {
		return false
	}
	switch t.Kind() {
	case reflect.Interface:
		return t.NumMethod() == 0
	case reflect.Pointer, reflect.Slice, reflect.Array:
		return r.mayHold(t.Elem(), seen)
	case reflect.Map:
		return r.mayHold(t.Key(), seen) || r.mayHold(t.Elem(), seen)
	case reflect.Struct:
		if r.tagged(t) != nil {
			return true
		}
		for i := range t.NumField() {
			if r.mayHold(t.Field(i).Type, seen) {
				return true
			}
		}
	}
	return false
}
