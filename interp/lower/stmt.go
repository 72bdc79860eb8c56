package lower

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

func (f *function) stmts(list []ast.Stmt) {
	for _, s := range list {
		f.mark(s.Pos())
		f.stmt(s, "")
	}
}

// stmt lowers a statement; label is that of a labeled one.
func (f *function) stmt(s ast.Stmt, label string) {
	switch s := s.(type) {
	case nil, *ast.EmptyStmt:
		if label != "" {
			f.printf("%s:\n{\n}", label)
		}
	case *ast.BlockStmt:
		f.label(label)
		f.printf("{")
		f.stmts(s.List)
		f.printf("}")
	case *ast.LabeledStmt:
		f.labeled(s)
	case *ast.ExprStmt:
		f.exprStmt(s.X)
	case *ast.SendStmt:
		t := f.typeOf(s.Chan)
		elem := t.Underlying().(*types.Chan).Elem()
		value := f.toContainer(t, f.conv(s.Value, elem), elem)
		if _, variable := ast.Unparen(s.Chan).(*ast.Ident); variable {
			f.printf("%s <- %s", f.open(s.Chan), value)
		} else {
			f.printf("{\n%s <- %s\n}", f.channel(s.Chan), value)
		}
	case *ast.IncDecStmt:
		f.opAssign(s.X, incDec(s.Tok), nil)
	case *ast.AssignStmt:
		f.assign(s)
	case *ast.GoStmt:
		f.printf("{")
		f.printf("%s(%s)\n}", rt("Go"), f.closure(f.made(f.thunk(s.Call), "func()")))
	case *ast.DeferStmt:
		f.deferStmt(s)
	case *ast.ReturnStmt:
		f.returnStmt(s)
	case *ast.BranchStmt:
		f.branch(s)
	case *ast.IfStmt:
		f.ifStmt(s, label)
	case *ast.SwitchStmt:
		f.switchStmt(s, label)
	case *ast.TypeSwitchStmt:
		f.typeSwitch(s, label)
	case *ast.SelectStmt:
		f.selectStmt(s, label)
	case *ast.ForStmt:
		f.forStmt(s, label)
	case *ast.RangeStmt:
		f.rangeStmt(s, label)
	case *ast.DeclStmt:
		f.declStmt(s.Decl.(*ast.GenDecl))
	default:
		panic(&UnsupportedError{s.Pos(), fmt.Sprintf("statement %T", s)})
	}
}

func (f *function) label(name string) {
	if name != "" {
		f.printf("%s:", name)
	}
}

func (f *function) labeled(s *ast.LabeledStmt) {
	name := s.Label.Name + "_l"
	if f.gotos[s.Label.Name] {
		// Statements get a block of their own, into which yaegi can't jump.
		f.printf("%s:\n{\n}", gotoLabel(s.Label.Name))
	}
	switch s.Stmt.(type) {
	case *ast.ForStmt, *ast.RangeStmt, *ast.SwitchStmt, *ast.TypeSwitchStmt, *ast.SelectStmt, *ast.BlockStmt:
		f.stmt(s.Stmt, name)
	default:
		f.stmt(s.Stmt, "")
	}
}

func gotoLabel(name string) string { return name + "_g" }

// jumps are the labels that goto statements of a body name.
func jumps(body ast.Node) map[string]bool {
	labels := map[string]bool{}
	ast.Inspect(body, func(n ast.Node) bool {
		if b, ok := n.(*ast.BranchStmt); ok && b.Tok == token.GOTO {
			labels[b.Label.Name] = true
		}
		return true
	})
	return labels
}

// exprStmt evaluates an expression for what it does.
func (f *function) exprStmt(e ast.Expr) {
	e = ast.Unparen(e)
	switch x := e.(type) {
	case *ast.CallExpr:
		f.callStmt(x)
		return
	case *ast.UnaryExpr:
		if x.Op == token.ARROW {
			f.printf("<-%s", f.open(x.X))
			return
		}
	}
	f.discard(e)
}

// callStmt calls for what the call does; its results are left where yaegi puts them.
func (f *function) callStmt(call *ast.CallExpr) {
	builtin := f.builtinOf(ast.Unparen(call.Fun))
	if builtin == "copy" || builtin == "recover" || f.info.Types[call.Fun].IsType() {
		f.printf("_ = %s", f.expr(call))
		return
	}
	if builtin != "" {
		f.printf("%s", f.expr(call))
		return
	}
	inner, spread := f.spread(call)
	if spread {
		f.printf("{")
		defer f.printf("}")
	}
	c := target{}
	args := []string(nil)
	if spread {
		c = f.evaluated(ast.Unparen(call.Fun))
		args = f.spreadArguments(c, f.temporaries(call.Args[0], inner, nil), inner)
	} else {
		c = f.callTarget(ast.Unparen(call.Fun))
		args = f.arguments(call, c)
	}
	f.printf("%s", c.raw(args))
}

// discard evaluates an expression and drops its value.
func (f *function) discard(e ast.Expr) {
	if tv := f.info.Types[e]; tv.Value != nil || f.isNil(e) {
		return
	}
	n := f.local("_d")
	f.printf("var %s %s = %s\n_ = %s", n, f.typ(f.typeOf(e)), f.nameAsValue(f.expr(e), f.typeOf(e)), n)
}

func (f *function) deferStmt(s *ast.DeferStmt) {
	stack := f.deferStack()
	f.printf("{")
	defer f.printf("}")
	if lit, ok := ast.Unparen(s.Call.Fun).(*ast.FuncLit); ok && len(s.Call.Args) == 0 {
		text := f.funcLit(lit, &scope{deferred: stack})
		if f.core(f.info.TypeOf(lit)).(*types.Signature).Results().Len() > 0 {
			text = "func() {\n(" + text + ")()\n}"
		}
		f.printf("%s(%s, %s)", rt("Push"), stack, f.closure(text))
		return
	}
	if lit, ok := ast.Unparen(s.Call.Fun).(*ast.FuncLit); ok {
		f.deferLiteral(lit, s.Call, stack)
		return
	}
	if text, ok := f.deferNamed(s.Call, stack); ok {
		f.printf("%s(%s, %s)", rt("Push"), stack, f.closure(text))
		return
	}
	if f.throughInterface(s.Call) {
		// The function that is deferred and the dispatch function are around the method, which may recover.
		f.printf("%s(%s, 2, %s)", rt("PushNested"), stack, f.closure(f.thunk(s.Call)))
		return
	}
	f.printf("%s(%s, %s)", rt("PushValue"), stack, f.closure(f.thunk(s.Call)))
}

// throughInterface reports whether a call is one of an interface's method.
func (f *function) throughInterface(call *ast.CallExpr) bool {
	x, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok {
		return false
	}
	s := f.info.Selections[x]
	return s != nil && s.Kind() == types.MethodVal && f.method(f.subst(f.env, s.Recv()), s.Obj()).onInterface()
}

// deferLiteral defers a function literal with arguments, which are evaluated now.
func (f *function) deferLiteral(lit *ast.FuncLit, call *ast.CallExpr, stack string) {
	sig := f.core(f.info.TypeOf(lit)).(*types.Signature)
	c := target{sig: sig}
	var args []string
	if tuple, ok := f.spread(call); ok {
		args = f.spreadArguments(c, f.temporaries(call.Args[0], tuple, nil), tuple)
	} else {
		for i, a := range f.arguments(call, c) {
			args = append(args, f.kept(a, c, i))
		}
	}
	text := f.funcLit(lit, &scope{deferred: stack})
	f.printf("%s(%s, %s)", rt("Push"), stack, f.closure(fmt.Sprintf("func() {\n(%s)(%s)\n}", text, strings.Join(args, ", "))))
}

// channel is a variable that holds a channel: yaegi does not know the elements of one that is part of a compiled type.
func (f *function) channel(e ast.Expr) string {
	t := f.typeOf(e)
	if f.isExternal(t) {
		return f.temporary(f.open(e), "")
	}
	return f.temporary(f.open(e), f.typ(t.Underlying()))
}

// closure keeps a function literal that compiled code is given in a variable: yaegi lets a literal that is an argument see
// the variables of later iterations of the loops around it.
func (f *function) closure(literal string) string { return f.temporary(literal, "") }

// made is a function literal of type t that a call of its own makes, where the statement may run again. When a function that
// a literal has made returns, yaegi puts the one before it in the place where the literal's value is: in another goroutine,
// that would be between the making of the next one and its use.
func (f *function) made(literal, t string) string {
	if !f.repeats() {
		return literal
	}
	return "func() " + t + " {\nreturn " + literal + "\n}()"
}

// repeats reports whether a statement may run several times in one call of the function.
func (f *function) repeats() bool { return f.scope.loops > 0 || len(f.gotos) > 0 }

// deferNamed defers a function or method that may recover: an instance of it gets the defer stack.
func (f *function) deferNamed(call *ast.CallExpr, stack string) (string, bool) {
	var o *types.Func
	var m method
	switch x := ast.Unparen(call.Fun).(type) {
	case *ast.Ident:
		o = f.objectOf(x)
	case *ast.SelectorExpr:
		if s := f.info.Selections[x]; s != nil && s.Kind() == types.MethodVal {
			m = f.method(f.subst(f.env, s.Recv()), s.Obj())
			if f.sourceMethod(m) {
				o = m.obj
			}
		}
	}
	if o == nil || !f.interpreted(o) || o.Signature().TypeParams() != nil || o.Signature().RecvTypeParams() != nil {
		return "", false
	}
	fn, ok := f.world.Function(o.Origin())
	if !ok || fn.Decl.Body == nil || !callsRecover(fn) {
		return "", false
	}
	if _, ok := f.spread(call); ok {
		return "", false
	}
	c := target{fun: f.instantiate(o.Origin(), nil, true), sig: o.Signature()}
	args := []string{stack}
	if m.obj != nil {
		n := f.local("a_")
		f.printf("%s := %s", n, f.receiver(f.primary(ast.Unparen(call.Fun).(*ast.SelectorExpr).X), m))
		args = append(args, n)
	}
	for i, a := range f.arguments(call, c) {
		args = append(args, f.kept(a, c, i))
	}
	return "func() {\n" + c.fun + "(" + strings.Join(args, ", ") + ")\n}", true
}

func callsRecover(fn Function) bool {
	found := false
	ast.Inspect(fn.Decl.Body, func(n ast.Node) bool {
		if _, ok := n.(*ast.FuncLit); ok {
			return false
		}
		if id, ok := n.(*ast.Ident); ok {
			if b, ok := fn.Info.Uses[id].(*types.Builtin); ok && b.Name() == "recover" {
				found = true
			}
		}
		return !found
	})
	return found
}

// deferStack is the name of the defer stack of the enclosing function.
func (f *function) deferStack() string {
	s := f.scope
	for s.body != nil {
		s = s.parent
	}
	return s.defers
}

func (f *function) declStmt(d *ast.GenDecl) {
	if d.Tok != token.VAR {
		return
	}
	for _, s := range d.Specs {
		spec := s.(*ast.ValueSpec)
		f.mark(spec.Pos())
		var objects []types.Object
		for _, id := range spec.Names {
			objects = append(objects, f.info.Defs[id])
		}
		switch {
		case len(spec.Values) == 0:
			for i, o := range objects {
				if spec.Names[i].Name == "_" {
					continue
				}
				f.printf("var %s %s", f.name(o), f.typeText(o.Type()))
			}
		case len(spec.Values) == len(spec.Names):
			f.defineEach(identExprs(spec.Names), spec.Values, true)
		default:
			f.defineFrom(identExprs(spec.Names), spec.Values[0], true)
		}
	}
}

func identExprs(ids []*ast.Ident) []ast.Expr {
	var list []ast.Expr
	for _, id := range ids {
		list = append(list, id)
	}
	return list
}
