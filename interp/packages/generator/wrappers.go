package generator

import (
	"fmt"
	"go/types"
	"strings"
)

// wrapper writes the struct that implements an interface with functions. An interface that no other package can implement has
// none; one declared elsewhere in the same folder lends its own.
func (t *tableWriter) wrapper(o *types.TypeName, i *types.Interface) {
	if !implementable(i) {
		return
	}
	name := o.Name()
	if n, ok := types.Unalias(o.Type()).(*types.Named); ok && n.Obj() != types.Object(o) && n.Obj().Pkg() != nil && !internal(n.Obj().Pkg().Path()) {
		fmt.Fprintf(&t.wrappers, "{%q, (*%s)(nil)},\n", name, wrapperName(n.Obj().Pkg().Path(), n.Obj().Name()))
		return
	}
	w := wrapperName(t.p.ImportPath, name)
	fmt.Fprintf(&t.wrappers, "{%q, (*%s)(nil)},\n", name, w)
	fmt.Fprintf(&t.structs, "\ntype %s struct {\nIValue any\n", w)
	for m := range i.Methods() {
		fmt.Fprintf(&t.structs, "W%s func%s\n", m.Name(), t.signature(m.Signature(), false))
	}
	t.structs.WriteString("}\n")
	for m := range i.Methods() {
		fmt.Fprintf(&t.structs, "\nfunc (w %s) %s%s {\n", w, m.Name(), t.signature(m.Signature(), true))
		if m.Name() == "String" {
			// A wrapper that is not filled in yet may be printed.
			t.structs.WriteString("if w.WString == nil {\nreturn \"\"\n}\n")
		}
		if m.Signature().Results().Len() > 0 {
			t.structs.WriteString("return ")
		}
		fmt.Fprintf(&t.structs, "w.W%s(%s)\n}\n", m.Name(), arguments(m.Signature()))
	}
}

func wrapperName(path, name string) string {
	return "_" + strings.TrimPrefix(variable(path), "p_") + "_" + name
}

// implementable says whether other packages can implement an interface, and name every type in it.
func implementable(i *types.Interface) bool {
	for m := range i.Methods() {
		if !m.Exported() || !nameable(m.Type(), map[types.Type]bool{}) {
			return false
		}
	}
	return true
}

// nameable says whether any package can write a type.
func nameable(t types.Type, seen map[types.Type]bool) bool {
	if seen[t] {
		return true
	}
	seen[t] = true
	all := func(tuple *types.Tuple) bool {
		for v := range tuple.Variables() {
			if !nameable(v.Type(), seen) {
				return false
			}
		}
		return true
	}
	object := func(o *types.TypeName) bool {
		return o.Pkg() == nil || o.Exported() && !internal(o.Pkg().Path())
	}
	arguments := func(list *types.TypeList) bool {
		for a := range list.Types() {
			if !nameable(a, seen) {
				return false
			}
		}
		return true
	}
	switch t := t.(type) {
	case *types.Alias:
		return object(t.Obj()) && arguments(t.TypeArgs())
	case *types.Named:
		return object(t.Obj()) && arguments(t.TypeArgs())
	case *types.Signature:
		return all(t.Params()) && all(t.Results())
	case *types.Map:
		return nameable(t.Key(), seen) && nameable(t.Elem(), seen)
	case interface{ Elem() types.Type }:
		return nameable(t.Elem(), seen)
	case *types.Basic, *types.Struct, *types.Interface:
		return true
	}
	return false
}

// signature writes parameters and results; names are given where a body needs them.
func (t *tableWriter) signature(s *types.Signature, named bool) string {
	var b strings.Builder
	b.WriteString("(")
	for i := range s.Params().Len() {
		if i > 0 {
			b.WriteString(", ")
		}
		if named {
			fmt.Fprintf(&b, "a%d ", i)
		}
		kind := s.Params().At(i).Type()
		if s.Variadic() && i == s.Params().Len()-1 {
			b.WriteString("..." + t.kind(kind.(*types.Slice).Elem()))
			continue
		}
		b.WriteString(t.kind(kind))
	}
	b.WriteString(") (")
	for i := range s.Results().Len() {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(t.kind(s.Results().At(i).Type()))
	}
	b.WriteString(")")
	return strings.TrimSuffix(b.String(), " ()")
}

func (t *tableWriter) kind(k types.Type) string { return types.TypeString(k, t.imports.qualify) }

func arguments(s *types.Signature) string {
	var list []string
	for i := range s.Params().Len() {
		list = append(list, fmt.Sprintf("a%d", i))
	}
	if s.Variadic() {
		list[len(list)-1] += "..."
	}
	return strings.Join(list, ", ")
}
