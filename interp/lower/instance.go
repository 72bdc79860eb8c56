package lower

import (
	"go/types"
	"path"
	"strconv"
	"strings"
)

// instantiate is the name of a function or method of a source package for the given type arguments (of the receiver, for
// a method); it is lowered when that is first asked for. An unwound one takes the stack of defers that runs it.
func (l *Lowering) instantiate(o *types.Func, args []types.Type, unwound bool) string {
	var key strings.Builder
	key.WriteString(strconv.Itoa(l.objectID(o)))
	for _, t := range args {
		key.WriteByte(',')
		l.writeKey(&key, t)
	}
	if unwound {
		key.WriteByte('!')
	}
	k := key.String()
	if name, ok := l.instances[k]; ok {
		return name
	}
	fn, ok := l.world.Function(o)
	if !ok {
		panic(bug("no source of " + o.FullName()))
	}
	name := l.global(functionBase(o))
	l.instances[k] = name
	sig := o.Signature()
	params := sig.TypeParams()
	if sig.Recv() != nil {
		params = sig.RecvTypeParams()
	}
	env := &environment{types: map[*types.TypeParam]types.Type{}}
	for i, t := range args {
		env.types[params.At(i)] = t
	}
	if len(args) > 0 {
		env.key = k
	}
	if hasNamedResults(sig) || fn.Decl.Body != nil && hasDefer(fn.Decl.Body) {
		l.results[name] = true
	}
	l.unit.queue = append(l.unit.queue, func() { l.emitFunction(name, fn, o, env, unwound) })
	return name
}

func hasNamedResults(sig *types.Signature) bool {
	r := sig.Results()
	return r.Len() > 0 && r.At(0).Name() != ""
}

func functionBase(o *types.Func) string {
	base := o.Name()
	if r := o.Signature().Recv(); r != nil {
		if n, ok := types.Unalias(deref(r.Type())).(*types.Named); ok {
			base = n.Obj().Name() + "_" + base
		}
	}
	if o.Pkg() != nil && o.Pkg().Path() != "main" {
		base = path.Base(o.Pkg().Path()) + "_" + base
	}
	return base
}
