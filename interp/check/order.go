package check

import (
	"fmt"
	"go/ast"
	"go/types"
)

// order gives the order in which items run. Statements keep theirs. A var declaration waits for the variables that it
// needs, itself or through functions, and comes before a statement that needs it: where there are only var declarations,
// this is the order in which Go initialises a package. The notes name statements that use what has no value yet.
func (a *attempt) order() (order []int, notes []string) {
	g := a.needs()
	n := len(a.t.items)
	done := make([]bool, n)
	for len(order) < n {
		i := a.next(g, done)
		if !a.t.items[i].isVar {
			for j := i + 1; j < n; j++ {
				if g[i][j] && !done[j] && !a.t.items[j].isVar {
					notes = append(notes, a.unready(i, j))
				}
			}
		}
		done[i] = true
		order = append(order, i)
	}
	return order, notes
}

// next picks the first item that is ready.
func (a *attempt) next(g [][]bool, done []bool) int {
	first := -1
	for i, it := range a.t.items {
		if done[i] {
			continue
		}
		if first < 0 {
			first = i
		}
		waits := -1
		for j := range a.t.items {
			if j != i && g[i][j] && !done[j] && (it.isVar || a.t.items[j].isVar) {
				waits = j
				break
			}
		}
		if waits < 0 {
			return i
		}
		if !it.isVar {
			return a.deepest(g, done, waits, map[int]bool{})
		}
	}
	return first
}

// deepest follows what a var declaration waits for among var declarations.
func (a *attempt) deepest(g [][]bool, done []bool, i int, seen map[int]bool) int {
	seen[i] = true
	for j, it := range a.t.items {
		if g[i][j] && !done[j] && it.isVar && !seen[j] {
			return a.deepest(g, done, j, seen)
		}
	}
	return i
}

func (a *attempt) unready(i, j int) string {
	name := ""
	for _, n := range a.t.items[j].spec.Names {
		if n.Name != "_" {
			name = clean(n.Name)
			break
		}
	}
	return fmt.Sprintf("line %d uses %s through a function before line %d defines it: it is zero there",
		a.t.s.position(a.t.items[i].pos).Line, name, a.t.s.position(a.t.items[j].pos).Line)
}

// needs says for each item which items define variables that it uses, itself or through functions of this attempt.
func (a *attempt) needs() [][]bool {
	defs := a.definitions()
	bodies := map[types.Object]*ast.FuncDecl{}
	for _, fn := range a.t.funcs {
		bodies[a.info.Defs[fn.Name]] = fn
	}
	for _, d := range a.replays {
		if d.fn != nil {
			bodies[a.info.Defs[d.fn.Name]] = d.fn
		}
	}
	for _, m := range a.lone {
		if m.old != nil {
			bodies[m.old] = m.decl
		}
	}
	g := make([][]bool, len(a.t.items))
	for i, it := range a.t.items {
		g[i] = make([]bool, len(a.t.items))
		seen := map[*ast.FuncDecl]bool{}
		for _, n := range it.nodes() {
			a.reach(n, defs, bodies, seen, g[i])
		}
	}
	return g
}

func (a *attempt) reach(n ast.Node, defs map[types.Object]int, bodies map[types.Object]*ast.FuncDecl, seen map[*ast.FuncDecl]bool, row []bool) {
	ast.Inspect(n, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok {
			return true
		}
		obj := a.info.Uses[id]
		if obj == nil {
			return true
		}
		if j, ok := defs[obj]; ok {
			row[j] = true
			return true
		}
		if f, ok := obj.(*types.Func); ok {
			if fn := bodies[f.Origin()]; fn != nil && !seen[fn] {
				seen[fn] = true
				a.reach(fn.Body, defs, bodies, seen, row)
			}
		}
		return true
	})
}
