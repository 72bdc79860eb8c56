package interp

import (
	"errors"
	"reflect"
	"unsafe"

	"github.com/traefik/yaegi/interp"
)

// leftovers reach what yaegi keeps of all code that it has compiled, for its debugger and for nobody: the roots of syntax
// trees, and the scopes within a package's. A notebook compiles for days; some 20 KB a cell would stay. What still runs,
// closures and goroutines, has references of its own.
type leftovers struct {
	roots  reflect.Value
	scopes reflect.Value // of packages, by path
}

func newLeftovers(i *interp.Interpreter) (leftovers, error) {
	o := leftovers{roots: field(reflect.ValueOf(i), "roots"), scopes: field(reflect.ValueOf(i), "scopes")}
	if !o.roots.IsValid() || o.roots.Kind() != reflect.Slice || !o.scopes.IsValid() || o.scopes.Kind() != reflect.Map {
		return o, errors.New("session: unknown version of yaegi: it keeps syntax trees elsewhere")
	}
	return o, nil
}

// field is a field of the struct that p points to, settable though it is not exported; the zero Value where there is none.
func field(p reflect.Value, name string) reflect.Value {
	f := p.Elem().FieldByName(name)
	if !f.IsValid() {
		return f
	}
	return reflect.NewAt(f.Type(), unsafe.Pointer(f.UnsafeAddr())).Elem()
}

// main is the scope of what cells declare, the zero Value before the first of them.
func (o leftovers) main() reflect.Value { return o.scopes.MapIndex(reflect.ValueOf("main")) }

// compiled drops what was kept while code was compiled. Nothing may be compiled at the same time.
func (o leftovers) compiled() {
	o.roots.SetZero()
	if scope := o.main(); scope.IsValid() {
		field(scope, "child").SetZero()
	}
}

// ran drops a function that is not called any more. Nothing may be compiled at the same time.
func (o leftovers) ran(function string) {
	if scope := o.main(); scope.IsValid() {
		field(scope, "sym").SetMapIndex(reflect.ValueOf(function), reflect.Value{})
	}
}
