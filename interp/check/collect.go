package check

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
)

// Marks are runes that no source can have in a name. Names with them are ours, and are cut off in messages.
const (
	hiddenMark = "\ue000" // the variable of a mixed redeclaration
	earlyMark  = "\ue001" // what a name meant before this cell
	againMark  = "\ue003" // a variable for the name of which the package scope has other uses
	assignName = "assign\ue002"
)

// task is a cell that is being checked.
type task struct {
	s     *Session
	src   *source
	funcs []*ast.FuncDecl
	gens  []*ast.GenDecl // types and constants
	items []*item
	lines []*importLine

	own     map[string]token.Pos // what the cell declares
	types   map[string]*ast.TypeSpec
	methods map[string]bool // "T.M"
	diags   []Diagnostic    // what go/types doesn't say
	notes   []string
	fakes   map[*types.Package]bool // packages that could not be imported
	returns map[token.Pos]bool      // of returns outside functions and of their results

	defs map[string][]definition // of variables, in order; functions see the last

	// What earlier attempts have taught.
	early   map[*ast.Ident]bool
	renamed map[*ast.Ident]string // to the name of a variable of this cell
	auto    map[string]*importLine
	choices map[string][]string // packages that an undefined name may mean
	fresh   map[string]bool     // types that must become new ones
	dropped map[*decl]*Diagnostic
}

// definition is where the cell defines a variable.
type definition struct {
	item int
	id   *ast.Ident
}

// item is a statement, or a definition of variables outside functions.
type item struct {
	stmt   ast.Stmt
	spec   *ast.ValueSpec
	isVar  bool // a var declaration: it runs when what it needs is there
	hidden []bool
	rhs    []ast.Expr // before it was wrapped
	pos    token.Pos
	end    token.Pos
}

func newTask(s *Session, src *source) *task {
	t := &task{
		s: s, src: src, own: map[string]token.Pos{}, types: map[string]*ast.TypeSpec{}, methods: map[string]bool{},
		returns: map[token.Pos]bool{}, fakes: map[*types.Package]bool{}, renamed: map[*ast.Ident]string{}, defs: map[string][]definition{},
		early: map[*ast.Ident]bool{}, auto: map[string]*importLine{}, choices: map[string][]string{}, fresh: map[string]bool{}, dropped: map[*decl]*Diagnostic{},
	}
	for _, p := range src.pieces {
		switch {
		case p.imports != nil:
			t.importSpecs(p.imports)
		case p.fn != nil:
			t.declareFunc(p.fn)
		case p.gen != nil:
			t.declareGen(p.gen)
		case p.stmt != nil:
			t.statement(p.stmt)
		}
	}
	for _, fn := range t.funcs {
		if base := t.base(fn); base != "" && fn.Name.Name != "_" {
			t.methods[base+"."+fn.Name.Name] = true
		}
	}
	for _, l := range t.lines {
		if pos, ok := t.own[l.name]; ok {
			d := s.diagnostic(pos, pos+token.Pos(len(l.name)), fmt.Sprintf("%s already declared through import of package %q", l.name, l.path))
			d.Notes = []Note{{s.position(l.pos), "the import"}}
			t.diags = append(t.diags, d)
		}
	}
	return t
}

// declare notes a name of the cell.
func (t *task) declare(id *ast.Ident) {
	if _, ok := t.own[id.Name]; !ok && id.Name != "_" {
		t.own[id.Name] = id.Pos()
	}
}

func (t *task) fail(n ast.Node, format string, args ...any) {
	t.diags = append(t.diags, t.s.diagnostic(n.Pos(), n.End(), fmt.Sprintf(format, args...)))
}

func (t *task) declareFunc(fn *ast.FuncDecl) {
	if fn.Body == nil && t.src.tolerant {
		fn.Body = &ast.BlockStmt{Lbrace: fn.End(), Rbrace: fn.End()}
	}
	if fn.Body == nil {
		t.fail(fn.Name, "function %s has no body: functions written in assembly or another language can't be had in cells; write the body in Go", fn.Name.Name)
		return
	}
	t.funcs = append(t.funcs, fn)
	if fn.Recv == nil && fn.Name.Name != "init" {
		t.declare(fn.Name)
	}
}

// FuncKey is a function's name, or Type.method.
func FuncKey(fn *ast.FuncDecl) string {
	if t := receiver(fn); t != "" {
		return t + "." + fn.Name.Name
	}
	return fn.Name.Name
}

// receiver is the name of a method's receiver base type, "" where it has none.
func receiver(fn *ast.FuncDecl) string {
	if fn.Recv == nil || len(fn.Recv.List) == 0 {
		return ""
	}
	x := ast.Unparen(fn.Recv.List[0].Type)
	if p, ok := x.(*ast.StarExpr); ok {
		x = ast.Unparen(p.X)
	}
	switch ix := x.(type) {
	case *ast.IndexExpr:
		x = ix.X
	case *ast.IndexListExpr:
		x = ix.X
	}
	if id, ok := ast.Unparen(x).(*ast.Ident); ok {
		return id.Name
	}
	return ""
}

func (t *task) declareGen(g *ast.GenDecl) {
	if g.Tok == token.VAR {
		for _, s := range g.Specs {
			t.variable(s.(*ast.ValueSpec))
		}
		return
	}
	t.gens = append(t.gens, g)
	for _, s := range g.Specs {
		switch s := s.(type) {
		case *ast.TypeSpec:
			t.declare(s.Name)
			t.types[s.Name.Name] = s
		case *ast.ValueSpec:
			for _, n := range s.Names {
				t.declare(n)
			}
		}
	}
}

// variable hoists one line of a var declaration. Where each name has a value of its own, each becomes an item: they are
// initialised one by one.
func (t *task) variable(s *ast.ValueSpec) {
	for _, n := range s.Names {
		t.declare(n)
	}
	if len(s.Names) < 2 || len(s.Names) != len(s.Values) {
		for _, n := range s.Names {
			t.defineName(n)
		}
		t.items = append(t.items, &item{spec: s, isVar: true, rhs: s.Values, pos: s.Pos(), end: s.End()})
		return
	}
	for i, n := range s.Names {
		one := &ast.ValueSpec{Doc: s.Doc, Names: []*ast.Ident{n}, Type: s.Type, Values: s.Values[i : i+1], Comment: s.Comment}
		t.defineName(n)
		t.items = append(t.items, &item{spec: one, isVar: true, rhs: one.Values, pos: s.Pos(), end: s.End()})
	}
}

func (t *task) statement(s ast.Stmt) {
	if l, ok := s.(*ast.LabeledStmt); ok {
		if a, ok := l.Stmt.(*ast.AssignStmt); ok && a.Tok == token.DEFINE {
			t.plain(&ast.LabeledStmt{Label: l.Label, Colon: l.Colon, Stmt: &ast.EmptyStmt{Semicolon: a.Pos(), Implicit: true}})
			t.define(a)
			return
		}
	}
	if a, ok := s.(*ast.AssignStmt); ok && a.Tok == token.DEFINE {
		t.define(a)
		return
	}
	t.plain(s)
}

func (t *task) plain(s ast.Stmt) {
	t.items = append(t.items, &item{stmt: s, pos: s.Pos(), end: s.End()})
}

// define hoists a top-level :=.
func (t *task) define(a *ast.AssignStmt) {
	names := make([]*ast.Ident, len(a.Lhs))
	fresh := 0
	seen := map[string]bool{}
	for i, x := range a.Lhs {
		id, ok := x.(*ast.Ident)
		if !ok {
			t.fail(x, "non-name %s on left side of :=", types.ExprString(x))
			return
		}
		if id.Name != "_" {
			if seen[id.Name] {
				t.fail(id, "%s repeated on left side of :=", id.Name)
				return
			}
			seen[id.Name] = true
			if t.defs[id.Name] == nil {
				fresh++
			}
		}
		names[i] = id
	}
	if len(seen) == 0 {
		t.diags = append(t.diags, t.s.diagnostic(a.TokPos, a.TokPos+2, "no new variables on left side of :="))
		return
	}
	if len(a.Rhs) != len(names) && (len(a.Rhs) != 1 || len(names) == 1) {
		t.fail(a.Lhs[0], "assignment mismatch: %s but %s", count(len(names), "variable"), count(len(a.Rhs), "value"))
		for _, n := range names {
			t.declare(n)
		}
		return
	}
	if fresh == 0 {
		t.again(a, names)
		return
	}
	t.hoist(a, names)
}

// defineName notes that the item that comes next defines a variable.
func (t *task) defineName(id *ast.Ident) {
	if id.Name != "_" {
		t.defs[id.Name] = append(t.defs[id.Name], definition{len(t.items), id})
	}
}

// again makes a := that has no new names an item: it defines them anew, as another cell would. The earlier ones get other
// names, because one scope can't have both.
func (t *task) again(a *ast.AssignStmt, names []*ast.Ident) {
	for _, id := range names {
		if id.Name != "_" {
			defs := t.defs[id.Name]
			t.renamed[defs[len(defs)-1].id] = fmt.Sprintf("%s%s%d", id.Name, againMark, len(defs))
			t.own[id.Name] = id.Pos()
			t.defineName(id)
		}
	}
	t.items = append(t.items, &item{spec: &ast.ValueSpec{Names: names, Values: a.Rhs}, rhs: a.Rhs, pos: a.Pos(), end: a.End()})
}

func count(n int, what string) string {
	if n == 1 {
		return fmt.Sprintf("%d %s", n, what)
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// hoist makes a := an item. A name that the cell has defined before gets a hidden variable, which is assigned to it next.
func (t *task) hoist(a *ast.AssignStmt, names []*ast.Ident) {
	it := &item{rhs: a.Rhs, pos: a.Pos(), end: a.End()}
	spec := &ast.ValueSpec{Names: names, Values: a.Rhs}
	var back *ast.AssignStmt
	var fresh []*ast.Ident
	for i, id := range names {
		if t.defs[id.Name] == nil || id.Name == "_" {
			fresh = append(fresh, id)
			continue
		}
		if back == nil {
			back = &ast.AssignStmt{Tok: token.ASSIGN, TokPos: a.TokPos}
			it.hidden = make([]bool, len(names))
			spec.Names = append([]*ast.Ident(nil), names...)
			spec.Values = append([]ast.Expr(nil), a.Rhs...)
		}
		it.hidden[i] = true
		twin := &ast.Ident{NamePos: id.NamePos, Name: fmt.Sprintf("%s%s%d", id.Name, hiddenMark, len(t.items))}
		spec.Names[i] = twin
		back.Lhs = append(back.Lhs, id)
		back.Rhs = append(back.Rhs, &ast.Ident{NamePos: id.NamePos, Name: twin.Name})
		if len(names) == len(a.Rhs) {
			// The value takes the type of the variable: nil and constants have none of their own.
			target := &ast.UnaryExpr{OpPos: id.NamePos, Op: token.AND, X: &ast.Ident{NamePos: id.NamePos, Name: id.Name}}
			v := a.Rhs[i]
			spec.Values[i] = &ast.CallExpr{
				Fun: &ast.Ident{NamePos: v.Pos(), Name: assignName}, Lparen: v.Pos(), Args: []ast.Expr{target, v}, Rparen: v.End(),
			}
		}
	}
	for _, id := range fresh {
		t.declare(id)
		t.defineName(id)
	}
	it.spec = spec
	t.items = append(t.items, it)
	if back != nil {
		t.items = append(t.items, &item{stmt: back, pos: it.pos, end: it.end})
	}
}
