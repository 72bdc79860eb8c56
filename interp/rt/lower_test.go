package rt

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	goprinter "go/printer"
	"go/token"
	"go/types"
	"os"
	"strconv"
	"strings"
	"testing"
)

// testLowering lowers the simple Go of testdata-like files that the tests compile natively as well: declarations of
// types, methods and functions whose bodies call methods statically, put values into interfaces, and use compiled
// packages. It is as much of a front end as these tests need.
type testLowering struct {
	t     testing.TB
	c     *cells
	pkg   *types.Package
	info  *types.Info
	ids   map[string]int
	types []types.Type // by id
	after map[ast.Expr]types.Type
}

// lowerFile loads a file of this directory into c and gives its package.
func (c *cells) lowerFile(t testing.TB, name string) *types.Package {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	src := strings.Replace(string(text), "package rt", "package main", 1)
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, name, src, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	l := &testLowering{t: t, c: c, ids: map[string]int{}, after: map[ast.Expr]types.Type{}, types: []types.Type{nil}}
	l.info = &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{},
		Selections: map[*ast.SelectorExpr]*types.Selection{}, Instances: map[*ast.Ident]types.Instance{},
	}
	conf := types.Config{Importer: importer.Default()}
	if l.pkg, err = conf.Check("main", fset, []*ast.File{f}, l.info); err != nil {
		t.Fatal(err)
	}
	lowered := l.file(f)
	if os.Getenv("RT_LOWERED") != "" {
		t.Log(lowered)
	}
	c.eval(t, lowered)
	return l.pkg
}

func (l *testLowering) user(t types.Type) bool {
	n, ok := types.Unalias(t).(*types.Named)
	return ok && n.Obj().Pkg() == l.pkg
}

// id is the number of a type that enters an interface.
func (l *testLowering) id(t types.Type) int {
	s := types.TypeString(t, nil)
	if id, ok := l.ids[s]; ok {
		return id
	}
	id := len(l.types)
	l.ids[s] = id
	l.types = append(l.types, t)
	return id
}

func (l *testLowering) repr(t types.Type) string {
	switch u := types.Unalias(t).(type) {
	case *types.Named:
		if !l.user(u) && !types.IsInterface(u) {
			return u.Obj().Pkg().Name() + "." + u.Obj().Name()
		}
		if s, ok := u.Underlying().(*types.Struct); ok && s != nil {
			return fmt.Sprintf("T_%d", l.id(u))
		}
		return l.repr(u.Underlying())
	case *types.Interface:
		return "interface{}"
	case *types.Pointer:
		return "*" + l.repr(u.Elem())
	case *types.Slice:
		return "[]" + l.repr(u.Elem())
	case *types.Array:
		return fmt.Sprintf("[%d]%s", u.Len(), l.repr(u.Elem()))
	case *types.Map:
		return "map[" + l.repr(u.Key()) + "]" + l.repr(u.Elem())
	case *types.Chan:
		return "chan " + l.repr(u.Elem())
	case *types.Signature:
		var in, out []string
		for v := range u.Params().Variables() {
			in = append(in, l.repr(v.Type()))
		}
		for v := range u.Results().Variables() {
			out = append(out, l.repr(v.Type()))
		}
		return "func(" + strings.Join(in, ", ") + ") (" + strings.Join(out, ", ") + ")"
	case *types.Struct:
		return fmt.Sprintf("T_%d", l.id(u))
	}
	return t.String()
}

// boxed says whether values of a type need a box in interfaces.
func (l *testLowering) boxed(t types.Type) bool {
	switch u := types.Unalias(t).(type) {
	case *types.Named:
		if !l.user(u) {
			return false
		}
		s, ok := u.Underlying().(*types.Struct)
		return !ok || s.NumFields() == 0
	case *types.Struct:
		return u.NumFields() == 0
	case *types.Map:
		return l.boxedPart(u.Key()) || l.boxedPart(u.Elem())
	}
	return l.boxedPart(elemType(t))
}

func (l *testLowering) boxedPart(t types.Type) bool {
	if t == nil {
		return false
	}
	if i, ok := t.Underlying().(*types.Interface); ok {
		return i.NumMethods() > 0
	}
	return l.boxed(t)
}

func (l *testLowering) mentionsUser(t types.Type) bool {
	return strings.Contains(types.TypeString(t, nil), "main.") || strings.Contains(types.TypeString(t, nil), "struct{")
}

// toIface wraps an expression that becomes an interface value.
func (l *testLowering) toIface(e ast.Expr, from, to types.Type) ast.Expr {
	if from == nil || to == nil || !types.IsInterface(to) || types.IsInterface(from) {
		return e
	}
	if b, ok := from.(*types.Basic); ok && b.Kind() == types.UntypedNil {
		return e
	}
	from = types.Default(from)
	if l.boxed(from) {
		return &ast.CompositeLit{Type: ast.NewIdent(fmt.Sprintf("B_%d", l.id(from))), Elts: []ast.Expr{l.conv(e, from)}}
	}
	if l.mentionsUser(from) {
		l.id(from)
	}
	return e
}

// conv keeps constants of the type that they have.
func (l *testLowering) conv(e ast.Expr, t types.Type) ast.Expr {
	if _, ok := t.Underlying().(*types.Basic); ok {
		return &ast.CallExpr{Fun: l.expr(l.repr(t)), Args: []ast.Expr{e}}
	}
	return e
}

func (l *testLowering) expr(s string) ast.Expr {
	e, err := parser.ParseExpr(s)
	if err != nil {
		l.t.Fatalf("%s: %v", s, err)
	}
	return e
}

func (l *testLowering) typeOf(e ast.Expr) types.Type {
	if t, ok := l.after[e]; ok {
		return t
	}
	return l.info.TypeOf(e)
}

func (l *testLowering) file(f *ast.File) string {
	var body bytes.Buffer
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			l.function(&body, d)
		case *ast.GenDecl:
			if d.Tok == token.IMPORT {
				for _, s := range d.Specs {
					fmt.Fprintf(&body, "import %s\n", s.(*ast.ImportSpec).Path.Value)
				}
			}
		}
	}
	for _, name := range l.pkg.Scope().Names() {
		if o, ok := l.pkg.Scope().Lookup(name).(*types.TypeName); ok && !types.IsInterface(o.Type()) {
			if n, ok := o.Type().(*types.Named); !ok || n.TypeParams().Len() == 0 {
				l.id(o.Type())
				l.id(types.NewPointer(o.Type()))
			}
		}
	}
	var decls, binds, wrappers bytes.Buffer
	for id := 1; id < len(l.types); id++ {
		l.declare(id, &decls, &binds, &wrappers)
	}
	imports := ""
	if !strings.Contains(body.String(), "import \"io\"") {
		imports = "import \"io\"\n"
	}
	return imports + body.String() + decls.String() + wrappers.String() + binds.String()
}

// declare writes the types of a number and its Bind.
func (l *testLowering) declare(id int, decls, binds, wrappers *bytes.Buffer) {
	t := l.types[id]
	if s := structType(t); s != nil {
		fmt.Fprintf(decls, "type T_%d struct {\n", id)
		for i := range s.NumFields() {
			tag := s.Tag(i)
			if i == 0 {
				tag += fmt.Sprintf(` rv:"%d"`, id)
			}
			name := s.Field(i).Name()
			if name == "_" {
				name = fmt.Sprintf("blank%d", i)
			}
			fmt.Fprintf(decls, "\t%s %s %s\n", name, l.repr(s.Field(i).Type()), strconv.Quote(strings.TrimSpace(tag)))
		}
		fmt.Fprintf(decls, "}\n")
	}
	isArray := func(t types.Type) bool { _, ok := t.Underlying().(*types.Array); return ok }
	boxed := l.boxed(t)
	zero := l.repr(t) + "{}"
	switch {
	case boxed:
		fmt.Fprintf(decls, "type B_%d struct { V %s `rv:\"%d\"` }\n", id, l.repr(t), id)
		zero = fmt.Sprintf("B_%d{}", id)
	case structType(t) == nil && !isArray(t):
		zero = "(" + l.repr(t) + ")(nil)"
	}
	var names []string
	args := ""
	set := types.NewMethodSet(t)
	for sel := range set.Methods() {
		names = append(names, sel.Obj().Name())
		args += ", " + l.methodFunc(t, sel, wrappers)
	}
	l.c.r.Declare(id, t, boxed, names)
	fmt.Fprintf(binds, "var bound_%d = rv.Bind(%d, %s%s)\n", id, id, zero, args)
}

// methodFunc is the function of a method; promoted ones get a wrapper.
func (l *testLowering) methodFunc(t types.Type, sel *types.Selection, wrappers *bytes.Buffer) string {
	f := sel.Obj().(*types.Func)
	if len(sel.Index()) == 1 {
		return l.funcName(f)
	}
	name := fmt.Sprintf("P_%d_%s", l.id(t), f.Name())
	sig := f.Type().(*types.Signature)
	path, at := "r", t
	for _, i := range sel.Index()[:len(sel.Index())-1] {
		if p, ok := at.Underlying().(*types.Pointer); ok {
			at = p.Elem()
		}
		field := structType(at).Field(i)
		path, at = path+"."+field.Name(), field.Type()
	}
	_, have := at.Underlying().(*types.Pointer)
	_, want := sig.Recv().Type().(*types.Pointer)
	switch {
	case want && !have:
		path = "&" + path
	case have && !want:
		path = "*" + path
	}
	params, args := "", path
	for i := range sig.Params().Len() {
		params += fmt.Sprintf(", a%d %s", i, l.repr(sig.Params().At(i).Type()))
		args += fmt.Sprintf(", a%d", i)
	}
	result, ret := "", ""
	if sig.Results().Len() > 0 {
		ret = "return "
		var list []string
		for v := range sig.Results().Variables() {
			list = append(list, l.repr(v.Type()))
		}
		result = "(" + strings.Join(list, ", ") + ")"
	}
	if types.IsInterface(at) {
		var list []string
		for i := range sig.Results().Len() {
			r := fmt.Sprintf("out[%d]", i)
			if t := sig.Results().At(i).Type(); !types.IsInterface(t) {
				r += ".(" + l.repr(t) + ")"
			}
			list = append(list, r)
		}
		call, args, _ := strings.Cut(args, ", ")
		fmt.Fprintf(wrappers, "func %s(r %s%s) %s {\n\tout := rv.Call(%s, %q, %s)\n\t_ = out\n\t%s%s\n}\n",
			name, l.repr(t), params, result, call, f.Name(), args, ret, strings.Join(list, ", "))
		return name
	}
	fmt.Fprintf(wrappers, "func %s(r %s%s) %s { %s%s(%s) }\n", name, l.repr(t), params, result, ret, l.funcName(f), args)
	return name
}

func (l *testLowering) funcName(f *types.Func) string {
	recv := f.Type().(*types.Signature).Recv().Type()
	star := ""
	if p, ok := recv.(*types.Pointer); ok {
		recv, star = p.Elem(), "p"
	}
	return fmt.Sprintf("M_%d%s_%s", l.id(recv), star, f.Name())
}

func (l *testLowering) function(out *bytes.Buffer, d *ast.FuncDecl) {
	sig := l.info.Defs[d.Name].Type().(*types.Signature)
	if d.Recv != nil {
		d.Name = ast.NewIdent(l.funcName(l.info.Defs[d.Name].(*types.Func)))
		d.Type.Params.List = append(d.Recv.List, d.Type.Params.List...)
		if len(d.Recv.List[0].Names) == 0 {
			d.Recv.List[0].Names = []*ast.Ident{ast.NewIdent("_")}
		}
		d.Recv = nil
	}
	l.rewrite(d, sig)
	fset := token.NewFileSet()
	if err := goprinter.Fprint(out, fset, d); err != nil {
		l.t.Fatal(err)
	}
	out.WriteString("\n")
}
