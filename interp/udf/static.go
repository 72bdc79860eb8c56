package udf

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/types"
	"maps"
	"reflect"
	"slices"

	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/frame/expr/program"
)

// Static is what is known of the functions of a call before it runs.
type Static struct {
	source   string
	imports  []expr.Import
	captures []*capture
	entries  []entry
	used     map[string]bool              // the names at the top of the file
	typeName func(*types.TypeName) string // what a type of a cell is called there; "" for others
	ours     func(*types.TypeName) bool
	// Dynamic, where it is set, gives the type of what an interface holds, and the value in it: the front end knows how
	// values of cells lie in interfaces.
	Dynamic func(v reflect.Value) (types.Type, reflect.Value, bool)
}

// entry is one of the functions.
type entry struct {
	name, variable string
	rows, folds    string // the loops over it, "" for none
	params         []expr.Param
	result         expr.Result
	program        *program.Program // with places for captured values
	reason         string
}

// Captures are the variables of which Function needs the values, in their order.
func (s *Static) Captures() []types.Object {
	out := make([]types.Object, len(s.captures))
	for i, c := range s.captures {
		out[i] = c.object
	}
	return out
}

// Functions is how many functions there are.
func (s *Static) Functions() int { return len(s.entries) }

// Function makes function i of the call a part of a plan. values are those of Captures; they are copied now. live, where
// it is not nil, is the function itself, for processes without a compiler.
func (s *Static) Function(i int, live any, values []reflect.Value) (*expr.Function, error) {
	if len(values) != len(s.captures) {
		return nil, fmt.Errorf("%d values for %d captured variables", len(values), len(s.captures))
	}
	e := s.entries[i]
	f := s.functionOf(e)
	w := &valueWriter{dynamic: s.Dynamic, imports: map[string]string{}, used: maps.Clone(s.used), names: s.typeName, ours: s.ours}
	for _, i := range s.imports {
		w.imports[i.Path] = i.Name
	}
	for k, c := range s.captures {
		text, err := w.value(c.typ, values[k])
		if err != nil {
			return nil, fmt.Errorf("%s can't be captured: %w", c.object.Name(), err)
		}
		f.Captures = append(f.Captures, expr.Capture{Name: c.name, Type: c.text, Value: text})
	}
	for path, name := range w.imports {
		f.Imports = append(f.Imports, expr.Import{Name: name, Path: path})
	}
	slices.SortFunc(f.Imports, func(a, b expr.Import) int { return cmp.Compare(a.Path, b.Path) })
	if e.program != nil {
		p, err := e.program.WithCaptures(func(name string) (program.Const, error) { return s.constant(name, values) })
		if err != nil {
			f.Reason = err.Error()
		} else {
			f.Program = p
		}
	}
	if live != nil {
		f = f.WithLive(live)
	}
	return f, nil
}

// entry is what the file's variable i holds.
func (x *extractor) entry(i int, f ast.Expr) (entry, error) {
	sig := x.cell.Info.TypeOf(f).Underlying().(*types.Signature)
	e := entry{name: "func", variable: x.entryName(i)}
	switch fun := ast.Unparen(f).(type) {
	case *ast.Ident:
		e.name = fun.Name
	case *ast.SelectorExpr:
		e.name = fun.Sel.Name
	}
	if sig.Variadic() {
		return e, &Error{f.Pos(), fmt.Sprintf("%s takes any number of arguments: wrap it in a function of as many as there are columns", e.name)}
	}
	for v := range sig.Params().Variables() {
		p := expr.Param{Name: v.Name(), Type: x.userText(v.Type())}
		p.Kind, p.Null = kindOf(v.Type())
		e.params = append(e.params, p)
	}
	e.result = x.resultOf(sig.Results())
	p, err := x.translate(f, sig, e)
	if err != nil {
		e.reason = err.Error()
	} else {
		e.program = p
	}
	if takesRows(e) {
		e.rows = fresh(e.variable+"_rows", x.used, x.identifiers)
	}
	if len(x.roots) > 1 && folds(e) {
		e.folds = fresh(e.variable+"_folds", x.used, x.identifiers)
	}
	return e, nil
}

// userText is a type as the user writes it.
func (x *extractor) userText(t types.Type) string {
	return types.TypeString(t, func(p *types.Package) string {
		if x.isCell(p) {
			return ""
		}
		return p.Name()
	})
}

// isCell says whether a package is that of cells: it declares something that they share.
func (x *extractor) isCell(p *types.Package) bool {
	for _, name := range p.Scope().Names() {
		if _, ok := x.find(p.Scope().Lookup(name)); ok {
			return true
		}
	}
	return false
}

func (x *extractor) resultOf(results *types.Tuple) expr.Result {
	var r expr.Result
	list := make([]types.Type, 0, results.Len())
	for v := range results.Variables() {
		list = append(list, v.Type())
	}
	if n := len(list); n > 0 && isError(list[n-1]) {
		r.Err = true
		list = list[:n-1]
	}
	if len(list) == 2 && isBool(list[1]) {
		r.OK = true
		list = list[:1]
	}
	for i, t := range list {
		if i > 0 {
			r.Type += ", "
		}
		r.Type += x.userText(t)
	}
	r.Kind = program.Other
	if len(list) == 1 {
		r.Kind, r.Null = kindOf(list[0])
	}
	return r
}

func isError(t types.Type) bool { return types.Identical(t, types.Universe.Lookup("error").Type()) }

func isBool(t types.Type) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&types.IsBoolean != 0
}

var basicKinds = map[types.BasicKind]program.Kind{
	types.Bool: program.Bool, types.Int: program.Int, types.Int8: program.Int8, types.Int16: program.Int16, types.Int32: program.Int32,
	types.Int64: program.Int64, types.Uint: program.Uint, types.Uint8: program.Uint8, types.Uint16: program.Uint16,
	types.Uint32: program.Uint32, types.Uint64: program.Uint64, types.Float32: program.Float32, types.Float64: program.Float64,
	types.String: program.String, types.UntypedBool: program.Bool,
}

// kindOf is the kind of value that a type takes of a column.
func kindOf(t types.Type) (program.Kind, expr.NullForm) {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		if k := plainKind(p.Elem()); k != program.Other && k != program.Any {
			return k, expr.NilPointer
		}
		return program.Other, expr.NoNull
	}
	if k := plainKind(t); k != program.Other {
		return k, expr.NoNull
	}
	if value, _, ok := nullFields(t); ok {
		if k := plainKind(value.Type()); k != program.Other && k != program.Any {
			return k, expr.ValidField
		}
	}
	return program.Other, expr.NoNull
}

// nullFields are the fields of a struct as database/sql has for what may be null.
func nullFields(t types.Type) (value, valid *types.Var, ok bool) {
	s, ok := t.Underlying().(*types.Struct)
	if !ok || s.NumFields() != 2 {
		return nil, nil, false
	}
	for i := range 2 {
		if f := s.Field(i); f.Name() == "Valid" && isBool(f.Type()) {
			return s.Field(1 - i), f, s.Field(1 - i).Exported()
		}
	}
	return nil, nil, false
}

func plainKind(t types.Type) program.Kind {
	if n, ok := types.Unalias(t).(*types.Named); ok {
		switch qualified(n) {
		case "time.Time":
			return program.Time
		case "time.Duration":
			return program.Duration
		}
	}
	switch u := t.Underlying().(type) {
	case *types.Basic:
		if k, ok := basicKinds[u.Kind()]; ok {
			return k
		}
	case *types.Slice:
		if b, ok := u.Elem().Underlying().(*types.Basic); ok && b.Kind() == types.Uint8 {
			return program.Bytes
		}
	case *types.Interface:
		if u.Empty() {
			return program.Any
		}
	}
	return program.Other
}
