package interp

import (
	"fmt"
	"reflect"
	"unsafe"

	"github.com/traefik/yaegi/interp"
)

// scope reaches yaegi's table of package-level names, which yaegi keeps to itself. Without it a cell that does not
// compile would leave half of its names behind, and a redefined type would keep its old methods. The version of yaegi
// is pinned; newScope checks that the fields are what this file takes them for.
type scope struct {
	syms reflect.Value // map[string]*symbol
}

// symbol kinds of yaegi, in its order.
const (
	symUndefined = iota
	symBin
	symBuiltin
	symConst
	symFunc
	symLabel
	symPackage
	symType
	symVarType
	symVar
)

func newScope(i *interp.Interpreter) (s scope, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("session: unknown version of yaegi: %v", v)
		}
	}()
	scopes := open(reflect.ValueOf(i).Elem().FieldByName("scopes"))
	main := scopes.MapIndex(reflect.ValueOf("main"))
	s.syms = open(main.Elem().FieldByName("sym"))
	if k := s.syms.Type().Elem().Elem().Kind(); k != reflect.Struct {
		return s, fmt.Errorf("session: unknown version of yaegi: a symbol is a %v", k)
	}
	return s, nil
}

// open gives a field of an unexported name without the mark that forbids its use.
func open(f reflect.Value) reflect.Value {
	return reflect.NewAt(f.Type(), unsafe.Pointer(f.UnsafeAddr())).Elem()
}

type savedSymbol struct {
	pointer, value reflect.Value
}

// save copies the table; restore brings it back as it was.
func (s scope) save() map[string]savedSymbol {
	saved := make(map[string]savedSymbol, s.syms.Len())
	for it := s.syms.MapRange(); it.Next(); {
		p := it.Value()
		v := reflect.New(p.Type().Elem()).Elem()
		v.Set(p.Elem())
		saved[it.Key().String()] = savedSymbol{p, v}
	}
	return saved
}

func (s scope) restore(saved map[string]savedSymbol) {
	for it := s.syms.MapRange(); it.Next(); {
		if _, ok := saved[it.Key().String()]; !ok {
			s.remove(it.Key().String())
		}
	}
	for name, x := range saved {
		x.pointer.Elem().Set(x.value)
		s.syms.SetMapIndex(reflect.ValueOf(name), x.pointer)
	}
}

func (s scope) remove(name string) { s.syms.SetMapIndex(reflect.ValueOf(name), reflect.Value{}) }

// forget removes a name that is about to be declared again, so that the new declaration does not build on the old one.
func (s scope) forget(name string) { s.remove(name) }

// kinds maps every name to its symbol kind.
func (s scope) kinds() map[string]int {
	m := make(map[string]int, s.syms.Len())
	for it := s.syms.MapRange(); it.Next(); {
		m[it.Key().String()] = int(open(it.Value().Elem().FieldByName("kind")).Uint())
	}
	return m
}

// methods are the interpreted methods of a global variable's or type's type.
func (s scope) methods(name string) []string {
	p := s.syms.MapIndex(reflect.ValueOf(name))
	if !p.IsValid() || p.IsNil() {
		return nil
	}
	t := p.Elem().FieldByName("typ")
	var names []string
	for range 2 { // the type, and what it points to
		if t.IsNil() {
			break
		}
		list := t.Elem().FieldByName("method")
		for i := range list.Len() {
			if m := list.Index(i); !m.IsNil() {
				names = append(names, m.Elem().FieldByName("ident").String())
			}
		}
		t = t.Elem().FieldByName("val")
	}
	return names
}
