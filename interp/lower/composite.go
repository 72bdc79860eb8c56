package lower

import (
	"go/ast"
	"go/types"
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
			parts = append(parts, f.element(kv.Key, t, u.Key())+": "+f.element(kv.Value, t, u.Elem()))
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
		parts = append(parts, f.fieldOf(t, s, i)+": "+f.element(el, t, s.Field(i).Type()))
	}
	return parts
}

func (f *function) listElements(e *ast.CompositeLit, t, elem types.Type) []string {
	var parts []string
	for _, el := range e.Elts {
		text := ""
		if kv, ok := el.(*ast.KeyValueExpr); ok {
			text = f.integer(kv.Key) + ": "
			el = kv.Value
		}
		parts = append(parts, text+f.element(el, t, elem))
	}
	return parts
}

// element is an element of a literal of type container.
func (f *function) element(e ast.Expr, container, t types.Type) string {
	if c, ok := e.(*ast.CompositeLit); ok && c.Type == nil {
		return f.composite(c, t)
	}
	text := f.conv(e, t)
	if f.slicesPart(e) && !isInterface(t) {
		text = typeName(f.typ(t)) + "(" + text + ")" // yaegi takes the type for that of a part
	}
	return f.toContainer(container, text, t)
}

// slicesPart reports whether an expression is a slice of something that is no variable, or what is appended to one.
func (f *function) slicesPart(e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.SliceExpr:
		_, variable := ast.Unparen(e.X).(*ast.Ident)
		return !variable
	case *ast.CallExpr:
		return f.builtinOf(ast.Unparen(e.Fun)) == "append" && f.slicesPart(e.Args[0])
	}
	return false
}
