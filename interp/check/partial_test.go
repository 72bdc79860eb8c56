package check

import (
	"go/ast"
	"go/types"
	"maps"
	"slices"
	"strings"
	"testing"
)

// TestPartial completes at the bar: it gives the type of what is before the dot, or of the call or literal around.
func TestPartial(t *testing.T) {
	s := newTestSession(t)
	c, err := s.Check("type T struct { A int; b string }\nfunc (t T) M() int { return 1 }\nfunc two(a int, s string) error { return nil }\nt := T{}\nimport f \"fmt\"", 1)
	if err != nil {
		t.Fatal(err)
	}
	s.Commit(c)
	for _, tt := range []struct{ text, want, visible string }{
		{"t.|", "T: A M b", "t"},
		{"t.|\nx := 1", "T: A M b", "t x"},
		{"x := t\nx.|", "T: A M b", "x"},
		{"x := t\nx.A|", "T: A M b", "x"},
		{"f.Println(t.|", "T: A M b", "t"},
		{"f.Println(t.|)\ny := 2", "T: A M b", "t y"},
		{"f.Println(t.|\ny := 2", "T: A M b", "t y"},
		{"func g(v *T) int {\n\tw := v\n\treturn w.|", "*T: A M b", "v w"},
		{"func g(v *T) int {\n\tw := v\n\tif w.|\n\treturn 1\n}", "*T: A M b", "v w"},
		{"func g(v *T) int {\n\tw := v\n\tw.|\n\tother := 1\n\treturn 1\n}\nlater := 1", "*T: A M b", "v w later -other"},
		{"for i, v := range []T{t} {\n\tv.|", "T: A M b", "i v"},
		{"strings.|", "package strings", "strings"},
		{"strings.ToU|", "package strings", "strings"},
		{"errors.New(\"a\").|", "error: Error", ""},
		{"f.|", "package fmt", "f"},
		{"two(|", "call two", "two"},
		{"two(1, |", "call two", "two"},
		{"two(1, |)", "call two", "two"},
		{"T{|", "literal T", ""},
		{"T{A: 1, |}", "literal T", ""},
		{"xs := []T{{}}\nxs[0].|", "T: A M b", "xs"},
		{"func() *T { return nil }().|", "*T: A M b", ""},
		{"m := map[string]T{}\nif v, ok := m[\"a\"]; ok {\n\tv.|\n}", "T: A M b", "m v ok"},
		{"x := := 1\nt.|", "T: A M b", "t"},
		{"x := undefinedName\nt.|", "T: A M b", "t x"},
		{"t := t.A\nt.|", "int:", "t"},
		{"rand.|", "choices rand", ""},
		{"|", "", "t two f"},
		{"go func() {\n\tt.|\n}()", "T: A M b", "t"},
		{"func (t T) N() {\n\tt.|\n}", "T: A M N b", "t"},
		{"func (t *T) O() {}\nif t.|\n{\n}", "T: A M O b", "t"},
		{"if t.| {\n}", "T: A M b", "t"},
		{"defer t.|", "T: A M b", "t"},
		{"go t.| // it\nx := 1", "T: A M b", "t x"},
		{"func h(w T, v *T|", "", "w v"},
		{"type U struct { T; n int }\nvar u U\nu.|", "U: A M T b n", "u U"},
	} {
		cursor := strings.IndexByte(tt.text, '|')
		before := snapshot(s)
		p := s.CheckPartial(tt.text[:cursor]+tt.text[cursor+1:], cursor)
		if got := context(p); got != tt.want {
			t.Errorf("%q:\ngot  %s\nwant %s", tt.text, got, tt.want)
		}
		visible := p.Visible()
		p.Close()
		if after := snapshot(s); after != before {
			t.Errorf("%q changes the session", tt.text)
		}
		for name := range strings.FieldsSeq(tt.visible) {
			name, hidden := strings.CutPrefix(name, "-")
			if _, ok := visible[name]; ok == hidden {
				t.Errorf("%q: %s visible: %t", tt.text, name, ok)
			}
		}
	}
}

// context says what is around the cursor.
func context(p *Partial) string {
	for i, n := range p.Path {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			if i == 0 || p.Path[0] != n.Sel {
				continue
			}
			if id, ok := n.X.(*ast.Ident); ok {
				if pkg, ok := p.Info.Uses[id].(*types.PkgName); ok {
					return "package " + pkg.Imported().Path()
				}
				if p.Choices[id.Name] != nil {
					return "choices " + id.Name
				}
			}
			t := p.Info.TypeOf(n.X)
			if t == nil {
				return "no type"
			}
			return strings.TrimSpace(types.TypeString(t, types.RelativeTo(p.Pkg)) + ": " + strings.Join(slices.Sorted(maps.Keys(p.Members(t))), " "))
		case *ast.CallExpr:
			return "call " + types.ExprString(n.Fun)
		case *ast.CompositeLit:
			return "literal " + types.ExprString(n.Type)
		}
	}
	return ""
}

// FuzzPartial checks that no text makes it panic or changes the session.
func FuzzPartial(f *testing.F) {
	for i, c := range slices.Concat(corpus(f)...) {
		f.Add(c, i%(len(c)+1))
	}
	s := newTestSession(f)
	c, err := s.Check("x, y, err := 1, \"a\", error(nil)\ntype T struct { A int; b string }\nfunc (t T) M() int { return x }", 1)
	if err != nil {
		f.Fatal(err)
	}
	s.Commit(c)
	f.Fuzz(func(t *testing.T, src string, cursor int) {
		before := snapshot(s)
		p := s.CheckPartial(src, cursor)
		if p.a.failure != nil {
			t.Fatal(p.a.failure)
		}
		p.Visible()
		context(p)
		p.Close()
		if after := snapshot(s); after != before {
			t.Fatalf("%q changed the session", src)
		}
	})
}
