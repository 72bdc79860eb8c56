package interp

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"github.com/traefik/yaegi/interp"

	"github.com/rivulet-go/rivulet/interp/check"
	"github.com/rivulet-go/rivulet/interp/lower"
	"github.com/rivulet-go/rivulet/interp/packages"
)

// nativePath is the package of the compiled instances of generic functions.
const nativePath = "rivulet/native"

// world tells the lowering what the checker knows, and what is compiled.
type world struct {
	check     *check.Session
	i         *interp.Interpreter
	functions *functions
}

var _ lower.World = world{}

// IsSource reports whether a package is interpreted: the cells', one of source, or one that stands in for generic code.
func (w world) IsSource(p *types.Package) bool {
	if p == nil {
		return false
	}
	return p == w.check.Pkg() || w.functions.isUnit(p) || w.check.Source(p) != nil || w.check.IsOverlay(p)
}

// Function is the declaration of a function.
func (w world) Function(f *types.Func) (lower.Function, bool) {
	if found, ok := w.functions.function(f); ok {
		return found, true
	}
	found := w.check.FuncOf(f)
	if found == nil {
		return lower.Function{}, false
	}
	fn := lower.Function{Decl: found.Decl, Info: found.Info, GoVersion: found.GoVersion}
	if fn.Decl.Body == nil {
		fn.Lacks = w.check.Source(found.Obj.Pkg()).Lacks[check.FuncKey(fn.Decl)]
	}
	return fn, true
}

// Twin is the type that stands in for a generic type of a compiled package.
func (w world) Twin(o *types.TypeName) *types.TypeName {
	twin, _ := w.check.Twin(o).(*types.TypeName)
	return twin
}

// Package is what the checker found in a package of source.
func (w world) Package(p *types.Package) *lower.Package {
	if p == w.check.Pkg() || w.functions.isUnit(p) {
		return nil
	}
	src := w.check.Source(p)
	if src == nil && w.check.IsOverlay(p) {
		src, _ = w.check.Overlay(p)
	}
	if src == nil {
		return nil
	}
	return &lower.Package{Info: src.Info, Files: src.Files, Dir: src.Dir, Embeds: src.Embeds}
}

// Native makes a compiled instance of a generic function known to yaegi.
func (w world) Native(path, name string, args []string) (pkg, symbol string, ok bool) {
	v, ok := packages.Native(path, name, args)
	if !ok {
		return "", "", false
	}
	symbol = "N" + strings.Map(func(r rune) rune {
		switch r {
		case '[':
			return 'S'
		case ']', ',', '/', '.', ' ':
			return 'X'
		}
		return r
	}, path+"."+name+" "+strings.Join(args, ","))
	if err := w.i.Use(interp.Exports{nativePath + "/native": {symbol: v}}); err != nil {
		return "", "", false
	}
	return nativePath, symbol, true
}

// Calls reports whether compiled code may call a method of a value.
func (w world) Calls(method string) bool { return packages.Calls(method) }

// Plan makes functions of cells parts of plans.
func (w world) Plan(info *types.Info, functions []ast.Expr) (id int, captures []types.Object, ok bool, err error) {
	return w.functions.plan(info, functions)
}

// Fset has the positions of all declarations.
func (w world) Fset() *token.FileSet { return w.check.Fset() }

// lowerable is a checked cell as the lowering takes it.
func lowerable(c *check.Cell) *lower.Cell {
	out := &lower.Cell{Info: c.Info, Vars: c.Vars, Show: c.Show, Imports: c.Imports}
	for _, f := range c.Funcs {
		out.Funcs = append(out.Funcs, f.Obj)
		if c.Program && f.Obj.Name() == "main" && f.Obj.Signature().Recv() == nil {
			out.Main = f.Obj
		}
	}
	for _, f := range c.Inits {
		out.Inits = append(out.Inits, f.Obj)
	}
	for _, it := range c.Body {
		out.Body = append(out.Body, lower.Item{Stmt: it.Stmt, LHS: it.Lhs, RHS: it.Rhs})
	}
	return out
}
