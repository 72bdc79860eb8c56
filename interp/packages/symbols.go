package packages

import (
	"maps"
	"reflect"
	"sync"

	yaegiunsafe "github.com/traefik/yaegi/stdlib/unsafe"

	"github.com/rivulet-go/rivulet/interp/packages/own"
	"github.com/rivulet-go/rivulet/interp/packages/std"
	"github.com/rivulet-go/rivulet/interp/packages/table"
)

var tables = sync.OnceValue(func() map[string]*table.Package {
	m := make(map[string]*table.Package, len(std.Packages)+len(own.Packages))
	for _, p := range std.Packages {
		m[p.Path] = p
	}
	for _, p := range own.Packages {
		m[p.Path] = p
	}
	return m
})

// Symbols are the compiled symbols of all packages, in the form that the interpreter's Use wants. The maps are new; building them
// takes milliseconds.
func Symbols() map[string]map[string]reflect.Value {
	all := make(map[string]map[string]reflect.Value, len(tables())+3)
	for path := range tables() {
		maps.Copy(all, SymbolsOf(path))
	}
	maps.Copy(all, SymbolsOf("unsafe"))
	all["."] = map[string]reflect.Value{"MapTypes": reflect.ValueOf(std.MapTypes())}
	return all
}

// SymbolsOf are the symbols of one package in the same form; those of an unknown package are empty. Those of "unsafe" include what the
// interpreter needs for its conversions.
func SymbolsOf(path string) map[string]map[string]reflect.Value {
	if path == "unsafe" {
		const conversions = "github.com/traefik/yaegi/yaegi"
		return map[string]map[string]reflect.Value{
			"unsafe/unsafe": maps.Clone(yaegiunsafe.Symbols["unsafe/unsafe"]),
			conversions:     maps.Clone(yaegiunsafe.Symbols[conversions]),
		}
	}
	p, ok := tables()[path]
	if !ok {
		return nil
	}
	return map[string]map[string]reflect.Value{p.Path + "/" + p.Name: p.Symbols()}
}

// Symbol is one symbol: a function, a variable that can be set, a constant (a constant.Value where it is untyped), or a nil pointer to
// a type.
func Symbol(path, name string) (reflect.Value, bool) {
	if path == "unsafe" {
		v, ok := yaegiunsafe.Symbols["unsafe/unsafe"][name]
		return v, ok
	}
	p, ok := tables()[path]
	if !ok {
		return reflect.Value{}, false
	}
	return p.Lookup(name)
}

// Wrapper is the struct type that implements a compiled interface: field IValue is the value that it stands for, and field WM the
// function that method M calls. Interfaces that only their own package can implement have none.
func Wrapper(path, name string) (reflect.Type, bool) {
	p, ok := tables()[path]
	if !ok {
		return nil, false
	}
	return p.Wrapper(name)
}

// Generic says whether name is a function or type with type parameters: it has no symbol, but Source or Overlay has
// its declaration.
func Generic(path, name string) bool {
	p, ok := tables()[path]
	return ok && p.Generic(name)
}
