package lower

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// starter is a step of the start of a source package: the initialisation of variables, or a call of a function init. One
// that does nothing but to use and set variables of source packages waits until something that is lowered touches one of
// them: before that nobody can see whether it has run, nor change what it sees.
type starter struct {
	order int // of all starters of the session
	src   *Package
	vars  []*types.Var // nil entries are blank
	emit  func(f *function)
}

// begin starts source packages and those that they import, once.
func (l *Lowering) begin(packages []*types.Package) {
	for _, p := range packages {
		if l.begun[p] {
			continue
		}
		l.begun[p] = true
		src := l.world.Package(p)
		if src == nil {
			continue
		}
		l.begin(p.Imports())
		l.beginPackage(src)
	}
}

func (l *Lowering) beginPackage(src *Package) {
	var now []*starter
	add := func(vars []*types.Var, emit func(f *function)) *starter {
		l.starters++
		s := &starter{order: l.starters, src: src, vars: vars, emit: emit}
		for _, v := range vars {
			if v != nil {
				l.waiting[v] = append(l.waiting[v], s)
			}
		}
		return s
	}
	for _, e := range embeddings(src) {
		add([]*types.Var{e.v}, func(f *function) { f.embedded(src, e.v, e.patterns) })
	}
	wait := func(s *starter, e effects) {
		if e.impure {
			now = append(now, s)
			return
		}
		for v := range e.touches {
			l.waiting[v] = append(l.waiting[v], s)
		}
	}
	for _, init := range src.Info.InitOrder {
		it := Item{RHS: []ast.Expr{init.Rhs}}
		for _, v := range init.Lhs {
			if v.Name() == "_" {
				v = nil
			}
			it.LHS = append(it.LHS, v)
		}
		shared := sharesLoopVariables(goVersion(src, init.Rhs.Pos()))
		s := add(it.LHS, func(f *function) {
			f.shared = shared
			f.item(it, nil)
		})
		wait(s, l.effectsOf(src.Info, init.Rhs))
	}
	for _, file := range src.Files {
		for _, d := range file.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
				s := add(nil, func(f *function) {
					f.printf("%s()", l.instantiate(src.Info.Defs[fn.Name].(*types.Func), nil, false))
				})
				wait(s, l.effectsOfBody(src.Info, fn.Body))
			}
		}
	}
	for _, s := range now {
		l.start(s)
	}
}

// reached lowers what initialises a variable of a source package, and what must not see it later.
func (l *Lowering) reached(v *types.Var) {
	list := l.waiting[v]
	delete(l.waiting, v)
	for _, s := range list {
		l.start(s)
	}
}

func (l *Lowering) start(s *starter) {
	if l.started[s] {
		return
	}
	l.started[s] = true
	f := l.newFunction(s.src.Info, nil)
	f.scope = &scope{sig: types.NewSignatureType(nil, nil, nil, nil, nil, false)}
	text := f.capture(func() { s.emit(f) })
	l.unit.starts = append(l.unit.starts, startText{s.order, text})
}

type startText struct {
	order int
	text  string
}

// startTexts is what runs before the cell. A closure for each step keeps the names of its variables apart.
func (l *Lowering) startTexts() string {
	slices.SortFunc(l.unit.starts, func(a, b startText) int { return cmp.Compare(a.order, b.order) })
	var b strings.Builder
	for _, s := range l.unit.starts {
		fmt.Fprintf(&b, "func() {\n%s}()\n", s.text)
	}
	return b.String()
}

// goVersion is the language version of the file of a position.
func goVersion(p *Package, at token.Pos) string {
	for _, f := range p.Files {
		if f.FileStart <= at && at < f.FileEnd {
			return p.Info.FileVersions[f]
		}
	}
	return ""
}
