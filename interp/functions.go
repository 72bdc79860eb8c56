package interp

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"reflect"
	"runtime"
	"strings"
	"sync"

	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/interp/cell"
	"github.com/rivulet-go/rivulet/interp/check"
	"github.com/rivulet-go/rivulet/interp/lower"
	"github.com/rivulet-go/rivulet/interp/udf"
)

// functions makes functions of cells parts of plans, and those of plans callable: it is the session's expr.Compiler.
type functions struct {
	l        *language
	registry *udf.Registry
	cells    map[*types.Info]*udf.Cell

	mu       sync.Mutex
	static   []*udf.Static
	compiled int // how many files; under the lock of l
	units    map[*types.Package]*unit
}

var (
	_ expr.Compiler    = (*functions)(nil)
	_ expr.PanicReader = (*functions)(nil)
	_ lower.Planner    = world{}
)

// unit is a file of a function that was compiled: a package of its own.
type unit struct {
	info  *types.Info
	funcs map[*types.Func]*ast.FuncDecl
	pkg   *types.Package
	files []*ast.File
}

func newFunctions(l *language) *functions {
	return &functions{l: l, registry: udf.NewRegistry(), cells: map[*types.Info]*udf.Cell{}, units: map[*types.Package]*unit{}}
}

// add takes in a checked cell. What it gives forgets it, where it does not run.
func (f *functions) add(c *check.Cell) (forget func()) {
	cell := &udf.Cell{Fset: c.Fset, Info: c.Info, Files: c.Files, Text: udf.TextByPlace(c.Fset, f.source), Label: f.l.translate}
	f.cells[c.Info] = cell
	undo := f.registry.Add(cell)
	return func() {
		delete(f.cells, c.Info)
		undo()
	}
}

// ran forgets a cell that has run and declares nothing that later cells, or functions in plans, could name.
func (f *functions) ran(c *check.Cell) {
	if len(c.Funcs)+len(c.Types)+len(c.Vars) > 0 {
		return
	}
	for _, file := range c.Files {
		for _, d := range file.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Name.Name != "_" {
					return
				}
			case *ast.GenDecl:
				if d.Tok != token.IMPORT {
					return
				}
			}
		}
	}
	delete(f.cells, c.Info)
}

// source is the text of the cell of a file.
func (f *functions) source(filename string) string {
	p, _ := parsePlace(filename + ":1:1: ")
	return f.l.sources[p.cell]
}

// plan takes the functions of one call.
func (f *functions) plan(info *types.Info, list []ast.Expr) (id int, captures []types.Object, ok bool, err error) {
	cell := f.cells[info]
	if cell == nil {
		return 0, nil, false, nil
	}
	static, err := udf.Extract(cell, f.registry.Find, list...)
	if err != nil {
		if refused, ok := errors.AsType[*udf.Error](err); ok {
			err = &lower.Refused{Pos: refused.Pos, Msg: refused.Message}
		}
		return 0, nil, false, err
	}
	static.Dynamic = f.dynamic
	f.mu.Lock()
	defer f.mu.Unlock()
	f.static = append(f.static, static)
	return len(f.static) - 1, static.Captures(), true, nil
}

// dynamic is the type of what an interface of a cell holds, and the value.
func (f *functions) dynamic(v reflect.Value) (types.Type, reflect.Value, bool) {
	t := f.l.registry.Of(v.Interface())
	if t == nil {
		return nil, v, false
	}
	if t.Boxed() {
		v = v.Field(0)
	}
	return t.Type(), v, true
}

// make is what lowered code calls: function i of a call, with the values that it captures now. What it gives is for a
// parameter of type frame.Func. A function that has to be called is compiled at once: the interpreter is not used by
// others now.
func (f *functions) make(id, i int, captures ...any) any {
	f.mu.Lock()
	static := f.static[id]
	f.mu.Unlock()
	values := make([]reflect.Value, len(captures))
	for k, c := range captures {
		values[k] = reflect.ValueOf(c)
	}
	fn, err := static.Function(i, nil, values)
	if err != nil {
		return err
	}
	if fn.Program == nil {
		if err := fn.Prepare(context.Background()); err != nil {
			return err
		}
	}
	return fn
}

// Compile is that of expr.Compiler.
func (f *functions) Compile(_ context.Context, file string) (func(entry string) (any, error), error) {
	l := f.l
	l.mu.Lock()
	defer l.mu.Unlock()
	f.compiled++
	u, err := f.check(file, f.compiled)
	if err != nil {
		return nil, err
	}
	f.mu.Lock()
	f.units[u.pkg] = u
	f.mu.Unlock()
	restore := l.lower.Checkpoint()
	if err := f.load(u, f.compiled); err != nil {
		restore()
		return nil, err
	}
	return func(entry string) (any, error) { return f.lookup(u, entry) }, nil
}

// check type-checks a file. Positions in it are those of the cells that it was made of. Its package has the name of the
// cells', which users see, and a path of its own: what it declares is not what the cells declare.
func (f *functions) check(file string, number int) (*unit, error) {
	fset := f.l.check.Fset()
	parsed, err := parser.ParseFile(fset, "/function/_.go", file, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	u := &unit{
		funcs: map[*types.Func]*ast.FuncDecl{}, pkg: types.NewPackage(fmt.Sprintf("main/unit%d", number), "main"), files: []*ast.File{parsed},
		info: &types.Info{
			Types: map[ast.Expr]types.TypeAndValue{}, Instances: map[*ast.Ident]types.Instance{}, Defs: map[*ast.Ident]types.Object{},
			Uses: map[*ast.Ident]types.Object{}, Implicits: map[ast.Node]types.Object{}, Selections: map[*ast.SelectorExpr]*types.Selection{},
			Scopes: map[ast.Node]*types.Scope{}, FileVersions: map[*ast.File]string{},
		},
	}
	parsed.Name.Name = "main"
	var failed error
	conf := types.Config{
		Importer: f.l.check, DisableUnusedImportCheck: true,
		Error: func(err error) {
			if failed == nil {
				failed = err
			}
		},
	}
	_ = types.NewChecker(&conf, fset, u.pkg, u.info).Files(u.files) // the first error is kept
	if failed != nil {
		return nil, errors.New(f.l.translate(failed.Error()))
	}
	for _, d := range parsed.Decls {
		if fd, ok := d.(*ast.FuncDecl); ok {
			if obj, ok := u.info.Defs[fd.Name].(*types.Func); ok {
				u.funcs[obj] = fd
			}
		}
	}
	return u, nil
}

// load lowers and compiles a unit, and gives its variables their values.
func (f *functions) load(u *unit, number int) error {
	c := &lower.Cell{Info: u.info, Imports: u.pkg.Imports()}
	for _, file := range u.files {
		for _, d := range file.Decls {
			if d, ok := d.(*ast.FuncDecl); ok {
				c.Funcs = append(c.Funcs, u.info.Defs[d.Name].(*types.Func))
			}
		}
	}
	for _, init := range u.info.InitOrder {
		c.Body = append(c.Body, lower.Item{LHS: init.Lhs, RHS: []ast.Expr{init.Rhs}})
	}
	text, err := f.l.lower.Cell(c)
	if err != nil {
		return err
	}
	body := fmt.Sprintf("unit_%d", number)
	decls := strings.Join(text.Imports, "\n") + "\n" + text.Decls + "func " + body + "() {\n" + text.Body + "}\n"
	if _, err := f.run(decls, true); err != nil {
		return err
	}
	_, err = f.run(body+"()", false)
	return err
}

// run compiles and executes text, beside the cell that runs.
func (f *functions) run(text string, file bool) (reflect.Value, error) {
	p, err := f.l.compile(0, text, file)
	if err != nil {
		return reflect.Value{}, err
	}
	return f.l.i.Execute(p)
}

// lookup is a function of a unit. The interpreter drops closures that an interrupted run has made; a declared function,
// looked up outside all functions, stays.
func (f *functions) lookup(u *unit, entry string) (any, error) {
	l := f.l
	l.mu.Lock()
	defer l.mu.Unlock()
	obj, ok := u.pkg.Scope().Lookup(entry).(*types.Func)
	if !ok {
		return nil, fmt.Errorf("there is no function %s", entry)
	}
	v, err := f.run(l.lower.FunctionName(obj), false)
	if err != nil {
		return nil, err
	}
	if v.Kind() != reflect.Func {
		return nil, fmt.Errorf("%s is a %s", entry, v.Kind())
	}
	return f.external(v, obj.Signature()), nil
}

// Panicked is that of expr.PanicReader: what the function panicked with, and where in the cells.
func (f *functions) Panicked(v any) (value any, where string) {
	l := f.l
	l.mu.Lock()
	defer l.mu.Unlock()
	plain := l.registry.Normalize(plainValue(v))
	text := l.translate(l.registry.Text(plain))
	value = errors.New(text)
	_, isRuntime := plain.(runtime.Error)
	if isRuntime {
		value = plain
	}
	r := l.s.owner()
	if r == nil {
		return value, ""
	}
	r.mu.Lock()
	lines := r.trace
	r.trace = nil
	r.mu.Unlock()
	frames := l.frames(lines)
	if len(frames) == 0 {
		return value, ""
	}
	l.refine(&frames[0], cell.Cause{Panic: !isRuntime, Text: text})
	name := strings.TrimPrefix(frames[0].function, "main.")
	if strings.HasPrefix(name, "function") {
		return value, l.placeText(frames[0].place)
	}
	return value, l.placeText(frames[0].place) + " in " + name
}

var errorType = reflect.TypeFor[error]()

// external is a function as compiled code calls it: its last result an error, where the cell has one.
func (f *functions) external(v reflect.Value, sig *types.Signature) any {
	t := v.Type()
	n := sig.Results().Len()
	if n == 0 || t.NumOut() != n || !types.Identical(sig.Results().At(n-1).Type(), types.Universe.Lookup("error").Type()) {
		return v.Interface()
	}
	var in, out []reflect.Type
	for p := range t.Ins() {
		in = append(in, p)
	}
	for r := range t.Outs() {
		out = append(out, r)
	}
	out[n-1] = errorType
	return reflect.MakeFunc(reflect.FuncOf(in, out, false), func(args []reflect.Value) []reflect.Value {
		results := append([]reflect.Value(nil), v.Call(args)...)
		held := results[n-1].Interface()
		err := reflect.New(errorType).Elem()
		if held != nil {
			if e, ok := f.l.registry.Out(held).(error); ok {
				err.Set(reflect.ValueOf(e))
			} else {
				err.Set(reflect.ValueOf(fmt.Errorf("%v", held)))
			}
		}
		results[n-1] = err
		return results
	}).Interface()
}

// function is the declaration of a function of a unit.
func (f *functions) function(fn *types.Func) (lower.Function, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	u := f.units[fn.Pkg()]
	if u == nil || u.funcs[fn.Origin()] == nil {
		return lower.Function{}, false
	}
	return lower.Function{Decl: u.funcs[fn.Origin()], Info: u.info}, true
}

func (f *functions) isUnit(p *types.Package) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.units[p] != nil
}
