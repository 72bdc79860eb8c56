package lower

import (
	"fmt"
	"go/ast"
	"go/types"
	"slices"
	"strings"
)

// asked are the methods of reflect.Type and reflect.Value that tell of names, fields, methods and interfaces: the run-time answers.
var asked = map[string][]string{
	"(reflect.Type).": {
		"Implements", "AssignableTo", "ConvertibleTo", "Kind", "String", "Name", "PkgPath", "Field", "FieldByName", "NumMethod", "Method", "MethodByName",
	},
	"(reflect.Value).": {"Field", "FieldByIndex", "FieldByName", "NumMethod", "Method", "MethodByName"},
}

// reflection is the function of the run-time for such a method.
func (f *function) reflection(m method) (string, bool) {
	name := m.obj.Name()
	owner := strings.TrimSuffix(m.obj.FullName(), name)
	if !slices.Contains(asked[owner], name) {
		return "", false
	}
	if n, ok := types.Unalias(deref(m.owner)).(*types.Named); !ok || n.Obj().Pkg() == nil || n.Obj().Pkg().Path() != "reflect" {
		return "", false // an interface that has the methods of reflect.Type
	}
	if strings.Contains(name, "Method") {
		f.bindAll()
	}
	if owner == "(reflect.Value)." {
		name = "Value" + name
	}
	return "Reflect" + name, true
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
	key := "interface " + id
	name, ok := f.helpers[key]
	if !ok {
		name = f.global("interface")
		f.helpers[key] = name
		fmt.Fprintf(&f.unit.types, "type %s struct{V interface{} `rv:\"i%s\"`}\n", name, id)
	}
	return "(*" + name + ")(nil)"
}
