package complete

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rivulet-go/rivulet/frame"
)

// earlier are cells that have run.
var earlier = []string{
	`import ("strings"; "time"; m "math"; "sync")
type Point struct{ X, Y int; name string }
func (p Point) Length() float64 { return 0 }
func (p *Point) Move(dx int) { p.X += dx }
type Circle struct { Point; sync.Mutex; R float64 }
type Shape interface { Area() float64 }
func (c Circle) Area() float64 { return 0 }
type Pair[K comparable, V any] struct { Key K; Value V }
// double doubles.
func double(i int) int { return 2 * i }
func area(s Shape, scale float64) (float64, error) { return 0, nil }`,
	`p := Point{1, 2, "n"}
circle := &Circle{}
table := map[string]time.Duration{}
points := map[string]Point{}
list := []Point{}
pair := Pair[string, Point]{}
const answer = 42
ratio := 0.5
count := 3
label := "a"
var problem error
config := struct{ Ages map[string]int }{}
flights := frame.New(map[string]any{"carrier": []string{"UA"}, "distance": []int{1}, "dep delay": []float64{2}})
weather := frame.New(map[string]any{"carrier": []string{"UA"}, "wind": []float64{2}})`,
}

func testSession(tb testing.TB) *session {
	s := newTestSession(tb, earlier...)
	s.values["table"] = map[string]int{"north": 1, "south": 2, `a "b"`: 3}
	s.values["config"] = struct{ Ages map[string]int }{map[string]int{"Ann": 1}}
	s.values["flights"] = frame.New(map[string]any{"carrier": []string{"UA"}, "distance": []int{1}, "dep delay": []float64{2}})
	s.values["weather"] = frame.New(map[string]any{"carrier": []string{"UA"}, "wind": []float64{2}})
	return s
}

// TestComplete completes at the bar. Names that want begins with are the first ones; after "…" come some others that must be
// there, with "-" some that may not.
func TestComplete(t *testing.T) {
	s := testSession(t)
	for _, tt := range []struct{ text, want string }{
		// Packages.
		{"strings.ToU|", "ToUpper ToUpperSpecial"},
		{"m.Sq|", "Sqrt Sqrt2 SqrtE SqrtPhi SqrtPi -Pi"},
		{"strconv.Ato|", "Atoi"},
		{"http.Default|", "… DefaultClient DefaultTransport"},
		{"rand.Int|", "… IntN Intn"},
		{"var r http.Res|", "Response ResponseController ResponseWriter"},
		{"fra|", "frame"},
		{"Rea|", "Read"},
		{"strc|", "strconv"},
		{"strings.toup|", "ToUpper ToUpperSpecial"},
		{"nosuch.A|", ""},
		// Members.
		{"p.|", "Length Move X Y name"},
		{"p.X + p.Y|", "Y"},
		{"circle.|", "Area Length Lock Move Mutex Point R TryLock Unlock X Y name"},
		{"list[0].M|", "Move"},
		{`points["a"].|`, "Length X Y name -Move"},
		{"Point{}.|", "Length X Y name -Move"},
		{"Point.|", "Length -Move -X"},
		{"(*Point).|", "Length Move -X"},
		{"pair.Value.L|", "Length"},
		{`table["a"].Sec|`, "Seconds"},
		{"time.Now().Unix|", "Unix UnixMicro UnixMilli UnixNano"},
		{`strings.NewReader("a)b").Le|`, "Len"},
		{"problem.|", "Error"},
		{"area(circle, 1).|", ""},
		{"func f(s Shape) { s.| }", "Area"},
		{"func f[T Shape](s T) { s.| }", "Area"},
		{"for _, q := range list {\n\tq.|", "Length Move X Y name"},
		{"for _, q := range list {\n\tif q.X > 1 {\n\t\tq.|\n\t}\n}\nlater := 1", "Length Move X Y name"},
		{"go func() { p.Le| }()", "Length"},
		{"p.|.b", "Length Move X Y name"},
		{"x := p\nx.|\ny := 2", "Length Move X Y name"},
		{"strings.Map(func(r rune) rune { return unicode.ToL| }, label)", "ToLower"},
		{"type T struct { a int; b *T }\nvar t T\nt.b.|", "a b"},
		{"import \"bytes\"\nvar b bytes.Buffer\nb.WriteS|", "WriteString"},
		// Names.
		{"dou|", "double"},
		{"dou|ble", "double"},
		{"fo|", "for"},
		{"for|", "for"},
		{"ans|", "answer"},
		{"local := 1\nloc|", "local"},
		{"func f(width int) int {\n\theight := 2\n\treturn |\n}", "height width count answer … p -later -iota"},
		{"func f() {\n\tx1 := 1\n\t{\n\t\tx2 := 2\n\t\tx|\n\t}\n\tx3 := 3\n}", "x1 x2 … -x3"},
		{"f := func(inner string) { inn| }", "inner"},
		{"app|", "append"},
		{"stru|", "struct … -Struct"},
		{"import \"fm|\"", "fmt"},
		{"x := ra|", "ratio … range rand -return"},
		{"ret|", "return"},
		{"func f() {\n\tfor {\n\t\tbre|", "break"},
		{"switch p.X {\nca|", "cap case"},
		{"switch p.X {\ncase 1:\n\tx := func() int { return 1 }\n\tde|", "delete default defer"},
		{"switch p.X {\ncase 1:\n\tif true {\n\t\tca|", "cap -case"},
		{"const (\n\tx = io|", "iota"},
		{"if true {\n} el|", "else"},
		{"type T int\nfunc (t T) m() {}\nvar x T|", "T"},
		{"func na|", ""},
		{"type T struct { fie| }", ""},
		{"func f(po|", "Point"},
		{"func f(p Po|", "Point"},
		{"[]Po|", "Point"},
		{"map[string]Ci|", "Circle"},
		{"var x, y Po|", "Point"},
		{"x.(Sh|)", "Shape"},
		{"switch problem.(type) {\ncase Ci|", "Circle"},
		{"make(Po|", "Point"},
		// What is wanted.
		{"double(|", "count answer double … p"},
		{"double(co|", "count config"},
		{"area(ci|", "circle"},
		{"area(circle, |", "ratio answer"},
		{"area(circle, ratio + |", "ratio answer"},
		{"var e error = |", "e problem nil"},
		{"count = |", "count"},
		{"count = p.|", "X Y"},
		{"Point{X: p.|}", "X Y"},
		{"if |", "false true"},
		{"func f() Point { return |", "p"},
		{"func f() (error, Point) { return nil, |", "p"},
		{"list = append(list, |", "p"},
		{"points[|", "label"},
		{"p == |", "p"},
		{"&p == &|", "p"},
		{"strings.Repeat(label, |", "count"},
		// Literals.
		{"Point{|", "X Y name"},
		{"Point{X: 1, |", "Y name -X -p"},
		{"Point{X: 1, |}", "Y name"},
		{"Point{\n\tX: 1,\n\t|\n}", "Y name"},
		{"q := []Point{{X: 1}, {|}}", "X Y name"},
		{"q := []*Point{{|}}", "X Y name"},
		{"http.Server{Ad|}", "Addr"},
		{"Point{1, |", "count … -X -Y"},
		{"Point{X: |", "count"},
		{"Circle{Point: Point{|}}", "X Y name"},
		// Labels.
		{"outer:\nfor {\n\tfor {\n\t\tbreak |\n\t}\n}", "outer"},
		{"outer:\nfor {\n\tfunc() { for { continue | } }()\n}", ""},
		{"func f() {\nagain:\n\tgoto ag|\n}", "again"},
		{"outer:\nswitch {\ncase true:\n\tfor {\n\t\tcontinue |\n\t}\n}", ""},
		// Strings.
		{`import "net/h|`, "net/http net/http/cgi"},
		{"import (\n\t\"fmt\"\n\t\"encoding/j|\"\n)", "encoding/json"},
		{"import \"rand|\"", "crypto/rand math/rand math/rand/v2"},
		{"import \"fmt\"\nx := \"fm|\"", ""},
		{`table["|`, `a \"b\" north south`},
		{`table["n|"]`, "north"},
		{"table[`n|`]", "north"},
		{`config.Ages["|"]`, "Ann"},
		{"own := map[string]int{\"east\": 1}\nown[\"|\"]", "east"},
		{`"strings.To|`, ""},
		{`Col("a").Cast("st|")`, "string"},
		{`flights.Join(weather, "carrier", "|")`, "inner left"},
		{`Read("a.txt", frame.Types(map[string]string{"km": "fl|"}))`, "float"},
		{`Read("a", frame.Format("p|"))`, "parquet"},
		{`Read("comp|")`, "complete.go complete_test.go"},
		{`os.ReadFile("../complete/comp|")`, "complete.go complete_test.go"},
		{`os.ReadFile("../compl|")`, "complete.go complete/ complete_test.go"},
		{`os.Open("no/such/|")`, ""},
		{`os.Getenv("|")`, ""},
		{"// strings.To|", ""},
		{"/* strings.To| */ x", ""},
		{"'p|'", ""},
		{"é.stri|", ""},
		{"12|", ""},
		{"0x|", ""},
		{"1.|", ""},
		{"", ""},
	} {
		if tt.text == "" {
			continue
		}
		check1(t, s, tt.text, tt.want)
	}
}

func check1(t *testing.T, s *session, text, want string) {
	t.Helper()
	code, cursor := cut(text)
	r := s.Complete(code, cursor)
	var got []string
	for _, i := range r.Items {
		got = append(got, i.Text)
	}
	if want == "" && len(got) > 0 {
		t.Errorf("%q: got %q, want nothing", text, got)
	}
	first, more, _ := strings.Cut(want, "…")
	i := 0
	for w := range strings.FieldsSeq(strings.ReplaceAll(first, ` \"b\"`, "_b_")) {
		w = strings.ReplaceAll(w, "_b_", ` \"b\"`)
		if name, never := strings.CutPrefix(w, "-"); never {
			if slices.Contains(got, name) {
				t.Errorf("%q: %s is among %q", text, name, got)
			}
			continue
		}
		if i >= len(got) || got[i] != w {
			t.Errorf("%q: number %d is not %s in %.200q", text, i, w, got)
			break
		}
		i++
	}
	for w := range strings.FieldsSeq(more) {
		name, never := strings.CutPrefix(w, "-")
		if slices.Contains(got, name) == never {
			t.Errorf("%q: %s in %.300q: %t", text, name, got, !never)
		}
	}
	if r.Start < 0 || r.Start > cursor || r.End < cursor || r.End > len(code) {
		t.Errorf("%q: from %d to %d around %d", text, r.Start, r.End, cursor)
	}
}

// TestColumns completes the columns of frames.
func TestColumns(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "trips.csv")
	if err := os.WriteFile(file, []byte("from,to,km\nOslo,Rome,2000\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := testSession(t)
	for _, tt := range []struct{ text, want string }{
		{`flights.Floats("|`, "carrier dep_delay distance"},
		{`flights.Floats("d|istance")`, "dep_delay distance"},
		{`flights.Select("carrier", "|")`, "carrier dep_delay distance"},
		{`flights.Sort(Desc("|`, "carrier dep_delay distance"},
		{`flights.Filter(Col("di|").Gt(1))`, "distance"},
		{`flights.Filter("distance > 3 && carr|`, "carrier"},
		{`flights.Filter("distance > 3 && starts|`, "starts_with"},
		{`flights.Filter("dist|ance > 3")`, "distance"},
		{`flights.GroupBy("carrier").Agg(Mean("d|"))`, "dep_delay distance"},
		{`flights.GroupBy("carrier").Agg(Mean("distance").As("far"), Count()).Sort("|")`, "carrier count far"},
		{`flights.Plot().Bar("ca|")`, "carrier"},
		{`flights.Plot().Bar("carrier", Mean("dis|")).Color("x")`, "distance"},
		{`flights.Filter("distance > 3").Plot().Title("t").Line("distance", "dep|")`, "dep_delay"},
		{`flights.Plot().Histogram("distance").Color("car|")`, "carrier"},
		{`flights.Select("carrier", "distance / 2 as half").Filter("|`, "carrier half"},
		{`flights.Drop("carrier").Floats("|`, "dep_delay distance"},
		{`flights.Rename("carrier", "airline").Strings("|`, "airline dep_delay distance"},
		{`flights.Rename("carrier", "|`, ""},
		{`flights.Rename("carrier", "airline", "|`, "carrier dep_delay distance"},
		{`flights.WithColumn("half", "distance / 2").Floats("h|`, "half"},
		{`flights.Map("twice", double, "|`, "carrier dep_delay distance"},
		{`flights.Join(weather, "|`, "carrier dep_delay distance"},
		{`flights.Join(weather, frame.On("carrier", "|`, "carrier wind"},
		{`flights.Join(weather, map[string]string{"carrier": "w|"})`, "wind"},
		{`flights.Join(weather, "carrier").Floats("w|`, "wind"},
		{`flights.Each(func(r frame.Row) error { r.Float("|") })`, "carrier dep_delay distance"},
		{"rows, _ := flights.Rows()\nrows.Float(\"|", "carrier dep_delay distance"},
		{"short := flights.Select(\"distance\")\nshort.Floats(\"|", "distance"},
		{"flights = flights.Select(\"distance\")\nflights.Floats(\"|", "distance"},
		{"x := Col(\"|", "carrier dep_delay distance wind"},
		{"func f(df *frame.Frame) { df.Floats(\"|\") }", "carrier dep_delay distance wind"},
		{"own := frame.New(map[string]any{\"b\": 1, \"a\": 2})\nown.Floats(\"|", "a b"},
		{"type T struct { Size int; Kind string `frame:\"kind\"`; x int }\nown := frame.New([]T{})\nown.Floats(\"|", "Size kind"},
		{"trips := Read(`" + file + "`)\ntrips.Floats(\"|", "from km to"},
		{"Read(`" + file + "`, frame.Columns(\"|\"))", "from km to"},
		{"Read(`" + file + "`, frame.Types(map[string]string{\"k|\": \"int\"}))", "km"},
		{`Col("carrier").Eq("|`, ""},
		{`fmt.Println("|`, ""},
	} {
		code, cursor := cut(tt.text)
		var got []string
		for _, i := range s.Complete(code, cursor).Items {
			if i.Kind == Column || tt.want == "" || strings.Contains(tt.want, i.Text) {
				got = append(got, strings.ReplaceAll(i.Text, " ", "_"))
			}
		}
		slices.Sort(got)
		if g := strings.Join(got, " "); g != tt.want {
			t.Errorf("%q:\ngot  %s\nwant %s", tt.text, g, tt.want)
		}
	}
}
