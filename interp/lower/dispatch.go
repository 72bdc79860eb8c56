package lower

import (
	"fmt"
	"go/types"
	"slices"
	"strings"
)

// dispatcher is the function that calls one method of whatever an interface holds: it tries the types that are known
// to enter interfaces one after the other. A cell that brings new types adds a link, to which the last one goes on.
type dispatcher struct {
	name    string // of the first link
	last    string // variable that holds the next link; "" as long as nothing has been written
	method  string
	sig     *types.Signature
	native  string // a compiled interface that has the method, as its text
	iface   types.Type
	covered map[string]bool // keys of the types that the links know
	moved   string          // variable that says that the dispatcher has been replaced, because a method was redefined
}

// dispatcher is the function for calls of a method through an interface.
func (f *function) dispatcher(m method) string {
	sig := f.subst(f.env, m.obj.Signature()).(*types.Signature)
	sig = types.NewSignatureType(nil, nil, nil, sig.Params(), sig.Results(), sig.Variadic())
	key := qualified(m.obj) + f.key(sig)
	d, ok := f.dispatch[key]
	if !ok {
		d = &dispatcher{name: f.global("call_" + m.obj.Name()), method: m.obj.Name(), sig: sig, covered: map[string]bool{}}
		f.dispatch[key] = d
	}
	if d.native == "" {
		if n, ok := types.Unalias(m.owner).(*types.Named); ok && f.compiled(n) && m.obj.Exported() && n.Obj().Pkg() != nil {
			d.native, d.iface = f.externalType(n), n
		} else if ok && n.Obj().Name() == "error" && n.Obj().Pkg() == nil {
			d.native, d.iface = "error", n
		}
	}
	return d.name
}

// writeDispatchers writes the dispatchers of the unit and new links of the older ones; the text runs before the cell.
func (l *Lowering) writeDispatchers() string {
	var b strings.Builder
	for _, key := range sortedKeys(l.dispatch) {
		d := l.dispatch[key]
		found := l.implementers(d)
		if d.last != "" && l.stale(d) {
			// Callers of the first link keep it; it goes on to the new one.
			old := d.moved
			d.name, d.last, d.covered = l.global("call_"+d.method), "", map[string]bool{}
			found = l.implementers(d)
			fmt.Fprintf(&b, "%s_to = %s\n%s = true\n", old, d.name, old)
		}
		switch {
		case d.last == "":
			d.moved = l.global("moved_"+d.method) + "_f"
			fmt.Fprintf(&l.unit.vars, "var %s bool\nvar %s_to func%s\n", d.moved, d.moved, l.dispatchSignature(d))
			d.last = l.global("next_" + d.method)
			l.writeLink(d, d.name, d.last, found)
			fallback := l.global("other_" + d.method)
			l.writeFallback(d, fallback)
			fmt.Fprintf(&l.unit.vars, "var %s func%s\n", d.last, l.dispatchSignature(d))
			fmt.Fprintf(&b, "%s = %s\n", d.last, fallback)
		case len(found) > 0:
			link, next := l.global("call_"+d.method), l.global("next_"+d.method)
			l.writeLink(d, link, next, found)
			fmt.Fprintf(&l.unit.vars, "var %s func%s\n", next, l.dispatchSignature(d))
			fmt.Fprintf(&b, "%s = %s\n%s = %s\n", next, d.last, d.last, link)
		}
		l.drain()
	}
	return b.String()
}

// stale reports whether a link of the dispatcher calls a method that this cell redefines.
func (l *Lowering) stale(d *dispatcher) bool {
	for key := range d.covered {
		for _, m := range l.entries[key].methods {
			if m.name == d.method && l.unit.renewed[m.sel.Obj()] {
				return true
			}
		}
	}
	return false
}

// implementers are the types that have the dispatcher's method and that no link knows yet.
func (l *Lowering) implementers(d *dispatcher) []*entry {
	var found []*entry
	for key, e := range l.entries {
		if !d.covered[key] && e.has(d) {
			d.covered[key] = true
			found = append(found, e)
		}
	}
	slices.SortFunc(found, func(a, b *entry) int { return a.id - b.id })
	return found
}

func (l *Lowering) anyImplementer(d *dispatcher) bool {
	for key, e := range l.entries {
		if !d.covered[key] && e.has(d) {
			return true
		}
	}
	return false
}

// has reports whether a type has the dispatcher's method.
func (e *entry) has(d *dispatcher) bool {
	if e.id == 0 {
		return false
	}
	for _, m := range e.methods {
		if m.name == d.method && types.Identical(plainSignature(m.sel.Obj().(*types.Func)), d.sig) {
			return true
		}
	}
	return false
}

func plainSignature(m *types.Func) *types.Signature {
	s := m.Signature()
	return types.NewSignatureType(nil, nil, nil, s.Params(), s.Results(), s.Variadic())
}

func (l *Lowering) dispatchSignature(d *dispatcher) string {
	params, _ := l.forward(d.sig)
	list := "(x interface{}"
	if d.sig.Params().Len() > 0 {
		list += ", "
	}
	return list + strings.TrimPrefix(params, "(")
}

func (l *Lowering) writeLink(d *dispatcher, name, next string, found []*entry) {
	f := l.newFunction(nil, nil)
	_, args := l.forward(d.sig)
	text := f.capture(func() {
		f.printf("func %s%s {", name, l.dispatchSignature(d))
		if name == d.name {
			f.printf("if %s {\n%s", d.moved, returning(d.sig, d.moved+"_to("+joinArgs("x", args)+")"))
			if d.sig.Results().Len() == 0 {
				f.printf("return")
			}
			f.printf("}")
		}
		for _, e := range found {
			var sel *types.Selection
			for _, m := range e.methods {
				if m.name == d.method {
					sel = m.sel
				}
			}
			m := f.method(e.typ, sel.Obj())
			v := "v"
			if e.boxed {
				v = "v.V"
			}
			call := f.callMethod(v, m, d.sig, args)
			// A composite literal's field is not addressable in an if, so the value gets a variable.
			f.printf("if v, ok := x.(%s); ok {\n%s", e.text, returning(d.sig, call))
			if d.sig.Results().Len() == 0 {
				f.printf("return")
			}
			f.printf("}")
		}
		f.printf("%s", returning(d.sig, next+"("+joinArgs("x", args)+")"))
		f.printf("}")
	})
	l.unit.funcs.WriteString(text)
}

// callMethod calls a method with arguments that have its parameters' types already.
func (f *function) callMethod(x string, m method, sig *types.Signature, args string) string {
	recv := f.receiver(x, m)
	if m.onInterface() || f.sourceMethod(m) {
		return f.callee(m) + "(" + joinArgs(recv, args) + ")"
	}
	return f.boundaryCall(strings.TrimPrefix(recv, "&")+"."+m.obj.Name(), sig, f.passed(sig, args))
}

// writeFallback calls the method of a compiled value.
func (l *Lowering) writeFallback(d *dispatcher, name string) {
	f := l.newFunction(nil, nil)
	_, args := l.forward(d.sig)
	text := f.capture(func() {
		f.printf("func %s%s {", name, l.dispatchSignature(d))
		f.printf("if x == nil {\n%s()\n}", rt("NilDereference"))
		if d.native != "" {
			f.printf("if v, ok := x.(%s); ok {\n%s", d.native, returning(d.sig, f.boundaryCall("v."+d.method, d.sig, f.passed(d.sig, args))))
			if d.sig.Results().Len() == 0 {
				f.printf("return")
			}
			f.printf("}")
		}
		f.callByName(d, args)
		f.printf("}")
	})
	l.unit.funcs.WriteString(text)
}

// callByName leaves the call to the run-time.
func (f *function) callByName(d *dispatcher, args string) {
	list := joinArgs(fmt.Sprintf("x, %q", d.method), strings.TrimSuffix(args, "..."))
	call := rt("Call")
	if d.sig.Variadic() {
		call = rt("CallSlice")
	}
	n := d.sig.Results().Len()
	if n == 0 {
		f.printf("%s(%s)", call, list)
		return
	}
	f.printf("results := %s(%s)", call, list)
	var out []string
	for i := range n {
		t := d.sig.Results().At(i).Type()
		r := fmt.Sprintf("r%d", i)
		f.printf("var %s %s", r, f.typ(t))
		if isInterface(t) {
			f.printf("%s = results[%d]", r, i)
		} else {
			f.printf("if results[%d] != nil {\n%s = results[%d].(%s)\n}", i, r, i, f.typ(t))
		}
		out = append(out, r)
	}
	f.printf("return %s", strings.Join(out, ", "))
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
