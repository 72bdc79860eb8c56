package lower

import (
	"fmt"
	"go/types"
)

// late is the variable through which function literals of cells call a function or method of a cell. They live on when it
// is declared anew, and can't be lowered again as functions can.
type late struct {
	name string
	sig  string // of what the variable holds
}

// isLate reports whether what is being lowered is a function literal of a cell, outside of all functions.
func (f *function) isLate() bool {
	if !f.ofCell {
		return false
	}
	for s := f.scope; s.parent != nil; s = s.parent {
		if s.body == nil {
			return true
		}
	}
	return false
}

// lateKey is what stays the same when a function or method is declared anew; "" for what literals call directly.
func (l *Lowering) lateKey(o *types.Func) string {
	sig := o.Signature()
	if o.Pkg() == nil || o.Pkg().Path() != "main" || sig.TypeParams() != nil || sig.RecvTypeParams() != nil || o.Name() == "_" {
		return ""
	}
	if r := sig.Recv(); r != nil {
		return l.key(r.Type()) + "." + o.Name()
	}
	return o.Name()
}

// lateSignature is the text of the type of the function that o has become.
func (l *Lowering) lateSignature(o *types.Func) string {
	sig := o.Signature()
	if r := sig.Recv(); r != nil {
		params := append([]*types.Var{types.NewParam(0, nil, "", r.Type())}, vars(sig.Params())...)
		sig = types.NewSignatureType(nil, nil, nil, types.NewTuple(params...), sig.Results(), sig.Variadic())
	}
	return "func" + l.signature(sig)
}

func vars(t *types.Tuple) []*types.Var {
	var list []*types.Var
	for v := range t.Variables() {
		list = append(list, v)
	}
	return list
}

// lateBound is the variable for a function, given the name that it has now.
func (f *function) lateBound(o *types.Func, name string) string {
	key := f.lateKey(o)
	if key == "" {
		return name
	}
	sig := f.lateSignature(o)
	v, ok := f.lates[key]
	if !ok || v.sig != sig {
		v = late{name: f.global("late_" + o.Name()), sig: sig}
		f.lates[key] = v
		fmt.Fprintf(&f.unit.vars, "var %s %s\n", v.name, v.sig)
		fmt.Fprintf(&f.unit.late, "%s = %s\n", v.name, name)
	}
	return v.name
}

// rebind lets the literals of earlier cells call what this cell declares. Those that call a function of another type
// keep the one that they have.
func (l *Lowering) rebind(funcs []*types.Func) {
	for _, o := range funcs {
		key := l.lateKey(o)
		v, ok := l.lates[key]
		switch {
		case key == "" || !ok:
		case v.sig != l.lateSignature(o):
			delete(l.lates, key)
		default:
			fmt.Fprintf(&l.unit.late, "%s = %s\n", v.name, l.instantiate(o, nil, false))
		}
	}
}
