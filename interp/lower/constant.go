package lower

import (
	"fmt"
	"go/constant"
	"go/types"
	"math"
	"strconv"
)

// constant is the text of a constant of type t.
func (f *function) constant(v constant.Value, t types.Type) string {
	t = plainDefault(t)
	b, ok := t.Underlying().(*types.Basic)
	if !ok {
		// A type parameter's value, or one that enters an interface.
		return f.constant(v, types.Default(untyped(v)))
	}
	name := f.basic(b)
	if !types.Identical(t, b) {
		if n, ok := types.Unalias(t).(*types.Named); ok && f.compiled(n) {
			name = f.typ(t)
		}
	}
	info := b.Info()
	switch {
	case info&types.IsBoolean != 0:
		text := strconv.FormatBool(constant.BoolVal(v))
		if name != "bool" {
			return name + "(" + text + ")"
		}
		return text
	case info&types.IsString != 0:
		text := strconv.Quote(constant.StringVal(v))
		if name != "string" {
			return name + "(" + text + ")"
		}
		return text
	case info&types.IsInteger != 0, b.Kind() == types.UnsafePointer:
		text := constant.ToInt(v).ExactString()
		if name == "int" {
			return text
		}
		return name + "(" + text + ")"
	case info&types.IsFloat != 0:
		return f.floatConstant(v, b, name)
	case info&types.IsComplex != 0:
		return f.complexConstant(v, b)
	}
	panic(bug(fmt.Sprintf("constant of type %v", t)))
}

func untyped(v constant.Value) types.Type {
	switch v.Kind() {
	case constant.Bool:
		return types.Typ[types.UntypedBool]
	case constant.String:
		return types.Typ[types.UntypedString]
	case constant.Int:
		return types.Typ[types.UntypedInt]
	case constant.Float:
		return types.Typ[types.UntypedFloat]
	}
	return types.Typ[types.UntypedComplex]
}

func (f *function) floatConstant(v constant.Value, b *types.Basic, name string) string {
	var text string
	if b.Kind() == types.Float32 {
		x, _ := constant.Float32Val(constant.ToFloat(v))
		text = strconv.FormatFloat(float64(x), 'e', -1, 32)
	} else {
		x, _ := constant.Float64Val(constant.ToFloat(v))
		if math.Abs(x) < 1e15 && (x == math.Trunc(x)) {
			text = strconv.FormatFloat(x, 'f', 1, 64)
		} else {
			text = strconv.FormatFloat(x, 'g', -1, 64)
		}
	}
	if name == "float64" {
		return "float64(" + text + ")"
	}
	return name + "(" + text + ")"
}

// complexConstant goes through the run-time: yaegi gets constant complex numbers wrong.
func (f *function) complexConstant(v constant.Value, b *types.Basic) string {
	v = constant.ToComplex(v)
	re, _ := constant.Float64Val(constant.Real(v))
	im, _ := constant.Float64Val(constant.Imag(v))
	make := rt("Complex128")
	if b.Kind() == types.Complex64 {
		make = rt("Complex64")
	}
	return fmt.Sprintf("%s(float64(%s), float64(%s))", make, strconv.FormatFloat(re, 'g', -1, 64), strconv.FormatFloat(im, 'g', -1, 64))
}

// zero is the text of the zero value of the representation of t.
func (f *function) zero(t types.Type) string {
	t = f.subst(f.env, t)
	if f.typ(t) == "interface{}" {
		return "nil"
	}
	switch u := t.Underlying().(type) {
	case *types.Basic:
		switch {
		case u.Kind() == types.UnsafePointer || u.Kind() == types.UntypedNil:
			return "nil"
		case u.Info()&types.IsBoolean != 0:
			return f.constant(constant.MakeBool(false), t)
		case u.Info()&types.IsString != 0:
			return f.constant(constant.MakeString(""), t)
		}
		return f.constant(constant.MakeInt64(0), t)
	case *types.Struct, *types.Array:
		return f.typ(t) + "{}"
	}
	return "nil"
}
