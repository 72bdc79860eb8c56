package lower

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"reflect"
)

// bigLiteral is from how many constants on a composite literal is built by the run-time: yaegi takes long over large ones.
const bigLiteral = 48

// fill sets a value that is zero to what a literal says.
type fill func(v reflect.Value)

// literal is the text of a composite literal that has many constants and nothing else, as a pointer to a new variable;
// "" for all others.
func (f *function) literal(e *ast.CompositeLit, t types.Type) string {
	if len(e.Elts) == 0 {
		return ""
	}
	leaves := 0
	ast.Inspect(e, func(n ast.Node) bool {
		if _, ok := n.(*ast.BasicLit); ok {
			leaves++
		}
		return leaves < bigLiteral
	})
	if leaves < bigLiteral {
		return ""
	}
	set := f.filler(e, t)
	if set == nil {
		return ""
	}
	id := f.next()
	f.registry.DeclareLiteral(id, set)
	r := f.typ(t)
	return fmt.Sprintf("%s(%d, (*%s)(nil)).(*%s)", rt("Literal"), id, r, r)
}

// filler is nil where an expression is no constant, nor a literal of constants.
func (f *function) filler(e ast.Expr, t types.Type) fill {
	e = ast.Unparen(e)
	if tv := f.info.Types[e]; tv.Value != nil {
		return constantFiller(tv.Value, t)
	}
	if f.isNil(e) {
		return func(reflect.Value) {}
	}
	if address, ok := e.(*ast.UnaryExpr); ok && address.Op == token.AND {
		return f.pointerFiller(address.X, t)
	}
	lit, ok := e.(*ast.CompositeLit)
	if !ok || !isInterface(t) && f.typ(t) == "interface{}" {
		return nil
	}
	switch u := t.Underlying().(type) {
	case *types.Pointer:
		return f.pointerFiller(e, t)
	case *types.Struct:
		return f.structFiller(lit, u)
	case *types.Slice:
		return f.listFiller(lit, u.Elem())
	case *types.Array:
		return f.listFiller(lit, u.Elem())
	case *types.Map:
		return f.mapFiller(lit, u)
	}
	return nil
}

func (f *function) pointerFiller(e ast.Expr, t types.Type) fill {
	p, ok := t.Underlying().(*types.Pointer)
	if !ok || f.typ(t) == "interface{}" {
		return nil
	}
	set := f.filler(e, p.Elem())
	if set == nil {
		return nil
	}
	return func(v reflect.Value) {
		v.Set(reflect.New(v.Type().Elem()))
		set(v.Elem())
	}
}

func (f *function) structFiller(e *ast.CompositeLit, s *types.Struct) fill {
	parts := map[int]fill{}
	for i, el := range e.Elts {
		if kv, ok := el.(*ast.KeyValueExpr); ok {
			i, el = fieldIndex(s, kv.Key.(*ast.Ident).Name), kv.Value
		}
		if parts[i] = f.filler(el, s.Field(i).Type()); parts[i] == nil {
			return nil
		}
	}
	return func(v reflect.Value) {
		for i, set := range parts {
			set(v.Field(i))
		}
	}
}

func fieldIndex(s *types.Struct, name string) int {
	for i := range s.NumFields() {
		if s.Field(i).Name() == name {
			return i
		}
	}
	return -1
}

func (f *function) listFiller(e *ast.CompositeLit, elem types.Type) fill {
	var at []int
	var parts []fill
	next, length := 0, 0
	for _, el := range e.Elts {
		if kv, ok := el.(*ast.KeyValueExpr); ok {
			i, _ := constant.Int64Val(constant.ToInt(f.info.Types[kv.Key].Value))
			next, el = int(i), kv.Value
		}
		set := f.filler(el, elem)
		if set == nil {
			return nil
		}
		at, parts = append(at, next), append(parts, set)
		next++
		length = max(length, next)
	}
	return func(v reflect.Value) {
		if v.Kind() == reflect.Slice {
			v.Set(reflect.MakeSlice(v.Type(), length, length))
		}
		for i, set := range parts {
			set(v.Index(at[i]))
		}
	}
}

func (f *function) mapFiller(e *ast.CompositeLit, m *types.Map) fill {
	var keys, values []fill
	for _, el := range e.Elts {
		kv := el.(*ast.KeyValueExpr)
		key, value := f.filler(kv.Key, m.Key()), f.filler(kv.Value, m.Elem())
		if key == nil || value == nil {
			return nil
		}
		keys, values = append(keys, key), append(values, value)
	}
	return func(v reflect.Value) {
		v.Set(reflect.MakeMapWithSize(v.Type(), len(keys)))
		for i := range keys {
			key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			keys[i](key)
			values[i](value)
			v.SetMapIndex(key, value)
		}
	}
}

// constantFiller is nil for a constant that becomes an interface.
func constantFiller(c constant.Value, t types.Type) fill {
	b, ok := t.Underlying().(*types.Basic)
	if !ok {
		return nil
	}
	switch info := b.Info(); {
	case info&types.IsBoolean != 0:
		x := constant.BoolVal(c)
		return func(v reflect.Value) { v.SetBool(x) }
	case info&types.IsString != 0:
		x := constant.StringVal(c)
		return func(v reflect.Value) { v.SetString(x) }
	case info&types.IsUnsigned != 0:
		x, _ := constant.Uint64Val(constant.ToInt(c))
		return func(v reflect.Value) { v.SetUint(x) }
	case info&types.IsInteger != 0:
		x, _ := constant.Int64Val(constant.ToInt(c))
		return func(v reflect.Value) { v.SetInt(x) }
	case info&types.IsFloat != 0:
		x, _ := constant.Float64Val(constant.ToFloat(c))
		if b.Kind() == types.Float32 {
			y, _ := constant.Float32Val(constant.ToFloat(c))
			x = float64(y)
		}
		return func(v reflect.Value) { v.SetFloat(x) }
	}
	return nil
}
