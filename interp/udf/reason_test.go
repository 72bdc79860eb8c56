package udf

import (
	"strings"
	"testing"
)

// What a function's plan says of the way in which it runs.
func TestHow(t *testing.T) {
	const imports = "import (\n\t\"errors\"\n\t\"fmt\"\n\t\"math\"\n\t\"strings\"\n\t\"time\"\n)\n\nvar _ = errors.New\nvar _ = fmt.Sprint\nvar _ = math.Pi\nvar _ = strings.ToUpper\nvar _ time.Time\n\n"
	for _, c := range []struct{ decls, function, want string }{
		{"", "func(x float64) float64 { return math.Hypot(x, 2) }", "vectorised: math.Hypot(x, 2)"},
		{"", "func(x int, y uint8) int { return x<<y | int(^y) }", "vectorised: x << y | int(^y)"},
		{"", "func(s string) string { if len(s) > 3 { s = s[:3] }; return strings.ToUpper(s) }", "vectorised: strings.ToUpper(when(3 < len(s), s[0:3], s))"},
		{"", "func(p *float64) float64 { if p == nil { return 0 }; return *p }", "vectorised: when(p == nil, 0, *p)"},
		{"", "func(x float64) *float64 { if x < 0 { return nil }; return &x }", "vectorised: when(x < 0, nil, when(x < 0, 0, x))"},
		{"", "func(x float64) (float64, bool) { return x, x > 0 }", "vectorised: when(!(0 < x), nil, x)"},
		{"", "func(d time.Duration) float64 { return d.Minutes() }", "vectorised: time.Duration.Minutes(d)"},
		{"", "func(x, y int) (int, error) { if y == 0 { return 0, errors.New(\"none\") }; return x / y, nil }", "vectorised: when(y == 0, 0, x / y)"},
		{"type v struct{ a, b float64 }\nfunc (p v) dot(q v) float64 { return p.a*q.a + p.b*q.b }", "func(x, y float64) float64 { return v{a: x, b: y}.dot(v{a: 1, b: 2}) }", "vectorised: x * 1 + y * 2"},
		{"func fact(n int) int { if n < 2 { return 1 }; return n * fact(n-1) }", "fact", "interpreted: fact calls itself (In[1]:15)"},
		{"", "func(x int) int { for x > 9 { x /= 10 }; return x }", "interpreted: it has a loop (In[3]:1)"},
		{"", "func(x int) string { return fmt.Sprintf(\"%d\", x) }", "interpreted: it calls fmt.Sprintf (In[3]:1)"},
		{"", "func(s string) int { return len(strings.Split(s, \"-\")) }", "interpreted: it has a slice (In[3]:1)"},
		{"var m = map[string]int{}", "func(s string) int { return m[s] }", "interpreted: it has a map (In[3]:1)"},
		{"", "func(x any) string { switch x.(type) { case int: return \"i\" }; return \"\" }", "interpreted: parameter x is of type any"},
		{"", "func(x int) int { defer func() {}(); return x }", "interpreted: it defers a call (In[3]:1)"},
		{"", "func(x int) int { f := func(y int) int { return y }; return f(x) }", "interpreted: it has a function literal (In[3]:1)"},
		{"", "func(t time.Time) int { return t.Year() }", "interpreted: parameter t is of type time.Time"},
		{"", "func(x int) []byte { return nil }", "interpreted: it gives a value of type []byte"},
		{"", "func(s string) rune { for _, r := range s { return r }; return 0 }", "interpreted: it has a loop (In[3]:1)"},
		{"", "func(x int) string { return string(rune(x)) }", "interpreted: it converts int32 to string (In[3]:1)"},
		{"", "func(x float64) float64 { y := &x; *y = 3; return x }", "interpreted: it assigns to an element or through a pointer (In[3]:1)"},
		{"", "func(x int) int { goto end; end: return x }", "interpreted: it has a goto (In[3]:1)"},
	} {
		s := newSession()
		s.cell(t, imports+c.decls)
		s.cell(t, "func use(...any) {}")
		uses := "import (\n\t\"errors\"\n\t\"fmt\"\n\t\"math\"\n\t\"strings\"\n\t\"time\"\n)\n//line In[3]:1\n"
		cell := s.cell(t, uses+"func _() { use("+c.function+") }")
		static, err := Extract(cell, s.find, udfs(cell)...)
		if err != nil {
			t.Errorf("%s: %v", c.function, err)
			continue
		}
		values := make([]any, len(static.Captures()))
		for i := range values {
			values[i] = map[string]int{}
		}
		f, err := static.Function(0, nil, reflected(values))
		if err != nil {
			t.Errorf("%s: %v", c.function, err)
			continue
		}
		checkFile(t, f)
		if got := f.How(); got != c.want {
			t.Errorf("%s: %s\nwant %s", c.function, got, c.want)
		}
		if strings.Contains(f.How(), "failed") {
			t.Error(f.How())
		}
	}
}
