package check

import (
	"fmt"
	"go/ast"
	"go/types"
	"slices"
)

// maxAttempts bounds the runs of go/types over one cell. Each but the last has taught something; more would be a defect.
const maxAttempts = 64

// check is the way from a text to a checked cell.
func (s *Session) check(text string, number int) (*Cell, []Diagnostic) {
	src := parse(s.fset, text, number)
	if len(src.errs) > 0 {
		return nil, src.errs
	}
	before := *s.pkg.Scope()
	t := newTask(s, src)
	t.refuse()
	for range maxAttempts {
		a := t.run()
		a.keepErrors()
		if a.failure == nil && a.revise() {
			restore(a.touched)
			continue
		}
		a.refuseSettings()
		a.setDefaults()
		diags := a.diagnose()
		if len(diags) == 0 {
			return a.finish(), nil
		}
		restore(a.touched)
		*s.pkg.Scope() = before
		return nil, diags
	}
	*s.pkg.Scope() = before
	return nil, []Diagnostic{{Pos: src.position(0), Msg: "the names of this cell depend on each other in a way that can't be told apart; split it"}}
}

// revise draws conclusions from an attempt. It says whether there has to be another.
func (a *attempt) revise() bool {
	if a.earlyNames() || a.addImports() || a.generations() {
		return true
	}
	return a.drop()
}

// keepErrors drops the errors of what cells may do though Go may not.
func (a *attempt) keepErrors() {
	a.errs = slices.DeleteFunc(a.errs, func(e typeError) bool {
		it := a.t.itemAt(e)
		switch e.code {
		case codeUnusedVar, codeUnusedLabel:
			return it != nil
		case codeUnusedExpr:
			if it == nil {
				return false
			}
			x, ok := it.stmt.(*ast.ExprStmt)
			return ok && x.Pos() == e.start && x.End() == e.end
		case codeInitCycle:
			return a.harmless(e)
		}
		return false
	})
}

// itemAt is the item around an error.
func (t *task) itemAt(e typeError) *item {
	for _, it := range t.items {
		if it.pos <= e.pos && e.pos < it.end {
			return it
		}
	}
	return nil
}

// harmless says whether an initialisation cycle is none in a cell, because one of its variables is defined by a statement:
// statements run in their order.
func (a *attempt) harmless(e typeError) bool {
	for _, e := range append([]typeError{e}, e.more...) {
		if it := a.t.itemAt(e); it != nil && it.spec != nil && !it.isVar {
			return true
		}
	}
	return false
}

// definitions gives for each variable of the cell the index of the item that defines it.
func (a *attempt) definitions() map[types.Object]int {
	defs := map[types.Object]int{}
	for i, it := range a.t.items {
		if it.spec == nil {
			continue
		}
		for _, n := range it.spec.Names {
			if obj := a.info.Defs[n]; obj != nil {
				defs[obj] = i
			}
		}
	}
	return defs
}

// earlyNames finds the identifiers that mean something else than the last variable of their name in the cell: what the cell
// or an earlier one has defined before, or something predeclared.
func (a *attempt) earlyNames() bool {
	defs := a.definitions()
	again := false
	lost := map[types.Object]bool{}
	for i, it := range a.t.items {
		for _, n := range it.nodes() {
			ast.Inspect(n, func(n ast.Node) bool {
				id, ok := n.(*ast.Ident)
				if !ok {
					return true
				}
				obj := a.info.Uses[id]
				j, ok := defs[obj]
				if !ok || !a.t.tooEarly(i, j) {
					return true
				}
				switch {
				case a.t.useEarlier(id, i), a.t.useOld(id), a.hidesUniverse(id, obj, i, j):
					again = true
				case !lost[obj] && (i != j || !it.isVar):
					lost[obj] = true
					line := a.t.s.position(obj.Pos()).Line
					d := a.t.s.diagnostic(id.Pos(), id.End(), fmt.Sprintf("%s is used before it is declared (line %d)", id.Name, line))
					a.clash = append(a.clash, d)
				}
				return true
			})
		}
	}
	return again
}

// useEarlier makes an identifier in item i mean an earlier variable of the cell.
func (t *task) useEarlier(id *ast.Ident, i int) bool {
	for _, d := range slices.Backward(t.defs[id.Name]) {
		if name := t.renamed[d.id]; name != "" && !t.tooEarly(i, d.item) {
			t.renamed[id] = name
			return true
		}
	}
	return false
}

// useOld makes an identifier mean what earlier cells have defined.
func (t *task) useOld(id *ast.Ident) bool {
	delete(t.renamed, id)
	if e := t.s.names[id.Name]; e == nil || t.s.object(id.Name, e) == nil {
		return false
	}
	t.early[id] = true
	return true
}

// hidesUniverse makes an identifier in item i mean something predeclared, such as max, though item j defines a variable of
// that name: the variable is renamed wherever it is meant.
func (a *attempt) hidesUniverse(id *ast.Ident, obj types.Object, i, j int) bool {
	if types.Universe.Lookup(id.Name) == nil || a.t.items[i].isVar && i != j {
		return false
	}
	name := id.Name + againMark + "0"
	for use, o := range a.info.Uses {
		if o == obj {
			a.t.renamed[use] = name
		}
	}
	for def, o := range a.info.Defs {
		if o == obj {
			a.t.renamed[def] = name
		}
	}
	for i, it := range a.t.items {
		for _, n := range it.nodes() {
			ast.Inspect(n, func(n ast.Node) bool {
				if use, ok := n.(*ast.Ident); ok && a.info.Uses[use] == obj && a.t.tooEarly(i, j) {
					delete(a.t.renamed, use)
				}
				return true
			})
		}
	}
	return true
}

// tooEarly says whether item i can't see a variable of item j.
func (t *task) tooEarly(i, j int) bool {
	if t.items[i].isVar {
		return j == i || j > i && !t.items[j].isVar
	}
	return j >= i
}

// nodes are the parts of an item that use names.
func (it *item) nodes() []ast.Node {
	if it.spec == nil {
		return []ast.Node{it.stmt}
	}
	var nodes []ast.Node
	if it.spec.Type != nil {
		nodes = append(nodes, it.spec.Type)
	}
	for _, v := range it.spec.Values {
		nodes = append(nodes, v)
	}
	return nodes
}

// addImports finds packages for names that are undefined.
func (a *attempt) addImports() bool {
	if a.t.s.opts.ByName == nil {
		return false
	}
	var undefined map[string]bool
	for _, e := range a.errs {
		var name string
		if e.code != codeUndeclared {
			continue
		}
		if n, _ := fmt.Sscanf(e.msg, "undefined: %s", &name); n == 1 {
			if undefined == nil {
				undefined = map[string]bool{}
			}
			undefined[name] = true
		}
	}
	if undefined == nil {
		return false
	}
	members := map[string][]string{}
	ast.Inspect(a.main, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if id, ok := sel.X.(*ast.Ident); ok && undefined[id.Name] && a.info.Uses[id] == nil {
				members[id.Name] = append(members[id.Name], sel.Sel.Name)
			}
		}
		return true
	})
	again := false
	for name, ms := range members {
		if a.t.auto[name] != nil || a.t.choices[name] != nil {
			continue
		}
		line, candidates := a.t.guess(name, ms)
		if line == nil {
			a.t.choices[name] = candidates
			continue
		}
		a.t.auto[name] = line
		again = true
	}
	return again
}
