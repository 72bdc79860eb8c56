package rt

import (
	"fmt"
	"go/types"
	"reflect"
	"sync"
)

// Interface is a declared interface type.
type Interface struct {
	r       *Registry
	typ     types.Type
	iface   *types.Interface
	str     string
	missing sync.Map // reflect.Type to the name of the first missing method
}

func (r *Registry) iface(id int) *Interface {
	v, ok := r.ifaces.Load(id)
	if !ok {
		panic(fmt.Sprintf("rt: interface %d is not declared", id))
	}
	return v.(*Interface)
}

// Implements says whether a value has the methods of an interface; nil has none.
func (r *Registry) Implements(x any, iface int) bool {
	return x != nil && r.iface(iface).lacks(x) == ""
}

// AssertI is the type assertion of a value to an interface type.
func (r *Registry) AssertI(x any, iface int) any {
	i := r.iface(iface)
	if x == nil {
		panic(assertionError("interface conversion: interface is nil, not " + i.str))
	}
	if m := i.lacks(x); m != "" {
		panic(assertionError("interface conversion: " + r.TypeString(x) + " is not " + i.str + ": missing method " + m))
	}
	return x
}

// NotA panics as a type assertion does that failed: iface and want are types as %T prints them.
func (r *Registry) NotA(x any, iface, want string) {
	if x == nil {
		panic(assertionError("interface conversion: " + iface + " is nil, not " + want))
	}
	have := r.TypeString(x)
	text := "interface conversion: " + iface + " is " + have + ", not " + want
	if have == want {
		text += " (types from different scopes)"
	}
	panic(assertionError(text))
}

// lacks is the first method of the interface that a value has not.
func (i *Interface) lacks(x any) string {
	t := reflect.TypeOf(x)
	if v, ok := i.missing.Load(t); ok {
		return v.(string)
	}
	m := i.find(t)
	i.missing.Store(t, m)
	return m
}

func (i *Interface) find(t reflect.Type) string {
	if ty := i.r.info(t).typ; ty != nil {
		if m, _ := types.MissingMethod(ty.typ, i.iface, true); m != nil {
			return m.Name()
		}
		return ""
	}
	for f := range i.iface.Methods() {
		m, ok := t.MethodByName(f.Name())
		if !ok || !sameMethod(m.Type, f.Type().(*types.Signature), t.Kind() != reflect.Interface) {
			return f.Name()
		}
	}
	return ""
}
