package cell

import (
	"go/ast"
	"go/token"
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

// order finds how early each declaration can come: before all statements, unless it mentions, itself or through other
// declarations, a name that a statement of the cell defines; then right after that statement.
func (l *lowering) order() {
	after := map[string]int{} // name → index of the piece after which it exists
	for i, p := range l.pieces {
		if p.stmt == nil {
			continue
		}
		for _, n := range p.names {
			if _, ok := after[n]; !ok {
				after[n] = i
			}
		}
	}
	if len(after) == 0 {
		return
	}
	for changed := true; changed; {
		changed = false
		for i := range l.pieces {
			p := &l.pieces[i]
			if p.decl == nil {
				continue
			}
			for _, id := range p.open {
				if at, ok := after[id.Name]; ok && at > p.after {
					p.after = at
					changed = true
				}
			}
			if p.after < 0 {
				continue
			}
			for _, n := range p.names {
				if at, ok := after[n]; !ok || at < p.after {
					after[n] = p.after
					changed = true
				}
			}
		}
	}
}
