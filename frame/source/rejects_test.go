package source

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/tests/sample"
)

// readRejects reads a source and what it leaves out.
func readRejects(t *testing.T, path string, o Options, want int64, columns []string) (good, bad [][]string) {
	t.Helper()
	o.Rejects = true
	s, err := Open(t.Context(), []string{path}, o)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := readAll(t.Context(), s, want, columns)
	if err != nil {
		t.Fatal(err)
	}
	r, err := Rejects(s)
	if err != nil {
		t.Fatal(err)
	}
	left, err := readAll(t.Context(), r, want, nil)
	if err != nil {
		t.Fatal(err)
	}
	return text(rows), text(left)
}

func TestRejects(t *testing.T) {
	checked(t)
	data := "i,s,d,n\n1,x,2024-01-01,1.5\nten,y,2024-01-02,2\n3,\"two\nlines\",no day,3\n4,a,2024-01-04\n5,\"open\"x,2024-01-05,4\n" +
		"6,caf\xe9,2024-01-06,5\n7,b,2024-01-07,\n8,c,2024-01-08,6,7\n,,,\n9,\"d\",2024-01-09,12345.678\n10,\"no end,2024-01-01,1\n11,z,2024-01-11,7\n"
	o := Options{Types: map[string]arrow.DataType{
		"i": arrow.PrimitiveTypes.Int64, "d": arrow.FixedWidthTypes.Date32, "n": &arrow.Decimal128Type{Precision: 6, Scale: 2},
	}}
	path := writeFile(t, "r.csv", []byte(data))
	for _, size := range []int64{1, 20, 1 << 20} {
		good, bad := readRejects(t, path, o, size, nil)
		want := [][]string{
			{"1", "x", "2024-01-01", "1.5"},
			{"7", "b", "2024-01-07", "<null>"},
			{"<null>", "<null>", "<null>", "<null>"},
			{"11", "z", "2024-01-11", "7"},
		}
		if !slices.EqualFunc(good, want, slices.Equal) {
			t.Errorf("splits of %d: rows %q", size, good)
		}
		var lines []string
		for _, r := range bad {
			lines = append(lines, fmt.Sprintf("%s %s %s|%s", r[1], r[2], r[3], r[4]))
		}
		expect := []string{
			`3 i value does not fit: "ten" is not an integer of 64 bits|ten,y,2024-01-02,2`,
			"4 d value does not fit: \"no day\" is not a date such as 2006-01-02|3,\"two\nlines\",no day,3",
			"6 <null> ragged row: 3 fields, 4 expected|4,a,2024-01-04",
			`7 s file is corrupt: text after a closing quote|5,"open"x,2024-01-05,4`,
			"8 s file is corrupt: the text is not UTF-8|6,caf\ufffd,2024-01-06,5",
			"10 <null> ragged row: 5 fields, 4 expected|8,c,2024-01-08,6,7",
			`12 n value does not fit: "12345.678" is not of type decimal(6, 2)|9,"d",2024-01-09,12345.678`,
			`13 s file is corrupt: a quote is not closed|10,"no end,2024-01-01,1`,
		}
		if !slices.Equal(lines, expect) {
			t.Errorf("splits of %d: rejects\n%s\nwant\n%s", size, strings.Join(lines, "\n"), strings.Join(expect, "\n"))
		}
		// What is left out does not depend on the columns asked for.
		if pick, _ := readRejects(t, path, o, size, []string{"s"}); len(pick) != 4 || pick[3][0] != "z" || len(pick[0]) != 1 {
			t.Errorf("splits of %d: column s is %q", size, pick)
		}
		if none, _ := readRejects(t, path, o, size, []string{}); len(none) != 4 {
			t.Errorf("splits of %d: %d rows without columns", size, len(none))
		}
	}
}

func TestRejectsOfMany(t *testing.T) {
	checked(t)
	for seed := range sample.Seeds(60, 4) {
		r := rand.New(rand.NewPCG(seed, 3))
		var b strings.Builder
		var good, bad [][]string
		b.WriteString("i,s,b,t,f\n")
		line := 2
		for range r.IntN(400) {
			row := []string{fmt.Sprint(r.IntN(1000)), strings.Repeat("x", r.IntN(12)), "true", "2024-01-01_00:00:00Z", "1.5"}
			null := r.IntN(5)
			write := slices.Clone(row)
			write[3] = "2024-01-01 00:00:00"
			column := ""
			switch r.IntN(12) {
			case 0:
				k := []int{0, 2, 3, 4}[r.IntN(4)]
				write[k], column = "bad", []string{"i", "", "b", "t", "f"}[k]
			case 1:
				write, column = write[:4], "<null>"
			case 2:
				write, column = append(write, "more"), "<null>"
			}
			if null < len(write) && write[null] != "bad" {
				write[null], row[null] = "NA", "<null>"
			}
			out := strings.Join(write, ",")
			b.WriteString(out + "\n")
			if column == "" {
				if row[1] == "" {
					row[1] = "<null>"
				}
				row[3] = strings.ReplaceAll(row[3], "_", " ")
				good = append(good, row)
			} else {
				bad = append(bad, []string{fmt.Sprint(line), column, out})
			}
			line++
		}
		path := writeFile(t, "m.csv", []byte(b.String()))
		o := Options{Types: map[string]arrow.DataType{
			"i": arrow.PrimitiveTypes.Int64, "s": arrow.BinaryTypes.String, "b": arrow.FixedWidthTypes.Boolean,
			"t": &arrow.TimestampType{Unit: arrow.Microsecond}, "f": arrow.PrimitiveTypes.Float64,
		}}
		for _, size := range []int64{1, 100, 1 << 20} {
			got, left := readRejects(t, path, o, size, nil)
			for i := range left {
				left[i] = []string{left[i][1], left[i][2], left[i][4]}
			}
			if !slices.EqualFunc(got, good, slices.Equal) || !slices.EqualFunc(left, bad, slices.Equal) {
				t.Fatalf("seed %d, splits of %d:\n%s\n got %q\nwant %q\nleft %q\nwant %q", seed, size, b.String(), got, good, left, bad)
			}
		}
	}
}

func TestRejectsOfJSON(t *testing.T) {
	checked(t)
	data := "{\"a\":1,\"b\":\"x\",\"c\":[1]}\nnot json\n{\"a\":2,\"b\":\"y\",\"c\":[2]}\n{\"b\":\"z\",\"a\":\"3\"}\n{\"c\":[4],\"a\":4"
	path := writeFile(t, "r.ndjson", []byte(data))
	o := Options{Types: map[string]arrow.DataType{"a": arrow.PrimitiveTypes.Int64}}
	for _, size := range []int64{1, 1 << 20} {
		good, bad := readRejects(t, path, o, size, []string{"a", "c"})
		if want := [][]string{{"1", "[1]"}, {"2", "[2]"}}; !slices.EqualFunc(good, want, slices.Equal) {
			t.Errorf("rows %q", good)
		}
		var lines []string
		for _, r := range bad {
			lines = append(lines, r[1]+" "+r[4])
		}
		if want := []string{"2 not json", `4 {"b":"z","a":"3"}`, `5 {"c":[4],"a":4`}; !slices.Equal(lines, want) {
			t.Errorf("rejects %q, want %q", lines, want)
		}
	}
}

func TestRagged(t *testing.T) {
	checked(t)
	data := "a,b,c\n1,x,2024-01-01\n2\n3,\"y\"\n4,z,2024-01-04,more\n\n5,,\n"
	s, err := Open(t.Context(), []string{writeFile(t, "r.csv", []byte(data))}, Options{Ragged: true})
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{
		{"1", "x", "2024-01-01"}, {"2", "<null>", "<null>"}, {"3", "y", "<null>"}, {"4", "z", "2024-01-04"}, {"5", "<null>", "<null>"},
	}
	for _, size := range []int64{1, 1 << 20} {
		rows, err := readAll(t.Context(), s, size, nil)
		if err != nil || !slices.EqualFunc(text(rows), want, slices.Equal) {
			t.Errorf("%q, %v", text(rows), err)
		}
		rows, err = readAll(t.Context(), s, size, []string{"c"})
		if err != nil || len(rows) != 5 || text(rows)[3][0] != "2024-01-04" {
			t.Errorf("column c: %q, %v", text(rows), err)
		}
	}
}

func TestWiden(t *testing.T) {
	checked(t)
	line := "1,1,,2024-01-01,true,1\n"
	late := "1.5,x,7,2024-01-01 10:00:00,no,99999999999999999999\n"
	data := "a,b,c,d,e,f\n" + strings.Repeat(line, 100_000) + late + strings.Repeat(line, 100_000)
	path := writeFile(t, "w.csv", []byte(data))
	s, err := Open(t.Context(), []string{path}, Options{Widen: true})
	if err != nil {
		t.Fatal(err)
	}
	schema, _ := s.Schema(t.Context())
	if got, want := shortSchema(schema), "a:float64 b:utf8 c:int64 d:timestamp[us] e:utf8 f:float64"; got != want {
		t.Errorf("schema %s, want %s", got, want)
	}
	n, seen := 0, false
	rows, err := readAll(t.Context(), s, 1<<18, nil)
	for _, r := range text(rows) {
		n++
		seen = seen || slices.Equal(r, []string{"1.5", "x", "7", "2024-01-01 10:00:00Z", "no", "1e+20"})
	}
	if err != nil || n != 200_001 || !seen {
		t.Errorf("%d rows, %v, %v", n, seen, err)
	}
	// A declared type stays, and what is wrong with a row is still an error.
	s, err = Open(t.Context(), []string{path}, Options{Widen: true, Types: map[string]arrow.DataType{"a": arrow.PrimitiveTypes.Int64}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := readAll(t.Context(), s, 1<<18, nil); err == nil || !strings.Contains(err.Error(), "line 100002") {
		t.Errorf("declared: %v", err)
	}
	bad := writeFile(t, "b.csv", []byte(data+"1\n"+strings.Repeat(line, 100_000)))
	if _, err := Open(t.Context(), []string{bad}, Options{Widen: true}); err == nil || !strings.Contains(err.Error(), bad+": line 200003") {
		t.Errorf("ragged: %v", err)
	}
	keys := writeFile(t, "k.ndjson", []byte(strings.Repeat("{\"a\":1}\n", 200_000)+"{\"a\":1.5,\"b\":2}\n"+strings.Repeat("{\"a\":1}\n", 200_000)))
	s, err = Open(t.Context(), []string{keys}, Options{Widen: true})
	if err != nil {
		t.Fatal(err)
	}
	if schema, _ := s.Schema(t.Context()); shortSchema(schema) != "a:float64 b:int64" {
		t.Errorf("schema of JSON %s", shortSchema(schema))
	}
}
