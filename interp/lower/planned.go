package lower

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// Planner is a World that makes functions of cells parts of plans: where compiled code has a parameter of the named type
// Func of package frame, an argument that is a function goes there as its source and the values of what it captures.
type Planner interface {
	// Plan takes the functions of one call. The call passes their number and the values of captures to rv.Function. It is
	// false where the source of info is not known; an error is a *Refused.
	Plan(info *types.Info, functions []ast.Expr) (id int, captures []types.Object, ok bool, err error)
}

// Refused is the error of code that is Go, but not what the package that it calls can take.
type Refused struct { //nolint:errname // as Unsupported
	Pos token.Pos
	Msg string
}

func (e *Refused) Error() string { return e.Msg }

// planned are the arguments of a call that become parts of plans, by index.
func (f *function) planned(e *ast.CallExpr, c target) map[int]string {
	var at []int
	var functions []ast.Expr
	for i, a := range e.Args {
		if e.Ellipsis.IsValid() && i == len(e.Args)-1 {
			break
		}
		if !isPlanFunc(parameterType(c.sig, i, e.Ellipsis.IsValid())) {
			continue
		}
		if _, ok := f.typeOf(a).Underlying().(*types.Signature); ok {
			at, functions = append(at, i), append(functions, a)
		}
	}
	out := map[int]string{}
	for k, text := range f.plan(functions) {
		out[at[k]] = text
	}
	return out
}

// plannedValue is a function where a value of type frame.Func is wanted outside of a call's arguments.
func (f *function) plannedValue(e ast.Expr, t types.Type) (string, bool) {
	if !isPlanFunc(t) {
		return "", false
	}
	if _, ok := f.typeOf(e).Underlying().(*types.Signature); !ok {
		return "", false
	}
	texts := f.plan([]ast.Expr{e})
	if texts == nil {
		return "", false
	}
	return texts[0], true
}

// plan makes functions parts of plans; nil where the world can't.
func (f *function) plan(functions []ast.Expr) []string {
	planner, ok := f.world.(Planner)
	if !ok || len(functions) == 0 {
		return nil
	}
	id, captures, ok, err := planner.Plan(f.info, functions)
	if err != nil {
		panic(err)
	}
	if !ok {
		return nil
	}
	var values strings.Builder
	for _, o := range captures {
		values.WriteString(", " + f.variable(o.(*types.Var)))
	}
	out := make([]string, len(functions))
	for k := range functions {
		out[k] = fmt.Sprintf("%s(%d, %d%s)", rt("Function"), id, k, values.String())
	}
	return out
}

func isPlanFunc(t types.Type) bool {
	n, ok := types.Unalias(t).(*types.Named)
	return ok && n.Obj().Name() == "Func" && n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == "github.com/rivulet-go/rivulet/frame"
}

// FunctionName is what the lowered text calls a function or method that is not generic; it is lowered where it was not.
func (l *Lowering) FunctionName(o *types.Func) string { return l.instantiate(o, nil, false) }
