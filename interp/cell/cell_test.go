package cell

import (
	"errors"
	"go/parser"
	"go/scanner"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

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
		{"return 1", "invalid", ""},
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

// TestOrder gives the lowered order of pieces by the first byte of each.
func TestOrder(t *testing.T) {
	tests := []struct{ name, src, want string }{
		{"declarations first", "a := f()\nfunc f() int { return 1 }\ntype T int", "fT a"},
		{"a function uses a variable", "x := 1\nfunc F() int { return x }\ny := F()", "x F y"},
		{"a parameter is not a use", "y := F(1)\nfunc F(x int) int { return x }\nx := y", "F y x"},
		{"through another function", "func G() int { return F() }\nfunc F() int { return x }\nx := 1\nG()", "x GF G"},
		{"variables out of order", "var a = B + 1\nvar B = f()\nfunc f() int { return 1 }", "f B a"},
		{"a variable through a function", "var a = F()\nvar b = 2\nfunc F() int { return b }", "b F a"},
		{"mutual recursion", "x := 1\nfunc F() int { return G() + x }\nfunc G() int { return F() }", "x FG"},
		{"initialisation cycle", "var a = F()\nfunc F() int { return a }", "a F"},
	}
	for _, tt := range tests {
		got, err := Lower(tt.src, 1, Env{})
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		var order []string
		for _, it := range got.Items {
			if it.Decl {
				order = append(order, strings.Join(it.Names, ""))
				continue
			}
			order = append(order, tt.src[it.Start:it.Start+1])
		}
		if s := strings.Join(order, " "); s != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, s, tt.want)
		}
	}
}

var marker = regexp.MustCompile(`/\*line /cell/3/_\.go:(\d+):(\d+)\*/`)

// TestPositions checks that each line directive stands before what is at that place in the cell.
func TestPositions(t *testing.T) {
	for _, src := range corpus(t) {
		checkPositions(t, src)
	}
}

func checkPositions(t *testing.T, src string) {
	got, err := Lower(src, 3, Env{})
	if err != nil {
		return
	}
	lines := strings.Split(src, "\n")
	for _, it := range got.Items {
		for _, text := range []string{it.Text, it.Plain, it.Error} {
			for _, m := range marker.FindAllStringSubmatchIndex(text, -1) {
				line, _ := strconv.Atoi(text[m[2]:m[3]])
				col, _ := strconv.Atoi(text[m[4]:m[5]])
				if line < 1 || line > len(lines) || col < 1 || col > len(lines[line-1])+1 {
					t.Fatalf("%q: no place %d:%d", src, line, col)
				}
				here, there := text[m[1]:], lines[line-1][col-1:]
				if strings.HasPrefix(here, "func() {") || strings.HasPrefix(here, Runtime) || there == "" || here == "" {
					continue // our own code at the start of what it wraps
				}
				if strings.HasPrefix(there, "main") || strings.HasPrefix(here, "/*line") || strings.HasPrefix(here, "\n") {
					continue
				}
				if here[0] != there[0] && !strings.Contains(")}]; ", here[:1]) {
					t.Fatalf("%q: at %d:%d the cell has %q, the lowered text %q", src, line, col, there, here)
				}
			}
		}
	}
}

// corpus are the cells of the golden scripts.
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

// FuzzLower checks that no cell makes the splitter or the lowering panic, that segments are in order, and that what is
// accepted lowers to Go that parses.
func FuzzLower(f *testing.F) {
	for _, c := range corpus(f) {
		f.Add(c)
	}
	for _, c := range []string{"go f(x)", "go func() {}()", "defer f(a, b...)", "for { go g(1, y) ; defer h(z) }", "v, ok := m[k]", "var a, b int = 1, 2", "x, y := y, x"} {
		f.Add(c)
	}
	f.Fuzz(func(t *testing.T, src string) {
		watchdog := time.AfterFunc(5*time.Second, func() { panic("slow: " + strconv.Quote(src)) })
		defer watchdog.Stop()
		segs, err := Split(src)
		at := 0
		for _, s := range segs {
			if s.Start < at || s.End < s.Start || s.End > len(src) {
				t.Fatalf("segment %d-%d after %d of %d bytes", s.Start, s.End, at, len(src))
			}
			at = s.End
		}
		if err != nil {
			if _, ok := errors.AsType[scanner.ErrorList](err); !ok {
				t.Fatalf("error of type %T", err)
			}
		}
		IsComplete(src)
		Names(src, len(src))
		Declarations(src)
		Locate(src, len(src)/2, Cause{Panic: true})
		got, err := Lower(src, 3, Env{})
		if err != nil {
			list, ok := errors.AsType[scanner.ErrorList](err)
			if !ok || len(list) == 0 {
				t.Fatalf("error %#v", err)
			}
			for _, e := range list {
				if e.Pos.Offset < 0 || e.Pos.Offset > len(src) || e.Pos.Line < 1 || e.Pos.Column < 1 {
					t.Fatalf("error at %+v of %d bytes", e.Pos, len(src))
				}
			}
			return
		}
		for _, it := range got.Items {
			text := "package main\n" + it.Text
			if !it.Decl {
				text = "package main\nfunc _() {\n" + it.Text + "\n}"
			}
			if _, err := parser.ParseFile(token.NewFileSet(), "", text, 0); err != nil {
				t.Fatalf("lowered text does not parse: %v\n%s", err, it.Text)
			}
		}
	})
}
