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

// folds says whether a function can be the step of a Reduce: its state comes first, and is what it gives.
func folds(e entry) bool {
	if len(e.params) < 2 || e.params[0].Type != e.result.Type || e.result.OK {
		return false
	}
	for _, p := range e.params[1:] {
		if p.Kind == program.Other {
			return false
		}
	}
	return true
}

// foldText writes the function that calls function i for many rows of a group.
func (x *extractor) foldText(i int, e entry) string {
	sig := x.cell.Info.TypeOf(x.roots[i].node.(ast.Expr)).Underlying().(*types.Signature)
	used := maps.Clone(x.used)
	local := func(name string) string { return fresh(name, used, x.identifiers) }
	row, state, err := local("i"), local("s"), local("err")
	stateType := x.typeText(sig.Params().At(0).Type())
	params, args := []string{state + " " + stateType}, []string{state}
	first := ""
	for k := 1; k < sig.Params().Len(); k++ {
		name := local("p")
		if first == "" {
			first = name
		}
		params = append(params, name+" []"+x.typeText(sig.Params().At(k).Type()))
		args = append(args, name+"["+row+"]")
	}
	call := e.variable + "(" + strings.Join(args, ", ") + ")"
	if !e.result.Err {
		return fmt.Sprintf("func %s(%s) %s {\n\tfor %s := range %s {\n\t\t%s = %s\n\t}\n\treturn %s\n}\n",
			e.folds, strings.Join(params, ", "), stateType, row, first, state, call, state)
	}
	return fmt.Sprintf("func %s(%s) (%s, error) {\n\tvar %s error\n\tfor %s := range %s {\n\t\tif %s, %s = %s; %s != nil {\n\t\t\treturn %s, %s\n\t\t}\n\t}\n\treturn %s, nil\n}\n",
		e.folds, strings.Join(params, ", "), stateType, err, row, first, state, err, call, err, state, err, state)
}

// functionOf makes the Function of an entry, but for its captures.
func (s *Static) functionOf(e entry) *expr.Function {
	return &expr.Function{
		Version: expr.FunctionVersion, Name: e.name, Source: s.source, Entry: e.variable, Rows: e.rows, Folds: e.folds,
		Params: e.params, Result: e.result, Reason: e.reason,
	}
}
