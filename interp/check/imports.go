package check

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"path"
	"slices"
	"strconv"
	"strings"
)

// importLine is one import of a cell.
type importLine struct {
	name string // under which the cell knows it; "." and "_" too
	path string
	pkg  *types.Package
	pos  token.Pos
}

type imported struct {
	pkg *types.Package
	err error
}

// predeclare makes known what cells use without an import. Packages are loaded when a cell uses them.
func (s *Session) predeclare() {
	for _, p := range s.opts.Implicit {
		s.names[path.Base(p)] = &entry{path: p}
	}
	for p, names := range s.opts.Predeclared {
		for _, n := range names {
			s.names[n] = &entry{path: p, member: n}
		}
	}
}

// object is what an entry means under a name, nil where its package can't be loaded.
func (s *Session) object(name string, e *entry) types.Object {
	if e.path == "" {
		return e.obj
	}
	pkg, err := s.Import(e.path)
	if err != nil {
		return nil
	}
	if e.member != "" {
		return pkg.Scope().Lookup(e.member)
	}
	return types.NewPkgName(token.NoPos, s.pkg, name, pkg)
}

// Import finds a package as cells see it.
func (s *Session) Import(path string) (*types.Package, error) {
	if path == "unsafe" {
		return types.Unsafe, nil
	}
	if r, ok := s.imports[path]; ok {
		return r.pkg, r.err
	}
	pkg, err := s.load(path)
	if err == nil || s.opts.Loader == nil { // a module may come later
		s.imports[path] = imported{pkg, err}
	}
	return pkg, err
}

func (s *Session) load(path string) (*types.Package, error) {
	if s.opts.Loader != nil {
		files, err := s.opts.Loader.Load(path)
		if err != nil {
			return nil, err
		}
		if files != nil {
			src, err := s.checkFiles(path, files)
			if err != nil {
				return nil, err
			}
			s.sources[path] = src
			return src.Pkg, nil
		}
	}
	return s.opts.Importer.Import(path)
}

// importSpecs notes the imports of a cell.
func (t *task) importSpecs(specs []*ast.ImportSpec) {
	for _, spec := range specs {
		p, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.fail(spec.Path, "invalid import path %s", spec.Path.Value)
			continue
		}
		if p == "C" {
			t.fail(spec, `import "C": cgo can't be had in cells; call a package that wraps the C library, or run a program with os/exec`)
			pkg := fake(p)
			t.fakes[pkg] = true
			t.lines = append(t.lines, &importLine{name: p, path: p, pkg: pkg, pos: spec.Pos()})
			continue
		}
		if slices.Contains(strings.Split(p, "/"), "internal") {
			t.fail(spec.Path, "package %q is internal: only the packages of its own module may import it", p)
			continue
		}
		line := &importLine{path: p, pos: spec.Pos()}
		pkg, err := t.s.Import(p)
		if err != nil {
			t.diags = append(t.diags, t.missing(spec, p, err))
			pkg = fake(p)
			t.fakes[pkg] = true
		}
		line.pkg, line.name = pkg, pkg.Name()
		if spec.Name != nil {
			line.name = spec.Name.Name
		}
		if line.name == "init" {
			t.fail(spec, "cannot import package as init: init must be a func")
			continue
		}
		if i := t.sameName(line); i >= 0 {
			if t.lines[i].path != p {
				d := t.s.diagnostic(spec.Pos(), spec.End(), line.name+" redeclared in this cell")
				d.Notes = []Note{{t.s.position(t.lines[i].pos), "other import of " + line.name}}
				t.diags = append(t.diags, d)
			}
			continue
		}
		t.lines = append(t.lines, line)
	}
}

func (t *task) sameName(line *importLine) int {
	if line.name == "." || line.name == "_" {
		return -1
	}
	return slices.IndexFunc(t.lines, func(l *importLine) bool { return l.name == line.name })
}

// missing says that a package can't be imported.
func (t *task) missing(spec *ast.ImportSpec, p string, err error) Diagnostic {
	d := t.s.diagnostic(spec.Path.Pos(), spec.Path.End(), "")
	d.Msg = fmt.Sprintf("package %q is not available in cells", p)
	if msg := err.Error(); strings.HasPrefix(msg, "package "+strconv.Quote(p)) {
		d.Msg = msg
		return d
	}
	if msg := err.Error(); t.s.opts.Loader != nil && strings.Contains(msg, " ") {
		d.Msg += ": " + msg
	}
	if t.s.opts.ByName == nil {
		return d
	}
	if others := t.s.opts.ByName(path.Base(p)); len(others) > 0 {
		d.Notes = append(d.Notes, Note{Msg: "did you mean " + choices(others) + "?"})
	}
	return d
}

// fake stands for a package that could not be imported.
func fake(p string) *types.Package {
	pkg := types.NewPackage(p, path.Base(p))
	pkg.MarkComplete()
	return pkg
}

// choices are quoted paths in a sentence.
func choices(paths []string) string {
	var b strings.Builder
	for i, p := range paths {
		switch {
		case i > 0 && i == len(paths)-1:
			b.WriteString(" or ")
		case i > 0:
			b.WriteString(", ")
		}
		b.WriteString(strconv.Quote(p))
	}
	return b.String()
}

// guess finds the package that an undefined name before a dot means, from the names that are selected of it.
func (t *task) guess(name string, members []string) (line *importLine, candidates []string) {
	if t.s.opts.ByName == nil {
		return nil, nil
	}
	paths := t.s.opts.ByName(name)
	for _, p := range paths {
		pkg, err := t.s.Import(p)
		if err != nil || pkg.Name() != name {
			continue
		}
		candidates = append(candidates, p)
		line = &importLine{name: name, path: p, pkg: pkg}
	}
	if len(candidates) == 1 {
		return line, candidates
	}
	// Those that have all the members come first.
	slices.SortStableFunc(candidates, func(x, y string) int { return cmp.Compare(t.lacks(x, members), t.lacks(y, members)) })
	return nil, candidates
}

// lacks counts the members that a package does not export.
func (t *task) lacks(path string, members []string) int {
	pkg, err := t.s.Import(path)
	if err != nil {
		return len(members)
	}
	n := 0
	for _, m := range members {
		if obj := pkg.Scope().Lookup(m); obj == nil || !obj.Exported() {
			n++
		}
	}
	return n
}
