package check

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"path"
	"slices"
	"strings"
)

// FromSource is a package that Options.Source has, checked once. It is what an Importer asks for packages that the types of
// others refer to.
func (s *Session) FromSource(p string) (*types.Package, error) {
	if src := s.sources[p]; src != nil {
		return src.Pkg, nil
	}
	if s.opts.Source == nil {
		return nil, fmt.Errorf("check: no source of %q", p)
	}
	text, ok := s.opts.Source(p)
	if !ok {
		return nil, fmt.Errorf("check: no source of %q", p)
	}
	src, err := s.checkFiles(p, &Files{Dir: p, Text: text})
	if err != nil {
		return nil, err
	}
	s.sources[p] = src
	return src.Pkg, nil
}

// checkFiles parses and checks a package.
func (s *Session) checkFiles(p string, files *Files) (*Source, error) {
	if slices.Contains(s.loading, p) {
		return nil, fmt.Errorf("import cycle: %s imports %s", strings.Join(s.loading, " imports "), p)
	}
	s.loading = append(s.loading, p)
	defer func() { s.loading = s.loading[:len(s.loading)-1] }()
	src := &Source{Path: p, Info: newInfo(), Funcs: map[*types.Func]*ast.FuncDecl{}, Dir: files.Dir, Embeds: files.Embeds, Lacks: files.Lacks}
	for _, name := range slices.Sorted(maps.Keys(files.Text)) {
		f, err := parser.ParseFile(s.fset, path.Join(files.Dir, name), files.Text[name], parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		src.Files = append(src.Files, f)
	}
	version := files.GoVersion
	if version == "" {
		version = goVersion
	}
	var first error
	n := 0
	conf := types.Config{Importer: s, Sizes: s.sizes, GoVersion: version, DisableUnusedImportCheck: true, Error: func(err error) {
		if e, ok := err.(types.Error); ok && !strings.HasPrefix(e.Msg, "\t") { //nolint:errorlint // it comes bare
			if n++; first == nil {
				first = err
			}
		}
	}}
	pkg, err := conf.Check(p, s.fset, src.Files, src.Info)
	switch {
	case first != nil && n > 1:
		return nil, fmt.Errorf("package %s: %w (and %d more)", p, first, n-1)
	case first != nil:
		return nil, fmt.Errorf("package %s: %w", p, first)
	case err != nil:
		return nil, fmt.Errorf("package %s: %w", p, err)
	}
	src.Pkg = pkg
	for _, f := range src.Files {
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok {
				if obj, ok := src.Info.Defs[fn.Name].(*types.Func); ok {
					src.Funcs[obj] = fn
				}
			}
		}
	}
	return src, nil
}

// interpreted says whether a package exists as source, so that its variables are those of the interpreter.
func (s *Session) interpreted(pkg *types.Package) bool {
	return s.Source(pkg) != nil
}

// Source is the checked source of a package that is interpreted as a whole, nil of all others.
func (s *Session) Source(pkg *types.Package) *Source {
	if src := s.sources[pkg.Path()]; src != nil && src.Pkg == pkg {
		return src
	}
	return s.retired[pkg]
}

// Forget makes packages, and those that import them, be loaded anew when a cell next imports them. Earlier cells keep those
// that they have. It says which were loaded, sorted.
func (s *Session) Forget(paths []string) []string {
	gone := map[string]bool{}
	var forget func(p string)
	forget = func(p string) {
		src := s.sources[p]
		delete(s.imports, p)
		if src == nil {
			return
		}
		gone[p] = true
		s.retired[src.Pkg] = src
		delete(s.sources, p)
		for q, other := range s.sources {
			if slices.Contains(other.Pkg.Imports(), src.Pkg) {
				forget(q)
			}
		}
	}
	for _, p := range paths {
		forget(p)
	}
	return slices.Sorted(maps.Keys(gone))
}

// Overlay is the checked source of the generic declarations of a compiled package, nil where it has none.
func (s *Session) Overlay(pkg *types.Package) (*Source, error) {
	if src, ok := s.overlays[pkg.Path()]; ok || s.opts.Overlay == nil {
		return src, nil
	}
	text, ok := s.opts.Overlay(pkg.Path())
	if !ok {
		s.overlays[pkg.Path()] = nil
		return nil, nil //nolint:nilnil // it has none
	}
	src, err := s.checkFiles(pkg.Path(), &Files{Dir: pkg.Path(), Text: map[string]string{"overlay.go": text}})
	if err != nil {
		return nil, err
	}
	s.overlays[pkg.Path()] = src
	return src, nil
}

// IsOverlay says whether a package is the source of another's generic declarations.
func (s *Session) IsOverlay(pkg *types.Package) bool {
	src := s.overlays[pkg.Path()]
	return src != nil && src.Pkg == pkg
}

// Twin is what an overlay has in the place of a generic function, method or type of a compiled package, nil where it has
// nothing.
func (s *Session) Twin(obj types.Object) types.Object {
	if obj.Pkg() == nil || obj.Pkg() == s.pkg || s.interpreted(obj.Pkg()) {
		return nil
	}
	src, err := s.Overlay(obj.Pkg())
	if err != nil || src == nil {
		return nil
	}
	f, ok := obj.(*types.Func)
	if !ok {
		return src.Pkg.Scope().Lookup(obj.Name())
	}
	r := f.Origin().Signature().Recv()
	if r == nil {
		return src.Pkg.Scope().Lookup(obj.Name())
	}
	n := receiverType(r.Type())
	if n == nil {
		return nil
	}
	tn, ok := src.Pkg.Scope().Lookup(n.Obj().Name()).(*types.TypeName)
	if !ok {
		return nil
	}
	if twin, ok := types.Unalias(tn.Type()).(*types.Named); ok {
		if m := declaredMethod(twin, f.Name()); m != nil {
			return m
		}
	}
	return nil
}

// FuncOf is the source of a function or method: one of a cell, also where it has been redefined since, or one of a package
// that is interpreted, or an overlay's for a generic one of a compiled package: then Obj is another than f. It takes origins
// and instances. nil: a compiled one.
func (s *Session) FuncOf(f *types.Func) *Func {
	f = f.Origin()
	if found := s.funcs[f]; found != nil || f.Pkg() == nil || f.Pkg() == s.pkg {
		return found
	}
	src := s.Source(f.Pkg())
	if src == nil {
		src = s.overlays[f.Pkg().Path()]
		if src == nil || src.Pkg != f.Pkg() {
			twin, ok := s.Twin(f).(*types.Func)
			if !ok {
				return nil
			}
			return s.FuncOf(twin)
		}
	}
	decl := src.Funcs[f]
	if decl == nil {
		return nil
	}
	found := &Func{Obj: f, Decl: decl, Info: src.Info, GoVersion: src.version(decl.Pos())}
	s.funcs[f] = found
	return found
}

// version is the language version of the file of a position.
func (src *Source) version(pos token.Pos) string {
	for _, f := range src.Files {
		if f.FileStart <= pos && pos < f.FileEnd {
			return src.Info.FileVersions[f]
		}
	}
	return ""
}

// Lookup is what a name means in the next cell: an object, or a *types.PkgName. nil: nothing.
func (s *Session) Lookup(name string) types.Object {
	e := s.names[name]
	if e == nil {
		for _, p := range s.dots {
			if pkg, err := s.Import(p); err == nil {
				if obj := pkg.Scope().Lookup(name); obj != nil && obj.Exported() {
					return obj
				}
			}
		}
		return nil
	}
	return s.object(name, e)
}

// Names are the names that Lookup knows, but for those of dot imports, sorted.
func (s *Session) Names() []string { return slices.Sorted(maps.Keys(s.names)) }

// Declaration is where and as what a name of an earlier cell was declared.
type Declaration struct {
	Obj  types.Object
	Node ast.Node // *ast.FuncDecl, *ast.TypeSpec or *ast.GenDecl of constants, with comments; nil for variables and imports
	Cell int
	Pos  token.Position
}

// Declaration finds the declaration of a name ("f") or method ("T.M"), nil where no cell has declared it.
func (s *Session) Declaration(name string) *Declaration {
	for _, d := range slices.Backward(s.decls) {
		if slices.Contains(d.keys, name) {
			out := &Declaration{Node: d.node(), Cell: d.cell}
			if e := s.names[name]; e != nil {
				out.Obj = e.obj
			} else if d.fn != nil {
				if n := s.named(d.recv()); n != nil {
					if m := declaredMethod(n, d.fn.Name.Name); m != nil {
						out.Obj = m
					}
				}
			}
			out.Pos = s.position(d.node().Pos())
			return out
		}
	}
	e := s.names[name]
	if e == nil || e.obj == nil || e.cell == 0 {
		return nil
	}
	return &Declaration{Obj: e.obj, Cell: e.cell, Pos: s.position(e.obj.Pos())}
}

// DeclarationAt finds the live declaration of cells around a position, which may be that of a method, a field or a parameter; nil
// where there is none. Its Obj is nil.
func (s *Session) DeclarationAt(pos token.Pos) *Declaration {
	for _, d := range slices.Backward(s.decls) {
		if n := d.node(); n.Pos() <= pos && pos < n.End() {
			return &Declaration{Node: n, Cell: d.cell, Pos: s.position(n.Pos())}
		}
	}
	return nil
}
