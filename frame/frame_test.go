package frame_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/rivulet-go/rivulet/frame"
	"github.com/rivulet-go/rivulet/frame/plan"
)

type flight struct {
	Carrier  string   `frame:"carrier"`
	Origin   string   `json:"origin"`
	DepDelay *float64 `frame:"dep_delay"`
	Distance int      `frame:"distance"`
	hidden   int
}

//go:fix inline

// sample is six flights; two have no delay.
func sample() *Frame {
	return New([]flight{
		{"UA", "EWR", new(float64(2)), 1400, 1},
		{"AA", "JFK", new(75.5), 1089, 1},
		{"B6", "JFK", nil, 1576, 1},
		{"UA", "LGA", new(float64(-4)), 762, 1},
		{"AA", "JFK", new(float64(33)), 1089, 1},
		{"UA", "EWR", nil, 719, 1},
	})
}

// lines computes a frame as text, a row a line, its columns' names first.
func lines(t *testing.T, f *Frame) string {
	t.Helper()
	var b strings.Builder
	b.WriteString(strings.Join(f.Columns(), " "))
	rows, err := f.Rows()
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		b.WriteString("\n")
		for i, c := range f.Columns() {
			if i > 0 {
				b.WriteString(" ")
			}
			fmt.Fprint(&b, rows.Value(c))
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestVerbs(t *testing.T) {
	df := sample()
	airlines := New(map[string]any{"code": []string{"UA", "AA"}, "name": []string{"United", "American"}})
	cases := []struct {
		name string
		f    *Frame
		want string
	}{
		{"select", df.Select("carrier", Col("distance").Div(2).As("half"), "dep_delay + 1 as later").Head(2), `
carrier half later
UA 700 3
AA 544.5 76.5`},
		{"select slice", df.Select([]string{"distance", "origin"}).Limit(1), `
distance origin
1400 EWR`},
		{"select all", df.Select("*", "distance / 2 as half").Head(1), `
carrier origin dep_delay distance half
UA EWR 2 1400 700`},
		{"drop", df.Drop("dep_delay", Col("distance")).Head(1), `
carrier origin
UA EWR`},
		{"rename", df.Rename("carrier", "airline", "origin", "from").Drop("dep_delay").Head(1), `
airline from distance
UA EWR 1400`},
		{"rename map", df.Rename(map[string]string{"carrier": "origin", "origin": "carrier"}).Select("origin", "carrier").Head(1), `
origin carrier
UA EWR`},
		{"with column", df.WithColumn("km", "distance * 2").WithColumn("distance", 7).WithColumn("unit", Lit("km")).Drop("dep_delay").Head(1), `
carrier origin distance km unit
UA EWR 7 2800 km`},
		{"filter text", df.Filter(`dep_delay > 10 && carrier == "AA"`), `
carrier origin dep_delay distance
AA JFK 75.5 1089
AA JFK 33 1089`},
		{"filter exprs", df.Filter(Col("dep_delay").IsNull(), Col("carrier").IsIn([]string{"UA", "DL"})), `
carrier origin dep_delay distance
UA EWR <nil> 719`},
		{"group", df.GroupBy("carrier").Agg(Mean("dep_delay"), Sum("distance").As("miles"), Count(), "sum(distance) / count() as per"), `
carrier dep_delay_mean miles count per
UA -1 2881 3 960.3333333333334
AA 54.25 2178 2 1089
B6 <nil> 1576 1 1576`},
		{"group by expr", df.GroupBy(Col("distance").Gt(1000).As("far")).Count(), `
far count
true 4
false 2`},
		{"spread", df.GroupBy("origin").Agg(Median("distance"), Quantile("distance", 0.25), Var("distance"), Corr("distance", "dep_delay"), Col("distance").Cov(Col("distance")),
			Col("dep_delay").Gt(30).Any().As("any"), "all(distance > 720) as all", Col("distance").VarPop(), Col("distance").StdPop().Round().As("r")), `
origin distance_median distance_q25 distance_var distance_dep_delay_corr distance_distance_cov any all distance_var_pop r
EWR 1059.5 889.25 231880.5 NaN 231880.5 false false 115940.25 341
JFK 1089 1089 79056.33333333333 NaN 79056.33333333333 true true 52704.22222222222 230
LGA 762 762 <nil> NaN <nil> false true 0 0`},
		{"head of groups", df.GroupBy("carrier").Head(1, Desc("distance"), "dep_delay").Select("carrier", "origin", "dep_delay", "distance"), `
carrier origin dep_delay distance
UA EWR 2 1400
AA JFK 33 1089
B6 JFK <nil> 1576`},
		{"first of groups", df.GroupBy(Col("distance").Gt(1000)).Head(2).Select("distance"), `
distance
1400
1089
762
719`},
		{"head by function", df.GroupBy().Head(1, Apply(func(d int64) int64 { return -d }, "distance")).Select("distance"), `
distance
1576`},
		{"all rows", df.Agg(Count("dep_delay"), Min("dep_delay"), Max("distance"), CountDistinct("carrier"), First("origin"), Last("origin")), `
dep_delay_count dep_delay_min distance_max carrier_count_distinct origin_first origin_last
4 -4 1576 3 EWR EWR`},
		{"sort", df.Sort(Desc("dep_delay"), "distance").Select("dep_delay", "distance"), `
dep_delay distance
75.5 1089
33 1089
2 1400
-4 762
<nil> 719
<nil> 1576`},
		{"sort text", df.Sort("distance desc", "carrier asc").Select("distance", Col("carrier").Substr(1).Coalesce("?").As("c")).Head(2), `
distance c
1576 6
1400 A`},
		{"sort expr", df.Sort(Col("distance").Mod(100).Desc()).Select("distance").Head(2), `
distance
1089
1089`},
		{"tail", df.Select("distance").Tail(2), `
distance
1089
719`},
		{"distinct", df.Distinct("carrier").Select("carrier", "origin"), `
carrier origin
UA EWR
AA JFK
B6 JFK`},
		{"join", df.Join(airlines, On("carrier", "code")).Select("carrier", "name", "distance"), `
carrier name distance
UA United 1400
AA American 1089
UA United 762
AA American 1089
UA United 719`},
		{"join left", df.Join(airlines.Rename("code", "carrier"), "carrier", "left").Select("carrier", "name").Head(3), `
carrier name
UA United
AA American
B6 <nil>`},
		{"join map", df.Join(airlines, map[string]string{"carrier": "code"}).Select("name").Head(1), `
name
United`},
		{"case", df.Select(When(Col("dep_delay").Gt(30)).Then("late").When("dep_delay < 0").Then("early").Otherwise("fine").As("how")), `
how
fine
late
fine
early
late
fine`},
		{"functions", df.Select(
			Col("carrier").Lower().As("a"), Col("origin").Replace("R", "r").Length().As("b"), Col("dep_delay").FillNull(0).Abs().Round().As("c"),
			Col("distance").Between(700, 800).As("d"), Col("distance").Cast("string").StartsWith("1").As("e"), Col("distance").Pow(2).Sqrt().Floor().As("f"),
		).Head(1), `
a b c d e f
ua 3 2 false true 1400`},
		{"chained from memory", mustCollect(t, df.Filter("distance > 1000")).Select("distance").Sort("distance").Head(1), `
distance
1089`},
		{"describe", df.Describe().Drop("std"), `
column type count nulls mean min max
carrier string 6 0 <nil> AA UA
origin string 6 0 <nil> EWR LGA
dep_delay float 4 2 26.625 -4 75.5
distance int 6 0 1105.8333333333333 719 1576`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if err := c.f.Err(); err != nil {
				t.Fatal(err)
			}
			if got := lines(t, c.f); got != strings.TrimPrefix(c.want, "\n") {
				t.Errorf("got\n%s\nwant%s", got, c.want)
			}
		})
	}
}

func mustCollect(t *testing.T, f *Frame) *Frame {
	t.Helper()
	out, err := f.Collect()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestErrors(t *testing.T) {
	df := sample()
	list := `(columns: carrier, origin, dep_delay, distance)`
	for _, c := range []struct {
		f    *Frame
		want string
	}{
		{df.Filter("depdelay > 1"), `Filter: unknown column "depdelay", did you mean "dep_delay"? ` + list},
		{df.Select("carier"), `Select: unknown column "carier", did you mean "carrier"? ` + list},
		{df.Drop("x"), `Drop: unknown column "x" ` + list},
		{df.Rename("x", "y"), `Rename: unknown column "x" ` + list},
		{df.Rename("carrier"), `Rename: want pairs of old and new names or a map, not a single string`},
		{df.Rename("carrier", "origin"), `Rename: two columns would be called "origin"`},
		{df.WithColumn("a", "b + 1"), `WithColumn: column "a": unknown column "b" ` + list},
		{df.Filter("distance +"), "Filter: the expression ends too early\n\tdistance +\n\t          ^"},
		{df.Filter("distance"), "Filter: distance is int64, not a condition"},
		{df.Filter(), "Filter: no condition given"},
		{df.Filter(Expr{}), "Filter: an empty Expr; start one with Col, Lit or When"},
		{df.Filter(Desc("distance")), "Filter: Desc and Asc belong in Sort only"},
		{df.Sort(), "Sort: no keys given"},
		{df.Sort("dist"), `Sort: unknown column "dist", did you mean "distance"? ` + list},
		{df.Head(-1), "Head: -1 rows; want 0 or more"},
		{df.Head(1, 2), "Head: 2 numbers given, want one"},
		{df.Distinct("zzz"), `Distinct: unknown column "zzz" ` + list},
		{df.GroupBy("airline").Agg(Count()), `GroupBy: unknown column "airline" ` + list},
		{df.GroupBy("carrier").Head(1, "x"), `Head: unknown column "x" ` + list},
		{df.GroupBy("carrier").Head(-1), "Head: -1 rows; want 0 or more"},
		{df.Agg(Quantile("distance", 1.5)), "Agg: quantile(distance, 1.5): the fraction is 1.5, want a number from 0 to 1: quantile(x, 0.9)"},
		{df.Agg(Corr("distance", "carrier")), "Agg: corr(distance, carrier): string has no corr (cast it: float(x))"},
		{df.Agg(Corr("distance", struct{}{})), "Agg: corr: a struct {} is no constant; use a bool, number, string, []byte, time.Time, time.Duration or nil"},
		{df.GroupBy("carrier").Agg(), "Agg: no aggregates given, such as Count() or \"mean(x)\""},
		{df.GroupBy("carrier").Agg("distance"), "Agg: distance has no aggregate (sum, mean, count, …) in it"},
		{df.Join(df.Drop("carrier"), "carrier"), `Join: right side: unknown column "carrier" (columns: origin, dep_delay, distance)`},
		{df.Join(df, "carrier", "outer"), `Join: unknown kind "outer"; kinds: inner, left, right, full, semi, anti, cross`},
		{df.Join(df, 7), "Join: keys are a name, a []string, an On, a Where or a map from left to right names, not a int"},
		{df.Join(df.Select("nope"), "carrier"), `Join: right side: Select: unknown column "nope" ` + list},
		{df.Join(nil, "carrier"), "Join: right side: the frame is nil"},
		{df.Select(Col("distance").Cast("number")), `Select: unknown type "number"; types: bool, int, uint, float, string, binary, date, time, datetime, duration`},
		{df.Select("carrier", "nope").Filter("alsonope").Head(), `Select: unknown column "nope" ` + list},
		{df.Describe().Select("mode"), `Select: unknown column "mode" (columns: column, type, count, nulls, mean, std, min, max)`},
		{Read(""), "Read: the path is empty"},
		{Read(7), "Read: want a path, a glob or a list of them, not a int"},
		{Read("x.csv", Types(map[string]string{"a": "number"})), `Read: option Types: column "a": unknown type "number"; types: bool, int, uint, float, string, binary, date, time, datetime, duration`},
		{New(nil), "New: the data is nil"},
		{New(7), "New: a int is no table; want a slice of structs or maps, or a map from names to slices"},
		{New(map[string]any{"a": []int{1}, "b": []int{1, 2}}), `New: column "a" has 1 values, column "b" has 2`},
		{New(map[string]any{"a": []any{1, "x"}}), `New: column "a", row 2: a value of type string in a column of type int`},
		{New([]struct{ c chan int }{}), "New: struct { c chan int } has no exported fields"},
	} {
		err := c.f.Err()
		if err == nil || err.Error() != c.want {
			t.Errorf("got  %v\nwant %s", err, c.want)
		}
		if _, got := c.f.Collect(); !errors.Is(got, err) || got.Error() != err.Error() {
			t.Errorf("Collect gives %v, not %v", got, err)
		}
		if !strings.Contains(c.f.String(), "error: ") {
			t.Errorf("String: %s", c.f)
		}
	}
}

func TestNilFrame(t *testing.T) {
	var f *Frame
	if f.Err() == nil || f.Head().Err() == nil || f.Columns() != nil || f.GroupBy("a").Agg(Count()).Err() == nil {
		t.Error("a nil frame has no error")
	}
	if _, err := f.Count(); err == nil {
		t.Error("Count of a nil frame")
	}
}

func TestDescriptions(t *testing.T) {
	df := sample()
	if got, want := df.Schema().String(), "carrier    string\norigin     string\ndep_delay  float\ndistance   int"; got != want {
		t.Errorf("schema:\n%s", got)
	}
	if got, want := df.String(), "Frame(memory, 4 columns: carrier, origin, dep_delay, distance; lazy: display or Collect it)"; got != want {
		t.Errorf("String: %s", got)
	}
	if s := df.Filter("distance > 1").Explain(); !strings.Contains(s, "Filter distance > 1") || !strings.Contains(s, "Scan memory") {
		t.Errorf("Explain:\n%s", s)
	}
	if got := df.Schema().Type("dep_delay"); got != "float" {
		t.Errorf("Type %s", got)
	}
	if got := Col("x").Add(1).Mul(Col("y")).Gt(2).And(Lit(true)).String(); got != "(x + 1) * y > 2 && true" {
		t.Errorf("Expr %s", got)
	}
}

func TestWriteWithOptions(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.csv")
	df := New(map[string]any{"a": []int{1, 2}, "b": []string{"x;y", ""}})
	same := []Option{Delimiter(';'), Quote("'"), NoHeader(), NullWords("-")}
	if err := df.Write(path, append(same, QuoteAll())...); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if want := "'1';'x;y'\n'2';''\n"; string(data) != want || err != nil {
		t.Errorf("%q, want %q (%v)", data, want, err)
	}
	if got, want := lines(t, Read(path, same...)), "column_1 column_2\n1 x;y\n2 "; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if err := df.Write(path, Widen()); err == nil || !strings.Contains(err.Error(), "Widen") {
		t.Errorf("an option of Read: %v", err)
	}
}

func TestCountReadsNoColumn(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.csv")
	if err := os.WriteFile(path, []byte("a,b\n1,\"x\ny\"\n\n2,z\n3,\"\"\"\"\n4,5\" pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	df := Read(path)
	for want, f := range map[int64]*Frame{4: df, 2: df.Head(2), 1: df.Filter("a > 3"), 0: df.Filter("a > 4")} {
		if n, err := f.Count(); n != want || err != nil {
			t.Errorf("%d rows, want %d (%v)", n, want, err)
		}
	}
	if got, want := lines(t, df.Agg(Count().As("n"), Sum("a").As("s"))), "n s\n4 10"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if err := os.WriteFile(path, []byte("a,b\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if n, err := Read(path).Count(); n != 0 || err != nil {
		t.Errorf("%d rows of none (%v)", n, err)
	}
}

func TestReadRejects(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.csv")
	if err := os.WriteFile(path, []byte("# made\n'a':b\n1:x\ntwo:y\n3:'z\\'s'\n4\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var bad *Frame
	df := Read(path, Delimiter(":"), Quote('\''), Escape("\\"), Comment("#"), Header(), Types(map[string]string{"a": "int"}), Rejects(&bad))
	if got, want := lines(t, df), "a b\n1 x\n3 z's"; got != want {
		t.Errorf("%s (%v)", got, df.Err())
	}
	if got, want := lines(t, bad.Select("line", "column", "text")), "line column text\n4 a two:y\n6 <nil> 4"; got != want {
		t.Errorf("rejects %s (%v)", got, bad.Err())
	}
	if got, want := lines(t, bad.Filter(`column == "a"`).Select("line")), "line\n4"; got != want {
		t.Errorf("rejects of a %s (%v)", got, bad.Err())
	}
	if n, err := bad.Count(); n != 2 || err != nil {
		t.Errorf("%d rejects, %v", n, err)
	}
	if df := Read(path+"x", Rejects(&bad)); df.Err() == nil || bad.Err() == nil {
		t.Errorf("of no file: %v, %v", df.Err(), bad.Err())
	}
	for _, option := range []Option{Rejects(nil), Quote("ab"), Comment(""), Encoding("klingon"), Escape('\n')} {
		if df := Read(path, option); df.Err() == nil {
			t.Errorf("%v: no error", option)
		}
	}
}

func TestReadAndWrite(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "x.csv")
	if err := os.WriteFile(path, []byte("a;b\n1;x\nNA;-\n3;z\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	df := Read(path, Delimiter(';'), NullWords("NA", "-"), Types(map[string]string{"a": "float"}))
	if got, want := lines(t, df), "a b\n1 x\n<nil> <nil>\n3 z"; got != want {
		t.Fatalf("%s (%v)", got, df.Err())
	}
	for _, name := range []string{"y.csv", "y.parquet", "y.arrow", "y.ndjson", "y.csv.gz"} {
		out := filepath.Join(dir, name)
		if err := df.WithColumn("c", "a * 2").Write(out); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got, want := lines(t, Read(out)), "a b c\n1 x 2\n<nil> <nil> <nil>\n3 z 6"; got != want {
			t.Errorf("%s: %s", name, got)
		}
	}
	if err := df.Write(filepath.Join(dir, "y.xyz")); err == nil || !strings.HasPrefix(err.Error(), "Write: ") {
		t.Errorf("Write y.xyz: %v", err)
	}
	missing := Read(filepath.Join(dir, "no.csv")).Err()
	if missing == nil || !strings.HasPrefix(missing.Error(), "Read: ") || !strings.Contains(missing.Error(), "no.csv") {
		t.Errorf("missing: %v", missing)
	}
}

// far is a runner that knows where stages run.
type far struct{ Runner }

func (far) Placement(plan.Node) string { return "placement: far away\n" }

func TestExplainShowsPlacement(t *testing.T) {
	df := sample()
	if text := df.Explain(); strings.Contains(text, "placement") {
		t.Errorf("in one process:\n%s", text)
	}
	SetRunner(far{runner})
	t.Cleanup(func() { SetRunner(runner) })
	if text := df.Explain(); !strings.HasSuffix(text, "placement: far away\n") {
		t.Errorf("on a cluster:\n%s", text)
	}
}
