package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"reflect"
	"sort"
	"strings"
	"time"

	"github.com/traefik/yaegi/interp"

	"github.com/rivulet-go/rivulet/interp/lower"
	"github.com/rivulet-go/rivulet/interp/packages"
	"github.com/rivulet-go/rivulet/interp/rt"
)

type source struct {
	pkg   *types.Package
	info  *types.Info
	files []*ast.File
	funcs map[*types.Func]*ast.FuncDecl
}
type world struct {
	fset *token.FileSet
	im   *packages.Importer
	src  map[string]*source
	bypkg map[*types.Package]*source
}

func (w *world) IsSource(p *types.Package) bool { return p != nil && w.bypkg[p] != nil }
func (w *world) Fset() *token.FileSet           { return w.fset }
func (w *world) Function(o *types.Func) (lower.Function, bool) {
	s := w.bypkg[o.Pkg()]
	if s == nil {
		return lower.Function{}, false
	}
	d := s.funcs[o]
	return lower.Function{Decl: d, Info: s.info}, d != nil
}
func (w *world) Native(a, b string, c []string) (string, string, bool) { return "", "", false }
func (w *world) Twin(o *types.TypeName) *types.TypeName { return nil }
func (w *world) Package(p *types.Package) *lower.Package { if s := w.bypkg[p]; s != nil && p.Path() != "main" { return &lower.Package{Info: s.info, Files: s.files} }; return nil }
func (w *world) Import(path string) (*types.Package, error) {
	if s := w.src[path]; s != nil {
		return s.pkg, nil
	}
	if files, ok := packages.Source(path); ok {
		var fs []*ast.File
		var names []string
		for n := range files {
			names = append(names, n)
		}
		sort.Strings(names)
		for _, n := range names {
			f, err := parser.ParseFile(w.fset, "/src/"+path+"/_.go", files[n], parser.SkipObjectResolution)
			if err != nil {
				return nil, err
			}
			fs = append(fs, f)
		}
		s, err := w.check(path, fs)
		if err != nil {
			return nil, err
		}
		return s.pkg, nil
	}
	return w.im.Import(path)
}
func (w *world) check(path string, fs []*ast.File) (*source, error) {
	s := &source{files: fs, funcs: map[*types.Func]*ast.FuncDecl{}, info: &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Uses: map[*ast.Ident]types.Object{}, Defs: map[*ast.Ident]types.Object{}, Instances: map[*ast.Ident]types.Instance{}, Selections: map[*ast.SelectorExpr]*types.Selection{}, Implicits: map[ast.Node]types.Object{}, Scopes: map[ast.Node]*types.Scope{}}}
	conf := types.Config{Importer: w, GoVersion: "go1.26", Sizes: types.SizesFor("gc", "amd64")}
	var err error
	s.pkg, err = conf.Check(path, w.fset, fs, s.info)
	if err != nil {
		return nil, err
	}
	for _, f := range fs {
		for _, d := range f.Decls {
			if fd, ok := d.(*ast.FuncDecl); ok {
				if o, ok := s.info.Defs[fd.Name].(*types.Func); ok {
					s.funcs[o] = fd
				}
			}
		}
	}
	w.src[path] = s
	w.bypkg[s.pkg] = s
	return s, nil
}

func run(file string, print bool) error {
	t0 := time.Now()
	fset := token.NewFileSet()
	w := &world{fset: fset, im: packages.NewImporter(fset), src: map[string]*source{}, bypkg: map[*types.Package]*source{}}
	w.im.Source = func(p string) (*types.Package, error) { return w.Import(p) }
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	f, err := parser.ParseFile(fset, "/cell/1/_.go", data, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	s, err := w.check("main", []*ast.File{f})
	if err != nil {
		return fmt.Errorf("CHECK %w", err)
	}
	t1 := time.Now()
	reg := rt.New()
	reg.Wrapper = packages.Wrapper
	l := lower.New(w, reg)
	c := &lower.Cell{Info: s.info, Imports: s.pkg.Imports()}
	for _, n := range s.pkg.Scope().Names() {
		if v, ok := s.pkg.Scope().Lookup(n).(*types.Var); ok {
			c.Vars = append(c.Vars, v)
		}
	}
	for _, io := range s.info.InitOrder {
		it := lower.Item{RHS: []ast.Expr{io.Rhs}}
		for _, v := range io.Lhs {
			if v.Name() == "_" {
				v = nil
			}
			it.LHS = append(it.LHS, v)
		}
		c.Body = append(c.Body, it)
	}
	for _, d := range f.Decls {
		if fd, ok := d.(*ast.FuncDecl); ok && fd.Name.Name != "_" {
			o := s.info.Defs[fd.Name].(*types.Func)
			if fd.Recv == nil && fd.Name.Name == "main" {
				c.Main = o
			}
			if fd.Recv == nil && fd.Name.Name == "init" {
				c.Inits = append(c.Inits, o)
			}
			c.Funcs = append(c.Funcs, o)
		}
	}
	text, err := l.Cell(c)
	if err != nil {
		return fmt.Errorf("LOWER %w", err)
	}
	t2 := time.Now()
	whole := "package main\nimport rv \"rivulet/rt\"\n" + strings.Join(text.Imports, "\n") + "\n" + text.Decls + "\nfunc main() {\n" + text.Body + "\n}\n"
	if print {
		fmt.Println(whole)
	}
	i := interp.New(interp.Options{Unrestricted: true, Stderr: filter{}, Args: []string{"x"}})
	i.Use(packages.Symbols())
	i.Use(reg.Exports())
	i.Use(extra(reg))
	if os.Getenv("LT") != "" {
		fmt.Fprintln(os.Stderr, "check", t1.Sub(t0), "lower", t2.Sub(t1), "prep", time.Since(t2))
	}
	defer func() {
		if e := recover(); e != nil {
			for {
				rv, ok := e.(reflect.Value)
				if !ok || !rv.IsValid() {
					break
				}
				e = rv.Interface()
			}
			fmt.Fprintln(os.Stderr, "PANIC", reg.Text(e))
			os.Exit(3)
		}
	}()
	_, err = i.Eval(whole)
	return err
}

type filter struct{}

func (filter) Write(p []byte) (int, error) { return len(p), nil }

func main() {
	file, print := os.Args[1], false
	if file == "-p" {
		print, file = true, os.Args[2]
	}
	file, _ = filepath.Abs(file)
	if err := run(file, print); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
