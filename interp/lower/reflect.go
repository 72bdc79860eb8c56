package lower

import (
	"fmt"
	"go/ast"
	"go/types"
	"slices"
	"strings"
)

// asked are the methods of reflect.Type and reflect.Value for which the run-time has to know whose type it is.
var asked = map[string][]string{
	"(reflect.Type).": {
		"Implements", "AssignableTo", "ConvertibleTo", "Kind", "String", "Name", "PkgPath", "Elem", "Key", "In", "Out",
		"Field", "FieldByName", "NumMethod", "Method", "MethodByName",
	},
	"(reflect.Value).": {
		"Field", "FieldByIndex", "FieldByName", "NumMethod", "Method", "MethodByName", "Elem", "Index", "Addr", "Slice", "Slice3", "MapIndex",
		"MapKeys", "MapRange", "Set", "SetMapIndex", "Send", "Recv", "Convert", "String", "Call", "CallSlice",
	},
}

// unasked are methods of reflect.Value that are right for values in boxes.
var unasked = []string{"Interface", "Type", "IsValid", "CanInterface", "CanAddr", "CanSet"}

// reflection is the function of the run-time for such a method.
func (f *function) reflection(m method) (string, bool) {
	name := m.obj.Name()
	owner := f.reflectOwner(m)
	if !slices.Contains(asked[owner], name) {
		return "", false
	}
	if strings.Contains(name, "Method") || strings.Contains(name, "Field") {
		f.bindAll()
	}
	if owner == "(reflect.Value)." {
		name = "Value" + name
	}
	return "Reflect" + name, true
}

func (f *function) reflectedByName(m method) bool {
	_, ok := f.reflection(m)
	return ok
}

// reflectOwner begins the full name of a method of reflect.Type or reflect.Value; "" for all others.
func (f *function) reflectOwner(m method) string {
	n, ok := types.Unalias(deref(m.owner)).(*types.Named)
	if !ok || n.Obj().Pkg() == nil || n.Obj().Pkg().Path() != "reflect" {
		return "" // an interface may have the methods of reflect.Type
	}
	if owner := "(reflect." + n.Obj().Name() + ")."; asked[owner] != nil {
		return owner
	}
	return ""
}

// unboxed is the receiver of a method of package reflect, without the box of a value or type of cells.
func (f *function) unboxed(x string, m method) string {
	switch f.reflectOwner(m) {
	case "(reflect.Type).":
		if !slices.Contains(asked["(reflect.Type)."], m.obj.Name()) {
			return rt("ReflectPlain") + "(" + x + ")"
		}
	case "(reflect.Value).":
		if !slices.Contains(asked["(reflect.Value)."], m.obj.Name()) && !slices.Contains(unasked, m.obj.Name()) {
			return rt("ReflectUnboxed") + "(" + x + ")"
		}
	}
	return x
}

// unboxedArgument is the same for an argument of a function of package reflect.
func unboxedArgument(c target, text string, t types.Type) string {
	if !strings.HasPrefix(strings.TrimPrefix(strings.TrimPrefix(c.path, "("), "*"), "reflect.") {
		return text
	}
	switch types.TypeString(t, nil) {
	case "reflect.Type":
		return rt("ReflectArgument") + "(" + text + ")"
	case "reflect.Value":
		return rt("ReflectUnboxed") + "(" + text + ")"
	}
	return text
}

// interfaceType is a nil pointer whose reflect type points to what stands for an interface type; "" for other expressions than
// (*I)(nil) and new(I).
func (f *function) interfaceType(e ast.Expr) string {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok || len(call.Args) != 1 {
		return ""
	}
	isNil := f.info.Types[call.Fun].IsType() && f.isNil(call.Args[0])
	if !isNil && f.builtinOf(ast.Unparen(call.Fun)) != "new" {
		return ""
	}
	p, ok := f.typeOf(call).Underlying().(*types.Pointer)
	if !ok || !isInterface(p.Elem()) || isEmptyInterface(p.Elem()) {
		return ""
	}
	if n, ok := types.Unalias(p.Elem()).(*types.Named); ok && f.compiled(n) {
		return "(*" + f.externalType(n) + ")(nil)"
	}
	id := f.interfaceID(p.Elem())
	name := f.helper("interface", id, func(name string) {
		fmt.Fprintf(&f.unit.types, "type %s struct{V interface{} `rv:\"i%s\"`}\n", name, id)
	})
	return "(*" + name + ")(nil)"
}
