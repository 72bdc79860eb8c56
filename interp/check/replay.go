package check

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// declares says whether the cell itself declares a key.
func (t *task) declares(key string) bool {
	_, ok := t.own[key]
	return ok || t.methods[key]
}

// superseded says whether a live declaration ends with this cell: all that it declares is declared anew, or it is a method
// of a type that is no more.
func (t *task) superseded(d *decl) bool {
	if !slices.ContainsFunc(d.keys, func(k string) bool { return !t.declares(k) }) {
		return true
	}
	base := d.recv()
	if base == "" {
		return false
	}
	_, own := t.own[base]
	if !own {
		return false
	}
	spec := t.types[base]
	return spec == nil || spec.Assign.IsValid() || t.outdated(d, base)
}

// outdated says whether a method came from the cell of its type, and the cell that now declares the type declares methods
// of it again: then this is the old cell run again, and a method that it no longer has was taken out.
func (t *task) outdated(d *decl, base string) bool {
	e := t.s.names[base]
	if e == nil || e.cell != d.cell {
		return false
	}
	for _, fn := range t.funcs {
		if fn.Recv != nil && t.base(fn) == base {
			return true
		}
	}
	return false
}

// replaySet finds the live declarations that use, directly or not, what the cell declares anew.
func (t *task) replaySet() []*decl {
	if t.src.tolerant {
		return nil
	}
	changed := map[string]bool{}
	for n := range t.own {
		changed[n] = true
	}
	for m := range t.methods {
		changed[m] = true
	}
	set := map[*decl]bool{} // stale ones are tried again whenever something is declared
	for again := true; again; {
		again = false
		for _, d := range t.s.decls {
			if set[d] || t.dropped[d] != nil || t.superseded(d) {
				continue
			}
			if !t.anew(d) && !overlaps(d.uses, changed) && (!d.stale || len(changed) == 0) {
				continue
			}
			set[d], again = true, true
			for _, k := range d.keys {
				changed[k] = true
			}
		}
	}
	var list []*decl
	for _, d := range t.s.decls {
		if set[d] {
			list = append(list, d)
		}
	}
	return list
}

// anew says whether a live type must become a new one.
func (t *task) anew(d *decl) bool {
	return d.typ != nil && t.fresh[d.typ.Name.Name]
}

func overlaps(a, b map[string]bool) bool {
	for k := range a {
		if b[k] {
			return true
		}
	}
	return false
}

// without is a group of constants in which some names are blank.
func without(g *ast.GenDecl, skip func(string) bool) *ast.GenDecl {
	out := *g
	out.Specs = nil
	for _, s := range g.Specs {
		spec := *s.(*ast.ValueSpec)
		spec.Names = slices.Clone(spec.Names)
		for i, n := range spec.Names {
			if skip(n.Name) {
				spec.Names[i] = &ast.Ident{NamePos: n.NamePos, Name: "_"}
			}
		}
		out.Specs = append(out.Specs, &spec)
	}
	return &out
}

// drop leaves out the replayed declarations that no longer type-check.
func (a *attempt) drop() bool {
	found := false
	for _, e := range a.errs {
		d := a.replayAt(e.pos)
		if d == nil || a.t.dropped[d] != nil {
			continue
		}
		diag := a.t.s.diagnostic(e.pos, e.end, a.wording(e))
		a.t.dropped[d] = &diag
		found = true
	}
	for _, c := range a.clash {
		for _, m := range a.lone {
			d := a.declOf(m.decl)
			if d != nil && a.t.dropped[d] == nil && a.t.s.position(m.decl.Name.Pos()) == c.Pos {
				a.t.dropped[d] = &c
				found = true
			}
		}
	}
	return found
}

// replayAt is the replayed declaration around a position.
func (a *attempt) replayAt(pos token.Pos) *decl {
	for _, d := range a.replays {
		if n := d.node(); n.Pos() <= pos && pos <= n.End() {
			return d
		}
	}
	return nil
}

func (d *decl) node() ast.Node {
	switch {
	case d.fn != nil:
		return d.fn
	case d.typ != nil:
		return d.typ
	}
	return d.con
}

// key names an object that outlives its cell: "f", "T" or "T.M"; "" for all others.
func (s *Session) key(obj types.Object) string {
	if obj == nil || obj.Pkg() != s.pkg {
		return ""
	}
	if f, ok := obj.(*types.Func); ok {
		if r := f.Origin().Signature().Recv(); r != nil {
			n := receiverType(r.Type())
			if n == nil {
				return ""
			}
			return n.Obj().Name() + "." + f.Name()
		}
	}
	if _, ok := obj.(*types.PkgName); ok || !isGlobal(obj) {
		return ""
	}
	return obj.Name()
}

// isGlobal says whether an object is declared outside functions.
func isGlobal(obj types.Object) bool {
	return obj.Parent() != nil && obj.Parent().Parent() == types.Universe
}

// receiverType is the named type of a receiver that is no interface.
func receiverType(t types.Type) *types.Named {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	n, ok := types.Unalias(t).(*types.Named)
	if !ok || types.IsInterface(n) {
		return nil
	}
	return n.Origin()
}

// uses are the keys that a tree uses, and what other names mean in it: paths of packages, or predeclared.
func (s *Session) uses(n ast.Node, info *types.Info) (keys map[string]bool, env map[string]string) {
	keys, env = map[string]bool{}, map[string]string{}
	selected := map[*ast.Ident]bool{}
	ast.Inspect(n, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			selected[sel.Sel] = true
		}
		id, ok := n.(*ast.Ident)
		if !ok {
			return true
		}
		obj := info.Uses[id]
		switch {
		case obj == nil:
		case obj.Parent() == types.Universe:
			env[id.Name] = predeclared
		case obj.Pkg() != s.pkg:
			// A function that cells use without its package's name, or one of a dot import: a cell may declare another.
			if !selected[id] && isGlobal(obj) {
				keys[id.Name] = true
			}
		default:
			if p, ok := obj.(*types.PkgName); ok {
				env[id.Name] = p.Imported().Path()
			} else if k := s.key(obj); k != "" {
				keys[k] = true
			}
		}
		return true
	})
	return keys, env
}
