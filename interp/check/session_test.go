package check

import (
	"go/ast"
	"go/types"
	"slices"
	"testing"
)

// TestSession looks names up between cells.
func TestSession(t *testing.T) {
	s := newTestSession(t)
	for i, code := range []string{
		"// T is a type.\ntype T struct{}\n// M is a method.\nfunc (T) M() {}\n// f is a function.\nfunc f() {}\nx := 1\nimport m \"math\"",
		"func (T) N() {}\nfunc f() int { return 1 }",
	} {
		c, err := s.Check(code, i+1)
		if err != nil {
			t.Fatal(err)
		}
		s.Commit(c)
	}
	for _, tt := range []struct {
		name, doc string
		cell      int
		line      int
	}{
		{"T", "T is a type.\n", 1, 2}, {"T.M", "M is a method.\n", 1, 4}, {"T.N", "", 2, 1}, {"f", "", 2, 2}, {"x", "", 1, 7},
	} {
		d := s.Declaration(tt.name)
		if d == nil || d.Obj == nil || d.Cell != tt.cell || d.Pos.Line != tt.line {
			t.Errorf("%s: %+v", tt.name, d)
			continue
		}
		doc := ""
		switch n := d.Node.(type) {
		case *ast.FuncDecl:
			doc = n.Doc.Text()
		case *ast.TypeSpec:
			doc = n.Doc.Text()
		}
		if doc != tt.doc {
			t.Errorf("%s: comment %q", tt.name, doc)
		}
	}
	if d := s.Declaration("strings"); d != nil {
		t.Errorf("strings: %+v", d)
	}
	if p, ok := s.Lookup("m").(*types.PkgName); !ok || p.Imported().Path() != "math" {
		t.Error("m is", s.Lookup("m"))
	}
	if f, ok := s.Lookup("Sqrt").(*types.Func); !ok || f.Pkg().Path() != "math" {
		t.Error("Sqrt is", s.Lookup("Sqrt"))
	}
	if s.Lookup("none") != nil || !slices.Contains(s.Names(), "T") {
		t.Error(s.Names())
	}
}
