package cell

import (
	"go/ast"
	"go/token"
	"slices"
)

// declared are the names that a declaration declares; methods declare none.
func declared(d ast.Decl) []string {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Recv == nil && d.Name.Name != "init" && d.Name.Name != "_" {
			return []string{d.Name.Name}
		}
	case *ast.GenDecl:
		var names []string
		for _, s := range d.Specs {
			switch s := s.(type) {
			case *ast.TypeSpec:
				names = append(names, s.Name.Name)
			case *ast.ValueSpec:
				for _, n := range s.Names {
					if n.Name != "_" {
						names = append(names, n.Name)
					}
				}
			}
		}
		return names
	}
	return nil
}

// defined are the names that a top-level statement defines with :=.
func defined(s ast.Stmt) []string {
	a, ok := s.(*ast.AssignStmt)
	if !ok || a.Tok != token.DEFINE {
		return nil
	}
	var names []string
	for _, x := range a.Lhs {
		if id, ok := x.(*ast.Ident); ok && id.Name != "_" {
			names = append(names, id.Name)
		}
	}
	return names
}

// order finds when each piece runs. A statement runs in its place. A declaration comes before all statements, unless
// it uses, itself or through other declarations, a variable of the cell; then right after that. A variable is declared
// in its place, or later where it uses a variable that is declared later.
func (l *lowering) order() {
	slot := map[string]int{} // name → index of the piece with which it comes into being; -1: before all
	for i := range l.pieces {
		p := &l.pieces[i]
		p.after = i
		if p.decl != nil {
			p.after = -1
		}
		for _, n := range p.names {
			if _, ok := slot[n]; !ok {
				slot[n] = p.after
			}
		}
	}
	for changed := true; changed; {
		changed = false
		for i := range l.pieces {
			p := &l.pieces[i]
			if p.stmt != nil {
				continue
			}
			for _, id := range p.open {
				if at, ok := slot[id.Name]; ok && at > p.after && !slices.Contains(p.names, id.Name) {
					p.after = at
					changed = true
				}
			}
			for _, n := range p.names {
				if slot[n] < p.after {
					slot[n] = p.after
					changed = true
				}
			}
		}
	}
}

// schedule lists the pieces of one slot in groups: declarations that can be compiled together, and single variables or
// statements. What needs a variable comes after it.
func (l *lowering) schedule(slot int) [][]piece {
	var rest []piece
	for _, p := range l.pieces {
		if p.after == slot {
			rest = append(rest, p)
		}
	}
	var groups [][]piece
	for len(rest) > 0 {
		blocked := map[string]bool{} // names that do not exist yet
		for _, p := range rest {
			if p.decl == nil {
				for _, n := range p.names {
					blocked[n] = true
				}
			}
		}
		decls, later := ready(rest, blocked)
		if len(decls) > 0 {
			groups = append(groups, decls)
			rest = later
			continue
		}
		next := firstValue(rest, blocked)
		groups = append(groups, []piece{rest[next]})
		rest = slices.Delete(rest, next, next+1)
	}
	return groups
}

// ready takes out the declarations that use nothing blocked, directly or through another declaration.
func ready(rest []piece, blocked map[string]bool) (decls, later []piece) {
	waits := make([]bool, len(rest))
	for changed := true; changed; {
		changed = false
		for i, p := range rest {
			if p.decl == nil || waits[i] || !uses(p, blocked) {
				continue
			}
			waits[i], changed = true, true
			for _, n := range p.names {
				blocked[n] = true
			}
		}
	}
	for i, p := range rest {
		if p.decl != nil && !waits[i] {
			decls = append(decls, p)
		} else {
			later = append(later, p)
		}
	}
	return decls, later
}

// firstValue is the first variable or statement that uses nothing blocked, else the first, else 0.
func firstValue(rest []piece, blocked map[string]bool) int {
	first := -1
	for i, p := range rest {
		if p.decl != nil {
			continue
		}
		if first < 0 {
			first = i
		}
		if p.stmt != nil || !uses(p, blocked) {
			return i
		}
	}
	return max(first, 0)
}

// uses says whether a piece mentions a name of a set, apart from its own.
func uses(p piece, names map[string]bool) bool {
	for _, id := range p.open {
		if names[id.Name] && !slices.Contains(p.names, id.Name) {
			return true
		}
	}
	return false
}
