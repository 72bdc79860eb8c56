package suite

import (
	"go/types"
	"testing"

	"github.com/rivulet-go/rivulet/interp/check"
)

// callees are the functions that a cell calls, by name.
func callees(c *check.Cell) map[string]*types.Func {
	found := map[string]*types.Func{}
	for _, obj := range c.Info.Uses {
		if f, ok := obj.(*types.Func); ok {
			found[f.Pkg().Path()+"."+f.Name()] = f
		}
	}
	return found
}

// TestFuncOf finds the sources of what a cell calls.
func TestFuncOf(t *testing.T) {
	s := newSession()
	run(t, s, "type L[T any] []T\nfunc (l L[T]) Len() int { return len(l) }\nfunc twice[T any](v T) []T { return []T{v, v} }", 1)
	c, err := s.Check(`
xs := slices.Collect(strings.SplitSeq("a,b", ","))
slices.Sort(xs)
ys := slices.Sorted(maps.Keys(map[string]int{"a": 1}))
next, stop := iter.Pull(slices.Values(xs))
stop()
once := sync.OnceValue(func() int { return 1 })
var p atomic.Pointer[int]
p.Store(new(int))
L[int]{1}.Len() + len(twice("a")) + cmp.Compare(1, 2)
strings.ToUpper("a")
next()
once()
ys
`, 2)
	if err != nil {
		t.Fatal(err)
	}
	fs := callees(c)
	for _, tt := range []struct {
		name string
		cell int // of its source, 0: of a package, -1: it is compiled
	}{
		{"main.Len", 1},
		{"main.twice", 1},
		{"slices.Collect", 0},
		{"slices.Sort", 0},
		{"maps.Keys", 0},
		{"iter.Pull", 0},
		{"sync.OnceValue", 0},
		{"sync/atomic.Store", 0},
		{"cmp.Compare", 0},
		{"strings.ToUpper", -1},
		{"strings.SplitSeq", -1},
	} {
		f := fs[tt.name]
		if f == nil {
			t.Errorf("%s is not called", tt.name)
			continue
		}
		switch src := s.FuncOf(f); {
		case tt.cell < 0 && src != nil, tt.cell >= 0 && src == nil:
			t.Errorf("%s: %v", tt.name, src)
		case src != nil && (src.Cell != tt.cell || src.Info.Defs[src.Decl.Name] == nil || src.Decl.Name.Name != f.Name()):
			t.Errorf("%s: %+v", tt.name, src)
		}
	}
	if twin := s.Twin(fs["sync/atomic.Store"]); twin == nil || twin.Pkg() == fs["sync/atomic.Store"].Pkg() {
		t.Errorf("the twin of atomic.Pointer.Store: %v", twin)
	}
	if twin := s.Twin(fs["slices.Sort"]); twin != nil {
		t.Errorf("slices.Sort has a twin: %v", twin)
	}
	if src := s.Source(fs["slices.Sort"].Pkg()); src == nil || len(src.Files) == 0 {
		t.Error("slices has no source")
	}
	if src := s.Source(fs["strings.ToUpper"].Pkg()); src != nil {
		t.Error("strings has source")
	}
}

// TestOldMethodKeepsItsSource redefines a function and a type: the old ones can still be called by values that are left.
func TestOldMethodKeepsItsSource(t *testing.T) {
	s := newSession()
	run(t, s, "type T struct{ a int }\nfunc (t T) M() int { return t.a }\nx := T{1}", 1)
	run(t, s, "type T struct{ b int }\nfunc (t T) M() int { return t.b }", 2)
	c, err := s.Check("x.M() + T{2}.M()", 3)
	if err != nil {
		t.Fatal(err)
	}
	cells := map[int]bool{}
	for _, obj := range c.Info.Uses {
		if f, ok := obj.(*types.Func); ok {
			cells[s.FuncOf(f).Cell] = true
		}
	}
	if len(cells) != 2 || !cells[1] || !cells[2] {
		t.Error("sources from cells", cells)
	}
}

type loader map[string]*check.Files

func (l loader) Load(path string) (*check.Files, error) { return l[path], nil }

// TestLoader imports packages from source, which import each other.
func TestLoader(t *testing.T) {
	s := newSession(func(o *check.Options) {
		o.Loader = loader{
			"example.com/a":   {Dir: "/mod/a", Text: map[string]string{"a.go": "package a\nimport \"example.com/a/b\"\nfunc F() b.T { return b.T{N: 1} }\nvar V = 1", "c.go": "package a\nconst C = 2"}},
			"example.com/a/b": {Dir: "/mod/a/b", Text: map[string]string{"b.go": "package b\ntype T struct{ N int }\nfunc (t T) Get() int { return t.N }"}},
			"example.com/x":   {Dir: "/mod/x", Text: map[string]string{"x.go": "package x\nimport \"example.com/y\"\nvar X = y.Y"}},
			"example.com/y":   {Dir: "/mod/y", Text: map[string]string{"y.go": "package y\nimport \"example.com/x\"\nvar Y = x.X"}},
			"example.com/bad": {Dir: "/mod/bad", Text: map[string]string{"bad.go": "package bad\nvar X int = \"a\""}},
		}
	})
	run(t, s, "import \"example.com/a\"\na.V = a.F().Get() + a.C", 1)
	for _, tt := range []struct{ code, want string }{
		{"import \"example.com/x\"", `package "example.com/x" is not available in cells: package example.com/x: /mod/x/x.go:2:8: could not import example.com/y (package example.com/y: /mod/y/y.go:2:8: could not import example.com/x (import cycle: example.com/x imports example.com/y imports example.com/x))`},
		{"import \"example.com/bad\"", `package "example.com/bad" is not available in cells: package example.com/bad: /mod/bad/bad.go:2:13: cannot use "a" (untyped string constant) as int value in variable declaration`},
		{"import \"example.com/none\"", `package "example.com/none" is not available: only the standard library and Rivulet's packages frame and display can be imported`},
	} {
		_, err := s.Check(tt.code, 2)
		if err == nil {
			t.Errorf("%s: accepted", tt.code)
			continue
		}
		if got := err.(*check.Errors).List[0].Msg; got != tt.want { //nolint:errorlint // it comes bare
			t.Errorf("%s:\ngot  %s\nwant %s", tt.code, got, tt.want)
		}
	}
}
