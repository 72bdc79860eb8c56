package encode

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/file"
	"github.com/apache/arrow/go/v17/parquet/pqarrow"

	"github.com/rivulet-go/rivulet/tests/sample"
)

// written is a file of the records, which are released.
func written(t *testing.T, schema *arrow.Schema, recs []arrow.Record, o Options) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := NewWriter(&b, schema, o)
	if err != nil {
		t.Fatal(err)
	}
	for _, rec := range recs {
		if err := w.Write(rec); err != nil {
			t.Fatal(err)
		}
		rec.Release()
	}
	if err := w.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// readBack reads a file by Arrow's reader.
func readBack(t *testing.T, mem memory.Allocator, data []byte) (*file.Reader, arrow.Table) {
	t.Helper()
	f, err := file.NewParquetReader(bytes.NewReader(data), file.WithReadProps(parquet.NewReaderProperties(mem)))
	if err != nil {
		t.Fatal(err)
	}
	r, err := pqarrow.NewFileReader(f, pqarrow.ArrowReadProperties{BatchSize: 1 << 20}, mem)
	if err != nil {
		t.Fatal(err)
	}
	table, err := r.ReadTable(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return f, table
}

func concatenated(t *testing.T, mem memory.Allocator, chunks []arrow.Array, typ arrow.DataType) arrow.Array {
	t.Helper()
	if len(chunks) == 0 {
		return array.MakeArrayOfNull(mem, typ, 0)
	}
	out, err := array.Concatenate(chunks, mem)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Arrow's reader reads what was written, whatever the types, the nulls, the sizes of pages and row groups and the codec.
func TestWrittenFilesReadBack(t *testing.T) {
	mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
	defer mem.AssertSize(t, 0)
	for seed := range sample.Seeds(200, 8) {
		r := rand.New(rand.NewPCG(seed, 8))
		types := flatTypes
		if seed%2 == 0 {
			types = append(append([]arrow.DataType{}, flatTypes[9:13]...), nestedTypes...)
		}
		schema := randomSchema(r, types)
		o := randomOptions(r)
		if o.Codec == "lz4" { // which Arrow's reader lacks
			o.Codec = "none"
		}
		most := []int{1, 20, 2000, 40_000}[r.IntN(4)]
		if seed%2 == 0 || o.GroupRows == 1 {
			most = min(most, 500)
		}
		var recs []arrow.Record
		for range 1 + r.IntN(3) {
			rec := randomRecord(mem, r, schema, r.IntN(most+1))
			if n := rec.NumRows(); n > 2 && r.IntN(2) == 0 {
				whole := rec
				rec = whole.NewSlice(1, n-1)
				whole.Release()
			}
			recs = append(recs, rec)
		}
		var want []arrow.Array
		for i := range schema.NumFields() {
			var chunks []arrow.Array
			for _, rec := range recs {
				chunks = append(chunks, rec.Column(i))
			}
			want = append(want, concatenated(t, mem, chunks, schema.Field(i).Type))
		}
		data := written(t, schema, recs, o)
		f, table := readBack(t, mem, data)
		checkBounds(t, f)
		for i, w := range want {
			if int64(w.Len()) != table.NumRows() {
				t.Fatalf("seed %d: %d rows, want %d", seed, table.NumRows(), w.Len())
			}
			got := concatenated(t, mem, table.Column(i).Data().Chunks(), w.DataType())
			if !array.ApproxEqual(got, w, array.WithNaNsEqual(true)) {
				t.Fatalf("seed %d, %+v, column %d, %s:\n got %s\nwant %s", seed, o, i, w.DataType(), short(got), short(w))
			}
			got.Release()
			w.Release()
		}
		if v := f.MetaData().KeyValueMetadata().FindValue("key"); v == nil || *v != "value" {
			t.Fatalf("seed %d: the footer's metadata are %v", seed, f.MetaData().KeyValueMetadata())
		}
		table.Release()
	}
}

func short(a arrow.Array) string {
	text := a.String()
	return text[:min(len(text), 2000)]
}

// checkBounds compares the statistics of row groups with the values.
func checkBounds(t *testing.T, f *file.Reader) {
	t.Helper()
	for g := range f.NumRowGroups() {
		for c := range f.MetaData().Schema.NumColumns() {
			chunk, err := f.MetaData().RowGroup(g).ColumnChunk(c)
			if err != nil {
				t.Fatal(err)
			}
			stats, err := chunk.Statistics()
			if err != nil {
				t.Fatal(err)
			}
			if stats == nil || !stats.HasNullCount() {
				t.Fatalf("row group %d, column %d has no statistics", g, c)
			}
		}
	}
}

// The bytes do not depend on who encodes.
func TestFilesAreTheSameEachTime(t *testing.T) {
	for seed := range uint64(10) {
		r := rand.New(rand.NewPCG(seed, 9))
		schema := randomSchema(r, append(append([]arrow.DataType{}, flatTypes...), nestedTypes...))
		o := randomOptions(r)
		rows := 3000
		if o.GroupRows == 1 {
			rows = 50
		}
		rec := randomRecord(memory.DefaultAllocator, r, schema, rows)
		var first []byte
		for i := range 4 {
			o.Serial = i == 3
			rec.Retain()
			data := written(t, schema, []arrow.Record{rec}, o)
			if first == nil {
				first = data
			}
			if !bytes.Equal(first, data) {
				t.Fatalf("seed %d: %d bytes differ from %d", seed, len(data), len(first))
			}
		}
	}
}

type failing struct{ left int }

var errFull = errors.New("it is full")

func (f *failing) Write(b []byte) (int, error) {
	if f.left -= len(b); f.left < 0 {
		return 0, errFull
	}
	return len(b), nil
}

// An error of the file is given, and nothing is left behind: goleak looks.
func TestErrorsOfTheFile(t *testing.T) {
	mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
	defer mem.AssertSize(t, 0)
	r := rand.New(rand.NewPCG(1, 10))
	schema := arrow.NewSchema([]arrow.Field{{Name: "a", Type: arrow.PrimitiveTypes.Int64}, {Name: "b", Type: arrow.BinaryTypes.String, Nullable: true}}, nil)
	rec := randomRecord(mem, r, schema, 5000)
	defer rec.Release()
	for _, room := range []int{0, 100, 20_000, 40_000} {
		w, err := NewWriter(&failing{room}, schema, Options{GroupRows: 1000, Codec: "none"})
		for range 3 {
			if err == nil {
				err = w.Write(rec)
			}
		}
		if err == nil {
			err = w.Close(t.Context())
		}
		if !errors.Is(err, errFull) {
			t.Fatalf("room for %d bytes: %v", room, err)
		}
		if w != nil {
			w.Drop()
		}
	}
	w, err := NewWriter(&failing{1 << 30}, schema, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(rec); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := w.Close(ctx); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
}

func TestWhatCannotBeWritten(t *testing.T) {
	level := 30
	one := func(typ arrow.DataType) *arrow.Schema {
		return arrow.NewSchema([]arrow.Field{{Name: "c", Type: typ, Nullable: true}}, nil)
	}
	deep := arrow.PrimitiveTypes.Int64
	for range 40 {
		deep = arrow.ListOf(deep)
	}
	for _, c := range []struct {
		schema *arrow.Schema
		o      Options
		want   string
	}{
		{one(arrow.PrimitiveTypes.Int64), Options{Codec: "lzo"}, `compression "lzo": there are brotli, gzip, lz4, none, snappy, zstd`},
		{one(arrow.PrimitiveTypes.Int64), Options{Codec: "zstd", Level: &level}, "level 30 is not between 1 and 22"},
		{one(arrow.PrimitiveTypes.Int64), Options{Level: &level}, "has no levels"},
		{one(arrow.PrimitiveTypes.Int64), Options{Bloom: []string{"d"}}, `there is no column "d"`},
		{one(arrow.PrimitiveTypes.Int64), Options{PageBytes: -1}, "negative size"},
		{arrow.NewSchema(nil, nil), Options{}, "one column at least"},
		{one(arrow.StructOf()), Options{}, `column "c": a struct without fields`},
		{one(arrow.FixedWidthTypes.MonthInterval), Options{}, `column "c": type month_interval can't be written`},
		{one(&arrow.Decimal128Type{Precision: 3, Scale: 5}), Options{}, `column "c": decimals of 3 digits, 5 behind the point`},
		{one(deep), Options{}, "nested deeper"},
	} {
		if _, err := NewWriter(&bytes.Buffer{}, c.schema, c.o); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %q", err, c.want)
		}
	}
}

// Values that the format has no room for, and nulls where the schema has none, give an error that names the column.
func TestValuesThatCannotBeWritten(t *testing.T) {
	for _, c := range []struct {
		field arrow.Field
		json  string
		want  string
	}{
		{arrow.Field{Name: "t", Type: &arrow.TimestampType{Unit: arrow.Second}, Nullable: true}, `[{"t": null}, {"t": 9223372036854776}]`, `column "t": the time 9223372036854776 s`},
		{arrow.Field{Name: "n", Type: arrow.PrimitiveTypes.Int64}, `[{"n": 1}, {"n": null}]`, `column "n": it has nulls`},
		{arrow.Field{Name: "s", Type: structOf(arrow.PrimitiveTypes.Int64, arrow.PrimitiveTypes.Int64), Nullable: true}, `[{"s": {"a": 1, "b": null}}]`, `column "s": it has nulls`},
	} {
		rec, _, err := array.RecordFromJSON(memory.DefaultAllocator, arrow.NewSchema([]arrow.Field{c.field}, nil), strings.NewReader(c.json))
		if err != nil {
			t.Fatal(err)
		}
		w, err := NewWriter(&bytes.Buffer{}, rec.Schema(), Options{})
		if err == nil {
			if err = w.Write(rec); err == nil {
				err = w.Close(t.Context())
			}
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %q", err, c.want)
		}
		rec.Release()
	}
}
