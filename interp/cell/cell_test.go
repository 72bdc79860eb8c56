package cell

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestSplit(t *testing.T) {
	tests := []struct {
		src  string
		want []string // kind and text
	}{
		{"", nil},
		{"// c\n", nil},
		{"x := 1; y := 2", []string{"s x := 1", "s y := 2"}},
		{"import \"fmt\"\nfmt.Println()", []string{"i import \"fmt\"", "s fmt.Println()"}},
		{"package main\nfunc f() {\n}\nf()", []string{"p package main", "d func f() {\n}", "s f()"}},
		{"func (t T) M() int { return 1 }", []string{"d func (t T) M() int { return 1 }"}},
		{"func(a int) int { return a }(3)", []string{"s func(a int) int { return a }(3)"}},
		{"func() T { return T{} }()", []string{"s func() T { return T{} }()"}},
		{"for i := 0; i < 3; i++ {\n}\nx", []string{"s for i := 0; i < 3; i++ {\n}", "s x"}},
		{"for ;; {}; x", []string{"s for ;; {}", "s x"}},
		{"if x := f(); x { a() } else if y := g(); y { b() }; z", []string{"s if x := f(); x { a() } else if y := g(); y { b() }", "s z"}},
		{"if f := func() bool { return true }; f() { a() }", []string{"s if f := func() bool { return true }; f() { a() }"}},
		{"switch x := 1; x {\ncase 1:\n}\ny", []string{"s switch x := 1; x {\ncase 1:\n}", "s y"}},
		{"l:\nfor i := 0; ; i++ { break l }\nx", []string{"s l:\nfor i := 0; ; i++ { break l }", "s x"}},
		{"var (\n a = 1\n b = 2\n)\nconst c = `x\ny`", []string{"d var (\n a = 1\n b = 2\n)", "d const c = `x\ny`"}},
		{"s := `a\r\nb`\nx", []string{"s s := `a\r\nb`", "s x"}},
		{"x := []int{\n 1,\n}; x", []string{"s x := []int{\n 1,\n}", "s x"}},
		{"a.\n b()", []string{"s a.\n b()"}},
		{"x /* c */ + 1 // d\ny", []string{"s x /* c */ + 1", "s y"}},
		{"i++\nj--", []string{"s i++", "s j--"}},
		{"é := 'ü'", []string{"s é := 'ü'"}},
	}
	for _, tt := range tests {
		segs, err := Split(tt.src)
		if err != nil {
			t.Errorf("%q: %v", tt.src, err)
		}
		var got []string
		for _, s := range segs {
			got = append(got, string("idsp"[s.Kind])+" "+tt.src[s.Start:s.End])
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%q:\ngot  %q\nwant %q", tt.src, got, tt.want)
		}
	}
}

func TestIsComplete(t *testing.T) {
	tests := []struct{ src, status, indent string }{
		{"", "complete", ""},
		{"x := 1", "complete", ""},
		{"func f() {", "incomplete", "\t"},
		{"func f() {\n\tif x {", "incomplete", "\t\t"},
		{"x := []int{1,", "incomplete", "\t"},
		{"f(1,\n", "incomplete", "\t"},
		{"x +", "incomplete", "\t"},
		{"x.", "incomplete", "\t"},
		{"s := `abc", "incomplete", ""},
		{"/* abc", "incomplete", ""},
		{"s := \"abc", "invalid", ""},
		{")", "invalid", ""},
		{"x := := 1", "invalid", ""},
		{"return 1", "complete", ""},
		{"func f() int { return 1 }", "complete", ""},
		{"for i := 0; i < 3; i++ { println(i) }", "complete", ""},
		{"func f()", "complete", ""},
		{"import \"fmt\"", "complete", ""},
		{"type T struct {\n\tA int\n}", "complete", ""},
		{"x++", "complete", ""},
		{"%get \"../a b\"", "complete", ""},
		{"%get x\nfunc f() {", "incomplete", "\t"},
		{"if x {\n} else {", "incomplete", "\t"},
		{"var x", "incomplete", ""},
	}
	for _, tt := range tests {
		if status, indent := IsComplete(tt.src); status != tt.status || indent != tt.indent {
			t.Errorf("%q: got %s %q, want %s %q", tt.src, status, indent, tt.status, tt.indent)
		}
	}
}

func corpus(t testing.TB) []string {
	files, err := filepath.Glob("../testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no corpus", err)
	}
	var cells []string
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, script := range strings.Split("\n"+string(data), "\n=== ")[1:] {
			_, body, _ := strings.Cut(script, "\n")
			for c := range strings.SplitSeq(body, "\n---\n") {
				code, _, _ := strings.Cut(c, "\n...\n")
				cells = append(cells, code)
			}
		}
	}
	return cells
}

// FuzzSplit checks that no text makes the splitter, the completeness check or Locate panic, that segments are in order, do
// not overlap and leave out nothing but space, comments and semicolons.
func FuzzSplit(f *testing.F) {
	for _, c := range corpus(f) {
		f.Add(c)
	}
	f.Fuzz(func(t *testing.T, src string) {
		IsComplete(src)
		segs, err := Split(src)
		if err != nil {
			return
		}
		end := 0
		for _, s := range segs {
			if s.Start < end || s.End <= s.Start || s.End > len(src) {
				t.Fatalf("segment %d:%d after %d in %q", s.Start, s.End, end, src)
			}
			end = s.End
			Locate(src, s.Start, Cause{Panic: true})
		}
	})
}

// TestLocate finds what may have caused a panic.
func TestLocate(t *testing.T) {
	tests := []struct {
		src, at string // at: where the function is said to begin
		cause   Cause
		want    string // what is found first
	}{
		{"func f(x []int) int {\n\ty := 1\n\treturn x[y]\n}", "y := 1", Cause{Text: "index out of range"}, "x[y]"},
		{"func f() { g(); panic(1) }", "g()", Cause{Panic: true}, "panic(1)"},
		{"a := 1\nfor { f(a) }", "for", Cause{Call: "f"}, "f(a)"},
		{"func f() { func() { h() }(); h() }", "func() {", Cause{Call: "h"}, "h() }\n"},
		{"x := m.n / z", "x", Cause{Text: "divide by zero"}, "m.n / z"},
	}
	for _, tt := range tests {
		found := Locate(tt.src+"\n", strings.Index(tt.src, tt.at), tt.cause)
		if len(found) == 0 || !strings.HasPrefix((tt.src + "\n")[found[0]:], tt.want) {
			t.Errorf("%q: found %v, want the place of %q", tt.src, found, tt.want)
		}
	}
}
