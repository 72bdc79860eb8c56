package lower

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"runtime"
	"strings"
)

// builtinOf is the name of a builtin function, or "".
func (f *function) builtinOf(fun ast.Expr) string {
	var o types.Object
	switch x := fun.(type) {
	case *ast.Ident:
		o = f.info.Uses[x]
	case *ast.SelectorExpr:
		o = f.info.Uses[x.Sel]
	}
	if b, ok := o.(*types.Builtin); ok {
		return b.Name()
	}
	return ""
}

func (f *function) builtin(name string, e *ast.CallExpr) string {
	if tuple, ok := f.spread(e); ok {
		return f.spreadBuiltin(name, e, tuple)
	}
	arg := func(i int) string { return f.open(e.Args[i]) }
	switch name {
	case "len", "cap":
		x := arg(0)
		if p, ok := f.core(f.info.TypeOf(e.Args[0])).(*types.Pointer); ok {
			n := fmt.Sprint(p.Elem().Underlying().(*types.Array).Len())
			if f.acts(e.Args[0]) {
				return f.lengthOf(x, f.typ(f.typeOf(e.Args[0])), n)
			}
			return n
		}
		if a, ok := f.core(f.info.TypeOf(e.Args[0])).(*types.Array); ok && f.acts(e.Args[0]) {
			return f.lengthOf(x, f.typ(f.typeOf(e.Args[0])), fmt.Sprint(a.Len()))
		}
		return name + "(" + x + ")"
	case "new":
		return f.newCall(e)
	case "make":
		t := f.typeOf(e)
		text := f.typ(t)
		if text == "interface{}" {
			text = f.typ(t.Underlying())
		}
		if c, ok := t.Underlying().(*types.Chan); ok && c.Dir() != types.SendRecv {
			return f.makeDirected(text, c, e)
		}
		args := []string{text}
		for i, a := range e.Args[1:] {
			n := f.length(a)
			if i == 1 && f.info.Types[a].Value == nil {
				n = rt("Capacity") + "(" + n + ")"
			}
			args = append(args, n)
		}
		return f.cutValue("make("+strings.Join(args, ", ")+")", t)
	case "append":
		return f.appendCall(e)
	case "copy":
		return "copy(" + arg(0) + ", " + arg(1) + ")"
	case "min", "max":
		return f.minMax(name, e)
	case "clear":
		return rt("Clear") + "(" + arg(0) + ")"
	case "close":
		return "close(" + arg(0) + ")"
	case "delete":
		m := f.core(f.info.TypeOf(e.Args[0])).(*types.Map)
		return "delete(" + arg(0) + ", " + f.toContainer(f.typeOf(e.Args[0]), f.conv(e.Args[1], m.Key()), m.Key()) + ")"
	case "panic":
		return rt("Panic") + "(" + f.conv(e.Args[0], emptyInterface) + ")"
	case "recover":
		return f.recoverCall()
	case "print", "println":
		var args []string
		for _, a := range e.Args {
			args = append(args, f.conv(a, emptyInterface))
		}
		return rt(strings.ToUpper(name[:1])+name[1:]) + "(" + strings.Join(args, ", ") + ")"
	case "complex":
		return f.complexCall(e)
	case "real", "imag":
		return name + "(" + arg(0) + ")"
	}
	return f.unsafeCall(name, e)
}

// acts reports whether the evaluation of an expression does something: it calls a function or receives.
func (f *function) acts(e ast.Expr) bool {
	found := false
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.CallExpr:
			if !f.info.Types[n.Fun].IsType() && f.info.Types[n].Value == nil {
				found = true
			}
		case *ast.UnaryExpr:
			found = found || n.Op == token.ARROW
		}
		return !found
	})
	return found
}

// lengthOf evaluates an array or a pointer to one, and is the length that its type has.
func (f *function) lengthOf(x, r, n string) string {
	name := f.helper("length", r, func(name string) {
		fmt.Fprintf(&f.unit.funcs, "func %s(x %s) int {\nreturn %s\n}\n", name, r, n)
	})
	return name + "(" + x + ")"
}

// spreadBuiltin is such as min(h()), where h has several results: in a function literal of its own.
func (f *function) spreadBuiltin(name string, e *ast.CallExpr, tuple *types.Tuple) string {
	results := ""
	if !f.info.Types[e].IsVoid() {
		results = resultText([]string{f.typ(f.typeOf(e))})
	}
	body := f.capture(func() {
		text := f.builtin(name, f.unspread(e, tuple))
		if results != "" {
			text = "return " + text
		}
		f.printf("%s", text)
	})
	return "func()" + results + " {\n" + body + "}()"
}

// unspread evaluates the argument of a call into variables, and gives the call with those as its arguments.
func (f *function) unspread(e *ast.CallExpr, tuple *types.Tuple) *ast.CallExpr {
	call := *e
	call.Args = nil
	f.info.Types[&call] = f.info.Types[e]
	for i, n := range f.temporaries(e.Args[0], tuple, nil) {
		id := ast.NewIdent(n)
		v := types.NewVar(e.Pos(), nil, n, tuple.At(i).Type())
		f.info.Uses[id], f.names[v] = v, n
		call.Args = append(call.Args, id)
	}
	return &call
}

var emptyInterface = types.NewInterfaceType(nil, nil).Complete()

func (f *function) newCall(e *ast.CallExpr) string {
	if f.info.Types[e.Args[0]].IsType() {
		t := f.typeOf(e.Args[0])
		if f.typ(t) == "interface{}" {
			return "new(interface{})"
		}
		return "new(" + f.typ(t) + ")"
	}
	t := deref(f.typeOf(e))
	return f.pointerTo(f.conv(e.Args[0], t), t)
}

func (f *function) appendCall(e *ast.CallExpr) string {
	t := f.typeOf(e)
	s, ok := t.Underlying().(*types.Slice)
	if !ok {
		s = f.core(f.info.TypeOf(e.Args[0])).(*types.Slice)
	}
	first := f.open(e.Args[0])
	if f.isNil(e.Args[0]) {
		first = typeName(f.typ(t)) + "(nil)"
	}
	args := []string{first}
	for i, a := range e.Args[1:] {
		if e.Ellipsis.IsValid() && i == len(e.Args)-2 {
			if f.isNil(a) {
				return f.cutValue(first, t)
			}
			text := f.open(a)
			if b, ok := f.core(f.info.TypeOf(a)).(*types.Basic); ok && b.Info()&types.IsString != 0 {
				text = "[]byte(" + text + ")"
			}
			args = append(args, text+"...")
			continue
		}
		text := f.toContainer(t, f.conv(a, s.Elem()), s.Elem())
		if len(e.Args) > 2 && f.isPlace(a) {
			text = f.copied(text, f.typ(s.Elem())) // or yaegi reads it after the elements before it are written
		}
		if f.typ(s.Elem()) == "interface{}" && (f.typ(f.typeOf(a)) == "[]interface{}" || f.typ(f.typeOf(a).Underlying()) == "[]interface{}") {
			text = f.temporary(text, "interface{}") // or yaegi takes it for all the arguments
		}
		args = append(args, text)
	}
	if len(args) == 1 {
		return f.cutValue(first, t)
	}
	return f.cutValue("append("+strings.Join(args, ", ")+")", t)
}

// isPlace reports whether an expression is a place in memory that is not a variable.
func (f *function) isPlace(e ast.Expr) bool {
	switch ast.Unparen(e).(type) {
	case *ast.IndexExpr, *ast.StarExpr, *ast.SelectorExpr:
		return f.info.Types[e].Value == nil
	}
	return false
}

// copied passes a value through a call, which copies it.
func (f *function) copied(text, r string) string {
	name := f.helper("copied", r, func(name string) {
		fmt.Fprintf(&f.unit.funcs, "func %s(x %s) %s {\nreturn x\n}\n", name, r, r)
	})
	return name + "(" + text + ")"
}

func (f *function) minMax(name string, e *ast.CallExpr) string {
	t := f.typeOf(e)
	r := f.typ(t)
	helper := f.helper(name, fmt.Sprintf("%s %d", r, len(e.Args)), func(helper string) {
		f.unit.funcs.WriteString(f.minMaxFunc(name, helper, r, len(e.Args), t))
	})
	var args []string
	for _, a := range e.Args {
		args = append(args, f.operand(a, t))
	}
	return helper + "(" + strings.Join(args, ", ") + ")"
}

func (f *function) minMaxFunc(name, helper, r string, n int, t types.Type) string {
	op := "<"
	if name == "max" {
		op = ">"
	}
	var b strings.Builder
	var params []string
	for i := range n {
		params = append(params, fmt.Sprintf("a%d %s", i, r))
	}
	fmt.Fprintf(&b, "func %s(%s) %s {\nm := a0\n", helper, strings.Join(params, ", "), r)
	basic, _ := t.Underlying().(*types.Basic)
	for i := 1; i < n; i++ {
		if basic != nil && basic.Info()&types.IsFloat != 0 {
			// NaN and the sign of zero count.
			fmt.Fprintf(&b, "m = %s(%s(float64(m), float64(a%d)))\n", r, rt("Float"+strings.ToUpper(name[:1])+name[1:]), i)
			continue
		}
		fmt.Fprintf(&b, "if a%d %s m {\nm = a%d\n}\n", i, op, i)
	}
	b.WriteString("return m\n}\n")
	return b.String()
}

// deferredRecover is recover() that is deferred itself: it acts for the function that defers it, unless that panics.
func (f *function) deferredRecover() string {
	outer := ""
	switch {
	case f.scope.deferred != "":
		outer = f.scope.deferred
	case f.unwound != "" && f.scope.parent == nil:
		outer = f.unwound
	default:
		return rt("Recover") + "()"
	}
	return rt("RecoveredUnless") + "(" + f.deferStack() + ", " + outer + ")"
}

// recoverCall asks the defer stack that runs the function that calls recover.
func (f *function) recoverCall() string {
	switch {
	case f.scope != nil && f.scope.deferred != "":
		return rt("Recovered") + "(" + f.scope.deferred + ")"
	case f.unwound != "" && f.scope != nil && f.scope.parent == nil:
		return rt("Recovered") + "(" + f.unwound + ")"
	}
	return rt("Recover") + "()"
}

func (f *function) complexCall(e *ast.CallExpr) string {
	t := f.typeOf(e)
	part, name := types.Typ[types.Float64], "Complex128"
	if t.Underlying().(*types.Basic).Kind() == types.Complex64 {
		part, name = types.Typ[types.Float32], "Complex64"
	}
	return rt(name) + "(float64(" + f.operand(e.Args[0], part) + "), float64(" + f.operand(e.Args[1], part) + "))"
}

func (f *function) unsafeCall(name string, e *ast.CallExpr) string {
	var args []string
	switch name {
	case "Sizeof", "Alignof", "Offsetof":
		// In generic code it is no constant: yaegi must not fold what is made of it.
		return fmt.Sprintf("%s(%d)", rt("Uintptr"), f.layout(name, e.Args[0]))
	}
	for i, a := range e.Args {
		if i == 1 {
			args = append(args, f.length(a))
			continue
		}
		args = append(args, f.expr(a))
	}
	switch name {
	case "StringData", "SliceData", "String", "Slice", "Add":
		text := rt("Unsafe"+name) + "(" + strings.Join(args, ", ") + ")"
		if name == "Slice" || name == "SliceData" {
			return text + ".(" + f.typ(f.typeOf(e)) + ")"
		}
		return text
	}
	return f.use("unsafe") + "." + name + "(" + strings.Join(args, ", ") + ")"
}

// layout is what unsafe.Sizeof, Alignof or Offsetof give for an expression whose type is that of an instance: that of
// compiled Go.
func (f *function) layout(name string, e ast.Expr) int64 {
	sizes := types.SizesFor("gc", runtime.GOARCH)
	switch name {
	case "Sizeof":
		return sizes.Sizeof(f.typeOf(e))
	case "Alignof":
		return sizes.Alignof(f.typeOf(e))
	}
	sel := ast.Unparen(e).(*ast.SelectorExpr)
	recv := f.typeOf(sel.X)
	_, index, _ := types.LookupFieldOrMethod(recv, true, f.info.Selections[sel].Obj().Pkg(), sel.Sel.Name)
	offset := int64(0)
	t := recv
	for k, i := range index {
		if k > 0 {
			// Offsetof counts from the embedded struct that a pointer leads to.
			if p, ok := t.Underlying().(*types.Pointer); ok {
				t, offset = p.Elem(), 0
			}
		}
		s := deref(t).Underlying().(*types.Struct)
		var fields []*types.Var
		for v := range s.Fields() {
			fields = append(fields, v)
		}
		offset += sizes.Offsetsof(fields)[i]
		t = s.Field(i).Type()
	}
	return offset
}

// builtinThunk is a builtin call that runs later, with its operands evaluated now.
func (f *function) builtinThunk(name string, e *ast.CallExpr) string {
	if name == "recover" {
		return "_ = " + f.deferredRecover()
	}
	if tuple, ok := f.spread(e); ok {
		e = f.unspread(e, tuple)
	}
	var args []string
	for i, a := range e.Args {
		t := f.typeOf(a)
		if name == "panic" || name == "print" || name == "println" {
			t = emptyInterface
		}
		if name == "delete" && i == 1 {
			t = f.core(f.info.TypeOf(e.Args[0])).(*types.Map).Key()
		}
		n := f.local("a_")
		f.printf("var %s %s = %s", n, f.typ(t), f.conv(a, t))
		args = append(args, n)
	}
	call := name
	switch name {
	case "panic", "print", "println", "clear":
		call = rt(strings.ToUpper(name[:1]) + name[1:])
	case "copy":
		call = "_ = copy"
	}
	return call + "(" + strings.Join(args, ", ") + ")"
}

// makeDirected makes a channel of one direction, which reflect does not.
func (f *function) makeDirected(text string, c *types.Chan, e *ast.CallExpr) string {
	name := f.helper("make", text, func(name string) {
		fmt.Fprintf(&f.unit.funcs, "func %s(n int) (%s) {\nreturn make(chan %s, n)\n}\n", name, text, f.typ(c.Elem()))
	})
	if len(e.Args) == 1 {
		return name + "(0)"
	}
	return name + "(" + f.integer(e.Args[1]) + ")"
}
