package udf

import (
	"go/ast"
	"go/constant"
	"go/types"
	"math"
	"strings"

	"github.com/rivulet-go/rivulet/frame/expr/program"
)

// form is how a Go value is made of values of a program.
type form uint8

const (
	plainForm form = iota // a basic type: v
	pointer               // null says where it is nil; elem is what it points to elsewhere
	errorForm             // an error, of which only null is known
	structure             // fields
	nothing               // what can't be followed, and is not used either: why
)

// value is a Go value of every row.
type value struct {
	form   form
	v      int
	null   int
	elem   *value
	fields []value
	names  []string // of fields
	why    string
}

func plain(v int) value { return value{form: plainForm, v: v} }

// computedKind is the kind in which programs have values of a type; false where they have none.
func computedKind(t types.Type) (program.Kind, bool) {
	b, ok := t.Underlying().(*types.Basic)
	if !ok {
		return program.Invalid, false
	}
	k, ok := basicKinds[b.Kind()]
	return k, ok && k.Computed()
}

// kind is computedKind, or the end of the translation.
func (t *translator) kind(s *scope, n ast.Node, typ types.Type) program.Kind {
	k, ok := computedKind(s.resolve(typ))
	if !ok {
		t.no(s, n, "it has %s", kindText(s.resolve(typ)))
	}
	return k
}

// kindText is what a type is, for the reason of a function that is not translated.
func kindText(t types.Type) string {
	switch u := t.Underlying().(type) {
	case *types.Map:
		return "a map"
	case *types.Slice:
		return "a slice"
	case *types.Array:
		return "an array"
	case *types.Chan:
		return "a channel"
	case *types.Signature:
		return "a function value"
	case *types.Interface:
		return "an interface"
	case *types.Struct:
		if n, ok := types.Unalias(t).(*types.Named); ok {
			return "a " + n.Obj().Name()
		}
		return "a struct"
	case *types.Pointer:
		return "a pointer"
	case *types.Basic:
		return "a " + u.Name()
	}
	return "a " + t.String()
}

// zero is the zero value of a type.
func (t *translator) zero(s *scope, n ast.Node, typ types.Type) value {
	typ = s.resolve(typ)
	if isError(typ) {
		return value{form: errorForm, null: t.b.Bool(true)}
	}
	switch u := typ.Underlying().(type) {
	case *types.Struct:
		v := value{form: structure}
		for f := range u.Fields() {
			v.fields = append(v.fields, t.zero(s, n, f.Type()))
			v.names = append(v.names, f.Name())
		}
		return v
	case *types.Pointer:
		elem := t.zero(s, n, u.Elem())
		return value{form: pointer, null: t.b.Bool(true), elem: &elem}
	}
	return plain(t.b.Const(program.Const{Kind: t.kind(s, n, typ)}))
}

// choose is yes where cond holds, else no: two values of one type.
func (t *translator) choose(cond int, yes, no value) value {
	if yes.form == nothing || no.form == nothing || yes.form != no.form {
		return value{form: nothing, why: "a variable that is not followed"}
	}
	switch yes.form {
	case plainForm:
		return plain(t.b.Select(cond, yes.v, no.v))
	case errorForm:
		return value{form: errorForm, null: t.b.Select(cond, yes.null, no.null)}
	case pointer:
		elem := t.choose(cond, *yes.elem, *no.elem)
		return value{form: pointer, null: t.b.Select(cond, yes.null, no.null), elem: &elem}
	}
	out := value{form: structure, names: yes.names}
	for i := range yes.fields {
		out.fields = append(out.fields, t.choose(cond, yes.fields[i], no.fields[i]))
	}
	return out
}

// constant is the value of a constant expression.
func (t *translator) constant(s *scope, n ast.Node, typ types.Type, c constant.Value) value {
	k := t.kind(s, n, types.Default(typ))
	return plain(t.b.Const(constantAs(k, c)))
}

func constantAs(k program.Kind, c constant.Value) program.Const {
	out := program.Const{Kind: k}
	switch {
	case k == program.Bool:
		if constant.BoolVal(c) {
			out.Bits = 1
		}
	case k == program.String:
		out.Text = constant.StringVal(c)
	case k.Signed():
		v, _ := constant.Int64Val(constant.ToInt(c))
		out.Bits = uint64(v)
	case k.Unsigned():
		out.Bits, _ = constant.Uint64Val(constant.ToInt(c))
	case k == program.Float32:
		f, _ := constant.Float32Val(c)
		out.Bits = math.Float64bits(float64(f))
	default:
		f, _ := constant.Float64Val(c)
		out.Bits = math.Float64bits(f)
	}
	return out
}

// deepest is how far the fields of a captured struct are followed: pointers may lead back to it.
const deepest = 3

// captured is the value of a variable that is put in when the plan is made, or of the part of it at path.
func (t *translator) captured(path string, typ types.Type) value {
	if k, ok := computedKind(typ); ok {
		return plain(t.b.Const(program.Const{Kind: k, Capture: path}))
	}
	switch u := typ.Underlying().(type) {
	case *types.Struct:
		v := value{form: structure}
		for f := range u.Fields() {
			field := value{form: nothing, why: "it captures " + path + "." + f.Name() + ", " + kindText(f.Type())}
			if f.Name() != "_" && strings.Count(path, ".") < deepest {
				field = t.captured(path+"."+f.Name(), f.Type())
			}
			v.fields = append(v.fields, field)
			v.names = append(v.names, f.Name())
		}
		return v
	case *types.Pointer:
		if _, ok := u.Elem().Underlying().(*types.Struct); ok {
			elem := t.captured(path, u.Elem())
			return value{form: pointer, null: t.b.Bool(false), elem: &elem}
		}
	}
	return value{form: nothing, why: "it captures " + path + ", " + kindText(typ)}
}
