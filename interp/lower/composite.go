package lower

import (
	"go/ast"
	"go/constant"
	"go/types"
	"slices"
	"strconv"
	"strings"
)

// composite is a composite literal of type t, which may be left out inside another.
func (f *function) composite(e *ast.CompositeLit, t types.Type) string {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		elem := p.Elem()
		if text := f.literal(e, elem); text != "" {
			return text
		}
		if _, ok := elem.Underlying().(*types.Struct); ok {
			return "&" + f.composite(e, elem)
		}
		return f.pointerTo(f.composite(e, elem), elem)
	}
	if text := f.literal(e, t); text != "" {
		return "(*" + text + ")"
	}
	var parts []string
	switch u := t.Underlying().(type) {
	case *types.Struct:
		parts = f.structElements(e, t, u)
	case *types.Map:
		for _, el := range e.Elts {
			kv := el.(*ast.KeyValueExpr)
			key := f.element(kv.Key, t, u.Key()) + ": "
			// In an instance, constants of several type parameters may be the same key: the last one counts.
			parts = slices.DeleteFunc(parts, func(p string) bool { return f.env.key != "" && strings.HasPrefix(p, key) })
			parts = append(parts, key+f.element(kv.Value, t, u.Elem()))
		}
	case *types.Slice:
		parts = f.listElements(e, t, u.Elem())
	case *types.Array:
		parts = f.listElements(e, t, u.Elem())
	}
	text := f.typ(t)
	if text == "interface{}" {
		text = f.typ(t.Underlying())
	}
	return f.cutValue(text+"{"+strings.Join(parts, ", ")+"}", t)
}

func (f *function) structElements(e *ast.CompositeLit, t types.Type, s *types.Struct) []string {
	var parts []string
	for i, el := range e.Elts {
		if kv, ok := el.(*ast.KeyValueExpr); ok {
			i, el = fieldIndex(s, kv.Key.(*ast.Ident).Name), kv.Value
		}
		if s.Field(i).Name() == "_" && !f.acts(el) {
			continue // a blank field holds nothing, so that it does not count when structs are compared or hashed
		}
		parts = append(parts, f.fieldOf(t, s, i)+": "+f.element(el, t, s.Field(i).Type()))
	}
	return parts
}

func (f *function) listElements(e *ast.CompositeLit, t, elem types.Type) []string {
	var parts []string
	next := int64(0)
	for _, el := range e.Elts {
		kv, keyed := el.(*ast.KeyValueExpr)
		if keyed {
			next, _ = constant.Int64Val(constant.ToInt(f.info.Types[kv.Key].Value))
			el = kv.Value
		}
		text := f.element(el, t, elem)
		if keyed || partOf(el) {
			text = strconv.FormatInt(next, 10) + ": " + text
		}
		parts = append(parts, text)
		next++
	}
	return parts
}

// partOf reports whether an expression may have to do with a part of something. As an element without a key, yaegi looks
// for its type before it knows those of the parts.
func partOf(e ast.Expr) bool {
	switch ast.Unparen(e).(type) {
	case *ast.BasicLit, *ast.CompositeLit, *ast.Ident, *ast.FuncLit:
		return false
	}
	return true
}

// element is an element of a literal of type container.
func (f *function) element(e ast.Expr, container, t types.Type) string {
	if c, ok := e.(*ast.CompositeLit); ok && c.Type == nil {
		return f.composite(c, t)
	}
	return f.toContainer(container, f.conv(e, t), t)
}
