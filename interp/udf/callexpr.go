package udf

import (
	"go/ast"
	"go/types"

	"github.com/rivulet-go/rivulet/frame/expr/program"
)

// callExpression is a call or conversion that gives one value.
func (t *translator) callExpression(s *scope, e *ast.CallExpr, guard int) value {
	if s.cell.Info.Types[e.Fun].IsType() {
		return t.conversion(s, e, guard)
	}
	if id, ok := ast.Unparen(e.Fun).(*ast.Ident); ok {
		if b, ok := s.cell.Info.Uses[id].(*types.Builtin); ok {
			return t.builtin(s, e, b.Name(), guard)
		}
	}
	results := t.multiple(s, e, guard)
	if len(results) != 1 {
		t.no(s, e, "it calls a function that gives %d values", len(results))
	}
	return results[0]
}

// multiple is the results of a call.
func (t *translator) multiple(s *scope, e ast.Expr, guard int) []value {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok {
		switch x := ast.Unparen(e).(type) {
		case *ast.IndexExpr:
			t.no(s, e, "it has %s", kindText(s.typeOf(x.X)))
		case *ast.TypeAssertExpr:
			t.no(s, e, "it has a type assertion")
		}
		t.no(s, e, "it uses channels")
	}
	if call.Ellipsis.IsValid() {
		t.no(s, e, "it passes a slice as arguments")
	}
	sig, ok := s.typeOf(call.Fun).Underlying().(*types.Signature)
	if !ok {
		t.no(s, e, "it has a call that is not followed")
	}
	if fn := callee(s.cell.Info, call); fn != nil {
		switch libraryName(fn) {
		case "errors.New", "fmt.Errorf": // what it says is found out where it is needed
			return t.library(s, e, fn, nil, guard)
		}
	}
	args := t.receiver(s, call, guard)
	if sig.Variadic() {
		if fn := callee(s.cell.Info, call); fn != nil {
			t.no(s, e, "it calls %s", userName(fn))
		}
		t.no(s, e, "it calls a function of any number of arguments")
	}
	if len(call.Args) == 1 && sig.Params().Len() > 1 {
		args = append(args, t.multiple(s, call.Args[0], guard)...)
	} else {
		for i, a := range call.Args {
			args = append(args, t.as(s, a, sig.Params().At(i).Type(), guard))
		}
	}
	return t.call(s, e, call.Fun, args, guard)
}

// receiver is that of a method, as the first argument; none of a function.
func (t *translator) receiver(s *scope, call *ast.CallExpr, guard int) []value {
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok {
		return nil
	}
	selection := s.cell.Info.Selections[sel]
	if selection == nil {
		return nil
	}
	if selection.Kind() != types.MethodVal || len(selection.Index()) != 1 {
		t.no(s, call, "it calls a method in a way that is not followed")
	}
	method := selection.Obj().(*types.Func)
	if types.IsInterface(selection.Recv()) {
		t.no(s, call, "it calls method %s of an interface", method.Name())
	}
	recv := t.use(s, sel, t.expression(s, sel.X, guard))
	_, pointers := method.Signature().Recv().Type().(*types.Pointer)
	switch {
	case pointers && recv.form == pointer:
		return []value{recv}
	case pointers:
		t.no(s, call, "it calls method %s, which may change its receiver", method.Name())
	case recv.form == pointer:
		recv = t.deref(s, sel, recv, guard)
	}
	return []value{recv}
}

func (t *translator) conversion(s *scope, e *ast.CallExpr, guard int) value {
	typ := s.typeOf(e)
	v := t.use(s, e, t.expression(s, e.Args[0], guard))
	if v.form != plainForm {
		if types.Identical(typ.Underlying(), s.typeOf(e.Args[0]).Underlying()) {
			return v
		}
		t.no(s, e, "it converts to %s", kindText(typ))
	}
	k := t.kind(s, e, typ)
	from := t.b.KindOf(v.v)
	switch {
	case k == from:
		return v
	case k == program.String || k == program.Bool || from == program.String || from == program.Bool:
		t.no(s, e, "it converts %s to %s", from, k)
	}
	return plain(t.b.Convert(v.v, k))
}

func (t *translator) builtin(s *scope, e *ast.CallExpr, name string, guard int) value {
	switch name {
	case "len":
		if k, ok := computedKind(s.typeOf(e.Args[0])); ok && k == program.String {
			return plain(t.b.Op(program.Len, program.Int, program.None, t.plain(s, e.Args[0], guard)))
		}
		t.no(s, e, "it has %s", kindText(s.typeOf(e.Args[0])))
	case "min", "max":
		op := program.Min
		if name == "max" {
			op = program.Max
		}
		k := t.kind(s, e, s.typeOf(e))
		v := t.same(t.plain(s, e.Args[0], guard), k)
		for _, a := range e.Args[1:] {
			v = t.b.Op(op, k, program.None, v, t.same(t.plain(s, a, guard), k))
		}
		return plain(v)
	case "new":
		if s.cell.Info.Types[e.Args[0]].IsType() {
			v := t.zero(s, e, s.typeOf(e.Args[0]))
			return value{form: pointer, null: t.b.Bool(false), elem: &v}
		}
		v := t.as(s, e.Args[0], types.Default(s.typeOf(e.Args[0])), guard)
		return value{form: pointer, null: t.b.Bool(false), elem: &v}
	}
	t.no(s, e, "it calls %s", name)
	return value{}
}
