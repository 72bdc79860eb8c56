package source

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/pqarrow"

	"github.com/rivulet-go/rivulet/frame/batch"
)

// plainParquet is a file without compression and dictionaries.
func plainParquet(t *testing.T, rec arrow.Record, groupRows int64) []byte {
	t.Helper()
	var out bytes.Buffer
	props := parquet.NewWriterProperties(parquet.WithDictionaryDefault(false), parquet.WithMaxRowGroupLength(groupRows), parquet.WithStats(false))
	w, err := pqarrow.NewFileWriter(rec.Schema(), &out, props, pqarrow.DefaultWriterProps())
	if err == nil {
		err = errors.Join(w.Write(rec), w.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestParquetErrorsNameTheirPage(t *testing.T) {
	checked(t)
	b := array.NewRecordBuilder(memory.NewGoAllocator(), arrow.NewSchema([]arrow.Field{{Name: "n", Type: arrow.PrimitiveTypes.Int64}, {Name: "text", Type: arrow.BinaryTypes.String}}, nil))
	defer b.Release()
	for i := range 10 {
		b.Field(0).(*array.Int64Builder).Append(int64(i))
		b.Field(1).(*array.StringBuilder).Append("a marked word")
	}
	rec := b.NewRecord()
	defer rec.Release()
	good := plainParquet(t, rec, 5)
	at := bytes.LastIndex(good, []byte("marked"))
	for name, c := range map[string]struct {
		change func([]byte)
		want   string
	}{
		"not UTF-8":   {func(b []byte) { b[at] = 0xff }, "not UTF-8"},
		"long length": {func(b []byte) { b[at-3] = 0x7f }, "it ends early"},
	} {
		bad := bytes.Clone(good)
		c.change(bad)
		s, err := Open(t.Context(), []string{writeFile(t, "bad.parquet", bad)}, Options{})
		if err != nil {
			t.Fatal(err)
		}
		rows, err := readAll(t.Context(), s, 0, nil)
		if !errors.Is(err, ErrCorrupt) || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), `bad.parquet`) ||
			!strings.Contains(err.Error(), `row group 1, column "text": page 0`) {
			t.Errorf("%s: %v", name, err)
		}
		if len(rows) != 5 {
			t.Errorf("%s: %d rows before the error", name, len(rows))
		}
		if rows, err := readAll(t.Context(), s, 0, []string{"n"}); err != nil || len(rows) != 10 {
			t.Errorf("%s: of the other column %d rows, %v", name, len(rows), err)
		}
	}
}

// TestParquetSideBySide reads long texts of different lengths, which end batches, beside numbers and lists, which Arrow's reader reads.
func TestParquetSideBySide(t *testing.T) {
	checked(t)
	const rows = 300
	b := array.NewRecordBuilder(memory.NewGoAllocator(), arrow.NewSchema([]arrow.Field{
		{Name: "list", Type: arrow.ListOf(arrow.PrimitiveTypes.Int64), Nullable: true},
		{Name: "long", Type: arrow.BinaryTypes.String},
		{Name: "n", Type: arrow.PrimitiveTypes.Int64},
		{Name: "longer", Type: arrow.BinaryTypes.String},
	}, nil))
	defer b.Release()
	long := strings.Repeat("x", 1<<17)
	for i := range rows {
		list := b.Field(0).(*array.ListBuilder)
		list.Append(true)
		list.ValueBuilder().(*array.Int64Builder).AppendValues([]int64{int64(i), 7}, nil)
		b.Field(1).(*array.StringBuilder).Append(long[:i%7*5000])
		b.Field(2).(*array.Int64Builder).Append(int64(i))
		b.Field(3).(*array.StringBuilder).Append(long[i:])
	}
	rec := b.NewRecord()
	defer rec.Release()
	s, err := Open(t.Context(), []string{writeFile(t, "wide.parquet", plainParquet(t, rec, 1000))}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, names := range [][]string{nil, {"longer", "long"}, {"n"}, {"n", "list"}} {
		at, batches := 0, 0
		err := eachBatch(t.Context(), s, 0, names, func(got arrow.Record) {
			for i, f := range got.Schema().Fields() {
				want := rec.Column(rec.Schema().FieldIndices(f.Name)[0])
				part := array.NewSlice(want, int64(at), int64(at)+got.NumRows())
				defer part.Release()
				if !array.Equal(got.Column(i), part) {
					t.Errorf("%v: %s differs in rows %d to %d", names, f.Name, at, at+int(got.NumRows()))
				}
			}
			at += int(got.NumRows())
			batches++
		})
		if err != nil || at != rows {
			t.Fatalf("%v: %d rows, %v", names, at, err)
		}
		if texts := names == nil || slices.Contains(names, "long"); texts != (batches > 2) {
			t.Errorf("%v: %d batches", names, batches)
		}
	}
}

func TestDecimalsOfAFooter(t *testing.T) {
	for scale, ok := range map[int32]bool{-38: true, 0: true, 38: true, 39: false, -39: false, 1 << 30: false} {
		decimals := arrow.ListOf(&arrow.Decimal128Type{Precision: 9, Scale: scale})
		_, err := typedColumns("f", arrow.NewSchema([]arrow.Field{{Name: "d", Type: decimals}}, nil))
		if (err == nil) != ok || !ok && !errors.Is(err, ErrCorrupt) {
			t.Errorf("%d digits behind the point: %v", scale, err)
		}
	}
}

// TestParquetCodes reads texts as codes: the same in all row groups and files, and in splits of several row groups.
func TestParquetCodes(t *testing.T) {
	checked(t)
	var paths []string
	for _, name := range []string{"a.parquet", "b.parquet"} {
		b := array.NewRecordBuilder(memory.NewGoAllocator(), arrow.NewSchema([]arrow.Field{
			{Name: "few", Type: arrow.BinaryTypes.String, Nullable: true}, {Name: "many", Type: arrow.BinaryTypes.String},
		}, nil))
		defer b.Release()
		for i := range 5000 {
			few := b.Field(0).(*array.StringBuilder)
			if i%5 == 3 {
				few.AppendNull()
			} else {
				few.Append(strings.Repeat(name[:1], i*i%4))
			}
			b.Field(1).(*array.StringBuilder).Append(name + strings.Repeat("x", i%300))
		}
		rec := b.NewRecord()
		defer rec.Release()
		paths = append(paths, writeFile(t, name, dictionaryParquet(t, rec, 100)))
	}
	s, err := Open(t.Context(), paths, Options{})
	if err != nil {
		t.Fatal(err)
	}
	var words arrow.ArrayData
	splits, rows, longest := 0, 0, 0
	for split, err := range s.Splits(t.Context(), 1<<20) {
		if err != nil {
			t.Fatal(err)
		}
		splits++
		for rec, err := range split.Open(t.Context(), nil, 0) {
			if err != nil {
				t.Fatal(err)
			}
			few := rec.Column(0)
			if !batch.IsCoded(few) || batch.IsCoded(rec.Column(1)) || words != nil && batch.Words(few) != words {
				t.Fatalf("columns %v, %v", few.DataType(), rec.Column(1).DataType())
			}
			words = batch.Words(few)
			plain, err := batch.PlainArray(memory.NewGoAllocator(), few)
			if err != nil {
				t.Fatal(err)
			}
			for i := range plain.Len() {
				at := (rows + i) % 5000
				if plain.IsNull(i) != (at%5 == 3) || plain.IsValid(i) && len(plain.(*array.String).Value(i)) != at*at%4 {
					t.Fatalf("row %d is %q", rows+i, plain.ValueStr(i))
				}
			}
			plain.Release()
			rows += int(rec.NumRows())
			longest = max(longest, int(rec.NumRows()))
			rec.Release()
		}
		split.Close()
	}
	if rows != 10_000 || splits > 30 || longest > 100 || words.Len() != 3 {
		t.Errorf("%d rows of %d splits, batches of up to %d, %d words", rows, splits, longest, words.Len())
	}
}

// dictionaryParquet is a file whose texts all refer to dictionaries.
func dictionaryParquet(t *testing.T, rec arrow.Record, groupRows int64) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := pqarrow.NewFileWriter(rec.Schema(), &out, parquet.NewWriterProperties(parquet.WithMaxRowGroupLength(groupRows)), pqarrow.DefaultWriterProps())
	if err == nil {
		err = errors.Join(w.Write(rec), w.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
