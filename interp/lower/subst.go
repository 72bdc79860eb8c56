package lower

import (
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// environment gives the type parameters of the function or type that is being instantiated their types.
type environment struct {
	types      map[*types.TypeParam]types.Type
	key        string    // identifies the instance; "" outside generic code
	start, end token.Pos // of the declaration
}

// arguments are the type arguments of the instance as the run-time names them.
func (env *environment) arguments() string {
	var names []string
	params := slices.SortedFunc(maps.Keys(env.types), func(a, b *types.TypeParam) int { return a.Index() - b.Index() })
	for _, p := range params {
		names = append(names, types.TypeString(env.types[p], nil))
	}
	return "[" + strings.Join(names, ",") + "]"
}

// subst puts the types of the environment for type parameters. A type declared inside a generic function is another
// type in each instance.
func (l *Lowering) subst(env *environment, t types.Type) types.Type {
	if t == nil || env.key == "" {
		return t
	}
	s := substitution{l: l, env: env}
	return s.typ(t)
}

type substitution struct {
	l   *Lowering
	env *environment
}

func (s *substitution) typ(t types.Type) types.Type {
	switch t := t.(type) {
	case *types.TypeParam:
		if r, ok := s.env.types[t]; ok {
			return r
		}
		return t
	case *types.Alias:
		return s.typ(types.Unalias(t))
	case *types.Named:
		return s.named(t)
	case *types.Pointer:
		if e := s.typ(t.Elem()); e != t.Elem() {
			return types.NewPointer(e)
		}
	case *types.Slice:
		if e := s.typ(t.Elem()); e != t.Elem() {
			return types.NewSlice(e)
		}
	case *types.Array:
		if e := s.typ(t.Elem()); e != t.Elem() {
			return types.NewArray(e, t.Len())
		}
	case *types.Chan:
		if e := s.typ(t.Elem()); e != t.Elem() {
			return types.NewChan(t.Dir(), e)
		}
	case *types.Map:
		k, e := s.typ(t.Key()), s.typ(t.Elem())
		if k != t.Key() || e != t.Elem() {
			return types.NewMap(k, e)
		}
	case *types.Tuple:
		return s.tuple(t)
	case *types.Signature:
		p, r := s.tuple(t.Params()), s.tuple(t.Results())
		if p != t.Params() || r != t.Results() {
			return types.NewSignatureType(nil, nil, nil, p, r, t.Variadic())
		}
	case *types.Struct:
		return s.structType(t)
	case *types.Interface:
		return s.interfaceType(t)
	}
	return t
}

func (s *substitution) tuple(t *types.Tuple) *types.Tuple {
	var vars []*types.Var
	changed := false
	for v := range t.Variables() {
		u := s.typ(v.Type())
		if u != v.Type() {
			changed = true
			v = types.NewParam(v.Pos(), v.Pkg(), v.Name(), u)
		}
		vars = append(vars, v)
	}
	if !changed {
		return t
	}
	return types.NewTuple(vars...)
}

func (s *substitution) structType(t *types.Struct) types.Type {
	var fields []*types.Var
	var tags []string
	changed := false
	for i := range t.NumFields() {
		v := t.Field(i)
		u := s.typ(v.Type())
		if u != v.Type() {
			changed = true
			v = types.NewField(v.Pos(), v.Pkg(), v.Name(), u, v.Embedded())
		}
		fields, tags = append(fields, v), append(tags, t.Tag(i))
	}
	if !changed {
		return t
	}
	return types.NewStruct(fields, tags)
}

func (s *substitution) interfaceType(t *types.Interface) types.Type {
	var methods []*types.Func
	changed := false
	for m := range t.Methods() {
		sig := s.typ(m.Type()).(*types.Signature)
		if sig != m.Type() {
			changed = true
			m = types.NewFunc(m.Pos(), m.Pkg(), m.Name(), sig)
		}
		methods = append(methods, m)
	}
	if !changed {
		return t
	}
	return types.NewInterfaceType(methods, nil).Complete()
}

func (s *substitution) named(t *types.Named) types.Type {
	if args := t.TypeArgs(); args.Len() > 0 {
		list := make([]types.Type, args.Len())
		changed := false
		for i := range list {
			list[i] = s.typ(args.At(i))
			changed = changed || list[i] != args.At(i)
		}
		origin := s.local(t.Origin())
		if !changed && origin == t.Origin() {
			return t
		}
		return s.l.instance(origin, list)
	}
	return s.local(t)
}

// local is the instance's own copy of a type that is declared inside the generic function.
func (s *substitution) local(t *types.Named) *types.Named {
	o := t.Obj()
	if o.Pkg() == nil || o.Parent() == nil || o.Parent() == o.Pkg().Scope() || o.Pos() < s.env.start || o.Pos() >= s.env.end {
		return t
	}
	key := strconv.Itoa(s.l.objectID(o)) + "@" + s.env.key
	if n, ok := s.l.locals[key]; ok {
		return n
	}
	n := types.NewNamed(types.NewTypeName(o.Pos(), o.Pkg(), o.Name()+s.env.arguments(), nil), nil, nil)
	s.l.locals[key] = n
	n.SetUnderlying(s.withParameters(t, n).typ(t.Underlying()))
	return n
}

// withParameters gives the copy of a generic type type parameters of its own, and the substitution that puts them for those
// of the type.
func (s *substitution) withParameters(t, n *types.Named) *substitution {
	if t.TypeParams().Len() == 0 {
		return s
	}
	inner := substitution{l: s.l, env: &environment{types: maps.Clone(s.env.types), key: s.env.key, start: s.env.start, end: s.env.end}}
	var params []*types.TypeParam
	for p := range t.TypeParams().TypeParams() {
		o := p.Obj()
		own := types.NewTypeParam(types.NewTypeName(o.Pos(), o.Pkg(), o.Name(), nil), types.Universe.Lookup("any").Type())
		params = append(params, own)
		inner.env.types[p] = own
	}
	n.SetTypeParams(params)
	return &inner
}

// instance instantiates a generic type; equal arguments give the same type.
func (l *Lowering) instance(origin *types.Named, args []types.Type) types.Type {
	t, err := types.Instantiate(l.context, origin, args, false)
	if err != nil {
		panic(bug(err.Error()))
	}
	return t
}
