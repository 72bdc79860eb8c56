package source

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

// shortSchema is a schema as name:type words.
func shortSchema(s *arrow.Schema) string {
	var words []string
	for _, f := range s.Fields() {
		words = append(words, f.Name+":"+f.Type.String())
	}
	return strings.Join(words, " ")
}

func TestCSVForms(t *testing.T) {
	tests := []struct {
		name, in string
		options  Options
		schema   string
		rows     string // fields by space, rows by newline
	}{
		{
			"types", "i,f,b,d,t,s\n1,1.5,true,2024-02-29,2024-01-02 03:04:05,x\n-2,2,FALSE,1969-12-31,2024-01-02T03:04,y\n",
			Options{},
			"i:int64 f:float64 b:bool d:date32 t:timestamp[us] s:utf8",
			"1 1.5 true 2024-02-29 2024-01-02_03:04:05Z x\n-2 2 false 1969-12-31 2024-01-02_03:04:00Z y",
		},
		{
			"null words", "i,s\nNA,NA\n,\"\"\nnull,\nN/A,NULL\n3,\"NA\"\n",
			Options{},
			"i:int64 s:utf8",
			"<null> <null>\n<null> \n<null> <null>\n<null> <null>\n3 NA",
		},
		{"own null words", "i,s\n-,NA\n4,-\n", Options{NullWords: []string{"-"}}, "i:int64 s:utf8", "<null> NA\n4 <null>"},
		{"long null word", "i,s\nnot available,ok and more\n4,not available\n", Options{NullWords: []string{"not available"}}, "i:int64 s:utf8", "<null> ok_and_more\n4 <null>"},
		{"quotes", "a,b\n\"x,1\",\"say \"\"hi\"\"\"\n\"two\nlines\",z\n", Options{}, "a:utf8 b:utf8", "x,1 say_\"hi\"\ntwo|lines z"},
		{"quoted numbers", "a,b\n\"1\",\"2.5\"\n\"\",\"NA\"\n", Options{}, "a:int64 b:float64", "1 2.5\n<null> <null>"},
		{"quote inside", "a,b\n5\" pipe,x\ny,6\"\n", Options{}, "a:utf8 b:utf8", "5\"_pipe x\ny 6\""},
		{"crlf", "a,b\r\n1,x\r\n2,\"y\"\r\n\r\n3,\r\n", Options{}, "a:int64 b:utf8", "1 x\n2 y\n3 <null>"},
		{"mixed line ends", "a,b\n1,x\r\n2,y\n", Options{}, "a:int64 b:utf8", "1 x\n2 y"},
		{"no last line end", "a,b\n1,2\n3,4", Options{}, "a:int64 b:int64", "1 2\n3 4"},
		{"ends in an empty field", "a,b\n1,2\n3,", Options{}, "a:int64 b:int64", "1 2\n3 <null>"},
		{"bom", "\xef\xbb\xbfa,b\n1,2\n", Options{}, "a:int64 b:int64", "1 2"},
		{"semicolons", "a;b\n1,5;x\n2,5;y\n", Options{}, "a:utf8 b:utf8", "1,5 x\n2,5 y"},
		{"tabs", "a\tb\n1\tx, y\n2\tz\n", Options{}, "a:int64 b:utf8", "1 x,_y\n2 z"},
		{"pipes", "a|b\n1|2\n", Options{}, "a:int64 b:int64", "1 2"},
		{"given delimiter", "a:b\n1:2\n", Options{Delimiter: ':'}, "a:int64 b:int64", "1 2"},
		{"one column", "a\n1\n\n2\n", Options{}, "a:int64", "1\n2"},
		{"no header", "1,x\n2,y\n", Options{NoHeader: true}, "column_1:int64 column_2:utf8", "1 x\n2 y"},
		{"names twice", "a,a,,a\n1,2,3,4\n", Options{}, "a:int64 a_2:int64 column_3:int64 a_3:int64", "1 2 3 4"},
		{"header only", "a,b\n", Options{}, "a:utf8 b:utf8", ""},
		{"int64 ends", "a\n9223372036854775807\n-9223372036854775808\n", Options{}, "a:int64", "9223372036854775807\n-9223372036854775808"},
		{"beyond int64", "a\n9223372036854775808\n1\n", Options{}, "a:float64", "9.223372036854776e+18\n1"},
		{"signs and spaces", "a,b\n+5, 7 \n-0,+1.5\n", Options{}, "a:int64 b:float64", "5 7\n0 1.5"},
		{"float words", "a\nnan\ninf\n-Inf\n1e400\n", Options{}, "a:float64", "NaN\n+Inf\n-Inf\n+Inf"},
		{"int and date", "a\n1\n2024-01-01\n", Options{}, "a:utf8", "1\n2024-01-01"},
		{"date and time", "a\n2024-01-01\n2024-01-01 10:00:00\n", Options{}, "a:timestamp[us]", "2024-01-01_00:00:00Z\n2024-01-01_10:00:00Z"},
		{
			"zones", "a\n2024-01-01T10:00:00Z\n2024-01-01T10:00:00.25+02:00\n2024-01-01T10:00:00-0130\n",
			Options{},
			"a:timestamp[us, tz=UTC]",
			"2024-01-01_10:00:00Z\n2024-01-01_08:00:00.25Z\n2024-01-01_11:30:00Z",
		},
		{"nanoseconds", "a\n2024-01-01T10:00:00.123456789\n", Options{}, "a:timestamp[ns]", "2024-01-01_10:00:00.123456789Z"},
		{"no such day", "a\n2023-02-29\n", Options{}, "a:utf8", "2023-02-29"},
		{"only nulls", "a,b\n,1\nNA,2\n", Options{}, "a:utf8 b:int64", "<null> 1\n<null> 2"},
		{"declared", "a,b,c\n007,1,12.5\n", Options{Types: map[string]arrow.DataType{
			"a": arrow.BinaryTypes.String, "b": arrow.PrimitiveTypes.Uint64, "c": &arrow.Decimal128Type{Precision: 10, Scale: 2},
		}}, "a:utf8 b:uint64 c:decimal(10, 2)", "007 1 12.5"},
		{"header detected", "id,n\n1,2\n3,4\n", Options{}, "id:int64 n:int64", "1 2\n3 4"},
		{"no header detected", "1,x,2024-01-01\n2,y,2024-01-02\n", Options{}, "column_1:int64 column_2:utf8 column_3:date32", "1 x 2024-01-01\n2 y 2024-01-02"},
		{"no header and nulls", "1,,2.5\n2,y,\n,z,1\n", Options{}, "column_1:int64 column_2:utf8 column_3:float64", "1 <null> 2.5\n2 y <null>\n<null> z 1"},
		{"years are names", "country,2019,2020\nx,1,2\ny,3,4\n", Options{}, "country:utf8 2019:int64 2020:int64", "x 1 2\ny 3 4"},
		{"header of another type", "1,2\nx,2024-01-01\n", Options{}, "1:utf8 2:date32", "x 2024-01-01"},
		{"one row of numbers", "1,2\n", Options{}, "column_1:int64 column_2:int64", "1 2"},
		{"header said", "1,2\n3,4\n", Options{Header: true}, "1:int64 2:int64", "3 4"},
		{"header by declared name", "1,2\n3,4\n", Options{Types: map[string]arrow.DataType{"1": arrow.BinaryTypes.String}}, "1:utf8 2:int64", "3 4"},
		{"trailing delimiters", "a;b\n1;x;\n2;;\n3;z;", Options{}, "a:int64 b:utf8", "1 x\n2 <null>\n3 z"},
		{"trailing delimiters, crlf", "a;b\r\n1;x;\r\n2;;\r\n", Options{}, "a:int64 b:utf8", "1 x\n2 <null>"},
		{"comments", "# made \"today\n\n# really\na,b\n1,x\n#2,y\n3,#z\n# end", Options{Comment: "#"}, "a:int64 b:utf8", "1 x\n3 #z"},
		{"long comments", "a,b\n// no\n/,x\n", Options{Comment: "//"}, "a:utf8 b:utf8", "/ x"},
		{"other quotes", "a,b\n'x,''1','say \"hi\"'\n\"y,z\n", Options{Quote: '\''}, "a:utf8 b:utf8", "x,'1 say_\"hi\"\n\"y z"},
		{"no quotes", "a,b\n\"x,y\"\n", Options{Quote: NoQuote}, "a:utf8 b:utf8", "\"x y\""},
		{"escapes", "a,b\n\"x\\\"y\",\"c:\\\\d\\e\"\n\"u\"\"v\",c:\\d\n\",\\\",\n\",2\n", Options{Escape: '\\'}, "a:utf8 b:utf8", "x\"y c:\\d\\e\nu\"v c:\\d\n,\",| 2"},
		{"escapes without quotes", "a,b\nx\\,y,\\\\\nu\\\nv,\"\n", Options{Quote: NoQuote, Escape: '\\'}, "a:utf8 b:utf8", "x,y \\\nu|v \""},
		{"carriage returns", "a,b\r1,x\r\r2,\"y,z\"\r", Options{}, "a:int64 b:utf8", "1 x\n2 y,z"},
		{"UTF-16LE", "\xff\xfea\x00,\x00b\x00\n\x001\x00,\x00\xfc\x00\n\x00", Options{}, "a:int64 b:utf8", "1 ü"},
		{"UTF-16BE", "\xfe\xff\x00a\x00,\x00b\x00\n\x001\x00,\xd8\x3d\xde\x00", Options{}, "a:int64 b:utf8", "1 😀"},
		{"UTF-16LE, declared", "a\x00,\x00b\x00\r\x001\x00,\x00x\x00\r\x00", Options{Encoding: "utf-16le"}, "a:int64 b:utf8", "1 x"},
		{"latin1", "a,b\n1,caf\xe9\n", Options{Encoding: "latin1"}, "a:int64 b:utf8", "1 café"},
		{"lossy", "a,b\n1,caf\xe9\n", Options{Encoding: "utf8-lossy"}, "a:int64 b:utf8", "1 caf\ufffd"},
		{"columns", "a,b,c\n1,2,3\n4,5,6\n", Options{Columns: []string{"c", "a"}}, "c:int64 a:int64", "3 1\n6 4"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			checked(t)
			s, err := Open(t.Context(), []string{writeFile(t, "t.csv", []byte(test.in))}, test.options)
			if err != nil {
				t.Fatal(err)
			}
			schema, err := s.Schema(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if got := shortSchema(schema); got != test.schema {
				t.Errorf("schema %s, want %s", got, test.schema)
			}
			for _, want := range []int64{1, 1 << 20} {
				rows, err := readAll(t.Context(), s, want, nil)
				if err != nil {
					t.Fatal(err)
				}
				var lines []string
				for _, r := range text(rows) {
					for i := range r {
						r[i] = strings.NewReplacer(" ", "_", "\n", "|").Replace(r[i])
					}
					lines = append(lines, strings.Join(r, " "))
				}
				if got := strings.Join(lines, "\n"); got != test.rows {
					t.Errorf("rows with splits of %d:\n%s\nwant\n%s", want, got, test.rows)
				}
			}
		})
	}
}

func TestCSVErrors(t *testing.T) {
	many := "a,b\n" + strings.Repeat("1,2\n", 200_000)
	tests := []struct {
		name, in string
		options  Options
		want     error
		text     []string
	}{
		{"empty", "", Options{}, ErrEmpty, nil},
		{"blank", "\n\n", Options{}, ErrEmpty, nil},
		{"too few", "a,b\n1,2\n3\n", Options{}, ErrRagged, []string{"line 3", "1 fields, 2 expected"}},
		{"too many", "a,b\n1,2\n3,4,5\n", Options{}, ErrRagged, []string{"line 3", "3 fields, 2 expected"}},
		{"too many far on", many + "1,2,3\n" + many[4:], Options{}, ErrRagged, []string{"line 200002", "3 fields, 2 expected"}},
		{
			"value beyond the samples", many + "x,2\n" + strings.Repeat("1,2\n", 100_000),
			Options{},
			ErrValue,
			[]string{"line 200002", `column "a"`, `"x"`, "integer", "Types"},
		},
		{
			"overflow beyond the samples", many + "99999999999999999999,2\n" + strings.Repeat("1,2\n", 100_000),
			Options{},
			ErrValue,
			[]string{"line 200002", `"99999999999999999999"`},
		},
		{"open quote", "a,b\n1,\"2\n3,4\n", Options{}, ErrCorrupt, []string{"line 2", "quote is not closed"}},
		{"text after quote", "a,b\n1,\"2\"3\n", Options{}, ErrCorrupt, []string{"line 2", "after a closing quote"}},
		{"declared type", "a\n1\nx\n", Options{Types: map[string]arrow.DataType{"a": arrow.PrimitiveTypes.Int64}}, ErrValue, []string{"line 3", `"x"`}},
		{"unknown declared", "a\n1\n", Options{Types: map[string]arrow.DataType{"z": arrow.PrimitiveTypes.Int64}}, ErrUnknownColumn, []string{`"z"`, `"a"`}},
		{"unknown column", "a,b\n1,2\n", Options{Columns: []string{"c"}}, ErrUnknownColumn, []string{`"c"`, `"a", "b"`}},
		{"not UTF-8", "a,b\n1,caf\xe9\n", Options{}, ErrCorrupt, []string{"UTF-8", `"b"`, "line 2"}},
		{"UTF-16 without a mark", "a\x00,\x00b\x00\n\x00", Options{}, ErrCorrupt, []string{"utf-16le"}},
		{"text after a trailing delimiter", "a,b\n" + strings.Repeat("1,2,\n", 100) + "3,4,5\n", Options{}, ErrRagged, []string{"line 102", "3 fields"}},
		{"binary", "a,b\n\x00\x01\x02", Options{}, ErrCorrupt, []string{"no text"}},
		{"zoned and not", many[:4] + "1,2\n" + "2024-01-01T00:00:00Z,2\n", Options{Types: map[string]arrow.DataType{"a": &arrow.TimestampType{Unit: arrow.Microsecond}}}, ErrValue, []string{"line 2"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			checked(t)
			path := writeFile(t, "bad.csv", []byte(test.in))
			s, err := Open(t.Context(), []string{path}, test.options)
			var rows []row
			if err == nil {
				rows, err = readAll(t.Context(), s, 64<<10, nil)
			}
			if !errors.Is(err, test.want) {
				t.Fatalf("error %v, want %v", err, test.want)
			}
			for _, part := range append(test.text, path) {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("error %q lacks %q", err, part)
				}
			}
			if strings.Contains(test.name, "beyond") && len(rows) != 200_000 {
				t.Errorf("%d good rows before the error, want 200000", len(rows))
			}
		})
	}
}

func TestMissing(t *testing.T) {
	for _, path := range []string{"/nowhere/x.csv", t.TempDir() + "/*.csv"} {
		_, err := Open(t.Context(), []string{path}, Options{})
		if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: error %v", path, err)
		}
	}
	if _, err := Open(t.Context(), []string{t.TempDir()}, Options{}); err == nil || !strings.Contains(err.Error(), "no file in it") {
		t.Errorf("a directory: %v", err)
	}
}

func TestFloatsAreExact(t *testing.T) {
	checked(t)
	r := rand.New(rand.NewPCG(7, 7))
	words := []string{
		"0.1", "-0.0", "0", "123456.789", "9007199254740992", "9007199254740993", "0.000001", "1234567.12345678", "12345678.12345678",
		"1.7976931348623157e308", "4.9e-324", "2.2250738585072011e-308", "1e22", "1e23", "0.30000000000000004", "179769313486231580793e289",
		"12345678.1", "1234567812345678.5", "99999999.99999999", "5.", ".5", "8.5070591730234616e37", "100000000000000000000.5",
	}
	for range 20_000 {
		v := math.Float64frombits(r.Uint64())
		if math.IsNaN(v) || math.IsInf(v, 0) {
			continue
		}
		words = append(words, strconv.FormatFloat(v, 'g', -1, 64))
		words = append(words, strconv.FormatFloat(r.NormFloat64()*math.Pow(10, float64(r.IntN(18)-6)), 'f', r.IntN(12), 64))
	}
	path := writeFile(t, "f.csv", []byte("x,y\n"+strings.Join(words, ",1\n")+",1\n"))
	s, err := Open(t.Context(), []string{path}, Options{Types: map[string]arrow.DataType{"x": arrow.PrimitiveTypes.Float64}})
	if err != nil {
		t.Fatal(err)
	}
	i := 0
	err = eachBatch(t.Context(), s, 0, []string{"x"}, func(rec arrow.Record) {
		for _, got := range rec.Column(0).(*array.Float64).Float64Values() {
			want, _ := strconv.ParseFloat(words[i], 64)
			if math.Float64bits(got) != math.Float64bits(want) {
				t.Fatalf("%s reads as %v (%x), want %v", words[i], got, math.Float64bits(got), want)
			}
			i++
		}
	})
	if err != nil || i != len(words) {
		t.Fatalf("%d of %d read: %v", i, len(words), err)
	}
}

func TestIntsAndDatesAreExact(t *testing.T) {
	checked(t)
	r := rand.New(rand.NewPCG(8, 8))
	var b strings.Builder
	var ints []int64
	var days []int32
	b.WriteString("i,d\n")
	for range 20_000 {
		v := int64(r.Uint64()) >> r.IntN(64)
		day := int32(r.IntN(2_932_896+719_528) - 719_528) // years 0 to 9999
		ints, days = append(ints, v), append(days, day)
		fmt.Fprintf(&b, "%d,%s\n", v, arrow.Date32(day).FormattedString())
	}
	s, err := Open(t.Context(), []string{writeFile(t, "i.csv", []byte(b.String()))}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	i := 0
	err = eachBatch(t.Context(), s, 1<<16, nil, func(rec arrow.Record) {
		for k, got := range rec.Column(0).(*array.Int64).Int64Values() {
			if day := rec.Column(1).(*array.Date32).Value(k); got != ints[i] || int32(day) != days[i] {
				t.Fatalf("row %d is %d, %d; want %d, %d", i, got, day, ints[i], days[i])
			}
			i++
		}
	})
	if err != nil || i != len(ints) {
		t.Fatalf("%d of %d read: %v", i, len(ints), err)
	}
}

func TestSpansAreTheBytesOfTheirRows(t *testing.T) {
	checked(t)
	data := groupCSV(5000)
	path := writeFile(t, "g.csv", data)
	s, err := Open(t.Context(), []string{path}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	header := data[:slices.Index(data, '\n')+1]
	at := int64(len(header))
	for split, err := range s.Splits(t.Context(), 10_000) {
		if err != nil {
			t.Fatal(err)
		}
		span := split.Span()
		if span.Start != at || span.Input != path {
			t.Fatalf("span %v, want one that starts at %d", span, at)
		}
		at = span.End
		want := oracle(t, append(slices.Clone(header), data[span.Start:span.End]...))
		n := int64(0)
		if err := eachOf(split.Open(t.Context(), nil, 0), func(rec arrow.Record) { n += rec.NumRows() }); err != nil {
			t.Fatal(err)
		}
		split.Close()
		if n != int64(len(want)) {
			t.Fatalf("%d rows in %v, want %d", n, span, len(want))
		}
	}
	if at != int64(len(data)) {
		t.Fatalf("spans end at %d of %d", at, len(data))
	}
}

func TestFirstBatchIsSmallAndLimitStops(t *testing.T) {
	checked(t)
	s, err := Open(t.Context(), []string{writeFile(t, "g.csv", groupCSV(20_000))}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	var sizes []int64
	for split, err := range s.Splits(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		if err := eachOf(split.Open(t.Context(), nil, 1500), func(rec arrow.Record) { sizes = append(sizes, rec.NumRows()) }); err != nil {
			t.Fatal(err)
		}
		split.Close()
	}
	if !slices.Equal(sizes, []int64{firstRows, 500}) {
		t.Fatalf("batches of %v rows", sizes)
	}
}

func TestFileThatShrinks(t *testing.T) {
	// Without columns the rows are counted only; in one split nothing else has looked at the text that is gone.
	for name, c := range map[string]struct {
		columns []string
		split   int64
	}{"read": {nil, 1 << 16}, "counted": {[]string{}, 1 << 16}, "counted whole": {[]string{}, 1 << 30}} {
		t.Run(name, func(t *testing.T) {
			checked(t)
			path := writeFile(t, "g.csv", groupCSV(15_000))
			s, err := Open(t.Context(), []string{path}, Options{})
			if err != nil {
				t.Fatal(err)
			}
			first := true
			err = eachBatch(t.Context(), s, c.split, c.columns, func(arrow.Record) {
				if first {
					first = false
					if err := os.Truncate(path, 1<<17); err != nil {
						t.Fatal(err)
					}
				}
			})
			if !errors.Is(err, ErrTruncated) || !strings.Contains(err.Error(), path) {
				t.Fatalf("error %v", err)
			}
		})
	}
}
