package complete

import (
	"strings"
	"testing"
)

// TestInspect asks about what is at the bar. The parts of want, between slashes, must be there; those with "-" may not.
func TestInspect(t *testing.T) {
	s := testSession(t)
	s.run(t, "// limit bounds something.\nvar limit = 3\n\ntype (\n\t// Unit is a measure.\n\tUnit int\n\tOther struct {\n\t\t// Size is in bytes.\n\t\tSize int\n\t}\n)\n\n// Kinds.\nconst (\n\t// First comes first.\n\tFirst Unit = iota\n\tSecond // comes second\n)\nother := Other{}")
	s.values["limit"] = 3
	s.changing = "it changes"
	for _, tt := range []struct {
		text   string
		detail int
		want   string
	}{
		{"stri|ngs.ToUpper", 0, `package strings / import "strings" / Package strings implements / -func ToUpper`},
		{"stri|ngs.ToUpper", 1, "package strings / func ToUpper(s string) string / type Builder struct"},
		{"strings.ToUp|per", 0, "func strings.ToUpper(s string) string / ToUpper returns s"},
		{"strings.ToUpper(|", 0, "func strings.ToUpper(s string) string / argument 1 of 1: s string"},
		{"strings.Replace(label, |", 0, "argument 2 of 4: old string / func strings.Replace(s, old, new string, n int) string"},
		{"strings.Replace(label, \"a\", \"b|", 0, "argument 3 of 4: new string"},
		{"strings.Replace(lab|el, ", 0, "var label string / argument 1 of 4: s string of strings.Replace"},
		{"fmt.Println(1, 2, |)", 0, "argument 1 of 1: a ...any"},
		{"strings.ToUpper(label)|", 0, "func strings.ToUpper(s string) string / -argument"},
		{"var b strings.Builder\nb.WriteS|tring(\"\")", 0, "func (b *strings.Builder) WriteString(s string) (int, error) / WriteString appends"},
		{"http.Server{Ad|dr: \"\"}", 0, "field Addr string / of http.Server / Addr optionally specifies"},
		{"http.Serv|er", 0, "type http.Server struct { / Addr string / A Server defines / func (s *http.Server) Close() error"},
		{"io.Rea|der", 0, "type io.Reader interface { / Read(p []byte) (n int, err error) / Reader is the interface"},
		{"math.P|i", 0, "const math.Pi untyped float = 3.14159"},
		{"slices.So|rt(list)", 0, "func slices.Sort[S ~[]E, E cmp.Ordered](x S) / Sort sorts a slice"},
		{"slices.Conta|ins([]int{1}, 2)", 0, "func slices.Contains[ / here: func(s []int, v int) bool"},
		{"slices.Conta|ins([]int{1}, 2)", 1, "return Index(s, v) >= 0"},
		{"app|end", 0, "func append(slice []Type, elems ...Type) []Type / appends elements"},
		{"var x in|t", 0, "type int int / signed integer"},
		{"time.Dura|tion", 0, "type time.Duration int64 / func (d time.Duration) Seconds() float64"},
		{"rand|.Intn", 0, `package rand / "math/rand": / "crypto/rand":`},
		{"rand.Int|n(3)", 0, `func rand.Intn(n int) int / with import "math/rand" / -crypto`},
		{"rand.Int|(3)", 0, `with import "crypto/rand" / with import "math/rand/v2"`},
		{"strc|onv", 0, "package strconv"},
		{`import "net/ht|tp"`, 0, "package http / Package http provides"},
		{"dou|ble(1)", 0, "func double(i int) int / double doubles. / In[1]:10 / -return"},
		{"dou|ble(1)", 1, "func double(i int) int { return 2 * i } / // double doubles."},
		{"// own is local.\nfunc own(a int) {}\now|n(1)", 0, "func own(a int) / own is local. / line 2 of this cell"},
		{"func f(width int) { wid|th++ }", 0, "var width int / line 1 of this cell"},
		{"Poi|nt", 0, "type Point struct { / X int / name string / func (p *Point) Move(dx int) / In[1]:2"},
		{"p.Len|gth()", 0, "func (p Point) Length() float64 / In[1]:3"},
		{"p.na|me", 0, "field name string / of Point"},
		{"Pa|ir[int, int]{}", 0, "type Pair[K comparable, V any] struct {"},
		{"limi|t", 0, "var limit int / 3 / limit bounds something. / In[3]:2"},
		{"Uni|t(1)", 0, "type Unit int / Unit is a measure. / In[3]:6"},
		{"Uni|t(1)", 1, "// Unit is a measure.\n\tUnit int"},
		{"Fir|st", 0, "const First Unit = 0 / First comes first."},
		{"Seco|nd", 0, "const Second Unit = 1 / comes second"},
		{"other.Si|ze", 0, "field Size int / Size is in bytes."},
		{"ans|wer", 0, "const answer untyped int = 42 / In[2]:7"},
		{"coun|t", 0, "var count int / its value is not shown: it changes / In[2]:9"},
		{"tab|le", 0, "var table map[string]time.Duration / north:1 / length 3"},
		{"fli|ghts", 0, "var flights *frame.Frame / carrier / distance"},
		{`flights.Floats("dist|ance")`, 0, "column distance int"},
		{`flights.Filter("distance > 1 && carr|ier == 2")`, 0, "column carrier"},
		{`flights.Floats("|")`, 0, "func (f *frame.Frame) Floats(column string) / argument 1 of 1: column string"},
		{"for|", 0, "keyword"},
		{"nothing|", 0, ""},
		{"|", 0, ""},
		{"// dou|ble", 0, ""},
		{"x := 1|2", 0, ""},
	} {
		code, cursor := cut(tt.text)
		d, ok := s.Inspect(code, cursor, tt.detail)
		if ok != (tt.want != "") {
			t.Errorf("%q: found %t: %.100s", tt.text, ok, d.Plain)
		}
		for part := range strings.SplitSeq(tt.want, " / ") {
			part, never := strings.CutPrefix(part, "-")
			if strings.Contains(d.Plain, part) == never {
				t.Errorf("%q: %q in it is %t:\n%.400s", tt.text, part, never, d.Plain)
			}
		}
		if ok && (d.Markdown == "" || strings.Count(d.Markdown, "```")%2 != 0) {
			t.Errorf("%q: %s", tt.text, d.Markdown)
		}
	}
}
