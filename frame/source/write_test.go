package source

import (
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/tests/sample"
)

var writtenSchema = arrow.NewSchema([]arrow.Field{
	{Name: "s", Type: arrow.BinaryTypes.String, Nullable: true},
	{Name: "odd, \"name\"", Type: arrow.PrimitiveTypes.Int64, Nullable: true},
	{Name: "f", Type: arrow.PrimitiveTypes.Float64, Nullable: true},
	{Name: "t", Type: &arrow.TimestampType{Unit: arrow.Nanosecond, TimeZone: "UTC"}, Nullable: true},
	{Name: "d", Type: arrow.FixedWidthTypes.Date32, Nullable: true},
	{Name: "b", Type: arrow.FixedWidthTypes.Boolean, Nullable: true},
}, nil)

// writtenRecord has rows of nasty values.
func writtenRecord(mem memory.Allocator, r *rand.Rand, rows int, pieces []string) arrow.Record {
	b := array.NewRecordBuilder(mem, writtenSchema)
	defer b.Release()
	for range rows {
		s := ""
		for range r.IntN(4) {
			s += pieces[r.IntN(len(pieces))]
		}
		null := r.IntN(20)
		if null < 6 {
			b.Field(null).AppendNull()
		}
		for k, f := range b.Fields() {
			if k == null {
				continue
			}
			switch f := f.(type) {
			case *array.StringBuilder:
				f.Append(s)
			case *array.Int64Builder:
				f.Append(int64(r.Uint64()) >> r.IntN(64))
			case *array.Float64Builder:
				f.Append([]float64{r.NormFloat64(), math.Float64frombits(r.Uint64()), 0, math.Copysign(0, -1), 3, 1e15, 123456789, math.Inf(-1)}[r.IntN(8)])
			case *array.TimestampBuilder:
				f.Append(arrow.Timestamp(int64(r.Uint64()) / []int64{1, 2}[r.IntN(2)] / 1e9 * []int64{1e9, 1}[r.IntN(2)]))
			case *array.Date32Builder:
				f.Append(arrow.Date32(r.IntN(2_932_896+719_528) - 719_528))
			case *array.BooleanBuilder:
				f.Append(r.IntN(2) == 0)
			}
		}
	}
	return b.NewRecord()
}

// What is written with options reads back the same with them, batches in order.
func TestWrittenCSVReadsBack(t *testing.T) {
	checked(t)
	pieces := []string{"a", "", "NA", "null", "-", "#", "\"", "\"\"", ",", ";", "\n", "\r", "\r\n", "\\", "'", " ", "\t", "ü😀", "\ufeff", "long text that fills words", "1", "true"}
	for seed := range sample.Seeds(150, 4) {
		r := rand.New(rand.NewPCG(seed, 4))
		o := Options{
			Delimiter: []rune{0, ';', '\t', '-', '.', ':'}[r.IntN(6)], Quote: []rune{0, '\'', '+'}[r.IntN(3)],
			Escape: []rune{0, '\\'}[r.IntN(2)], NoHeader: r.IntN(3) == 0, QuoteAll: r.IntN(3) == 0,
			NullWords: [][]string{nil, {"NULL"}, {"not available", ""}}[r.IntN(3)],
		}
		var recs []arrow.Record
		var want [][]string
		size := []int{3, 300}[r.IntN(2)]
		pieces := pieces
		if r.IntN(3) == 0 {
			pieces = []string{"a", "", "NA", "NULL", "plain", "not available"} // no character that needs quotes
		}
		for range r.IntN(5) {
			rec := writtenRecord(currentAllocator(), r, r.IntN(size), pieces)
			if n := rec.NumRows(); n > 2 && r.IntN(2) == 0 {
				whole := rec
				rec = whole.NewSlice(1, n-1)
				whole.Release()
			}
			for i := range int(rec.NumRows()) {
				row := make([]string, rec.NumCols())
				for k, col := range rec.Columns() {
					if row[k] = "<null>"; col.IsValid(i) {
						row[k] = col.ValueStr(i)
					}
				}
				want = append(want, row)
			}
			recs = append(recs, rec)
		}
		path := filepath.Join(t.TempDir(), "w.csv"+[]string{"", ".gz", ".zst"}[r.IntN(3)])
		n, err := Write(t.Context(), path, writtenSchema, batch.FromRecords(recs...), o)
		if err != nil || n != int64(len(want)) {
			t.Fatalf("seed %d: %d rows, %v", seed, n, err)
		}
		if len(want) == 0 && o.NoHeader {
			continue // nothing to read
		}
		o.QuoteAll, o.Types = false, map[string]arrow.DataType{}
		for i, f := range writtenSchema.Fields() {
			name := f.Name
			if o.NoHeader {
				name = fmt.Sprintf("column_%d", i+1)
			}
			o.Types[name] = f.Type
		}
		s, err := Open(t.Context(), []string{path}, o)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		rows, err := readAll(t.Context(), s, 1<<16, nil)
		got := text(rows)
		if err != nil || !slices.EqualFunc(got, want, slices.Equal) {
			for i := range min(len(got), len(want)) {
				if !slices.Equal(got[i], want[i]) {
					t.Logf("row %d:\n got %q\nwant %q", i, got[i], want[i])
					break
				}
			}
			t.Fatalf("seed %d, %+v: %d rows of %d, %v", seed, o, len(got), len(want), err)
		}
	}
}

func TestManyBlocksAreWrittenInOrder(t *testing.T) {
	checked(t)
	schema := arrow.NewSchema([]arrow.Field{{Name: "i", Type: arrow.PrimitiveTypes.Int64, Nullable: true}}, nil)
	const batches, rows = 60, 7001
	for _, ext := range []string{".csv", ".csv.gz", ".ndjson.zst"} {
		path := filepath.Join(t.TempDir(), "w"+ext)
		n, err := Write(t.Context(), path, schema, func(yield func(arrow.Record, error) bool) {
			for k := range batches {
				b := array.NewRecordBuilder(currentAllocator(), schema)
				for i := range rows {
					b.Field(0).(*array.Int64Builder).Append(int64(k*rows + i))
				}
				rec := b.NewRecord()
				b.Release()
				if !yield(rec, nil) {
					return
				}
			}
		}, Options{})
		if err != nil || n != batches*rows {
			t.Fatalf("%s: %d rows, %v", ext, n, err)
		}
		s, err := Open(t.Context(), []string{path}, Options{})
		if err != nil {
			t.Fatal(err)
		}
		next := int64(0)
		err = eachBatch(t.Context(), s, 0, nil, func(rec arrow.Record) {
			for _, v := range rec.Column(0).(*array.Int64).Int64Values() {
				if v != next {
					t.Fatalf("%s: row %d is %d", ext, next, v)
				}
				next++
			}
		})
		if err != nil || next != batches*rows {
			t.Fatalf("%s: %d rows read, %v", ext, next, err)
		}
	}
}

func TestWriteOptionsThatCannotBe(t *testing.T) {
	one := arrow.NewSchema(writtenSchema.Fields()[:1], nil)
	for want, o := range map[string]Options{
		"option Types is for reading": {Types: map[string]arrow.DataType{"s": arrow.BinaryTypes.String}},
		"option Rejects":              {Rejects: true},
		"without quotes":              {Quote: NoQuote},
		"delimiter, quote":            {NullWords: []string{"a,b"}},
		"blank lines":                 {NullWords: []string{""}},
		"not both":                    {Header: true, NoHeader: true},
	} {
		path := filepath.Join(t.TempDir(), "w.csv")
		if _, err := Write(t.Context(), path, one, batch.FromRecords(), o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v", o, err)
		}
	}
}

func TestTimesAreWrittenAsPackageTimeDoes(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 6))
	for range 20_000 {
		unit := arrow.TimeUnit(r.IntN(4))
		v := int64(r.Uint64()) >> r.IntN(64)
		want := arrow.Timestamp(v).ToTime(unit).UTC().Format("2006-01-02T15:04:05.999999999")
		if got := string(appendTime(nil, v, int64(time.Second/unit.Multiplier()))); got != want && unit != arrow.Second {
			t.Fatalf("%d %s is %s, want %s", v, unit, got, want)
		}
		day := int64(r.IntN(8_000_000) - 4_000_000)
		if got, want := string(appendDate(nil, day)), time.Unix(day*86400, 0).UTC().Format("2006-01-02"); got != want {
			t.Fatalf("day %d is %s, want %s", day, got, want)
		}
	}
}
