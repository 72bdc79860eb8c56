package table

import (
	"reflect"
	"slices"
	"strings"
)

// Entry is a name and what it stands for; the list that it is in says how.
type Entry struct {
	Name  string
	Value any
}

// Package is what a compiled package exports, except generic declarations and constraints. Lists are sorted by name.
type Package struct {
	Path, Name string
	Values     []Entry // functions and typed constants
	Variables  []Entry // pointers to them
	Constants  []Entry // untyped ones: Int, Number, Text or bool
	Types      []Entry // nil pointers to them
	// Wrappers are nil pointers to structs with a function field for each method of the interface of that name. Their
	// first field, IValue, is the value that they stand for.
	Wrappers []Entry
	Generics []string // functions and types with type parameters
}

// Symbols is the package in yaegi's form: constants are constant.Value, types are nil pointers, variables can be set,
// wrappers have an underscore before the name of their interface.
func (p *Package) Symbols() map[string]reflect.Value {
	n := len(p.Values) + len(p.Variables) + len(p.Constants) + len(p.Types) + len(p.Wrappers)
	m := make(map[string]reflect.Value, n)
	for _, e := range p.Values {
		m[e.Name] = reflect.ValueOf(e.Value)
	}
	for _, e := range p.Variables {
		m[e.Name] = reflect.ValueOf(e.Value).Elem()
	}
	for _, e := range p.Constants {
		m[e.Name] = constantOf(e.Value)
	}
	for _, e := range p.Types {
		m[e.Name] = reflect.ValueOf(e.Value)
	}
	for _, e := range p.Wrappers {
		m["_"+e.Name] = reflect.ValueOf(e.Value)
	}
	return m
}

// Lookup finds one symbol of Symbols.
func (p *Package) Lookup(name string) (reflect.Value, bool) {
	if w, ok := strings.CutPrefix(name, "_"); ok {
		v, ok := find(p.Wrappers, w)
		return reflect.ValueOf(v), ok
	}
	if v, ok := find(p.Values, name); ok {
		return reflect.ValueOf(v), true
	}
	if v, ok := find(p.Types, name); ok {
		return reflect.ValueOf(v), true
	}
	if v, ok := find(p.Variables, name); ok {
		return reflect.ValueOf(v).Elem(), true
	}
	if v, ok := find(p.Constants, name); ok {
		return constantOf(v), true
	}
	return reflect.Value{}, false
}

// Wrapper is the struct type that implements the interface of that name with functions.
func (p *Package) Wrapper(name string) (reflect.Type, bool) {
	v, ok := find(p.Wrappers, name)
	if !ok {
		return nil, false
	}
	return reflect.TypeOf(v).Elem(), true
}

// Generic says whether name is a function or type with type parameters.
func (p *Package) Generic(name string) bool {
	_, ok := slices.BinarySearch(p.Generics, name)
	return ok
}

func find(list []Entry, name string) (any, bool) {
	i, ok := slices.BinarySearchFunc(list, name, func(e Entry, name string) int { return strings.Compare(e.Name, name) })
	if !ok {
		return nil, false
	}
	return list[i].Value, true
}
