package udf

import (
	"fmt"
	"go/ast"
	"go/types"
	"maps"

	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/frame/expr/program"
)

// untranslatable is why a function does not become a program, as a clause: "it has a loop (In[3]:4)".
type untranslatable struct{ why string }

func (u *untranslatable) Error() string { return u.why }

// translator makes a program of a function. Statements are followed along their paths: what stands behind an if with a
// return in it is translated for the paths that get there. Guards are the rows of a path, and tell which failures count.
type translator struct {
	x     *extractor
	b     *program.Builder
	calls []types.Object // the functions that are being inlined
	steps int
}

const (
	// mostSteps bounds the work on a function whose paths multiply.
	mostSteps = 20_000
	// mostCalls bounds how deep calls are inlined.
	mostCalls = 32
)

// scope is a function being translated, and the values of its variables on one path.
type scope struct {
	cell  *Cell
	vars  map[types.Object]value
	types map[*types.TypeParam]types.Type
	sig   *types.Signature
	named []*types.Var // results with names
}

func (s *scope) clone() *scope {
	c := *s
	c.vars = maps.Clone(s.vars)
	return &c
}

// resolve is a type with the arguments of the function's type parameters.
func (s *scope) resolve(t types.Type) types.Type {
	if p, ok := types.Unalias(t).(*types.TypeParam); ok {
		if a := s.types[p]; a != nil {
			return a
		}
	}
	return t
}

func (s *scope) typeOf(e ast.Expr) types.Type { return s.resolve(s.cell.Info.TypeOf(e)) }

// no gives up, for the reason given.
func (t *translator) no(s *scope, n ast.Node, format string, args ...any) {
	why := fmt.Sprintf(format, args...)
	if n != nil && s != nil {
		why += " (" + s.cell.place(n.Pos()) + ")"
	}
	panic(&untranslatable{why})
}

// translate makes the program of a function, or gives an error that says why there is none.
func (x *extractor) translate(f ast.Expr, sig *types.Signature, e entry) (p *program.Program, err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case *untranslatable:
			p, err = nil, r
		default: // a mistake of the translator: interpreted, the function is right
			p, err = nil, &untranslatable{fmt.Sprintf("its translation failed: %v", r)}
		}
	}()
	t := &translator{x: x}
	params, err := programParams(e)
	if err != nil {
		return nil, err
	}
	switch {
	case e.result.Kind != program.Duration && !e.result.Kind.Computed():
		return nil, &untranslatable{"it gives a value of type " + e.result.Type}
	case e.result.Type == "":
		return nil, &untranslatable{"it gives nothing"}
	}
	t.b = program.NewBuilder(params)
	args := make([]value, len(params))
	for i, param := range e.params {
		args[i] = t.param(i, param, sig.Params().At(i).Type())
	}
	s := &scope{cell: x.cell, vars: map[types.Object]value{}}
	results := t.call(s, f, f, args, program.None)
	return t.finish(e.result, results)
}

func programParams(e entry) ([]program.Param, error) {
	params := make([]program.Param, len(e.params))
	for i, p := range e.params {
		kind := p.Kind
		if kind == program.Duration {
			kind = program.Int64
		}
		if !kind.Computed() {
			return nil, &untranslatable{fmt.Sprintf("parameter %s is of type %s", p.Name, p.Type)}
		}
		name := p.Name
		if name == "" || name == "_" {
			name = fmt.Sprintf("p%d", i+1)
		}
		params[i] = program.Param{Name: name, Kind: kind, Nullable: p.Null != expr.NoNull}
	}
	return params, nil
}

// param is the value of a parameter of the program.
func (t *translator) param(i int, p expr.Param, typ types.Type) value {
	switch p.Null {
	case expr.NilPointer:
		null := t.b.Op(program.Null, program.Bool, program.None, i)
		v := plain(t.b.Op(program.Deref, t.b.KindOf(i), t.b.Not(null), i))
		return value{form: pointer, null: null, elem: &v}
	case expr.ValidField:
		null := t.b.Op(program.Null, program.Bool, program.None, i)
		there := t.b.Not(null)
		zero := t.b.Const(program.Const{Kind: t.b.KindOf(i)})
		v := plain(t.b.Select(there, t.b.Op(program.Deref, t.b.KindOf(i), there, i), zero))
		st := typ.Underlying().(*types.Struct)
		out := value{form: structure, fields: []value{plain(there), plain(there)}}
		for k := range 2 {
			name := st.Field(k).Name()
			out.names = append(out.names, name)
			if name != "Valid" {
				out.fields[k] = v
			}
		}
		return out
	}
	return plain(i)
}

// finish makes the program of a function's results.
func (t *translator) finish(r expr.Result, results []value) (*program.Program, error) {
	if r.Err {
		err := results[len(results)-1]
		t.b.Fail(t.b.Not(err.null), "the function returned an error")
	}
	null := program.None
	if r.OK {
		null = t.b.Not(results[1].v)
	}
	v := results[0]
	switch r.Null {
	case expr.NilPointer:
		null = t.either(null, v.null)
		v = *v.elem
	case expr.ValidField:
		var held value
		for k, f := range v.fields {
			if v.names[k] == "Valid" {
				null = t.either(null, t.b.Not(f.v))
			} else {
				held = f
			}
		}
		v = held
	}
	if v.form != plainForm {
		return nil, &untranslatable{"its result is no plain value"}
	}
	return t.b.Program(v.v, null)
}

func (t *translator) either(x, y int) int {
	if x == program.None {
		return y
	}
	return t.b.Op(program.BitOr, program.Bool, program.None, x, y)
}

// call is the results of calling f, an expression of s, with arguments.
func (t *translator) call(s *scope, at ast.Node, f ast.Expr, args []value, guard int) []value {
	switch f := ast.Unparen(f).(type) {
	case *ast.FuncLit:
		if len(s.vars) > 0 { // it could change them
			t.no(s, at, "it has a function literal")
		}
		inner := &scope{cell: s.cell, vars: map[types.Object]value{}}
		return t.body(inner, f.Type, f.Body, s.typeOf(f).(*types.Signature), args, guard, nil)
	case *ast.Ident, *ast.SelectorExpr, *ast.IndexExpr, *ast.IndexListExpr:
		return t.named(s, at, f, args, guard)
	}
	t.no(s, at, "it calls a function that has no name")
	return nil
}

// named calls a function by its name.
func (t *translator) named(s *scope, at ast.Node, f ast.Expr, args []value, guard int) []value {
	id := nameIn(f)
	if id == nil {
		t.no(s, at, "it calls a function that has no name")
	}
	obj := s.cell.Info.Uses[id]
	if obj == nil {
		t.no(s, at, "it calls %s", id.Name)
	}
	var arguments map[*types.TypeParam]types.Type
	if fn, ok := obj.(*types.Func); ok {
		arguments = t.typeArguments(s, id, fn)
	}
	obj = origin(obj)
	decl, ours := t.x.find(obj)
	if !ours {
		if v, ok := obj.(*types.Var); ok && !v.IsField() {
			decl = s.cell.local(obj)
			ours = decl != nil
		}
	}
	if ours {
		return t.inline(s, at, decl, args, guard, arguments)
	}
	fn, ok := obj.(*types.Func)
	if !ok {
		t.no(s, at, "it calls a function value, %s", id.Name)
	}
	return t.library(s, at, fn, args, guard)
}

func nameIn(f ast.Expr) *ast.Ident {
	switch f := ast.Unparen(f).(type) {
	case *ast.Ident:
		return f
	case *ast.SelectorExpr:
		return f.Sel
	case *ast.IndexExpr:
		return nameIn(f.X)
	case *ast.IndexListExpr:
		return nameIn(f.X)
	}
	return nil
}

// typeArguments are those with which a generic function is named, for its own parameters.
func (t *translator) typeArguments(s *scope, id *ast.Ident, fn *types.Func) map[*types.TypeParam]types.Type {
	instance, ok := s.cell.Info.Instances[id]
	if !ok {
		return nil
	}
	out := map[*types.TypeParam]types.Type{}
	params := fn.Origin().Signature().TypeParams()
	for i := range params.Len() {
		out[params.At(i)] = s.resolve(instance.TypeArgs.At(i))
	}
	return out
}

// inline translates the body of a function of the user's in place of a call.
func (t *translator) inline(s *scope, at ast.Node, decl *Declaration, args []value, guard int, arguments map[*types.TypeParam]types.Type) []value {
	for _, c := range t.calls {
		if c == decl.Object {
			t.no(s, at, "%s calls itself", decl.Object.Name())
		}
	}
	if len(t.calls) >= mostCalls {
		t.no(s, at, "its calls are nested too deep")
	}
	t.calls = append(t.calls, decl.Object)
	defer func() { t.calls = t.calls[:len(t.calls)-1] }()
	inner := &scope{cell: decl.Cell, vars: map[types.Object]value{}, types: arguments}
	if fd, ok := decl.Node.(*ast.FuncDecl); ok {
		if fd.Body == nil {
			t.no(s, at, "%s has no body", fd.Name.Name)
		}
		sig := decl.Object.(*types.Func).Signature()
		return t.body(inner, fd.Type, fd.Body, sig, args, guard, fd.Recv)
	}
	if init := decl.initialiser(); init != nil && !decl.Assigned {
		if lit, ok := ast.Unparen(init).(*ast.FuncLit); ok {
			return t.body(inner, lit.Type, lit.Body, decl.Cell.Info.TypeOf(lit).(*types.Signature), args, guard, nil)
		}
	}
	t.no(s, at, "it calls a function value, %s", decl.Object.Name())
	return nil
}

// body binds the parameters, the receiver first, and follows the statements.
func (t *translator) body(s *scope, typ *ast.FuncType, body *ast.BlockStmt, sig *types.Signature, args []value, guard int, recv *ast.FieldList) []value {
	if sig.Variadic() {
		t.no(s, typ, "it calls a function of any number of arguments")
	}
	s.sig = sig
	var names []*ast.Ident
	for _, list := range []*ast.FieldList{recv, typ.Params} {
		if list == nil {
			continue
		}
		for _, field := range list.List {
			if len(field.Names) == 0 {
				names = append(names, nil)
			}
			names = append(names, field.Names...)
		}
	}
	if len(names) != len(args) {
		t.no(s, typ, "it calls a method or function in a way that is not followed")
	}
	for i, name := range names {
		if name == nil {
			continue
		}
		if obj := s.cell.Info.Defs[name]; obj != nil {
			s.vars[obj] = args[i]
		}
	}
	s.named = nil
	if typ.Results != nil {
		for _, field := range typ.Results.List {
			for _, name := range field.Names {
				obj, _ := s.cell.Info.Defs[name].(*types.Var)
				if obj == nil {
					t.no(s, name, "a result has no name of its own")
				}
				s.named = append(s.named, obj)
				s.vars[obj] = t.zero(s, name, obj.Type())
			}
		}
	}
	return t.statements(s, body.List, guard, func(s *scope, guard int) []value {
		if sig.Results().Len() > 0 && len(s.named) == 0 {
			t.no(s, body, "a path through it does not return")
		}
		return nil
	})
}

// library calls a function of a package: one of those that programs have.
func (t *translator) library(s *scope, at ast.Node, fn *types.Func, args []value, guard int) []value {
	name := libraryName(fn)
	switch name {
	case "errors.New", "fmt.Errorf":
		return []value{{form: errorForm, null: t.b.Bool(false)}}
	}
	kinds, _, ok := program.Function(name)
	if !ok {
		t.no(s, at, "it calls %s", userName(fn))
	}
	if len(kinds) != len(args) {
		t.no(s, at, "it calls %s in a way that is not followed", userName(fn))
	}
	values := make([]int, len(args))
	for i, a := range args {
		if a.form != plainForm || t.b.KindOf(a.v) != kinds[i] {
			t.no(s, at, "it calls %s in a way that is not followed", userName(fn))
		}
		values[i] = a.v
	}
	return []value{plain(t.b.Call(name, guard, values...))}
}

// libraryName is a function's name in the table of programs: path.Name, or path.Type.Name of a method.
func libraryName(fn *types.Func) string {
	if fn.Pkg() == nil {
		return fn.Name()
	}
	if recv := fn.Signature().Recv(); recv != nil {
		if n, ok := types.Unalias(recv.Type()).(*types.Named); ok {
			return qualified(n) + "." + fn.Name()
		}
		return ""
	}
	return fn.Pkg().Path() + "." + fn.Name()
}

func userName(fn *types.Func) string {
	if fn.Pkg() == nil {
		return fn.Name()
	}
	if recv := fn.Signature().Recv(); recv != nil {
		return "method " + fn.Name()
	}
	return fn.Pkg().Name() + "." + fn.Name()
}
