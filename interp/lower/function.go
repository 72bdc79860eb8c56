package lower

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"path"
	"strconv"
	"strings"
)

// function is the context of one function declaration with the literals in it.
type function struct {
	*Lowering
	info  *types.Info
	env   *environment
	names map[types.Object]string
	used  map[string]bool
	scope *scope
	out   *strings.Builder
	// ofCell is set for the body of a cell.
	ofCell bool
	// alias are the objects that stand for others.
	alias map[types.Object]types.Object
	// shared says that the iterations of a loop share its variables, as they did before Go 1.22.
	shared bool
	// gotos are the labels that goto statements name.
	gotos map[string]bool
	// unwound is the name of the defer stack that this function was given by the one that defers it.
	unwound string
}

// scope is the context of one function or function literal.
type scope struct {
	parent  *scope
	sig     *types.Signature
	results []string // names; nil where results have none
	// defers is the name of the defer stack; the body then runs in a closure of its own, from which a return only sets the results.
	defers string
	// deferred is set in a literal that is deferred directly: recover() asks the defer stack of that name.
	deferred string
	loops    int        // around the statement
	body     *rangeBody // of a range over a function; its parent is the scope of the statement
}

func (l *Lowering) newFunction(info *types.Info, env *environment) *function {
	if env == nil {
		env = &environment{}
	}
	return &function{
		Lowering: l, info: info, env: env, names: map[types.Object]string{}, used: map[string]bool{}, out: &strings.Builder{},
	}
}

// emitFunction writes a function, or a method as a function that takes the receiver first.
func (l *Lowering) emitFunction(name string, fn Function, env *environment, unwound bool) {
	f := l.newFunction(fn.Info, env)
	f.shared = sharesLoopVariables(fn.GoVersion)
	var params []string
	if unwound {
		f.unwound = f.local("defers_")
		params = append(params, f.unwound+" *"+rt("Defers"))
	}
	if fn.Decl.Recv != nil {
		field := fn.Decl.Recv.List[0]
		recv := "_"
		if len(field.Names) > 0 {
			recv = f.name(f.info.Defs[field.Names[0]])
		}
		if recv == "_" {
			recv = f.local("recv_")
		}
		params = append(params, recv+" "+f.typ(f.typeOf(field.Type)))
	}
	if fn.Decl.Body == nil {
		f.bodiless(name, fn, params)
		return
	}
	sig := f.declSignature(fn.Decl.Type)
	text := f.funcBody(params, fn.Decl.Type, sig, fn.Decl.Body, &scope{sig: sig})
	fmt.Fprintf(&l.unit.funcs, "%sfunc %s%s\n", f.lineDirective(fn.Decl.Pos()), name, text)
}

// declSignature is the signature that a declaration's own syntax tree has, in this instance.
func (f *function) declSignature(ft *ast.FuncType) *types.Signature {
	variadic := false
	vars := func(list *ast.FieldList) *types.Tuple {
		if list == nil {
			return nil
		}
		var all []*types.Var
		for _, field := range list.List {
			var t types.Type
			if e, ok := field.Type.(*ast.Ellipsis); ok {
				variadic = true
				t = types.NewSlice(f.typeOf(e.Elt))
			} else {
				t = f.typeOf(field.Type)
			}
			for range max(1, len(field.Names)) {
				all = append(all, types.NewParam(field.Pos(), nil, "", t))
			}
		}
		return types.NewTuple(all...)
	}
	params := vars(ft.Params)
	return types.NewSignatureType(nil, nil, nil, params, vars(ft.Results), variadic)
}

// funcBody is the text of parameters, results and body.
func (f *function) funcBody(params []string, ft *ast.FuncType, sig *types.Signature, body *ast.BlockStmt, sc *scope) string {
	sc.parent, f.scope = f.scope, sc
	gotos := f.gotos
	f.gotos = jumps(body)
	defer func() { f.scope, f.gotos = sc.parent, gotos }()
	params = append(params, f.parameters(ft, sig)...)
	protected := hasDefer(body)
	results, named := f.resultList(ft, sig, sc, protected || f.rangesOverFunc(body))
	if protected {
		sc.defers = f.local("defers_")
	}
	var b strings.Builder
	fmt.Fprintf(&b, "(%s)%s {\n", strings.Join(params, ", "), resultText(results))
	if named {
		// Results that have names are variables like others: yaegi takes fields off a call's result only if it has none.
		for i, r := range sc.results {
			fmt.Fprintf(&b, "var %s %s = %s\n", r, results[i], f.zero(sig.Results().At(i).Type()))
		}
	}
	text := f.block(body.List)
	switch {
	case protected:
		fmt.Fprintf(&b, "%s := %s()\n%s(%s, func() {\n%s})\n", sc.defers, rt("NewDefers"), rt("Protect"), sc.defers, text)
		if len(results) > 0 {
			fmt.Fprintf(&b, "return %s\n", strings.Join(sc.results, ", "))
		}
	default:
		b.WriteString(text)
		if named && !terminates(body.List) {
			fmt.Fprintf(&b, "return %s\n", strings.Join(sc.results, ", "))
		}
	}
	b.WriteString("}")
	return b.String()
}

// terminates reports whether a list plainly ends in a return or panic.
func terminates(list []ast.Stmt) bool {
	if len(list) == 0 {
		return false
	}
	_, ok := list[len(list)-1].(*ast.ReturnStmt)
	return ok
}

func (f *function) parameters(ft *ast.FuncType, sig *types.Signature) []string {
	var params []string
	add := func(name string) {
		i := len(params)
		if name == "_" {
			name = f.local("p_")
		}
		t := sig.Params().At(i).Type()
		if sig.Variadic() && i == sig.Params().Len()-1 {
			elem := f.typ(variadicElem(t))
			if strings.HasPrefix(elem, "<-") {
				elem = "(" + elem + ")"
			}
			params = append(params, name+" ..."+elem)
			return
		}
		params = append(params, name+" "+f.typ(t))
	}
	for _, field := range ft.Params.List {
		if len(field.Names) == 0 {
			add("_")
		}
		for _, id := range field.Names {
			add(f.name(f.info.Defs[id]))
		}
	}
	return params
}

// resultList names the results where they have names, or where something must be able to set them.
func (f *function) resultList(ft *ast.FuncType, sig *types.Signature, sc *scope, need bool) (results []string, named bool) {
	if sig.Results().Len() == 0 {
		return nil, false
	}
	var names []string
	for _, field := range ft.Results.List {
		if len(field.Names) == 0 {
			names = append(names, "")
		}
		for _, id := range field.Names {
			named = true
			n := f.name(f.info.Defs[id])
			if n == "_" {
				n = ""
			}
			names = append(names, n)
		}
	}
	named = named || need
	for i, n := range names {
		results = append(results, f.typ(sig.Results().At(i).Type()))
		if named {
			sc.results = append(sc.results, cmp.Or(n, f.local("result_")))
		}
	}
	return results, named
}

// block lowers statements into text of their own.
func (f *function) block(list []ast.Stmt) string {
	return f.capture(func() { f.stmts(list) })
}

func (f *function) capture(emit func()) string {
	saved := f.out
	f.out = &strings.Builder{}
	emit()
	text := f.out.String()
	f.out = saved
	return text
}

func (f *function) printf(format string, args ...any) {
	fmt.Fprintf(f.out, format, args...)
	f.out.WriteByte('\n')
}

// local reserves a local name like base. It never ends like a global name, in an underscore and a number.
func (f *function) local(base string) string {
	base = identifier(base)
	if numbered(base) || base == rv || types.Universe.Lookup(base) != nil || token.IsKeyword(base) || base == "init" || base == "main" {
		base += "_v"
	}
	name := base
	for n := 1; f.used[name]; n++ {
		name = base + "_v" + strconv.Itoa(n)
	}
	f.used[name] = true
	return name
}

func numbered(s string) bool {
	i := strings.LastIndexByte(s, '_')
	return i >= 0 && i < len(s)-1 && strings.Trim(s[i+1:], "0123456789") == ""
}

// name is the local name of an object.
func (f *function) name(o types.Object) string {
	if o == nil || o.Name() == "_" {
		return "_"
	}
	if n, ok := f.names[o]; ok {
		return n
	}
	n := f.local(o.Name())
	f.names[o] = n
	return n
}

// typeOf is the type of an expression in this instance.
func (f *function) typeOf(e ast.Expr) types.Type { return f.subst(f.env, f.info.TypeOf(e)) }

func (f *function) typeText(t types.Type) string { return f.typ(f.subst(f.env, t)) }

// lineDirective names a position in the cell, where yaegi is to see what follows.
func (l *Lowering) lineDirective(p token.Pos) string {
	at := l.world.Fset().Position(p)
	if !at.IsValid() {
		return ""
	}
	if path.Base(at.Filename) != "_.go" {
		// yaegi knows imports by the last part of the file's name, which is the same for all cells.
		at.Filename += "/_.go"
	}
	if at.Column == 0 {
		return fmt.Sprintf("//line %s:%d\n", at.Filename, at.Line)
	}
	return fmt.Sprintf("//line %s:%d:%d\n", at.Filename, at.Line, at.Column)
}

func (f *function) mark(p token.Pos) { f.out.WriteString(f.lineDirective(p)) }

func hasDefer(body *ast.BlockStmt) bool {
	found := false
	ast.Inspect(body, func(n ast.Node) bool {
		switch n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.DeferStmt:
			found = true
		}
		return !found
	})
	return found
}

// rangesOverFunc reports whether a body returns from inside a range over a function.
func (f *function) rangesOverFunc(body *ast.BlockStmt) bool {
	found := false
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.RangeStmt:
			if _, ok := f.core(f.typeOf(n.X)).(*types.Signature); ok {
				found = true
			}
		}
		return !found
	})
	return found
}

// core is the underlying type; a type parameter has none left in an instance.
func (f *function) core(t types.Type) types.Type { return f.subst(f.env, t).Underlying() }
