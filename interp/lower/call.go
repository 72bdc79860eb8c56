package lower

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// call is a call that gives one value or none.
func (f *function) call(e *ast.CallExpr) string {
	fun := ast.Unparen(e.Fun)
	if tv := f.info.Types[e.Fun]; tv.IsType() {
		return f.conversion(e, f.subst(f.env, tv.Type))
	}
	if b := f.builtinOf(fun); b != "" {
		return f.builtin(b, e)
	}
	if tuple, ok := f.spread(e); ok {
		return f.spreadCall(e, tuple)
	}
	if text, ok := f.errorsAs(e); ok {
		return text
	}
	c := f.callTarget(fun)
	return c.text(f, f.arguments(e, c))
}

// errorsAs is a call of errors.As whose target is a pointer: the run-time looks for the error, a helper asserts its type.
func (f *function) errorsAs(e *ast.CallExpr) (string, bool) {
	sel, ok := ast.Unparen(e.Fun).(*ast.SelectorExpr)
	if !ok || len(e.Args) != 2 {
		return "", false
	}
	o := f.objectOf(sel.Sel)
	if o == nil || o.FullName() != "errors.As" {
		return "", false
	}
	p, ok := f.typeOf(e.Args[1]).Underlying().(*types.Pointer)
	if !ok {
		return "", false
	}
	t := p.Elem()
	name := f.helper("as", f.key(t), func(name string) {
		text := f.capture(func() {
			f.printf("func %s(err interface{}, target *%s) bool {\nreturn %s(err, func(x interface{}) bool {", name, f.typ(t), rt("ErrorsAs"))
			f.printf("return %s\n}, target)\n}", f.assertOK("*target", "ok", "x", t))
		})
		f.unit.funcs.WriteString(text)
	})
	return name + "(" + f.conv(e.Args[0], emptyInterface) + ", " + f.expr(e.Args[1]) + ")", true
}

// target is what a call calls.
type target struct {
	fun      string
	recv     string // "" for none
	dynamic  bool   // the receiver is in an interface
	on       string // the receiver of a compiled method, which is part of fun
	sig      *types.Signature
	compiled bool
	value    bool   // fun is a function value, which may change
	path     string // package and name of a compiled function or method, for the rules of the boundary
}

// text is the call with its arguments.
func (c target) text(f *function, args []string) string {
	if c.compiled {
		return f.boundaryResult(c.fun+"("+strings.Join(args, ", ")+")", c.sig)
	}
	if c.recv != "" {
		args = append([]string{c.recv}, args...)
	}
	return c.fun + "(" + strings.Join(args, ", ") + ")"
}

func (f *function) callTarget(fun ast.Expr) target {
	sig, _ := f.core(f.info.TypeOf(fun)).(*types.Signature)
	if c, ok := f.native(fun, sig); ok {
		return c
	}
	switch x := fun.(type) {
	case *ast.Ident:
		if o := f.objectOf(x); o != nil && !f.interpreted(o) {
			return target{fun: f.ident(x), sig: f.declared(o), compiled: true, path: o.FullName()}
		}
	case *ast.SelectorExpr:
		if s := f.info.Selections[x]; s != nil {
			if s.Kind() == types.MethodVal {
				return f.methodTarget(x, f.method(f.subst(f.env, s.Recv()), s.Obj()), sig)
			}
			break
		}
		if o := f.objectOf(x.Sel); o != nil && !f.interpreted(o) {
			if name, ok := standIns[o.FullName()]; ok {
				return target{fun: rt(name), sig: f.declared(o)}
			}
			return target{fun: f.ident(x.Sel), sig: f.declared(o), compiled: true, path: o.FullName()}
		}
	}
	if lit, ok := fun.(*ast.FuncLit); ok && givesFunction(sig) {
		return target{fun: f.closure(f.funcLit(lit, &scope{})), sig: sig} // yaegi can't return what such a literal gives
	} else if ok {
		return target{fun: "(" + f.funcLit(lit, &scope{}) + ")", sig: sig}
	}
	if id := f.functionName(fun); id != nil {
		_, plain := fun.(*ast.Ident)
		return target{fun: f.ident(id), sig: sig, value: !plain}
	}
	return target{fun: f.open(fun), sig: sig, compiled: f.isExternal(f.typeOf(fun)), value: true}
}

func givesFunction(sig *types.Signature) bool {
	for v := range sig.Results().Variables() {
		if _, ok := v.Type().Underlying().(*types.Signature); ok {
			return true
		}
	}
	return false
}

// functionName is the name of an interpreted function that an expression is, also an instance of a generic one; nil if it
// is something else.
func (f *function) functionName(e ast.Expr) *ast.Ident {
	var id *ast.Ident
	switch x := ast.Unparen(e).(type) {
	case *ast.Ident:
		id = x
	case *ast.SelectorExpr:
		if f.info.Selections[x] == nil {
			id = x.Sel
		}
	case *ast.IndexExpr:
		return f.functionName(x.X)
	case *ast.IndexListExpr:
		return f.functionName(x.X)
	}
	if id == nil {
		return nil
	}
	if o := f.objectOf(id); o == nil || !f.interpreted(o) {
		return nil
	}
	return id
}

// declared is the signature of a compiled function.
func (f *function) declared(o *types.Func) *types.Signature { return o.Signature() }

// objectOf is the function that a name stands for, if it does.
func (f *function) objectOf(id *ast.Ident) *types.Func {
	o := f.info.Uses[id]
	if other, ok := f.alias[o]; ok {
		o = other
	}
	fn, _ := o.(*types.Func)
	return fn
}

func (f *function) methodTarget(x *ast.SelectorExpr, m method, sig *types.Signature) target {
	recv := f.receiver(f.primary(x.X), m)
	if name, ok := f.reflection(m); ok {
		return target{fun: rt(name), recv: recv, sig: sig}
	}
	if m.onInterface() || f.sourceMethod(m) {
		return target{fun: f.callee(m), recv: recv, dynamic: m.onInterface(), sig: sig}
	}
	if name, ok := standIns[m.obj.FullName()]; ok {
		return target{fun: rt(name), recv: recv, sig: sig}
	}
	return target{fun: strings.TrimPrefix(recv, "&") + "." + m.obj.Name(), on: recv, sig: sig, compiled: true, path: m.obj.FullName()}
}

// spread reports whether the only argument is a call with several results.
func (f *function) spread(e *ast.CallExpr) (*types.Tuple, bool) {
	if len(e.Args) != 1 {
		return nil, false
	}
	t, ok := f.typeOf(e.Args[0]).(*types.Tuple)
	return t, ok
}

// spreadCall is g(h()), where h has several results: in a function literal of its own.
func (f *function) spreadCall(e *ast.CallExpr, tuple *types.Tuple) string {
	sig := f.core(f.info.TypeOf(e.Fun)).(*types.Signature)
	var results []string
	for v := range sig.Results().Variables() {
		results = append(results, f.typ(v.Type()))
	}
	body := f.capture(func() {
		c := f.evaluated(ast.Unparen(e.Fun))
		names := f.temporaries(e.Args[0], tuple, nil)
		args := f.spreadArguments(c, names, tuple)
		f.printf("%s", returning(sig, c.text(f, args)))
	})
	return "func()" + resultText(results) + " {\n" + body + "}()"
}

// evaluated is what a call calls, evaluated now where that does something.
func (f *function) evaluated(fun ast.Expr) target {
	c := f.callTarget(fun)
	if f.acts(fun) {
		return f.fixed(c)
	}
	return c
}

// spreadArguments are the arguments of a call whose values are in variables.
func (f *function) spreadArguments(c target, names []string, tuple *types.Tuple) []string {
	var args []string
	for i, n := range names {
		t := parameterType(c.sig, i, false)
		from := plainDefault(tuple.At(i).Type())
		args = append(args, f.oneOfMany(c, i, f.argument(c, n, from, t), from))
	}
	return f.noVariadics(c, args)
}

// parameterType is the type of argument i.
func parameterType(sig *types.Signature, i int, ellipsis bool) types.Type {
	n := sig.Params().Len()
	if sig.Variadic() && i >= n-1 && !ellipsis {
		return variadicElem(sig.Params().At(n - 1).Type())
	}
	return sig.Params().At(i).Type()
}

// temporaries evaluates a call with several results into new variables.
func (f *function) temporaries(e ast.Expr, tuple *types.Tuple, own []string) []string {
	call := ast.Unparen(e).(*ast.CallExpr)
	c := target{}
	var text string
	if t2, ok := f.spread(call); ok {
		c = f.evaluated(ast.Unparen(call.Fun))
		inner := f.temporaries(call.Args[0], t2, nil)
		text = c.raw(f.spreadArguments(c, inner, t2))
	} else {
		c = f.callTarget(ast.Unparen(call.Fun))
		text = c.raw(f.arguments(call, c))
	}
	names := make([]string, tuple.Len())
	for i := range names {
		names[i] = f.local("t_")
		if i < len(own) && (!c.compiled || f.toInternal("x", c.sig.Results().At(i).Type()) == "x") {
			names[i] = own[i]
		}
	}
	f.printf("%s := %s", strings.Join(names, ", "), text)
	if !c.compiled {
		return names
	}
	for i := range names {
		t := c.sig.Results().At(i).Type()
		if converted := f.toInternal(names[i], t); converted != names[i] {
			n := f.local("t_")
			if i < len(own) {
				n = own[i]
			}
			f.printf("var %s %s = %s", n, f.typ(t), converted)
			names[i] = n
		}
	}
	return names
}

// raw is the call as it is, without a conversion of what it gives.
func (c target) raw(args []string) string {
	if c.recv != "" {
		args = append([]string{c.recv}, args...)
	}
	return c.fun + "(" + strings.Join(args, ", ") + ")"
}

// arguments are the arguments of a call, converted to the parameters' types.
func (f *function) arguments(e *ast.CallExpr, c target) []string {
	var args []string
	planned := f.planned(e, c)
	for i, a := range e.Args {
		if text, ok := planned[i]; ok {
			args = append(args, text)
			continue
		}
		last := e.Ellipsis.IsValid() && i == len(e.Args)-1
		t := f.subst(f.env, parameterType(c.sig, i, e.Ellipsis.IsValid()))
		var text string
		if last && f.isNil(a) {
			args = append(args, f.none(t)+"...")
			continue
		}
		if c.compiled {
			text = f.outArgument(c, a, t, last)
		} else {
			text = f.conv(a, t)
			if !last {
				text = f.oneOfMany(c, i, text, f.typeOf(a))
			}
		}
		if last {
			text += "..."
		}
		args = append(args, text)
	}
	args = f.noVariadics(c, args)
	if n := len(args); !c.compiled && n > 1 && strings.HasSuffix(args[n-1], "...") {
		// yaegi makes no values of the names of functions where a call spreads a slice.
		for i := range args[:n-1] {
			args[i] = f.functionValue(args[i], f.subst(f.env, parameterType(c.sig, i, true)))
		}
	}
	return args
}

// noVariadics passes nil where a variadic parameter has no arguments: yaegi would make an empty slice.
func (f *function) noVariadics(c target, args []string) []string {
	if n := c.sig.Params().Len(); !c.compiled && c.sig.Variadic() && len(args) == n-1 {
		args = append(args, f.none(c.sig.Params().At(n-1).Type())+"...")
	}
	return args
}

// none is a variable that holds nil.
func (f *function) none(t types.Type) string {
	text := f.typeText(t)
	name := f.helper("none", text, func(name string) {
		fmt.Fprintf(&f.unit.vars, "var %s %s\n", name, text)
	})
	return name
}

// oneOfMany is a variadic argument of type t: yaegi takes one that is a slice of interfaces for all the arguments.
func (f *function) oneOfMany(c target, i int, text string, t types.Type) string {
	if c.compiled || !c.sig.Variadic() || i < c.sig.Params().Len()-1 || isUntypedNil(t) {
		return text
	}
	slice, ok := f.subst(f.env, t).Underlying().(*types.Slice)
	// An interface also takes the place of an element that refers back to its own type.
	if !ok || f.typ(slice.Elem()) != "interface{}" || f.typ(f.subst(f.env, parameterType(c.sig, i, false))) != "interface{}" {
		return text
	}
	return f.single(text)
}

// single makes an interface value by a call, which, unlike a variable, does not change when the value is evaluated.
func (f *function) single(text string) string {
	name := f.helper("single", "", func(name string) {
		fmt.Fprintf(&f.unit.funcs, "func %s(x interface{}) interface{} {\nreturn x\n}\n", name)
	})
	return name + "(" + text + ")"
}

// argument is a value that is in a variable as an argument.
func (f *function) argument(c target, text string, from, to types.Type) string {
	if c.compiled {
		return f.outValue(c, text, from, to)
	}
	return f.convert(text, from, to)
}

// passed are arguments that have the parameters' types, as text.
func (f *function) passed(sig *types.Signature, args string) []string {
	if args == "" {
		return nil
	}
	list := strings.Split(args, ", ")
	for i := range list {
		t := sig.Params().At(i).Type()
		if name, ok := strings.CutSuffix(list[i], "..."); ok {
			list[i] = f.outSlice(target{}, name, t) + "..."
			continue
		}
		list[i] = f.outValue(target{}, list[i], t, t)
	}
	return list
}

// boundaryCall calls compiled code with arguments in its form.
func (f *function) boundaryCall(fun string, sig *types.Signature, args []string) string {
	return f.boundaryResult(fun+"("+strings.Join(args, ", ")+")", sig)
}

// boundaryResult brings the results of compiled code to the form that cells know.
func (f *function) boundaryResult(call string, sig *types.Signature) string {
	switch sig.Results().Len() {
	case 0:
		return call
	case 1:
		return f.toInternal(call, sig.Results().At(0).Type())
	}
	change := false
	for v := range sig.Results().Variables() {
		if f.toInternal("x", v.Type()) != "x" {
			change = true
		}
	}
	if !change {
		return call
	}
	var names, types, out []string
	for v := range sig.Results().Variables() {
		n := f.local("t_")
		names = append(names, n)
		types = append(types, f.typ(v.Type()))
		out = append(out, f.toInternal(n, v.Type()))
	}
	return fmt.Sprintf("func() (%s) {\n%s := %s\nreturn %s\n}()", strings.Join(types, ", "), strings.Join(names, ", "), call, strings.Join(out, ", "))
}

// goStmt and deferStmt need the call as a function without parameters, with its operands evaluated now.
func (f *function) thunk(e *ast.CallExpr) string {
	fun := ast.Unparen(e.Fun)
	if lit, ok := fun.(*ast.FuncLit); ok && len(e.Args) == 0 && f.core(f.info.TypeOf(lit)).(*types.Signature).Results().Len() == 0 {
		return f.funcLit(lit, &scope{})
	}
	var call string
	if b := f.builtinOf(fun); b != "" {
		call = f.builtinThunk(b, e)
	} else if tuple, ok := f.spread(e); ok {
		c := f.fixed(f.callTarget(fun))
		call = c.raw(f.spreadArguments(c, f.temporaries(e.Args[0], tuple, nil), tuple))
	} else {
		c := f.fixed(f.callTarget(fun))
		args := f.arguments(e, c)
		for i, a := range args {
			args[i] = f.kept(a, c, i)
		}
		call = c.raw(args)
	}
	return "func() {\n" + call + "\n}"
}

// kept evaluates argument i of a call into a variable of the parameter's type.
func (f *function) kept(arg string, c target, i int) string {
	text, ellipsis := strings.CutSuffix(arg, "...")
	t := f.subst(f.env, parameterType(c.sig, i, ellipsis))
	n := f.local("a_")
	switch {
	case text == "nil" && c.compiled:
		f.printf("var %s %s", n, f.externalType(t))
	case text == "nil":
		f.printf("var %s %s", n, f.typ(t))
	case !c.compiled && f.typ(t) == "interface{}":
		f.printf("%s := interface{}(%s)", n, text)
	default:
		f.printf("%s := %s", n, fresh(text))
	}
	if ellipsis {
		n += "..."
	}
	return n
}

// fixed evaluates the function and the receiver of a call into variables.
func (f *function) fixed(c target) target {
	if c.recv != "" {
		n := f.local("a_")
		f.printf("%s := %s", n, c.recv)
		c.recv = n
		if c.dynamic {
			f.printf("if %s == nil {\n%s()\n}", n, rt("NilDereference"))
		}
	} else if c.on != "" {
		n := f.local("a_")
		f.printf("%s := %s", n, c.on)
		c.fun = n + c.fun[strings.LastIndexByte(c.fun, '.'):]
	} else if c.value || !token.IsIdentifier(c.fun) && !strings.HasPrefix(c.fun, "p_") {
		if c.compiled {
			if i := strings.LastIndexByte(c.fun, '.'); i >= 0 {
				n := f.local("a_")
				f.printf("%s := %s", n, c.fun)
				c.fun = n
			}
			return c
		}
		n := f.local("a_")
		if strings.HasPrefix(c.fun, "(func(") && strings.HasSuffix(c.fun, "})") { // a literal
			c.fun = f.made(c.fun[1:len(c.fun)-1], f.typ(c.sig))
		}
		f.printf("%s := %s", n, c.fun)
		c.fun = n
	}
	return c
}
