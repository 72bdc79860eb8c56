package lower

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"strings"
)

var one = constant.MakeInt64(1)

func (f *function) returnStmt(s *ast.ReturnStmt) {
	fn, bodies := f.scope, []*rangeBody(nil)
	for fn.body != nil {
		bodies = append(bodies, fn.body)
		fn = fn.parent
	}
	sig := fn.sig
	values := f.returnValues(s, sig)
	if len(bodies) == 0 && fn.defers == "" {
		f.printf("return %s", strings.Join(values, ", "))
		return
	}
	if len(values) == 1 {
		f.printf("%s = %s", fn.results[0], f.apart(values[0], sig.Results().At(0).Type()))
	} else if len(values) > 1 {
		// A result may be an operand of another.
		var names []string
		for i, v := range values {
			names = append(names, f.temporary(v, f.typ(sig.Results().At(i).Type())))
		}
		for i, n := range names {
			f.printf("%s = %s", fn.results[i], n)
		}
	}
	if len(bodies) == 0 {
		f.printf("return")
		return
	}
	for _, b := range bodies {
		b.returns = true
		f.printf("%s = -1", b.state)
	}
	f.printf("return false")
}

// returnValues are the texts of what is returned; none for a bare return where the results have names.
func (f *function) returnValues(s *ast.ReturnStmt, sig *types.Signature) []string {
	fn := f.scope
	for fn.body != nil {
		fn = fn.parent
	}
	if len(s.Results) == 0 {
		if fn.defers == "" && f.scope.body == nil {
			return fn.results
		}
		return nil
	}
	var values []string
	if len(s.Results) == 1 && sig.Results().Len() > 1 {
		tuple := f.typeOf(s.Results[0]).(*types.Tuple)
		for i, n := range f.temporaries(s.Results[0], tuple, nil) {
			values = append(values, f.convert(n, tuple.At(i).Type(), sig.Results().At(i).Type()))
		}
		return values
	}
	values = make([]string, len(s.Results))
	// Variables are read after all calls, as Go's compiler does it.
	for _, variables := range []bool{false, true} {
		for i, r := range s.Results {
			if f.isVariable(r) != variables {
				continue
			}
			t := sig.Results().At(i).Type()
			v := f.nameAsValue(f.conv(r, t), t)
			_, isCall := ast.Unparen(r).(*ast.CallExpr)
			if len(s.Results) > 1 && f.info.Types[r].Value == nil && !f.isNil(r) && (len(fn.results) > 0 || isCall) {
				v = f.temporary(v, f.typ(t))
			}
			values[i] = v
		}
	}
	return values
}

// isVariable reports whether an expression is the name of a variable.
func (f *function) isVariable(e ast.Expr) bool {
	id, ok := ast.Unparen(e).(*ast.Ident)
	if !ok {
		return false
	}
	_, ok = f.info.Uses[id].(*types.Var)
	return ok
}

func (f *function) branch(s *ast.BranchStmt) {
	label := ""
	if s.Label != nil {
		label = s.Label.Name + "_l"
	}
	if f.scope.body != nil && (s.Tok == token.BREAK || s.Tok == token.CONTINUE) && f.leaves(s.Tok, label) {
		return
	}
	if s.Tok == token.GOTO {
		f.printf("goto %s", gotoLabel(s.Label.Name))
		return
	}
	if label != "" {
		f.printf("%s %s", s.Tok, label)
		return
	}
	f.printf("%s", s.Tok)
}

func (f *function) ifStmt(s *ast.IfStmt, label string) {
	f.label(label)
	if s.Init != nil {
		f.printf("{")
		defer f.printf("}")
		f.stmt(s.Init, "")
	}
	f.printf("if %s {", f.expr(s.Cond))
	f.stmts(s.Body.List)
	switch e := s.Else.(type) {
	case nil:
		f.printf("}")
	case *ast.IfStmt:
		f.printf("} else {")
		f.mark(e.Pos())
		f.ifStmt(e, "")
		f.printf("}")
	case *ast.BlockStmt:
		f.printf("} else {")
		f.stmts(e.List)
		f.printf("}")
	}
}

func (f *function) forStmt(s *ast.ForStmt, label string) {
	if vars := f.capturedLoopVars(s); len(vars) > 0 {
		f.forCaptured(s, label, vars)
		return
	}
	post := strings.TrimSpace(f.capture(func() {
		if s.Post != nil {
			f.stmt(s.Post, "")
		}
	}))
	cond, prelude := "", ""
	if s.Cond != nil {
		prelude = f.capture(func() { cond = f.expr(s.Cond) })
	}
	if prelude != "" || strings.Contains(post, "\n") || strings.HasPrefix(post, "var ") || strings.HasPrefix(post, "{") {
		f.forCaptured(s, label, nil)
		return
	}
	f.printf("{")
	defer f.printf("}")
	init := ""
	if s.Init != nil {
		init = f.loopInit(s.Init)
	}
	if init != "" && cond == "" && post == "" {
		// yaegi would run the initial statement for each iteration.
		f.printf("%s", init)
		init = ""
	}
	body := f.loopBody(label, func() { f.stmts(s.Body.List) })
	f.label(label)
	f.printf("for %s; %s; %s {\n%s}", init, cond, post, body)
}

// loopInit is what a loop begins with, "" where that became a statement before it.
func (f *function) loopInit(s ast.Stmt) string {
	text := strings.TrimSpace(f.capture(func() { f.stmt(s, "") }))
	if a, ok := s.(*ast.AssignStmt); ok && a.Tok == token.DEFINE && len(a.Lhs) == 1 && !strings.Contains(text, "\n") {
		// var i int = 0 is not a loop's initial statement, i := int(0) is.
		if name, rest, ok := strings.Cut(strings.TrimPrefix(text, "var "), " "); ok {
			if kind, value, ok := strings.Cut(rest, " = "); ok && !strings.ContainsAny(kind, "{(") {
				return name + " := " + f.typedInit(kind, value, a.Rhs[0])
			}
		}
	}
	f.printf("%s", text)
	return ""
}

// typedInit is the initial value of a loop variable, with its type.
func (f *function) typedInit(kind, value string, rhs ast.Expr) string {
	if f.info.Types[rhs].Value != nil && kind != "int" && kind != "string" && !strings.HasPrefix(value, kind+"(") {
		return kind + "(" + value + ")"
	}
	if kind == "interface{}" {
		return "interface{}(" + value + ")"
	}
	return value
}

// capturedLoopVars are the loop's variables that a function literal in it captures or whose address is taken: each
// iteration has its own.
func (f *function) capturedLoopVars(s *ast.ForStmt) []types.Object {
	a, ok := s.Init.(*ast.AssignStmt)
	if !ok || a.Tok != token.DEFINE || f.shared {
		return nil
	}
	var vars []types.Object
	for _, l := range a.Lhs {
		if o := f.defined(l); o != nil && f.escapes(o, s) {
			vars = append(vars, o)
		}
	}
	return vars
}

// escapes reports whether a variable lives on after the iteration: in a literal, or by its address.
func (f *function) escapes(o types.Object, in ast.Node) bool {
	found := false
	lits := 0
	var visit func(n ast.Node) bool
	visit = func(n ast.Node) bool {
		if found {
			return false
		}
		switch n := n.(type) {
		case *ast.FuncLit:
			lits++
			ast.Inspect(n.Body, visit)
			lits--
			return false
		case *ast.RangeStmt:
			if _, ok := f.core(f.info.TypeOf(n.X)).(*types.Signature); ok {
				ast.Inspect(n.X, visit)
				lits++
				ast.Inspect(n.Body, visit)
				lits--
				return false
			}
		case *ast.UnaryExpr:
			if n.Op == token.AND && f.rootIs(n.X, o) {
				found = true
			}
		case *ast.SliceExpr:
			if f.rootIs(n.X, o) {
				found = true
			}
		case *ast.SelectorExpr:
			if s := f.info.Selections[n]; s != nil && s.Kind() == types.MethodVal && f.rootIs(n.X, o) {
				found = true
			}
		case *ast.DeferStmt, *ast.GoStmt:
		case *ast.Ident:
			if lits > 0 && f.info.Uses[n] == o {
				found = true
			}
		}
		return !found
	}
	ast.Inspect(in, visit)
	return found
}

// rootIs reports whether an addressable expression lies in the variable o.
func (f *function) rootIs(e ast.Expr, o types.Object) bool {
	for {
		switch x := ast.Unparen(e).(type) {
		case *ast.Ident:
			return f.info.Uses[x] == o
		case *ast.SelectorExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		default:
			return false
		}
	}
}

// forCaptured is a loop whose header is part of its body. It gives each iteration its own vars: it copies them at the
// start, and the next iteration copies what the last one left in them.
func (f *function) forCaptured(s *ast.ForStmt, label string, vars []types.Object) {
	f.printf("{")
	defer f.printf("}")
	if s.Init != nil {
		f.stmt(s.Init, "")
	}
	var pointers []string
	for _, o := range vars {
		pointers = append(pointers, f.temporary("&"+f.name(o), ""))
	}
	first := f.temporary("true", "")
	body := f.loopBody(label, func() {
		for i, o := range vars {
			delete(f.names, o)
			n := f.name(o)
			f.printf("%s := *%s\n%s = &%s", n, pointers[i], pointers[i], n)
		}
		f.printf("if !%s {", first)
		if s.Post != nil {
			f.stmt(s.Post, "")
		}
		f.printf("}\n%s = false", first)
		if s.Cond != nil {
			cond := f.expr(s.Cond)
			f.printf("if !(%s) {\nbreak\n}", cond)
		}
		f.stmts(s.Body.List)
	})
	f.label(label)
	f.printf("for {\n%s}", body)
}
