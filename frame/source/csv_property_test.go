package source

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/rivulet-go/rivulet/tests/sample"
)

// randomCSV writes rows of nasty fields and gives them as an independent reader has them.
func randomCSV(r *rand.Rand) (data []byte, fields int) {
	pieces := []string{"a", "bc", "long text without end ", "ü€😀", ",", "\n", "\"", "\"\"", ";", " ", "7", "-1.5", "NAN", "x\ny", ",,", "\n\n", "'"}
	fields = 1 + r.IntN(6)
	eol := []string{"\n", "\r\n"}[r.IntN(2)]
	quoteAll := r.IntN(4) == 0
	var b bytes.Buffer
	write := func(cells []string) {
		for i, c := range cells {
			if i > 0 {
				b.WriteByte(',')
			}
			if quoteAll || strings.ContainsAny(c, ",\n\"\r") || strings.HasPrefix(c, " ") || fields == 1 && c == "" {
				c = `"` + strings.ReplaceAll(c, `"`, `""`) + `"`
			}
			b.WriteString(c)
		}
	}
	header := make([]string, fields)
	for i := range header {
		header[i] = fmt.Sprintf("c%d", i)
	}
	write(header)
	b.WriteString(eol)
	for n := r.IntN(60); n >= 0; n-- {
		cells := make([]string, fields)
		for i := range cells {
			for range r.IntN(4) {
				cells[i] += pieces[r.IntN(len(pieces))]
			}
		}
		write(cells)
		if n > 0 || r.IntN(2) == 0 {
			b.WriteString(eol)
		}
		if r.IntN(20) == 0 && n > 0 {
			b.WriteString(eol) // a blank line
		}
	}
	return b.Bytes(), fields
}

// oracle reads with the standard library.
func oracle(t testing.TB, data []byte) [][]string {
	t.Helper()
	r := csv.NewReader(bytes.NewReader(data))
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatalf("%v in\n%s", err, data)
	}
	return rows[1:]
}

func allStrings(fields int) map[string]arrow.DataType {
	types := map[string]arrow.DataType{}
	for i := range fields {
		types[fmt.Sprintf("c%d", i)] = arrow.BinaryTypes.String
	}
	return types
}

func TestSplitsGiveWhatEncodingCSVGives(t *testing.T) {
	checked(t)
	for seed := range sample.Seeds(400, 8) {
		r := rand.New(rand.NewPCG(seed, 1))
		data, fields := randomCSV(r)
		path := writeFile(t, "t.csv", data)
		o := Options{Delimiter: ',', NullWords: []string{}, Types: allStrings(fields)}
		s, err := Open(t.Context(), []string{path}, o)
		if err != nil {
			t.Fatalf("seed %d: %v\n%s", seed, err, data)
		}
		want := oracle(t, data)
		for _, size := range []int64{1, 7, 64, 300, 1 << 20} {
			rows, err := readAll(t.Context(), s, size, nil)
			if err != nil {
				t.Fatalf("seed %d, splits of %d: %v\n%s", seed, size, err, data)
			}
			if got := text(rows); !slices.EqualFunc(got, want, slices.Equal) {
				t.Fatalf("seed %d, splits of %d:\n%s\n got %q\nwant %q", seed, size, data, got, want)
			}
		}
		if n := countRows(t, s, 64); n != int64(len(want)) {
			t.Fatalf("seed %d: %d rows counted, want %d\n%s", seed, n, len(want), data)
		}
		// A projection reads the same values.
		pick := fmt.Sprintf("c%d", fields-1)
		rows, err := readAll(t.Context(), s, 64, []string{pick})
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		for i, got := range text(rows) {
			if got[0] != want[i][fields-1] {
				t.Fatalf("seed %d: row %d of %s is %q, want %q", seed, i, pick, got[0], want[i][fields-1])
			}
		}
	}
}

// countRows reads no column.
func countRows(t *testing.T, s Source, size int64) (n int64) {
	t.Helper()
	if err := eachBatch(t.Context(), s, size, []string{}, func(rec arrow.Record) { n += rec.NumRows() }); err != nil {
		t.Fatal(err)
	}
	return n
}

// randomSyntax writes rows in a random syntax and gives what they say.
func randomSyntax(r *rand.Rand) (data []byte, o Options, want [][]string) {
	o = Options{
		Delimiter: []rune{',', ';', '\t', '|', ':'}[r.IntN(5)], Quote: []rune{0, '\'', '~', NoQuote}[r.IntN(4)],
		Escape: []rune{0, '\\', '^'}[r.IntN(3)], Comment: []string{"", "#", "//"}[r.IntN(3)], NullWords: []string{}, Header: true,
	}
	x := o.syntax()
	marks := string([]rune{o.Delimiter, rune(max(x.quote, 'q')), rune(max(x.escape, 'e'))})
	pieces := []string{"a", "long enough to fill words", "ü", " ", "7", "\"", "#x", "/", "//", "\\", marks[:1], marks[1:2], marks[2:]}
	if x.quote != 0 || x.escape != 0 {
		pieces = append(pieces, "\n", "\n"+o.Comment)
	} else {
		pieces = slices.DeleteFunc(pieces, func(s string) bool { return s == marks[:1] })
	}
	fields := 2 + r.IntN(4)
	eol := []string{"\n", "\r\n"}[r.IntN(2)]
	var b strings.Builder
	note := func() {
		if o.Comment != "" && r.IntN(4) == 0 {
			b.WriteString(o.Comment + " it's \"so\", " + marks + eol)
		}
	}
	note()
	for i := range fields {
		fmt.Fprintf(&b, "%sc%d", strings.Repeat(string(o.Delimiter), min(i, 1)), i)
	}
	b.WriteString(eol)
	for range r.IntN(50) {
		note()
		row := make([]string, fields)
		for i := range row {
			for range r.IntN(4) {
				row[i] += pieces[r.IntN(len(pieces))]
			}
			if i == 0 && o.Comment != "" && x.quote == 0 {
				row[i] = "." + row[i] // else it could be a comment
			}
			if i > 0 {
				b.WriteByte(x.delim)
			}
			writeField(&b, r, x, row[i], i == 0)
		}
		b.WriteString(eol)
		want = append(want, row)
	}
	return []byte(b.String()), o, want
}

// writeField writes a field quoted or escaped where it must be, and now and then where not.
func writeField(b *strings.Builder, r *rand.Rand, x syntax, text string, first bool) {
	if x.quote == 0 {
		for _, c := range []byte(text) {
			if x.escape != 0 && (c == x.delim || c == x.escape || c == '\n') {
				b.WriteByte(x.escape)
			}
			b.WriteByte(c)
		}
		return
	}
	comment := first && x.comment != "" && strings.HasPrefix(text, x.comment)
	if !comment && !strings.ContainsAny(text, string([]byte{x.delim, x.quote, '\n'})) && r.IntN(4) > 0 {
		b.WriteString(text)
		return
	}
	b.WriteByte(x.quote)
	for _, c := range []byte(text) {
		switch {
		case c == x.quote && x.escape != 0 && r.IntN(2) == 0, c == x.escape && x.escape != 0:
			b.WriteByte(x.escape)
		case c == x.quote:
			b.WriteByte(x.quote)
		}
		b.WriteByte(c)
	}
	b.WriteByte(x.quote)
}

func TestAnySyntaxIsReadInAnySplits(t *testing.T) {
	checked(t)
	for seed := range sample.Seeds(600, 8) {
		data, o, want := randomSyntax(rand.New(rand.NewPCG(seed, 2)))
		o.Types = map[string]arrow.DataType{}
		for i := range len(strings.Split(string(data), string(o.Delimiter))) {
			if strings.Contains(string(data), fmt.Sprintf("c%d", i)) && len(want) > 0 && i < len(want[0]) {
				o.Types[fmt.Sprintf("c%d", i)] = arrow.BinaryTypes.String
			}
		}
		s, err := Open(t.Context(), []string{writeFile(t, "t.csv", data)}, o)
		if err != nil {
			t.Fatalf("seed %d: %v\n%s", seed, err, data)
		}
		for _, size := range []int64{1, 7, 64, 300, 1 << 20} {
			rows, err := readAll(t.Context(), s, size, nil)
			if err != nil {
				t.Fatalf("seed %d, splits of %d: %v\n%s", seed, size, err, data)
			}
			if got := text(rows); !slices.EqualFunc(got, want, slices.Equal) {
				t.Fatalf("seed %d, splits of %d, %+v:\n%s\n got %q\nwant %q", seed, size, o, data, got, want)
			}
			if n := countRows(t, s, size); n != int64(len(want)) {
				t.Fatalf("seed %d, splits of %d: %d rows counted, want %d\n%s", seed, size, n, len(want), data)
			}
		}
	}
}

// Every form of a time reads as package time reads it, quoted or not, with whatever line end.
func TestTimesAreExact(t *testing.T) {
	checked(t)
	r := rand.New(rand.NewPCG(9, 9))
	for _, unit := range []arrow.TimeUnit{arrow.Second, arrow.Millisecond, arrow.Microsecond, arrow.Nanosecond} {
		for _, zone := range []string{"", "UTC"} {
			var b strings.Builder
			var want []int64
			b.WriteString("x,t,b,d\r\n")
			for range 1000 {
				v := time.Unix(r.Int64N(7_000_000_000)-2_500_000_000, r.Int64N(1_000_000_000)).UTC().Truncate(unit.Multiplier())
				layout := "2006-01-02" + []string{" ", "T"}[r.IntN(2)] + "15:04:05"
				digits := []int{0, 3, 6, 9}[unit]
				if layout += []string{"", ".", "."}[r.IntN(3)] + strings.Repeat("0", digits); digits == 0 || !strings.Contains(layout, ".") {
					layout = strings.TrimRight(layout, ".0")
					if !strings.Contains(layout, ":05") {
						layout = layout[:strings.LastIndexByte(layout, ':')] + ":05"
					}
					v = v.Truncate(time.Second)
				}
				if zone != "" {
					layout += []string{"Z07:00", "-07:00", "-0700"}[r.IntN(3)]
					v = v.In(time.FixedZone("", (r.IntN(28*4)-14*4)*900))
				}
				quote := []string{"", "\""}[r.IntN(2)]
				fmt.Fprintf(&b, "%[1]s1%[1]s,%[1]s%[2]s%[1]s,%[1]s%[3]t%[1]s,%[1]s%[4]s%[1]s\r\n", quote, v.Format(layout), r.IntN(2) == 0, v.Format("2006-01-02"))
				want = append(want, v.UnixNano()/int64(unit.Multiplier()))
			}
			s, err := Open(t.Context(), []string{writeFile(t, "t.csv", []byte(b.String()))}, Options{
				Types: map[string]arrow.DataType{"t": &arrow.TimestampType{Unit: unit, TimeZone: zone}},
			})
			if err != nil {
				t.Fatal(err)
			}
			if schema, _ := s.Schema(t.Context()); !strings.HasPrefix(shortSchema(schema), "x:int64 t:timestamp") || !strings.HasSuffix(shortSchema(schema), "b:bool d:date32") {
				t.Errorf("schema %s", shortSchema(schema))
			}
			lines := strings.Split(b.String(), "\r\n")
			i := 0
			err = eachBatch(t.Context(), s, 1<<15, []string{"t", "b", "d"}, func(rec arrow.Record) {
				for k, got := range rec.Column(0).(*array.Timestamp).TimestampValues() {
					line := strings.Split(strings.ReplaceAll(lines[i+1], "\"", ""), ",")
					if int64(got) != want[i] || rec.Column(1).ValueStr(k) != line[2] || rec.Column(2).ValueStr(k) != line[3] {
						t.Fatalf("%s is %d, want %d", lines[i+1], got, want[i])
					}
					i++
				}
			})
			if err != nil || i != len(want) {
				t.Fatalf("%d of %d read: %v", i, len(want), err)
			}
		}
	}
}
