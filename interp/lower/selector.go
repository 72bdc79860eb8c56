package lower

import (
	"fmt"
	"go/ast"
	"go/types"
	"slices"
	"strings"
)

// selector is x.f: a field, a method value, a method expression or a name of a package.
func (f *function) selector(e *ast.SelectorExpr) string {
	s := f.info.Selections[e]
	if s == nil {
		return f.nameValue(e.Sel)
	}
	recv := f.subst(f.env, s.Recv())
	switch s.Kind() {
	case types.MethodVal:
		m := f.method(recv, s.Obj())
		return f.methodValue(f.primary(e.X), m)
	case types.MethodExpr:
		return f.methodExpr(f.method(recv, s.Obj()), recv)
	}
	_, index, _ := types.LookupFieldOrMethod(recv, true, s.Obj().Pkg(), s.Obj().Name())
	text, _ := f.path(f.primary(e.X), recv, index)
	return text
}

// path follows fields, through embedded ones, and gives the type of the last.
func (f *function) path(text string, t types.Type, index []int) (string, types.Type) {
	for _, i := range index {
		s := deref(t).Underlying().(*types.Struct)
		owner := deref(t)
		text += "." + f.fieldOf(owner, s, i)
		t = s.Field(i).Type()
		text = f.fromContainer(owner, text, t)
	}
	return text, t
}

func (f *function) fieldOf(owner types.Type, s *types.Struct, i int) string {
	if n, ok := types.Unalias(owner).(*types.Named); ok && f.compiled(n) {
		return s.Field(i).Name()
	}
	return fieldName(s, i)
}

// method is a method as a selection finds it.
type method struct {
	obj   *types.Func
	index []int      // the embedded fields on the way, then the method
	recv  types.Type // where the selection starts
	owner types.Type // where it ends: what has the method
}

func (f *function) method(recv types.Type, o types.Object) method {
	obj, index, _ := types.LookupFieldOrMethod(recv, true, o.Pkg(), o.Name())
	m, ok := obj.(*types.Func)
	if !ok {
		panic(bug("no method " + o.Name() + " in " + recv.String()))
	}
	owner := recv
	for _, i := range index[:len(index)-1] {
		owner = deref(owner).Underlying().(*types.Struct).Field(i).Type()
	}
	return f.promoted(method{m, index, recv, owner})
}

// promoted is the method as the compiled type has it through which an unexported field leads to it: nobody else may go that way.
func (f *function) promoted(m method) method {
	t := m.recv
	for n, i := range m.index[:len(m.index)-1] {
		field := deref(t).Underlying().(*types.Struct).Field(i)
		if named, ok := types.Unalias(deref(t)).(*types.Named); ok && f.compiled(named) && !field.Exported() {
			m.index, m.owner = append(slices.Clone(m.index[:n]), m.index[len(m.index)-1]), t
			return m
		}
		t = field.Type()
	}
	return m
}

// onInterface reports whether the method is called through an interface.
func (m method) onInterface() bool { return isInterface(m.owner) }

// pointer reports whether the method wants a pointer.
func (m method) pointer() bool {
	_, ok := m.obj.Signature().Recv().Type().Underlying().(*types.Pointer)
	return ok && !m.onInterface()
}

// receiver is the text of the receiver that the method wants, starting from x.
func (f *function) receiver(x string, m method) string {
	x, t := f.path(f.uncutStruct(x, m.recv), m.recv, m.index[:len(m.index)-1])
	if m.onInterface() {
		return f.unboxed(x, m)
	}
	_, has := t.Underlying().(*types.Pointer)
	switch {
	case m.pointer() && !has:
		return f.address(x, t)
	case !m.pointer() && has:
		x = "(*" + x + ")"
	}
	return f.unboxed(x, m)
}

func (f *function) uncutStruct(x string, t types.Type) string {
	if _, ok := deref(t).Underlying().(*types.Struct); ok {
		return f.uncut(x, t)
	}
	return x
}

// callee is what to call for a method of a source package or an interface; the receiver comes first.
func (f *function) callee(m method) string {
	if name, ok := f.reflection(m); ok {
		return rt(name)
	}
	if m.onInterface() {
		return f.dispatcher(m)
	}
	return f.methodFunction(m)
}

// methodFunction is the function that a source method has become.
func (f *function) methodFunction(m method) string {
	var args []types.Type
	if n, ok := types.Unalias(deref(m.owner)).(*types.Named); ok {
		for t := range n.TypeArgs().Types() {
			args = append(args, t)
		}
	}
	name := f.instantiate(m.obj.Origin(), args, false)
	if f.isLate() {
		return f.lateBound(m.obj, name)
	}
	return name
}

// sourceMethod reports whether a method is interpreted.
func (f *function) sourceMethod(m method) bool {
	return !m.onInterface() && f.interpreted(m.obj)
}

// methodValue binds the receiver now.
func (f *function) methodValue(x string, m method) string {
	sig := f.subst(f.env, m.obj.Signature()).(*types.Signature)
	params, args := f.forward(sig)
	recv := f.receiver(x, m)
	t := f.receiverType(m)
	var call string
	if m.onInterface() || f.sourceMethod(m) || f.reflectedByName(m) {
		call = f.callee(m) + "(" + joinArgs("recv", args) + ")"
	} else {
		call = f.boundaryCall("recv."+m.obj.Name(), sig, f.passed(sig, args))
	}
	check := ""
	if m.onInterface() {
		check = "if recv == nil {\n" + rt("NilDereference") + "()\n}\n"
	}
	return fmt.Sprintf("func(recv %s) func%s {\n%sreturn func%s {\n%s\n}\n}(%s)", t, f.signature(sig), check, params, returning(sig, call), recv)
}

func (f *function) receiverType(m method) string {
	if m.onInterface() {
		return "interface{}"
	}
	if m.pointer() {
		return "*" + f.typ(deref(m.owner))
	}
	return f.typ(deref(m.owner))
}

// methodExpr is a function that takes the receiver first.
func (f *function) methodExpr(m method, recv types.Type) string {
	sig := f.subst(f.env, m.obj.Signature()).(*types.Signature)
	params, args := f.forward(sig)
	x := f.receiver("recv", m)
	var call string
	if m.onInterface() || f.sourceMethod(m) || f.reflectedByName(m) {
		call = f.callee(m) + "(" + joinArgs(x, args) + ")"
	} else {
		call = f.boundaryCall(strings.TrimPrefix(x, "&")+"."+m.obj.Name(), sig, f.passed(sig, args))
	}
	list := "(recv " + f.typ(recv)
	if sig.Params().Len() > 0 {
		list += ", "
	}
	return "func" + list + strings.TrimPrefix(params, "(") + " {\n" + returning(sig, call) + "\n}"
}

func joinArgs(first, rest string) string {
	if rest == "" {
		return first
	}
	return first + ", " + rest
}

func returning(sig *types.Signature, call string) string {
	if sig.Results().Len() > 0 {
		return "return " + call
	}
	return call
}

// forward is the text of parameters and results, and of the arguments that pass the parameters on.
func (l *Lowering) forward(sig *types.Signature) (params, args string) {
	var ps, as []string
	for i := range sig.Params().Len() {
		name := fmt.Sprintf("a%d", i)
		t := sig.Params().At(i).Type()
		if sig.Variadic() && i == sig.Params().Len()-1 {
			ps = append(ps, name+" ..."+l.typ(variadicElem(t)))
			as = append(as, name+"...")
			continue
		}
		ps = append(ps, name+" "+l.typ(t))
		as = append(as, name)
	}
	var rs []string
	for v := range sig.Results().Variables() {
		rs = append(rs, l.typ(v.Type()))
	}
	return "(" + strings.Join(ps, ", ") + ")" + resultText(rs), strings.Join(as, ", ")
}
