package source

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/klauspost/compress/zstd"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/tests/sample"
)

// gzipped is data compressed as fast as can be: the race detector makes it slow.
func gzipped(t testing.TB, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestSpeed)
	if err == nil {
		_, err = w.Write(data)
	}
	if err = errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func zstandard(t testing.TB, data []byte) []byte {
	t.Helper()
	w, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest))
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	return w.EncodeAll(data, nil)
}

func zipped(t testing.TB, members ...[]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	w.RegisterCompressor(zip.Deflate, func(out io.Writer) (io.WriteCloser, error) { return flate.NewWriter(out, flate.BestSpeed) })
	for i, data := range members {
		f, err := w.Create("part" + string(rune('a'+i)) + ".csv")
		if err == nil {
			_, err = f.Write(data)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestCompressedForms(t *testing.T) {
	data := groupCSV(10_000)
	want := oracle(t, data)
	quoted, _ := randomCSV(rand.New(rand.NewPCG(3, 3)))
	for name, packed := range map[string][]byte{
		"g.csv.gz": gzipped(t, data), "g.csv.zst": zstandard(t, data), "g.csv.zip": zipped(t, data),
		"two.gz": append(gzipped(t, data[:1000]), gzipped(t, data[1000:])...),
	} {
		t.Run(name, func(t *testing.T) {
			checked(t)
			s, err := Open(t.Context(), []string{writeFile(t, name, packed)}, Options{Format: "csv", Types: map[string]arrow.DataType{"v3": arrow.BinaryTypes.String}})
			if err != nil {
				t.Fatal(err)
			}
			for _, size := range []int64{100, 1 << 16, 1 << 30} {
				at, stored := int64(bytes.IndexByte(data, '\n')+1), int64(0)
				for split, err := range s.Splits(t.Context(), size) {
					if err != nil {
						t.Fatal(err)
					}
					if span := split.Span(); span.Start != at {
						t.Fatalf("a span starts at %d, want %d", span.Start, at)
					}
					at, stored = split.Span().End, stored+split.Stored()
					split.Close()
				}
				if at != int64(len(data)) || stored > s.Size() || stored < s.Size()*9/10 {
					t.Errorf("splits of %d end at %d of %d, %d of %d stored bytes", size, at, len(data), stored, s.Size())
				}
			}
			rows, err := readAll(t.Context(), s, 1<<16, nil)
			if err != nil {
				t.Fatal(err)
			}
			if got := text(rows); !slices.EqualFunc(got, want, slices.Equal) {
				t.Fatal("other rows than the plain file's")
			}
		})
	}
	t.Run("several members", func(t *testing.T) {
		checked(t)
		s, err := Open(t.Context(), []string{writeFile(t, "g.zip", zipped(t, data, data))}, Options{})
		if err != nil {
			t.Fatal(err)
		}
		rows, err := readAll(t.Context(), s, 1<<20, []string{"id1"})
		if err != nil || len(rows) != 2*len(want) {
			t.Fatalf("%d rows, %v", len(rows), err)
		}
	})
	t.Run("quotes", func(t *testing.T) {
		checked(t)
		s, err := Open(t.Context(), []string{writeFile(t, "q.csv.gz", gzipped(t, quoted))}, Options{Delimiter: ',', NullWords: []string{}, Types: allTypes(t, quoted)})
		if err != nil {
			t.Fatal(err)
		}
		for _, size := range []int64{1, 30, 500} {
			rows, err := readAll(t.Context(), s, size, nil)
			if err != nil {
				t.Fatal(err)
			}
			if got, want := text(rows), oracle(t, quoted); !slices.EqualFunc(got, want, slices.Equal) {
				t.Fatalf("splits of %d: got %q want %q", size, got, want)
			}
		}
	})
}

func allTypes(t *testing.T, data []byte) map[string]arrow.DataType {
	t.Helper()
	line, _, _ := bytes.Cut(data, []byte("\n"))
	return allStrings(bytes.Count(line, []byte(",")) + 1)
}

func TestTruncatedForms(t *testing.T) {
	data := groupCSV(30_000)
	rec := canonicalRecord(t, 5000)
	defer rec.Release()
	forms := map[string][]byte{"t.csv.gz": gzipped(t, data), "t.csv.zst": zstandard(t, data), "t.csv.zip": zipped(t, data)}
	for _, name := range []string{"t.parquet", "t.arrow"} {
		forms[name] = written(t, name, rec)
	}
	for name, whole := range forms {
		for _, part := range []float64{0.999, 0.6, 0.05} {
			t.Run(name, func(t *testing.T) {
				checked(t)
				path := writeFile(t, name, whole[:int(float64(len(whole))*part)])
				s, err := Open(t.Context(), []string{path}, Options{})
				var rows []row
				if err == nil {
					rows, err = readAll(t.Context(), s, 1<<16, nil)
				}
				if !errors.Is(err, ErrTruncated) || !strings.Contains(err.Error(), path) {
					t.Fatalf("error %v", err)
				}
				if strings.HasSuffix(name, ".gz") && part == 0.6 && len(rows) < 5_000 {
					t.Errorf("only %d good rows before the error", len(rows))
				}
			})
		}
	}
}

// TestCorruptForms flips bytes: an error or other values, never a panic, a hang or a leak.
func TestCorruptForms(t *testing.T) {
	rec := canonicalRecord(t, 300)
	defer rec.Release()
	number := 0
	for _, name := range []string{"c.parquet", "c.arrow", "c.csv", "c.csv.gz", "c.ndjson", "c.csv.zst"} {
		whole := written(t, name, rec)
		dir := t.TempDir()
		for range 150 {
			if number++; !sample.Today(number, 5) {
				continue
			}
			r := rand.New(rand.NewPCG(5, uint64(number)))
			data := slices.Clone(whole)
			for range 1 + r.IntN(4) {
				data[r.IntN(len(data))] ^= byte(1 << r.IntN(8))
			}
			path := filepath.Join(dir, name)
			if err := os.WriteFile(path, data, 0o600); err != nil {
				t.Fatal(err)
			}
			s, err := Open(t.Context(), []string{path}, Options{})
			if err == nil {
				_, err = readAll(t.Context(), s, 4096, nil)
			}
			if err != nil && !strings.Contains(err.Error(), path) {
				t.Fatalf("an error without the file's name: %v", err)
			}
		}
	}
}

func canonicalSchema() *arrow.Schema {
	return arrow.NewSchema([]arrow.Field{
		{Name: "b", Type: arrow.FixedWidthTypes.Boolean, Nullable: true},
		{Name: "i", Type: arrow.PrimitiveTypes.Int64, Nullable: true},
		{Name: "f", Type: arrow.PrimitiveTypes.Float64, Nullable: true},
		{Name: "s", Type: arrow.BinaryTypes.String, Nullable: true},
		{Name: "d", Type: arrow.FixedWidthTypes.Date32, Nullable: true},
		{Name: "t", Type: &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"}, Nullable: true},
		{Name: "n", Type: &arrow.TimestampType{Unit: arrow.Microsecond}, Nullable: true},
	}, nil)
}

// canonicalRecord is a record of every type that a CSV file tells apart, with nulls.
func canonicalRecord(t testing.TB, rows int) arrow.Record {
	t.Helper()
	r := rand.New(rand.NewPCG(9, 9))
	words := []string{"", "NA", "plain", "a,b", "say \"hi\"", "two\nlines", "ü€", " spaced ", "null", "123"}
	b := array.NewRecordBuilder(memory.NewGoAllocator(), canonicalSchema())
	defer b.Release()
	for i := range rows {
		for _, f := range b.Fields() {
			if i > 0 && r.IntN(5) == 0 {
				f.AppendNull()
				continue
			}
			switch f := f.(type) {
			case *array.BooleanBuilder:
				f.Append(r.IntN(2) == 0)
			case *array.Int64Builder:
				f.Append(int64(r.Uint64()) >> r.IntN(64))
			case *array.Float64Builder:
				f.Append(math.Trunc(r.NormFloat64()*1e6) / 1e3)
			case *array.StringBuilder:
				f.Append(words[r.IntN(len(words))])
			case *array.Date32Builder:
				f.Append(arrow.Date32(r.IntN(40_000) - 10_000))
			case *array.TimestampBuilder:
				f.Append(arrow.Timestamp(r.Int64N(4e15) - 2e15))
			}
		}
	}
	return b.NewRecord()
}

// written is what Write makes of a record.
func written(t testing.TB, name string, rec arrow.Record) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	rec.Retain()
	if n, err := Write(t.Context(), path, rec.Schema(), batch.FromRecords(rec), Options{}); err != nil || n != rec.NumRows() {
		t.Fatalf("%d rows written: %v", n, err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestRoundTrips(t *testing.T) {
	want := canonicalRecord(t, 3000)
	defer want.Release()
	for _, name := range []string{"r.csv", "r.tsv", "r.csv.gz", "r.csv.zst", "r.parquet", "r.arrow", "r.ndjson", "r.ndjson.gz"} {
		t.Run(name, func(t *testing.T) {
			checked(t)
			types := map[string]arrow.DataType{}
			for _, f := range want.Schema().Fields() {
				types[f.Name] = f.Type
			}
			o := Options{}
			if strings.Contains(name, "ndjson") || strings.Contains(name, "sv") {
				o.Types = types
			}
			s, err := Open(t.Context(), []string{writeFile(t, name, written(t, name, want))}, o)
			if err != nil {
				t.Fatal(err)
			}
			schema, _ := s.Schema(t.Context())
			if !schema.Equal(want.Schema()) {
				t.Fatalf("schema %s", schema)
			}
			at := int64(0)
			err = eachBatch(t.Context(), s, 4096, nil, func(rec arrow.Record) {
				part := want.NewSlice(at, at+rec.NumRows())
				defer part.Release()
				if !array.RecordEqual(rec, part) {
					t.Errorf("rows %d to %d differ:\n%v\nwant\n%v", at, at+rec.NumRows(), rec, part)
				}
				at += rec.NumRows()
			})
			if err != nil || at != want.NumRows() {
				t.Fatalf("%d rows: %v", at, err)
			}
			rows, err := readAll(t.Context(), s, 0, []string{"s", "b"})
			if err != nil || len(rows) != int(at) || len(rows[0]) != 2 {
				t.Fatalf("projection: %d rows, %v", len(rows), err)
			}
			rows, err = readAll(t.Context(), s, 0, []string{})
			if err != nil || len(rows) > int(at) {
				t.Fatalf("no columns: %d rows, %v", len(rows), err)
			}
		})
	}
}

func TestNarrowTypesBecomeCanonical(t *testing.T) {
	schema := arrow.NewSchema([]arrow.Field{
		{Name: "i8", Type: arrow.PrimitiveTypes.Int8},
		{Name: "u32", Type: arrow.PrimitiveTypes.Uint32, Nullable: true},
		{Name: "f32", Type: arrow.PrimitiveTypes.Float32, Nullable: true},
		{Name: "large", Type: arrow.BinaryTypes.LargeString, Nullable: true},
		{Name: "list", Type: arrow.ListOf(arrow.PrimitiveTypes.Int64), Nullable: true},
	}, nil)
	rec, _, err := array.RecordFromJSON(memory.NewGoAllocator(), schema, strings.NewReader(
		`[{"i8":-3,"u32":4000000000,"f32":0.5,"large":"x","list":[1,2]},{"i8":7,"u32":null,"f32":null,"large":null,"list":null}]`))
	if err != nil {
		t.Fatal(err)
	}
	defer rec.Release()
	for name, data := range map[string][]byte{"n.parquet": written(t, "n.parquet", rec), "n.arrow": written(t, "n.arrow", rec), "s.arrow": arrowStream(t, rec)} {
		t.Run(name, func(t *testing.T) {
			checked(t)
			s, err := Open(t.Context(), []string{writeFile(t, name, data)}, Options{})
			if err != nil {
				t.Fatal(err)
			}
			got, _ := s.Schema(t.Context())
			if words := shortSchema(got); !strings.HasPrefix(words, "i8:int64 u32:int64 f32:float64 large:utf8 list:list<") {
				t.Fatalf("schema %s", words)
			}
			rows, err := readAll(t.Context(), s, 0, nil)
			if err != nil {
				t.Fatal(err)
			}
			want := [][]string{{"-3", "4000000000", "0.5", "x", "[1,2]"}, {"7", "<null>", "<null>", "<null>", "<null>"}}
			if !slices.EqualFunc(text(rows), want, slices.Equal) {
				t.Fatalf("rows %q", text(rows))
			}
		})
	}
}

func TestNDJSON(t *testing.T) {
	checked(t)
	in := `{"a":1,"b":"x","c":{"k":[1,2.5]},"d":true}` + "\n\n" +
		` {"b":"tab\tü\u00e9 \"q\"", "a":2.5, "e":null} ` + "\n" + `{"a":null,"c":{"k":[],"z":"w"},"m":1}` + "\n" + `{"m":"text"}`
	path := writeFile(t, "j.ndjson", []byte(in))
	s, err := Open(t.Context(), []string{path}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	schema, _ := s.Schema(t.Context())
	if got := shortSchema(schema); got != "a:float64 b:utf8 c:struct<k: list<item: float64, nullable>, z: utf8> d:bool e:utf8 m:utf8" {
		t.Fatalf("schema %s", got)
	}
	for _, size := range []int64{1, 1000} {
		rows, err := readAll(t.Context(), s, size, nil)
		if err != nil {
			t.Fatal(err)
		}
		want := [][]string{
			{"1", "x", `{"k":[1,2.5],"z":null}`, "true", "<null>", "<null>"},
			{"2.5", "tab\tüé \"q\"", "<null>", "<null>", "<null>", "<null>"},
			{"<null>", "<null>", `{"k":[],"z":"w"}`, "<null>", "<null>", "1"},
			{"<null>", "<null>", "<null>", "<null>", "<null>", "text"},
		}
		if !slices.EqualFunc(text(rows), want, slices.Equal) {
			t.Fatalf("rows %q", text(rows))
		}
	}
}

func TestNDJSONErrors(t *testing.T) {
	many := strings.Repeat("{\"a\":1}\n", 100_000)
	tail := many[:len(many)/10*3] // no sample lies at the end of many
	for name, test := range map[string]struct {
		in, text string
		want     error
	}{
		"syntax":     {`{"a":1}` + "\n" + `{"a":}` + "\n", "line 2", ErrCorrupt},
		"array":      {`[{"a":1}]`, "one object per line", ErrCorrupt},
		"cut off":    {`{"a":1}` + "\n" + `{"a":"x`, "line 2", ErrCorrupt},
		"late value": {many + `{"a":"x"}` + "\n" + tail, `line 100001, column "a"`, ErrValue},
		"late key":   {many + `{"z":1}` + "\n" + tail, `line 100001, column "z"`, errUnknownKey},
		"twice":      {`{"a":1,"a":2}`, `column "a"`, ErrCorrupt},
	} {
		t.Run(name, func(t *testing.T) {
			checked(t)
			path := writeFile(t, "j.ndjson", []byte(test.in))
			s, err := Open(t.Context(), []string{path}, Options{})
			if err == nil {
				_, err = readAll(t.Context(), s, 1<<16, nil)
			}
			if !errors.Is(err, test.want) || !strings.Contains(err.Error(), test.text) || !strings.Contains(err.Error(), path) {
				t.Fatalf("error %v", err)
			}
		})
	}
}

func TestSeveralFiles(t *testing.T) {
	dir := t.TempDir()
	for name, data := range map[string]string{"b.csv": "x,y\n2.5,b\n", "a.csv": "x,y\n1,a\n", "c.csv": "x,z\n3,c\n", "d.csv": "y,x\nd,4\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	checked(t)
	s, err := Open(t.Context(), []string{filepath.Join(dir, "[ab].csv")}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	rows, err := readAll(t.Context(), s, 0, nil)
	if err != nil || !slices.EqualFunc(text(rows), [][]string{{"1", "a"}, {"2.5", "b"}}, slices.Equal) {
		t.Fatalf("%q, %v", text(rows), err)
	}
	_, err = Open(t.Context(), []string{filepath.Join(dir, "a.csv"), filepath.Join(dir, "c.csv")}, Options{})
	if !errors.Is(err, ErrSchema) || !strings.Contains(err.Error(), "c.csv") || !strings.Contains(err.Error(), `"y"`) {
		t.Errorf("c.csv: %v", err)
	}
}

func TestRecords(t *testing.T) {
	checked(t)
	rec := canonicalRecord(t, 1000)
	defer rec.Release()
	s := FromRecords("memory", rec.Schema(), []arrow.Record{rec, rec})
	defer s.(interface{ Release() }).Release()
	rows, err := readAll(t.Context(), s, 4096, []string{"i"})
	if err != nil || len(rows) != 2000 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
}

func TestCancel(t *testing.T) {
	data := groupCSV(100_000)
	rec := canonicalRecord(t, 100)
	defer rec.Release()
	for name, data := range map[string][]byte{"g.csv": data, "g.csv.gz": gzipped(t, data)} {
		t.Run(name, func(t *testing.T) {
			checked(t)
			ctx, cancel := context.WithCancel(t.Context())
			s, err := Open(ctx, []string{writeFile(t, name, data)}, Options{})
			if err != nil {
				t.Fatal(err)
			}
			var cancelled time.Time
			err = eachBatch(ctx, s, 1<<30, nil, func(arrow.Record) {
				if cancelled.IsZero() {
					cancelled = time.Now()
					cancel()
				}
			})
			if !errors.Is(err, context.Canceled) {
				t.Fatalf("error %v", err)
			}
			if d := time.Since(cancelled); d > 500*time.Millisecond { // 100 ms on an idle machine
				t.Errorf("ended %v after the cancel", d)
			}
		})
	}
	t.Run("write", func(t *testing.T) {
		dir := t.TempDir()
		ctx, cancel := context.WithCancel(t.Context())
		endless := func(yield func(arrow.Record, error) bool) {
			for {
				rec.Retain()
				cancel()
				if !yield(rec, nil) {
					return
				}
			}
		}
		_, err := Write(ctx, filepath.Join(dir, "w.parquet"), rec.Schema(), endless, Options{})
		left, _ := os.ReadDir(dir)
		if !errors.Is(err, context.Canceled) || len(left) != 0 {
			t.Fatalf("error %v, left %v", err, left)
		}
	})
}

func TestWriteKeepsTheOldFileOnError(t *testing.T) {
	path := writeFile(t, "w.csv", []byte("old"))
	failure := errors.New("no more")
	_, err := Write(t.Context(), path, canonicalSchema(), batch.Fail(failure), Options{})
	if data, _ := os.ReadFile(path); !errors.Is(err, failure) || string(data) != "old" {
		t.Fatalf("error %v, file %q", err, data)
	}
	if _, err := Write(t.Context(), path+".xls", canonicalSchema(), batch.FromRecords(), Options{}); err == nil {
		t.Fatal("an unknown extension is no error")
	}
}
