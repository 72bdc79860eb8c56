package udf

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

var rewriteGolden = flag.Bool("rewrite", false, "write the golden files anew")

func TestMain(m *testing.M) {
	if os.Getenv(childVariable) != "" {
		if err := child(os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".txt")
	if *rewriteGolden {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs (run with -rewrite and read the diff)\n--- got\n%s--- want\n%s", path, got, want)
	}
}

type point struct{ X, Y float64 }

func TestExtract(t *testing.T) {
	cases := map[string]struct {
		cells  []string
		values []any
	}{
		"literal": {[]string{"func _() { use(func(x, y float64) float64 { return x / y * 60 }) }"}, nil},
		"declared": {[]string{
			"import \"math\"\n\nconst scale = 1 / 3.0\n\n// norm is documented.\nfunc norm(x float64) float64 { return math.Abs(x) * scale }",
			"func twice(x float64) float64 {\n\treturn 2 * norm(x)\n}",
			"func _() { use(twice) }",
		}, nil},
		"redefined": {[]string{
			"func rate() float64 { return 1 }",
			"func pay(x float64) float64 { return x * rate() }",
			"func rate() float64 { return 2 }",
			"func _() { use(pay) }",
		}, nil},
		"captured": {[]string{
			"var rate = 0.5",
			"func _() { limit := 3; name := \"x\"; use(func(x float64) string { if x*rate > float64(limit) { return name }; return \"\" }) }",
		}, []any{0.5, 3, "a\"b"}},
		"same_name": {[]string{
			"var rate = 0.5\n\nfunc pay(x float64) float64 { return x * rate }",
			"func _() { rate := 2.0; rate_2 := 3.0; use(func(x float64) float64 { return pay(x) * rate * rate_2 }) }",
		}, []any{0.5, 2.0, 3.0}},
		"types": {[]string{
			"type point struct{ X, Y float64 }\n\nfunc (p point) norm() float64 { return p.X*p.X + p.Y*p.Y }",
			"type named struct {\n\tpoint\n\tname string\n}",
			"func _() { at := named{}; use(func(x float64) float64 { return point{x, at.Y}.norm() + at.point.X }) }",
		}, []any{struct {
			Point point
			Name  string
		}{point{1, 2}, "n"}}},
		"old_type": {[]string{
			"type unit struct{ F float64 }\n\nfunc old(x float64) unit { return unit{x} }",
			"type unit struct{ I int }\n\ntype holder struct{ unit }",
			"func _() { use(func(x float64) float64 { h := holder{unit: unit{I: 1}}; return old(x).F + float64(h.unit.I) }) }",
		}, nil},
		"generic": {[]string{
			"type number interface{ ~int | ~float64 }\n\nfunc double[T number](x T) T { return x + x }",
			"func _() { use(double[float64]) }",
		}, nil},
		"library": {[]string{"import m \"math\"\n\nfunc _() { use(m.Sqrt) }"}, nil},
		"imports": {[]string{
			"import r \"math/rand/v2\"\n\nfunc noise(x float64) float64 { return x + r.Float64() }",
			"import r \"crypto/rand\"\n\nfunc text(x float64) string { _ = noise(x); return r.Text() }",
			"import . \"strings\"\n\nfunc _() { use(func(x float64) string { return ToUpper(text(x)) }) }",
		}, nil},
		"initialised": {[]string{
			"import (\n\t\"errors\"\n\t\"regexp\"\n)\n\nvar word = regexp.MustCompile(`\\w+`)\n\nvar errNone = errors.New(\"no word\")\n\nvar clean = func(s string) string { return word.FindString(s) }",
			"func _() { use(func(s string) (string, error) { if s = clean(s); s == \"\" { return s, errNone }; return s, nil }) }",
		}, nil},
		"constants": {[]string{
			"import \"time\"\n\ntype level int\n\nconst (\n\tlow level = iota + 1\n\thigh\n)\n\nconst wait = 2 * time.Second",
			"func _() { use(func(d time.Duration) int { if d > wait { return int(high) }; return int(low) }) }",
		}, nil},
	}
	cases["constants"].cells[1] = "import \"time\"\n\n" + cases["constants"].cells[1]
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			f := function(t, c.cells, c.values...)
			golden(t, name, f.File()+"\n// "+f.Signature()+"\n// "+f.How()+"\n")
		})
	}
}

func TestExtractRefuses(t *testing.T) {
	cases := map[string]struct {
		cells []string
		want  string
	}{
		"channel":   {[]string{"func _() { c := make(chan int); use(func(x int) int { return x + len(c) }) }"}, "c can't be captured: it is a channel"},
		"mutex":     {[]string{"import \"sync\"\n\nvar mu sync.Mutex", "func _() { use(func(x int) int { mu.Lock(); defer mu.Unlock(); return x }) }"}, "mu can't be captured: it is a sync.Mutex, which means nothing in a copy"},
		"inside":    {[]string{"import \"sync\"\n\ntype box struct { mu sync.Mutex; n int }\n\nvar b box", "func _() { use(func(x int) int { return x + b.n }) }"}, "b can't be captured: field mu: it is a sync.Mutex"},
		"file":      {[]string{"import \"os\"\n\nfunc _() { f, _ := os.Open(\"x\"); use(func(x int) string { return f.Name() }) }"}, "f can't be captured: it is an open file"},
		"function":  {[]string{"func _() { f := func(x int) int { return x }; f = nil; use(func(x int) int { return f(x) }) }"}, "f can't be captured: it is a function without a declaration"},
		"passed":    {[]string{"func g(f func(int) int) { use(func(x int) int { return f(x) }) }"}, "f is passed in: what it holds has no source here. Make the parameter a frame.Func"},
		"builder":   {[]string{"import \"strings\"\n\nfunc _() { var b strings.Builder; use(func(x int) string { return b.String() }) }"}, "b can't be captured: a strings.Builder has fields that only its package can copy"},
		"call":      {[]string{"func adder(n int) func(int) int { return func(x int) int { return x + n } }\n\nfunc _() { use(adder(3)) }"}, "a function that a call gives has no source to send along: write func(…) { … } here, and call adder in it"},
		"no func":   {[]string{"func _() { use(3) }"}, "want a function, not a int"},
		"parameter": {[]string{"func g[T any](f T) { use(func(x T) T { return x }) }"}, "T is a type parameter of the function around"},
		"assigns":   {[]string{"func _() { n := 0; use(func(x int) int { n++; return n }) }"}, "the function assigns to n, which it captures"},
		"element":   {[]string{"var seen = map[int]bool{}\n\nfunc mark(x int) { seen[x] = true }", "func _() { use(func(x int) int { mark(x); return x }) }"}, "the function assigns to seen, which it captures"},
		"delete":    {[]string{"var seen = map[int]bool{}", "func _() { use(func(x int) int { delete(seen, x); return x }) }"}, "the function changes seen, which it captures"},
		"address":   {[]string{"func _() { n := 0; use(func(x int) *int { return &n }) }"}, "the function takes the address of n, which it captures"},
		"method":    {[]string{"type counter struct{ n int }\n\nfunc (c *counter) add() int { c.n++; return c.n }\n\nvar c counter", "func _() { use(func(x int) int { return c.add() }) }"}, "the function calls add, which changes c, which it captures"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := extract(t, c.cells...)
			refused, ok := errors.AsType[*Error](err)
			if !ok || !strings.HasPrefix(refused.Message, c.want) {
				t.Fatalf("%v\nwant %s", err, c.want)
			}
			if !refused.Pos.IsValid() {
				t.Error("no position")
			}
		})
	}
}
