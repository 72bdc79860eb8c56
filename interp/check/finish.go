package check

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"
)

// finish makes the checked cell of an attempt without errors.
func (a *attempt) finish() *Cell {
	t := a.t
	scope := *a.scope
	c := &Cell{
		Number: t.src.number, Src: t.src.text, Fset: t.s.fset, Pkg: a.pkg, Scope: &scope, Info: a.info,
		commit: &commit{names: map[string]*entry{}, remove: map[*decl]bool{}, touched: a.touched},
	}
	kept := map[*ast.FuncDecl]*types.Func{}
	for _, m := range a.lone {
		if m.old != nil {
			kept[m.decl] = m.old
		}
	}
	for _, fn := range t.funcs {
		f := a.addFunc(c, fn, c.Number, kept)
		if f == nil {
			continue
		}
		if fn.Recv == nil && fn.Name.Name == "init" {
			c.Inits = append(c.Inits, f)
		}
		if fn.Recv == nil && fn.Name.Name == "main" && t.src.pkg {
			c.Program = true
		}
	}
	for _, d := range a.replays {
		if d.fn != nil {
			a.addFunc(c, d.fn, d.cell, kept)
		}
	}
	for _, u := range a.files {
		c.Files = append(c.Files, u.file)
		for _, d := range u.file.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.TYPE {
				continue
			}
			for _, s := range g.Specs {
				if tn, ok := a.info.Defs[s.(*ast.TypeSpec).Name].(*types.TypeName); ok && tn.Name() != "_" {
					c.Types = append(c.Types, tn)
				}
			}
		}
	}
	a.body(c)
	a.usedPackages(c)
	a.remember(c)
	a.notes(c)
	return c
}

func (a *attempt) addFunc(c *Cell, fn *ast.FuncDecl, cell int, kept map[*ast.FuncDecl]*types.Func) *Func {
	obj, _ := a.info.Defs[fn.Name].(*types.Func)
	if old := kept[fn]; old != nil {
		obj = old
		a.info.Defs[fn.Name] = old
	}
	if obj == nil || fn.Name.Name == "_" {
		return nil
	}
	f := &Func{Obj: obj, Decl: fn, Info: a.info, Cell: cell}
	c.Funcs = append(c.Funcs, f)
	return f
}

// body lists what runs.
func (a *attempt) body(c *Cell) {
	order, notes := a.order()
	c.Notes = append(c.Notes, a.t.notes...)
	c.Notes = append(c.Notes, notes...)
	for _, i := range order {
		it := a.t.items[i]
		if it.spec == nil {
			c.Body = append(c.Body, Item{Stmt: it.stmt, Pos: it.pos, End: it.end})
			continue
		}
		out := Item{Rhs: it.rhs, Type: it.spec.Type, Pos: it.pos, End: it.end, Hidden: it.hidden}
		for _, n := range it.spec.Names {
			v, _ := a.info.Defs[n].(*types.Var)
			if n.Name == "_" {
				v = nil
			}
			out.Lhs = append(out.Lhs, v)
			if v != nil {
				c.Vars = append(c.Vars, v)
			}
		}
		c.Body = append(c.Body, out)
	}
	if n := len(a.t.items); n > 0 {
		if x, ok := a.t.items[n-1].stmt.(*ast.ExprStmt); ok {
			c.Show = x.X
		}
	}
}

// usedPackages lists the packages that the cell imports or uses.
func (a *attempt) usedPackages(c *Cell) {
	set := map[*types.Package]bool{}
	for _, l := range a.t.lines {
		set[l.pkg] = true
	}
	for _, obj := range a.info.Uses {
		if p, ok := obj.(*types.PkgName); ok {
			set[p.Imported()] = true
		} else if obj != nil && obj.Pkg() != nil && obj.Pkg() != a.pkg && isGlobal(obj) {
			set[obj.Pkg()] = true
		}
	}
	c.Imports = slices.SortedFunc(maps.Keys(set), func(x, y *types.Package) int { return cmp.Compare(x.Path(), y.Path()) })
}

// remember collects what Commit will change.
func (a *attempt) remember(c *Cell) {
	t, out := a.t, c.commit
	for _, l := range t.lines {
		switch l.name {
		case "_":
		case ".":
			out.dots = append(out.dots, l.path)
		default:
			out.names[l.name] = &entry{path: l.path, cell: c.Number, made: c.Number}
		}
	}
	for _, l := range t.auto {
		out.names[l.name] = &entry{path: l.path, cell: c.Number, made: c.Number}
	}
	for _, d := range t.s.decls {
		switch {
		case t.superseded(d):
			out.remove[d] = true
		case d.con != nil && slices.ContainsFunc(d.keys, t.declares) && !slices.Contains(a.replays, d):
			out.remove[d] = true
			rest := *d
			rest.con = without(d.con, t.declares)
			rest.keys = slices.DeleteFunc(slices.Clone(d.keys), t.declares)
			out.decls = append(out.decls, &rest)
		}
	}
	for d := range t.dropped {
		out.stale = append(out.stale, d)
	}
	for _, d := range a.replays {
		out.remove[d] = true
		again := *d
		again.made, again.stale = c.Number, false
		if d.con != nil {
			again.con = without(d.con, t.declares)
		}
		again.keys = slices.DeleteFunc(slices.Clone(d.keys), func(k string) bool { return d.con != nil && t.declares(k) })
		a.keep(out, &again)
	}
	for _, fn := range t.funcs {
		key := fn.Name.Name
		if base := receiver(fn); fn.Recv != nil {
			key = base + "." + key
			if f, ok := a.info.Defs[fn.Name].(*types.Func); ok {
				key = t.s.key(f)
			}
		}
		if fn.Name.Name == "_" || fn.Recv == nil && key == "init" {
			continue
		}
		a.keep(out, &decl{fn: fn, keys: []string{key}, cell: c.Number, made: c.Number})
	}
	for _, g := range t.gens {
		a.keepGroup(out, g, c.Number)
	}
	for _, v := range c.Vars {
		if a.scope.Lookup(v.Name()) == v && v.Name() == clean(v.Name()) {
			out.names[v.Name()] = &entry{obj: v, cell: c.Number, made: c.Number}
		}
	}
}

// keepGroup keeps each type of a declaration by itself, and constants as a group: iota and repetition bind them together.
func (a *attempt) keepGroup(out *commit, g *ast.GenDecl, number int) {
	var names []string
	for _, s := range g.Specs {
		switch s := s.(type) {
		case *ast.TypeSpec:
			if s.Doc == nil && len(g.Specs) == 1 {
				s.Doc = g.Doc
			}
			if s.Name.Name != "_" {
				a.keep(out, &decl{typ: s, keys: []string{s.Name.Name}, cell: number, made: number})
			}
		case *ast.ValueSpec:
			for _, n := range s.Names {
				if n.Name != "_" {
					names = append(names, n.Name)
				}
			}
		}
	}
	if len(names) > 0 {
		a.keep(out, &decl{con: g, keys: names, cell: number, made: number})
	}
}

// keep makes a declaration live.
func (a *attempt) keep(out *commit, d *decl) {
	d.uses, d.env = a.t.s.uses(d.node(), a.info)
	out.decls = append(out.decls, d)
	for _, k := range d.keys {
		if obj := a.scope.Lookup(k); obj != nil {
			out.names[k] = &entry{obj: obj, decl: d, cell: d.cell, made: d.made}
		}
	}
}

// notes tells which declarations stay behind.
func (a *attempt) notes(c *Cell) {
	changed := map[string]bool{}
	maps.Copy(changed, a.t.methods)
	for name := range a.t.own {
		changed[name] = true
	}
	for _, d := range a.replays {
		for _, k := range d.keys {
			changed[k] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(a.t.fresh)) {
		if a.scope.Lookup(name) == nil {
			continue // it could not become one
		}
		c.Notes = append(c.Notes, fmt.Sprintf("%s is a new type now, because its methods changed: values made before keep the old one", name))
	}
	for _, d := range a.t.s.decls {
		why := a.t.dropped[d]
		if why == nil || !overlaps(d.uses, changed) {
			continue
		}
		old := "names"
		for _, k := range slices.Sorted(maps.Keys(d.uses)) {
			if _, own := a.t.own[k]; own || a.scope.Lookup(k) != nil {
				old = k
				break
			}
		}
		what := "still uses"
		if len(d.keys) > 1 {
			what = "still use"
		}
		c.Notes = append(c.Notes, fmt.Sprintf("%s (%s) %s the old %s: %s: %s",
			join(d.keys), a.t.s.label(d.cell), what, old, a.t.s.place(why.Pos), a.t.s.translate(why.Msg)))
	}
}

// join lists names in a sentence.
func join(names []string) string {
	return strings.Join(names, ", ")
}
