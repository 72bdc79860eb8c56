package lower

import (
	"fmt"
	"go/types"
	"strconv"
	"strings"
)

// entry is a type whose values have entered an interface.
type entry struct {
	id      int
	typ     types.Type
	boxed   bool
	text    string // of the type that the interface holds
	methods []boundMethod
}

type boundMethod struct {
	name string
	sel  *types.Selection
}

// box is a value as an interface holds it.
func (f *function) box(text string, t types.Type) string {
	if isInterface(t) {
		return text
	}
	e := f.enter(t)
	if e.boxed {
		return e.text + "{V: " + f.functionValue(text, t) + "}"
	}
	return f.functionValue(text, t)
}

// enter registers a type whose values enter interfaces. A type that needs neither box nor registration has id 0.
func (l *Lowering) enter(t types.Type) *entry {
	key := l.key(t)
	if e, ok := l.entries[key]; ok {
		return e
	}
	e := &entry{typ: t, text: l.typ(t)}
	l.entries[key] = e
	if l.plain(t) {
		return e
	}
	e.id = l.next()
	if !l.tells(t) {
		e.boxed = true
		e.text = fmt.Sprintf("box_%d", e.id)
		fmt.Fprintf(&l.unit.types, "type %s struct{V %s `rv:\"%d\"`}\n", e.text, l.typ(t), e.id)
	}
	l.unit.entries = append(l.unit.entries, e)
	e.methods = methodsOf(t)
	l.enterParts(t)
	l.enterPointer(t)
	return e
}

// enterPointer registers pointers to a type with methods, which reflection can come to.
func (l *Lowering) enterPointer(t types.Type) {
	if _, ok := types.Unalias(t).(*types.Named); !ok || !l.byName {
		return
	}
	if p := types.NewPointer(t); types.NewMethodSet(p).Len() > 0 {
		l.enter(p)
	}
}

// codes reports whether a type has methods that decoders and encoders call on the address of a part.
func codes(t types.Type) bool {
	for sel := range types.NewMethodSet(t).Methods() {
		name := sel.Obj().Name()
		if strings.HasPrefix(name, "Unmarshal") || strings.HasPrefix(name, "Marshal") || strings.HasPrefix(name, "Gob") || name == "Scan" {
			return true
		}
	}
	return false
}

func methodsOf(t types.Type) []boundMethod {
	var methods []boundMethod
	for sel := range types.NewMethodSet(t).Methods() {
		methods = append(methods, boundMethod{sel.Obj().Name(), sel})
	}
	return methods
}

// enterParts registers the types with methods that a value can hold, for those who look into it.
func (l *Lowering) enterParts(t types.Type) {
	visit := func(t types.Type) {
		if !isInterface(t) && !l.plain(t) {
			l.enter(t)
			if p := types.NewPointer(t); codes(p) {
				l.enter(p)
			}
		}
	}
	switch u := t.Underlying().(type) {
	case *types.Pointer:
		visit(u.Elem())
	case *types.Slice:
		visit(u.Elem())
	case *types.Array:
		visit(u.Elem())
	case *types.Map:
		visit(u.Key())
		visit(u.Elem())
	case *types.Struct:
		for v := range u.Fields() {
			visit(v.Type())
		}
	}
}

// plain reports whether compiled code knows a type as cells do.
func (l *Lowering) plain(t types.Type) bool {
	switch t := types.Unalias(t).(type) {
	case *types.Basic:
		return true
	case *types.Named:
		return l.compiled(t) && !isInterface(t) || isEmptyInterface(t) && l.compiled(t)
	case *types.Pointer:
		return l.plain(t.Elem())
	case *types.Slice:
		return l.plain(t.Elem())
	case *types.Array:
		return l.plain(t.Elem())
	case *types.Chan:
		return l.plain(t.Elem())
	case *types.Map:
		return l.plain(t.Key()) && l.plain(t.Elem())
	case *types.Signature:
		for v := range t.Params().Variables() {
			if !l.plain(v.Type()) {
				return false
			}
		}
		for v := range t.Results().Variables() {
			if !l.plain(v.Type()) {
				return false
			}
		}
		return true
	case *types.Struct:
		for v := range t.Fields() {
			if !l.plain(v.Type()) || !v.Exported() || v.Embedded() {
				return false
			}
		}
		return t.NumFields() == 0
	case *types.Interface:
		return t.NumMethods() == 0
	}
	return false
}

// tells reports whether the reflect type of the representation belongs to no other type.
func (l *Lowering) tells(t types.Type) bool {
	switch t := types.Unalias(t).(type) {
	case *types.Named:
		if l.compiled(t) {
			return !isInterface(t)
		}
		s, ok := t.Underlying().(*types.Struct)
		return ok && s.NumFields() > 0
	case *types.Pointer:
		return l.tells(t.Elem())
	case *types.Slice:
		return l.tells(t.Elem())
	case *types.Array:
		return l.tells(t.Elem())
	case *types.Map:
		return l.tells(t.Key()) && l.tells(t.Elem())
	}
	return l.plain(t)
}

// declareEntries tells the registry, and yaegi by the text that is returned, what has entered interfaces.
func (l *Lowering) declareEntries() string {
	var b strings.Builder
	for len(l.unit.entries) > 0 {
		e := l.unit.entries[0]
		l.unit.entries = l.unit.entries[1:]
		var names []string
		args := []string{strconv.Itoa(e.id), l.zeroEntry(e)}
		for _, m := range e.methods {
			fn, ok := l.bound(e, m)
			if !ok {
				continue
			}
			names = append(names, m.name)
			args = append(args, fn)
		}
		l.registry.Declare(e.id, e.typ, e.boxed, names)
		fmt.Fprintf(&b, "%s(%s)\n", rt("Bind"), strings.Join(args, ", "))
		l.drain()
	}
	return b.String()
}

// zeroEntry is a value of the type that the interface holds.
func (l *Lowering) zeroEntry(e *entry) string {
	if e.boxed {
		return e.text + "{}"
	}
	switch e.typ.Underlying().(type) {
	case *types.Struct, *types.Array:
		return e.text + "{}"
	}
	return "(" + e.text + ")(nil)"
}

// bound is a function that takes the receiver as the type has it, and the method's parameters.
func (l *Lowering) bound(e *entry, m boundMethod) (string, bool) {
	f := l.newFunction(nil, nil)
	meth := f.method(e.typ, m.sel.Obj())
	sig := meth.obj.Signature()
	if !meth.onInterface() && !f.sourceMethod(meth) && !m.sel.Obj().Exported() || l.uncalled(meth.obj) {
		return "", false
	}
	if f.sourceMethod(meth) && len(meth.index) == 1 && meth.pointer() == isPointer(e.typ) {
		return f.methodAsValue(f.methodFunction(meth), meth, sig), true
	}
	return "(" + f.methodExpr(meth, e.typ) + ")", true
}

// uncalled reports whether nothing but lowered code, which doesn't ask the registry, can call a method: those of modules that
// no compiled interface has are lowered only where something calls them.
func (l *Lowering) uncalled(m *types.Func) bool {
	if l.byName && m.Exported() || m.Pkg() == nil || l.world.Package(m.Pkg()) == nil {
		return false
	}
	return !m.Exported() || !l.world.Calls(m.Name())
}

// bindAll binds all methods from now on: templates call any by name.
func (l *Lowering) bindAll() {
	if l.byName {
		return
	}
	l.byName = true
	for _, key := range sortedKeys(l.entries) {
		if e := l.entries[key]; e.id != 0 {
			l.unit.entries = append(l.unit.entries, e)
			l.enterPointer(e.typ)
		}
	}
}

// methodAsValue is a method's function as a value.
func (f *function) methodAsValue(name string, m method, sig *types.Signature) string {
	list := "(" + f.receiverType(m)
	rest := strings.TrimPrefix(f.signature(sig), "(")
	if !strings.HasPrefix(rest, ")") {
		list += ", "
	}
	return "(func" + list + rest + ")(" + name + ")"
}

func isPointer(t types.Type) bool {
	_, ok := t.Underlying().(*types.Pointer)
	return ok
}

// interfaceID numbers an interface type for the run-time.
func (l *Lowering) interfaceID(t types.Type) string {
	key := l.key(t)
	id, ok := l.ifaces[key]
	if !ok {
		id = l.next()
		l.ifaces[key] = id
		l.registry.DeclareInterface(id, t)
	}
	return strconv.Itoa(id)
}
