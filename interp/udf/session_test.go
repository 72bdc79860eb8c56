package udf

import (
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"reflect"
	"strings"
	"testing"

	"github.com/rivulet-go/rivulet/frame/expr"
)

// session is a small front end: it checks cells of declarations, one after the other, as a notebook's.
type session struct {
	fset     *token.FileSet
	importer types.Importer
	objects  map[string]types.Object // what a name means now
	registry *Registry
	cells    int
}

var libraries = importer.Default()

func newSession() *session {
	return &session{
		fset: token.NewFileSet(), importer: libraries,
		objects: map[string]types.Object{}, registry: NewRegistry(),
	}
}

// cell checks Go declarations. Earlier cells' are in scope, unless this one declares them again.
func (s *session) cell(t testing.TB, src string) *Cell {
	t.Helper()
	s.cells++
	text := fmt.Sprintf("package cells\n//line In[%d]:1\n%s", s.cells, src)
	file, err := parser.ParseFile(s.fset, fmt.Sprintf("cell%d.go", s.cells), text, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	info := &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{},
		Selections: map[*ast.SelectorExpr]*types.Selection{}, Instances: map[*ast.Ident]types.Instance{}, Implicits: map[ast.Node]types.Object{},
	}
	pkg := types.NewPackage("cells", "cells")
	own := map[string]bool{}
	for _, d := range file.Decls {
		for _, id := range declaredNames(d) {
			own[id.Name] = true
		}
	}
	for name, obj := range s.objects {
		if !own[name] {
			pkg.Scope().Insert(obj)
		}
	}
	var failed error
	conf := types.Config{Importer: s.importer, Error: func(err error) { failed = errors.Join(failed, ignoreUnused(err)) }, GoVersion: "go1.26"}
	_ = types.NewChecker(&conf, s.fset, pkg, info).Files([]*ast.File{file})
	if failed != nil {
		t.Fatal(failed)
	}
	base := s.fset.File(file.FileStart)
	c := &Cell{
		Fset: s.fset, Info: info, Files: []*ast.File{file},
		Text: func(from, to token.Pos) string { return text[base.Offset(from):base.Offset(to)] },
	}
	s.registry.Add(c)
	for _, d := range file.Decls {
		for _, id := range declaredNames(d) {
			if obj := info.Defs[id]; obj != nil {
				s.objects[obj.Name()] = obj
			}
		}
	}
	return c
}

func ignoreUnused(err error) error {
	if strings.Contains(err.Error(), "imported and not used") {
		return nil
	}
	return err
}

func declaredNames(d ast.Decl) []*ast.Ident {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Recv == nil {
			return []*ast.Ident{d.Name}
		}
	case *ast.GenDecl:
		var out []*ast.Ident
		for _, spec := range d.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				out = append(out, spec.Name)
			case *ast.ValueSpec:
				out = append(out, spec.Names...)
			}
		}
		return out
	}
	return nil
}

func (s *session) find(obj types.Object) (*Declaration, bool) { return s.registry.Find(obj) }

// udfs are the arguments of the calls of a function named use in a cell.
func udfs(c *Cell) []ast.Expr {
	var out []ast.Expr
	ast.Inspect(c.Files[0], func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok {
			if id, ok := call.Fun.(*ast.Ident); ok && id.Name == "use" {
				out = append(out, call.Args...)
			}
		}
		return true
	})
	return out
}

// extract runs cells and takes the arguments of use in the last, which need not declare it.
func extract(t testing.TB, cells ...string) (*Static, error) {
	t.Helper()
	s := newSession()
	s.cell(t, "func use(...any) {}")
	var last *Cell
	for _, src := range cells {
		last = s.cell(t, src)
	}
	return Extract(last, s.find, udfs(last)...)
}

// function makes the first function of the cells, with the values of its captures.
func function(t testing.TB, cells []string, values ...any) *expr.Function {
	t.Helper()
	s, err := extract(t, cells...)
	if err != nil {
		t.Fatal(err)
	}
	f, err := s.Function(0, nil, reflected(values))
	if err != nil {
		t.Fatal(err)
	}
	checkFile(t, f)
	return f
}

func reflected(values []any) []reflect.Value {
	out := make([]reflect.Value, len(values))
	for i, v := range values {
		out[i] = reflect.ValueOf(v)
	}
	return out
}

// checkFile type-checks the whole file of a function, as the process does that runs it.
func checkFile(t testing.TB, f *expr.Function) {
	t.Helper()
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "udf.go", f.File(), 0)
	if err != nil {
		t.Fatalf("%v\n%s", err, f.File())
	}
	conf := types.Config{Importer: libraries, GoVersion: "go1.26"}
	pkg, err := conf.Check("udf", fset, []*ast.File{file}, nil)
	if err != nil {
		t.Fatalf("%v\n%s", err, f.File())
	}
	if pkg.Scope().Lookup(f.Entry) == nil {
		t.Fatalf("no %s in\n%s", f.Entry, f.File())
	}
}
