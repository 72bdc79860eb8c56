package packages

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"path"
	"slices"
	"strings"
	"testing"
)

const arrowPath = "github.com/apache/arrow/go/v17/arrow"

// Every generic declaration of the standard library has source that checks, and that declares the same.
func TestGenericDeclarationsHaveSource(t *testing.T) {
	compiled, checked := NewImporter(token.NewFileSet()), sourceImporter(t)
	count := 0
	for _, p := range Paths() {
		if p == arrowPath {
			continue // its few reinterpret memory, which is for compiled code
		}
		want, err := compiled.Import(p)
		if err != nil {
			t.Fatal(err)
		}
		var got *types.Package
		for _, name := range want.Scope().Names() {
			if !token.IsExported(name) || !Generic(p, name) {
				continue
			}
			if got == nil {
				if got, err = genericSource(checked, p); err != nil {
					t.Errorf("%s: %v", p, err)
					break
				}
			}
			count++
			object := got.Scope().Lookup(name)
			if object == nil {
				t.Errorf("%s.%s has no source", p, name)
			} else if w, g := describe(want.Scope().Lookup(name)), describe(object); w != g {
				t.Errorf("%s.%s:\ncompiled %s\nsource   %s", p, name, w, g)
			}
		}
	}
	if count < 60 {
		t.Errorf("only %d generic declarations", count)
	}
}

// genericSource checks what a cell runs in the place of a package's generic declarations.
func genericSource(im *Importer, p string) (*types.Package, error) {
	if _, ok := Source(p); ok {
		return im.Import(p)
	}
	text, ok := Overlay(p)
	if !ok {
		return nil, ErrUnknown
	}
	return check(im.fset, im, p, map[string]string{path.Base(p) + ".go": text})
}

// describe is everything of an object that other packages see.
func describe(o types.Object) string {
	text := []string{types.ObjectString(o, nil)}
	if _, ok := o.(*types.Func); ok {
		return text[0]
	}
	text[0], _, _ = strings.Cut(text[0], " struct{")
	named := o.Type().(*types.Named)
	if s, ok := named.Underlying().(*types.Struct); ok {
		for f := range s.Fields() {
			if f.Exported() {
				text = append(text, f.String())
			}
		}
	}
	for m := range named.Methods() {
		if m.Exported() {
			text = append(text, m.String())
		}
	}
	slices.Sort(text[1:])
	return strings.Join(text, "\n")
}

// Sources call nothing generic that is compiled, for that could not be called, and nothing that only the runtime has.
func TestSourcesArePlain(t *testing.T) {
	im := sourceImporter(t)
	for _, p := range Paths() {
		files, ok := Source(p)
		if text, overlaid := Overlay(p); overlaid {
			files, ok = map[string]string{path.Base(p) + ".go": text}, true
		}
		if !ok {
			continue
		}
		for name, text := range files {
			if strings.Contains(text, "//go:linkname") {
				t.Errorf("%s/%s links to a name", p, name)
			}
			f, err := parser.ParseFile(im.fset, name, text, parser.ParseComments)
			if err != nil {
				t.Fatal(err)
			}
			info := &types.Info{Uses: map[*ast.Ident]types.Object{}}
			if len(files) == 1 {
				config := types.Config{Importer: im}
				if _, err := config.Check(p, im.fset, []*ast.File{f}, info); err != nil {
					t.Errorf("%s: %v", p, err)
				}
			}
			for id, o := range info.Uses {
				if o.Pkg() != nil && !o.Pos().IsValid() && Generic(o.Pkg().Path(), o.Name()) {
					t.Errorf("%s: %s is compiled and generic", im.fset.Position(id.Pos()), o)
				}
			}
			for _, d := range f.Decls {
				if d, ok := d.(*ast.FuncDecl); ok && d.Body == nil {
					t.Errorf("%s: %s has no body", p, d.Name)
				}
			}
		}
	}
}
