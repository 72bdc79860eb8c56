package check

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// hook is called by go/types when it has collected the objects of all files.
type hook struct{ a *attempt }

func (h hook) Import(path string) (*types.Package, error) {
	if path != hookPath {
		return nil, fmt.Errorf("check: unexpected import of %q", path)
	}
	h.a.fill()
	h.a.addMethods()
	return hookPkg, nil
}

var hookPkg = fake(hookPath)

// fill puts what the files can see, and do not declare, into their scopes.
func (a *attempt) fill() {
	t := a.t
	for i, u := range a.files {
		scope := a.info.Scopes[u.file]
		used := identifiers(u.file)
		put := func(name string, make func() types.Object) {
			if name == "_" || !used[name] || a.scope.Lookup(name) != nil || scope.Lookup(name) != nil {
				return
			}
			if obj := make(); obj != nil {
				scope.Insert(obj)
			}
		}
		for name, p := range u.env {
			switch p {
			case "session":
			case predeclared:
				delete(used, name)
			default:
				put(name, func() types.Object { return t.s.object(name, &entry{path: p}) })
			}
		}
		if i == 0 {
			for _, l := range t.lines {
				put(l.name, func() types.Object { return types.NewPkgName(l.pos, a.pkg, l.name, l.pkg) })
			}
			for _, l := range t.auto {
				put(l.name, func() types.Object { return types.NewPkgName(l.pos, a.pkg, l.name, l.pkg) })
			}
			put(assignName, func() types.Object { return assignFunc(a.pkg) })
			for id := range t.early {
				name := id.Name[:len(id.Name)-len(earlyMark)]
				put(id.Name, func() types.Object { return a.standIn(name) })
			}
		}
		for name := range used {
			if e := t.s.names[name]; e != nil {
				put(name, func() types.Object { return t.s.object(name, e) })
			}
		}
		for _, pkg := range t.dots() {
			for name := range used {
				put(name, func() types.Object {
					if obj := pkg.Scope().Lookup(name); obj != nil && obj.Exported() {
						return obj
					}
					return nil
				})
			}
		}
	}
}

// dots are the packages of dot imports, those of this cell first.
func (t *task) dots() []*types.Package {
	var list []*types.Package
	for _, l := range slices.Backward(t.lines) {
		if l.name == "." {
			list = append(list, l.pkg)
		}
	}
	for _, p := range t.s.dots {
		if pkg, err := t.s.Import(p); err == nil {
			list = append(list, pkg)
		}
	}
	return list
}

// identifiers are all names in a file.
func identifiers(f *ast.File) map[string]bool {
	names := map[string]bool{}
	ast.Inspect(f, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			names[id.Name] = true
		}
		return true
	})
	return names
}

// standIn is an object with a name of its own for what a name meant before this cell.
func (a *attempt) standIn(name string) types.Object {
	e := a.t.s.names[name]
	if e == nil {
		return nil
	}
	old := a.t.s.object(name, e)
	if old == nil {
		return nil
	}
	a.early[name] = old
	alias := name + earlyMark
	switch old := old.(type) {
	case *types.Var:
		return types.NewVar(old.Pos(), a.pkg, alias, old.Type())
	case *types.Const:
		return types.NewConst(old.Pos(), a.pkg, alias, old.Type(), old.Val())
	case *types.Func:
		return types.NewFunc(old.Pos(), a.pkg, alias, old.Signature())
	case *types.TypeName:
		return types.NewTypeName(old.Pos(), a.pkg, alias, old.Type())
	case *types.PkgName:
		return types.NewPkgName(old.Pos(), a.pkg, alias, old.Imported())
	}
	return nil
}

// assignFunc is func[T any](*T, T) T.
func assignFunc(pkg *types.Package) *types.Func {
	any := types.Universe.Lookup("any").Type()
	p := types.NewTypeParam(types.NewTypeName(token.NoPos, pkg, "T", nil), any)
	v := func(t types.Type) *types.Var { return types.NewParam(token.NoPos, pkg, "", t) }
	sig := types.NewSignatureType(nil, nil, []*types.TypeParam{p}, types.NewTuple(v(types.NewPointer(p)), v(p)), types.NewTuple(v(p)), false)
	return types.NewFunc(token.NoPos, pkg, assignName, sig)
}
