package check

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// suggest adds to a message about a name that isn't there what the user may have meant.
func (a *attempt) suggest(e typeError, msg string) string {
	switch e.code {
	case codeUndeclared:
		name, ok := strings.CutPrefix(msg, "undefined: ")
		if !ok {
			return msg
		}
		if paths := a.t.choices[name]; len(paths) > 0 {
			return fmt.Sprintf("%s; import the package that you mean: %s", msg, choices(paths))
		}
		return didYouMean(msg, name, a.visible(e.pos))
	case codeNoMember:
		sel, ok := a.nodeAt(e.pos).(*ast.SelectorExpr)
		if !ok || strings.Contains(msg, "(but have ") {
			return msg
		}
		if id, ok := sel.X.(*ast.Ident); ok {
			if p, ok := a.info.Uses[id].(*types.PkgName); ok {
				return didYouMean(msg, sel.Sel.Name, exported(p.Imported().Scope()))
			}
		}
	case codeNoFieldOrMethod:
		sel, ok := a.nodeAt(e.pos).(*ast.SelectorExpr)
		if !ok || !strings.HasSuffix(msg, "has no field or method "+sel.Sel.Name+")") {
			return msg
		}
		return didYouMean(msg, sel.Sel.Name, a.members(a.info.TypeOf(sel.X)))
	case codeUnknownLitField:
		if name, typ, ok := strings.Cut(strings.TrimPrefix(msg, "unknown field "), " in struct literal of type "); ok && !strings.Contains(typ, ", but") {
			return didYouMean(msg, name, a.litFields(e.pos))
		}
	}
	return msg
}

// visible are the names that can be used at a position.
func (a *attempt) visible(pos token.Pos) []string {
	set := map[string]bool{}
	for n, s := range a.info.Scopes {
		if _, ok := n.(*ast.File); ok || !s.Contains(pos) {
			continue
		}
		for _, name := range s.Names() {
			if obj := s.Lookup(name); obj.Pos() < pos {
				set[name] = true
			}
		}
	}
	for _, name := range slices.Concat(a.scope.Names(), types.Universe.Names()) {
		set[name] = true
	}
	for name := range a.t.s.names {
		set[name] = true
	}
	for _, l := range a.t.lines {
		set[l.name] = true
	}
	return slices.Sorted(maps.Keys(set))
}

func exported(s *types.Scope) []string {
	return slices.DeleteFunc(s.Names(), func(n string) bool { return !token.IsExported(n) })
}

// members are the names of the fields and methods of a type that the cell can use.
func (a *attempt) members(t types.Type) []string {
	var names []string
	for _, obj := range members(t, a.pkg) {
		names = append(names, obj.Name())
	}
	return names
}

// members are the fields and methods of a type that a package can use, sorted by name.
func members(t types.Type, pkg *types.Package) []types.Object {
	if t == nil {
		return nil
	}
	found := map[string]types.Object{}
	add := func(obj types.Object) {
		if (obj.Exported() || obj.Pkg() == pkg) && found[obj.Name()] == nil {
			found[obj.Name()] = obj
		}
	}
	fields(t, map[types.Type]bool{}, add)
	for _, t := range []types.Type{t, types.NewPointer(t)} {
		ms := types.NewMethodSet(t)
		for sel := range ms.Methods() {
			add(sel.Obj())
		}
	}
	return slices.SortedFunc(maps.Values(found), func(x, y types.Object) int { return strings.Compare(x.Name(), y.Name()) })
}

// fields calls f for the fields of a struct, or of what a pointer points to, those of embedded structs included.
func fields(t types.Type, seen map[types.Type]bool, f func(types.Object)) {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	st, ok := t.Underlying().(*types.Struct)
	if !ok || seen[t] {
		return
	}
	seen[t] = true
	for v := range st.Fields() {
		f(v)
		if v.Embedded() {
			fields(v.Type(), seen, f)
		}
	}
}

// litFields are the fields of the struct literal around a position.
func (a *attempt) litFields(pos token.Pos) []string {
	var names []string
	a.inspect(func(n ast.Node) {
		lit, ok := n.(*ast.CompositeLit)
		if !ok || pos < lit.Lbrace || pos > lit.Rbrace {
			return
		}
		if t := a.info.TypeOf(lit); t != nil {
			if st, ok := t.Underlying().(*types.Struct); ok {
				names = nil
				for v := range st.Fields() {
					if v.Exported() || v.Pkg() == a.pkg {
						names = append(names, v.Name())
					}
				}
			}
		}
	})
	return names
}

// inspect calls f for the nodes of the cell, outer ones first.
func (a *attempt) inspect(f func(ast.Node)) {
	ast.Inspect(a.main, func(n ast.Node) bool {
		if n != nil {
			f(n)
		}
		return true
	})
}

// nodeAt is the selector expression whose selected name is at a position, else the innermost call whose function begins or
// ends there, else nil.
func (a *attempt) nodeAt(pos token.Pos) ast.Node {
	var found ast.Node
	a.inspect(func(n ast.Node) {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			if n.Sel.Pos() == pos {
				found = n
			}
		case *ast.CallExpr:
			if n.Fun.Pos() == pos || n.Rparen == pos || n.Lparen == pos {
				found = n
			}
		}
	})
	return found
}

func didYouMean(msg, name string, candidates []string) string {
	best, least := "", 1+min(3, utf8.RuneCountInString(name)/3)
	for _, c := range candidates {
		if c == name || c == "_" || strings.ContainsAny(c, hiddenMark+earlyMark+againMark) {
			continue
		}
		d := distance(name, c)
		if strings.EqualFold(name, c) {
			d = 0
		}
		if d < least {
			best, least = c, d
		}
	}
	if best == "" {
		return msg
	}
	return msg + "; did you mean " + best + "?"
}

// distance counts the letters to insert, delete, replace or swap with the next to make b of a.
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	var before []int
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(x); i++ {
		next := make([]int, len(y)+1)
		next[0] = i
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			next[j] = min(row[j]+1, next[j-1]+1, row[j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				next[j] = min(next[j], before[j-2]+1)
			}
		}
		before, row = row, next
	}
	return row[len(y)]
}

// hints are notes on an error: where what it is about was declared, and which values have outdated types.
func (a *attempt) hints(e typeError) []Note {
	n := a.around(e.pos)
	if n == nil {
		return nil
	}
	var notes []Note
	var behind types.Object // a function that uses an outdated type
	method := false
	a.earlier(n, func(obj types.Object) {
		f, ok := obj.(*types.Func)
		if !ok {
			return
		}
		if strings.Contains(e.msg, " call to "+f.Name()) || strings.Contains(e.msg, " argument to "+f.Name()) {
			notes = append(notes, Note{a.t.s.position(f.Pos()), f.Name() + " is declared"})
		}
		recv := f.Signature().Recv()
		method = method || recv != nil && a.outdated(recv.Type()) != nil
		if tn := a.outdated(f.Type()); behind == nil && recv == nil && tn != nil && strings.Contains(e.msg, tn.Name()) {
			behind = f
		}
	})
	found := false
	a.earlier(n, func(obj types.Object) {
		if _, ok := obj.(*types.Var); !ok {
			return
		}
		if tn := a.outdated(obj.Type()); tn != nil && (method || strings.Contains(e.msg, tn.Name())) {
			notes = append(notes, a.outdatedNote(obj, tn))
			found = true
		}
	})
	if behind != nil && !found {
		notes = append(notes, a.outdatedNote(behind, a.outdated(behind.Type())))
	}
	return notes
}

// earlier calls f for the objects of earlier cells in a tree, once for each.
func (a *attempt) earlier(n ast.Node, f func(types.Object)) {
	seen := map[types.Object]bool{}
	ast.Inspect(n, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			obj := a.info.Uses[id]
			if obj != nil && !seen[obj] && obj.Pkg() == a.pkg && a.scope.Lookup(obj.Name()) != obj {
				seen[obj] = true
				f(obj)
			}
		}
		return true
	})
}

// around is the innermost statement or declaration of the cell around a position.
func (a *attempt) around(pos token.Pos) ast.Node {
	var found ast.Node
	a.inspect(func(n ast.Node) {
		if n.Pos() > pos || pos > n.End() {
			return
		}
		switch n := n.(type) {
		case *ast.BlockStmt, *ast.LabeledStmt, *ast.File:
		case *ast.FuncDecl:
			if n.Name.Name != "_" {
				found = n.Type
			}
		case ast.Stmt, ast.Spec:
			found = n
		}
	})
	return found
}

// outdated is a type in t that has been redefined, by this cell too.
func (a *attempt) outdated(t types.Type) *types.TypeName {
	var found *types.TypeName
	visit(t, map[types.Type]bool{}, func(n *types.Named) {
		tn := n.Origin().Obj()
		if found != nil || tn.Pkg() != a.pkg || !isGlobal(tn) {
			return
		}
		now := a.scope.Lookup(tn.Name())
		if e := a.t.s.names[tn.Name()]; now == nil && e != nil {
			now = e.obj
		}
		if now != tn {
			found = tn
		}
	})
	return found
}

func (a *attempt) outdatedNote(obj types.Object, tn *types.TypeName) Note {
	s := a.t.s
	made := a.t.src.number
	if e := s.names[tn.Name()]; a.scope.Lookup(tn.Name()) == nil && e != nil {
		made = e.made
	}
	from := s.label(cellOf(s.position(tn.Pos())))
	if _, ok := obj.(*types.Func); ok {
		return Note{Msg: fmt.Sprintf("%s still uses the %s of %s; %s was redefined in %s: run the cell that declares %s again",
			obj.Name(), tn.Name(), from, tn.Name(), s.label(made), obj.Name())}
	}
	return Note{Msg: fmt.Sprintf("%s has the type %s of %s; %s was redefined in %s: run the cell that makes %s again",
		obj.Name(), tn.Name(), from, tn.Name(), s.label(made), obj.Name())}
}
