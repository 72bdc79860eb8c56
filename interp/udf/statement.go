package udf

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/rivulet-go/rivulet/frame/expr/program"
)

// next is what comes behind statements: it gives the function's results on the path of a scope.
type next func(s *scope, guard int) []value

// statements follows a list, and gives the results of the function.
func (t *translator) statements(s *scope, list []ast.Stmt, guard int, then next) []value {
	for i, stmt := range list {
		if t.steps++; t.steps > mostSteps {
			t.no(s, stmt, "its paths are too many")
		}
		rest := func(s *scope, guard int) []value { return t.statements(s, list[i+1:], guard, then) }
		switch stmt := stmt.(type) {
		case *ast.ReturnStmt:
			return t.results(s, stmt, guard)
		case *ast.IfStmt:
			return t.ifStatement(s, stmt, guard, rest)
		case *ast.SwitchStmt:
			return t.switchStatement(s, stmt, guard, rest)
		case *ast.BlockStmt:
			return t.statements(s, stmt.List, guard, rest)
		case *ast.ExprStmt:
			if note, ok := t.panics(s, stmt.X); ok {
				t.b.Fail(guard, note)
				return t.anything(s, stmt)
			}
			t.expression(s, stmt.X, guard)
		default:
			t.simple(s, stmt, guard)
		}
	}
	return then(s, guard)
}

// panics says whether a statement is a call of panic.
func (t *translator) panics(s *scope, e ast.Expr) (string, bool) {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok {
		return "", false
	}
	id, ok := ast.Unparen(call.Fun).(*ast.Ident)
	if !ok {
		return "", false
	}
	b, ok := s.cell.Info.Uses[id].(*types.Builtin)
	return "the function panicked", ok && b.Name() == "panic"
}

// anything stands for the results of a path that fails.
func (t *translator) anything(s *scope, n ast.Node) []value {
	var out []value
	for v := range s.sig.Results().Variables() {
		out = append(out, t.zero(s, n, v.Type()))
	}
	return out
}

// simple is a statement without a path of its own.
func (t *translator) simple(s *scope, stmt ast.Stmt, guard int) {
	switch stmt := stmt.(type) {
	case nil, *ast.EmptyStmt:
	case *ast.AssignStmt:
		t.assign(s, stmt, guard)
	case *ast.IncDecStmt:
		op := program.Add
		if stmt.Tok == token.DEC {
			op = program.Sub
		}
		x := t.plain(s, stmt.X, guard)
		k := t.b.KindOf(x)
		one := program.Const{Kind: k, Bits: 1}
		if k.Float() {
			one.Bits = floatOne
		}
		t.store(s, stmt.X, plain(t.b.Op(op, k, guard, x, t.b.Const(one))), guard)
	case *ast.DeclStmt:
		t.declare(s, stmt, guard)
	case *ast.ExprStmt:
		t.expression(s, stmt.X, guard)
	case *ast.ForStmt, *ast.RangeStmt:
		t.no(s, stmt, "it has a loop")
	case *ast.DeferStmt:
		t.no(s, stmt, "it defers a call")
	case *ast.GoStmt:
		t.no(s, stmt, "it starts a goroutine")
	case *ast.TypeSwitchStmt:
		t.no(s, stmt, "it has a type switch")
	case *ast.SelectStmt, *ast.SendStmt:
		t.no(s, stmt, "it uses channels")
	case *ast.BranchStmt:
		t.no(s, stmt, "it has a %s", stmt.Tok)
	default:
		t.no(s, stmt, "it has a statement that is not followed")
	}
}

const floatOne = 0x3ff0000000000000

func (t *translator) results(s *scope, stmt *ast.ReturnStmt, guard int) []value {
	var out []value
	switch {
	case len(stmt.Results) == 0:
		for _, obj := range s.named {
			out = append(out, t.use(s, stmt, s.vars[obj]))
		}
		return out
	case len(stmt.Results) == 1 && s.sig.Results().Len() > 1:
		return t.multiple(s, stmt.Results[0], guard)
	}
	for i, e := range stmt.Results {
		out = append(out, t.as(s, e, s.sig.Results().At(i).Type(), guard))
	}
	return out
}

// as is the value of an expression where one of type typ is wanted.
func (t *translator) as(s *scope, e ast.Expr, typ types.Type, guard int) value {
	typ = s.resolve(typ)
	if isNil(s, e) {
		return t.zero(s, e, typ)
	}
	if isError(typ) && !isError(s.typeOf(e)) {
		t.no(s, e, "it returns an error of a type of its own")
	}
	if u, ok := ast.Unparen(e).(*ast.UnaryExpr); ok && u.Op == token.AND { // nothing changes it any more
		v := t.expression(s, u.X, guard)
		return value{form: pointer, null: t.b.Bool(false), elem: &v}
	}
	return t.use(s, e, t.expression(s, e, guard))
}

// use ends the translation where a value can't be followed.
func (t *translator) use(s *scope, n ast.Node, v value) value {
	if v.form == nothing {
		t.no(s, n, "%s", v.why)
	}
	return v
}

func isNil(s *scope, e ast.Expr) bool {
	id, ok := ast.Unparen(e).(*ast.Ident)
	if !ok {
		return false
	}
	_, ok = s.cell.Info.Uses[id].(*types.Nil)
	return ok
}

func (t *translator) declare(s *scope, stmt *ast.DeclStmt, guard int) {
	decl, ok := stmt.Decl.(*ast.GenDecl)
	if !ok {
		t.no(s, stmt, "it has a declaration that is not followed")
	}
	if decl.Tok != token.VAR {
		return // constants are folded, types have no values
	}
	for _, spec := range decl.Specs {
		v := spec.(*ast.ValueSpec)
		var values []value
		switch {
		case len(v.Values) == len(v.Names):
			for i, e := range v.Values {
				values = append(values, t.as(s, e, s.cell.Info.TypeOf(v.Names[i]), guard))
			}
		case len(v.Values) == 1:
			values = t.multiple(s, v.Values[0], guard)
		}
		for i, name := range v.Names {
			obj := s.cell.Info.Defs[name]
			if obj == nil {
				continue
			}
			if values == nil {
				s.vars[obj] = t.zero(s, name, obj.Type())
			} else {
				s.vars[obj] = values[i]
			}
		}
	}
}

func (t *translator) assign(s *scope, stmt *ast.AssignStmt, guard int) {
	if stmt.Tok != token.ASSIGN && stmt.Tok != token.DEFINE {
		v := t.binary(s, stmt, assignedOps[stmt.Tok], stmt.Lhs[0], stmt.Rhs[0], s.typeOf(stmt.Lhs[0]), guard)
		t.store(s, stmt.Lhs[0], v, guard)
		return
	}
	var values []value
	if len(stmt.Rhs) == len(stmt.Lhs) {
		for i, e := range stmt.Rhs {
			typ := s.cell.Info.TypeOf(stmt.Lhs[i])
			if typ == nil || isBlank(stmt.Lhs[i]) {
				typ = types.Default(s.typeOf(e))
			}
			values = append(values, t.as(s, e, typ, guard))
		}
	} else {
		values = t.multiple(s, stmt.Rhs[0], guard)
	}
	for i, l := range stmt.Lhs {
		if !isBlank(l) {
			t.store(s, l, values[i], guard)
		}
	}
}

func isBlank(e ast.Expr) bool {
	id, ok := e.(*ast.Ident)
	return ok && id.Name == "_"
}

var assignedOps = map[token.Token]token.Token{
	token.ADD_ASSIGN: token.ADD, token.SUB_ASSIGN: token.SUB, token.MUL_ASSIGN: token.MUL, token.QUO_ASSIGN: token.QUO,
	token.REM_ASSIGN: token.REM, token.AND_ASSIGN: token.AND, token.OR_ASSIGN: token.OR, token.XOR_ASSIGN: token.XOR,
	token.AND_NOT_ASSIGN: token.AND_NOT, token.SHL_ASSIGN: token.SHL, token.SHR_ASSIGN: token.SHR,
}

// store gives a variable, or a field of one, a new value.
func (t *translator) store(s *scope, l ast.Expr, v value, guard int) {
	switch l := ast.Unparen(l).(type) {
	case *ast.Ident:
		obj := s.cell.Info.Defs[l]
		if obj == nil {
			obj = s.cell.Info.Uses[l]
		}
		if obj == nil {
			t.no(s, l, "it assigns to %s", l.Name)
		}
		if _, known := s.vars[obj]; !known && s.cell.Info.Defs[l] == nil {
			t.no(s, l, "it assigns to %s of the function around", l.Name)
		}
		s.vars[obj] = v
	case *ast.SelectorExpr:
		whole := t.expression(s, l.X, guard)
		if whole.form != structure {
			t.no(s, l, "it assigns through a pointer")
		}
		fields := append([]value(nil), whole.fields...)
		i := fieldIndex(whole, l.Sel.Name)
		if i < 0 {
			t.no(s, l, "it assigns to a field of an embedded struct")
		}
		fields[i] = v
		whole.fields = fields
		t.store(s, l.X, whole, guard)
	default:
		t.no(s, l, "it assigns to an element or through a pointer")
	}
}

func fieldIndex(v value, name string) int {
	for i, n := range v.names {
		if n == name {
			return i
		}
	}
	return -1
}

func (t *translator) ifStatement(s *scope, stmt *ast.IfStmt, guard int, then next) []value {
	t.simple(s, stmt.Init, guard)
	cond := t.plain(s, stmt.Cond, guard)
	var otherwise []ast.Stmt
	if stmt.Else != nil {
		otherwise = []ast.Stmt{stmt.Else}
	}
	return t.branch(s, stmt, cond, stmt.Body.List, otherwise, guard, then)
}

// branch follows both sides of a condition. Where neither returns they meet again behind it.
func (t *translator) branch(s *scope, n ast.Node, cond int, yes, no []ast.Stmt, guard int, then next) []value {
	yesGuard := t.b.And(guard, cond)
	noGuard := t.b.And(guard, t.b.Not(cond))
	a, b := s.clone(), s.clone()
	if returns(yes) || returns(no) {
		x := t.statements(a, yes, yesGuard, then)
		y := t.statements(b, no, noGuard, then)
		if len(x) != len(y) {
			t.no(s, n, "its paths return different numbers of values")
		}
		out := make([]value, len(x))
		for i := range x {
			out[i] = t.choose(cond, x[i], y[i])
		}
		return out
	}
	var afterYes, afterNo *scope
	t.statements(a, yes, yesGuard, func(s *scope, _ int) []value { afterYes = s; return nil })
	t.statements(b, no, noGuard, func(s *scope, _ int) []value { afterNo = s; return nil })
	for obj := range s.vars {
		s.vars[obj] = t.choose(cond, afterYes.vars[obj], afterNo.vars[obj])
	}
	return then(s, guard)
}

// returns says whether statements may leave the function: by a return or a panic.
func returns(list []ast.Stmt) bool {
	found := false
	for _, stmt := range list {
		ast.Inspect(stmt, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncLit:
				return false
			case *ast.ReturnStmt:
				found = true
			case *ast.CallExpr:
				if id, ok := ast.Unparen(n.Fun).(*ast.Ident); ok && id.Name == "panic" {
					found = true
				}
			}
			return !found
		})
	}
	return found
}

// switchStatement is a chain of conditions.
func (t *translator) switchStatement(s *scope, stmt *ast.SwitchStmt, guard int, then next) []value {
	t.simple(s, stmt.Init, guard)
	var tag *value
	if stmt.Tag != nil {
		v := t.expression(s, stmt.Tag, guard)
		tag = &v
	}
	var clauses []*ast.CaseClause
	var fallback *ast.CaseClause
	for _, c := range stmt.Body.List {
		clause := c.(*ast.CaseClause)
		if clause.List == nil {
			fallback = clause
		} else {
			clauses = append(clauses, clause)
		}
	}
	return t.clauses(s, stmt, tag, clauses, fallback, guard, then)
}

func (t *translator) clauses(s *scope, stmt *ast.SwitchStmt, tag *value, clauses []*ast.CaseClause, fallback *ast.CaseClause, guard int, then next) []value {
	if len(clauses) == 0 {
		if fallback == nil {
			return then(s, guard)
		}
		return t.statements(s, fallback.Body, guard, then)
	}
	first := clauses[0]
	cond, open := program.None, guard
	for _, e := range first.List {
		var c int
		if tag == nil {
			c = t.plain(s, e, open)
		} else {
			c = t.equal(s, e, *tag, t.as(s, e, s.typeOf(stmt.Tag), open))
		}
		open = t.b.And(open, t.b.Not(c)) // the next is looked at only where this one is false
		cond = t.either(cond, c)
	}
	a, b := s.clone(), s.clone()
	yesGuard, noGuard := t.b.And(guard, cond), t.b.And(guard, t.b.Not(cond))
	leaves := returns(first.Body) || fallback != nil && returns(fallback.Body)
	for _, c := range clauses[1:] {
		leaves = leaves || returns(c.Body)
	}
	if leaves {
		x := t.statements(a, first.Body, yesGuard, then)
		y := t.clauses(b, stmt, tag, clauses[1:], fallback, noGuard, then)
		if len(x) != len(y) {
			t.no(s, stmt, "its paths return different numbers of values")
		}
		out := make([]value, len(x))
		for i := range x {
			out[i] = t.choose(cond, x[i], y[i])
		}
		return out
	}
	var afterYes, afterNo *scope
	t.statements(a, first.Body, yesGuard, func(s *scope, _ int) []value { afterYes = s; return nil })
	t.clauses(b, stmt, tag, clauses[1:], fallback, noGuard, func(s *scope, _ int) []value { afterNo = s; return nil })
	for obj := range s.vars {
		s.vars[obj] = t.choose(cond, afterYes.vars[obj], afterNo.vars[obj])
	}
	return then(s, guard)
}
