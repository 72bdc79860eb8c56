package complete

import (
	"go/ast"
	"go/types"

	"github.com/rivulet-go/rivulet/interp/check"
)

// selected adds what can follow a dot.
func (q *query) selected(s *ast.SelectorExpr) {
	if id, ok := ast.Unparen(s.X).(*ast.Ident); ok {
		if name, ok := q.p.Info.Uses[id].(*types.PkgName); ok {
			q.symbols(name.Imported(), q.wantsType(s, 2))
			return
		}
		if paths := q.p.Choices[id.Name]; len(paths) > 0 {
			for _, p := range paths {
				if pkg, err := q.o.Checker.Import(p); err == nil {
					q.symbols(pkg, q.wantsType(s, 2))
				}
			}
			return
		}
	}
	tv, ok := q.p.Info.Types[s.X]
	switch {
	case !ok || tv.Type == nil || tv.Type == types.Typ[types.Invalid]:
	case tv.IsType():
		for sel := range types.NewMethodSet(tv.Type).Methods() {
			if q.usable(sel.Obj()) {
				q.add(sel.Obj(), near)
			}
		}
	default:
		for _, obj := range members(tv.Type, tv.Addressable(), q.p.Pkg) {
			q.add(obj, near)
		}
	}
}

// symbols adds what a package exports.
func (q *query) symbols(pkg *types.Package, onlyTypes bool) {
	scope := pkg.Scope()
	for _, name := range scope.Names() {
		obj := scope.Lookup(name)
		if _, isType := obj.(*types.TypeName); obj.Exported() && (isType || !onlyTypes) {
			q.add(obj, near)
		}
	}
}

// usable says whether cells can name an object of any package.
func (q *query) usable(obj types.Object) bool { return obj.Exported() || obj.Pkg() == q.p.Pkg }

// members are the fields and methods, promoted ones too, that package pkg can select of a value: those with a pointer receiver only
// where it has an address, or is a pointer.
func members(t types.Type, addressable bool, pkg *types.Package) []types.Object {
	var list []types.Object
	for _, f := range fields(t) {
		if !f.Exported() && f.Pkg() != pkg || !isName(f.Name()) {
			continue
		}
		// Fields of the same name at the same depth hide each other.
		if obj, _, _ := types.LookupFieldOrMethod(t, addressable, f.Pkg(), f.Name()); obj == types.Object(f) {
			list = append(list, f)
		}
	}
	if _, isPointer := t.Underlying().(*types.Pointer); addressable && !isPointer && !types.IsInterface(t) {
		t = types.NewPointer(t)
	}
	for sel := range types.NewMethodSet(t).Methods() {
		if m := sel.Obj(); (m.Exported() || m.Pkg() == pkg) && isName(m.Name()) {
			list = append(list, m)
		}
	}
	return list
}

// isName says whether a name is one that the user has written and can use.
func isName(s string) bool { return s != "" && s != "_" && !check.IsPlaceholder(&ast.Ident{Name: s}) }

// fields are those of a struct, or of what a pointer points to, and of all that it embeds.
func fields(t types.Type) []*types.Var {
	var list []*types.Var
	seen := map[types.Type]bool{}
	var walk func(types.Type)
	walk = func(t types.Type) {
		if p, ok := t.Underlying().(*types.Pointer); ok {
			t = p.Elem()
		}
		t = types.Unalias(t)
		st, ok := t.Underlying().(*types.Struct)
		if !ok || seen[t] {
			return
		}
		seen[t] = true
		for f := range st.Fields() {
			list = append(list, f)
			if f.Embedded() {
				walk(f.Type())
			}
		}
	}
	walk(t)
	return list
}
