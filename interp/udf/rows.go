package udf

import (
	"fmt"
	"go/ast"
	"go/types"
	"maps"
	"strings"

	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/frame/expr/program"
)

// takesRows says whether a function that has no program is called for many rows at once.
func takesRows(e entry) bool {
	if e.program != nil || e.result.Type == "" || e.result.Kind == program.Other || e.result.Kind == program.Any {
		return false
	}
	for _, p := range e.params {
		if p.Kind == program.Other {
			return false
		}
	}
	return true
}

// loop writes the function that calls function i for many rows: inside the interpreter a call costs a fifth of one from
// outside.
func (x *extractor) loop(i int, e entry) string {
	sig := x.cell.Info.TypeOf(x.roots[i].node.(ast.Expr)).Underlying().(*types.Signature)
	used := maps.Clone(x.used)
	local := func(name string) string { return fresh(name, used, x.identifiers) }
	row, out, ok, v, there, err := local("i"), local("out"), local("ok"), local("v"), local("there"), local("err")
	var params, args []string
	for p := range sig.Params().Variables() {
		name := local("p")
		params = append(params, name+" []"+x.typeText(p.Type()))
		args = append(args, name+"["+row+"]")
	}
	params = append(params, out+" []"+x.typeText(sig.Results().At(0).Type()))
	if e.result.OK {
		params = append(params, ok+" []bool")
	}
	call := e.variable + "(" + strings.Join(args, ", ") + ")"
	to, values := out+"["+row+"]", v
	if e.result.OK {
		to += ", " + ok + "[" + row + "]"
		values += ", " + there
	}
	if !e.result.Err {
		return fmt.Sprintf("func %s(%s) {\n\tfor %s := range %s {\n\t\t%s = %s\n\t}\n}\n", e.rows, strings.Join(params, ", "), row, out, to, call)
	}
	return fmt.Sprintf("func %s(%s) error {\n\tfor %s := range %s {\n\t\t%s, %s := %s\n\t\tif %s != nil {\n\t\t\treturn %s\n\t\t}\n\t\t%s = %s\n\t}\n\treturn nil\n}\n",
		e.rows, strings.Join(params, ", "), row, out, values, err, call, err, err, to, values)
}

// functionOf makes the Function of an entry, but for its captures.
func (s *Static) functionOf(e entry) *expr.Function {
	return &expr.Function{
		Version: expr.FunctionVersion, Name: e.name, Source: s.source, Entry: e.variable, Rows: e.rows,
		Params: e.params, Result: e.result, Reason: e.reason,
	}
}
