package parquet

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/decimal128"
	"github.com/apache/arrow/go/v17/arrow/memory"
	arrowparquet "github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/compress"
	"github.com/apache/arrow/go/v17/parquet/pqarrow"

	"github.com/rivulet-go/rivulet/frame/batch"
)

// oneColumn is a record of a column of random values; of ten rows, nulls are null.
func oneColumn(mem memory.Allocator, r *rand.Rand, t arrow.DataType, rows, nulls, few int) arrow.Record {
	b := array.NewRecordBuilder(mem, arrow.NewSchema([]arrow.Field{{Name: "c", Type: t, Nullable: nulls > 0}}, nil))
	defer b.Release()
	for range rows {
		if r.IntN(10) < nulls {
			b.Field(0).AppendNull()
			continue
		}
		v := r.IntN(few)
		switch b := b.Field(0).(type) {
		case *array.BooleanBuilder:
			b.Append(v%3 == 0)
		case *array.Int8Builder:
			b.Append(int8(v))
		case *array.Uint16Builder:
			b.Append(uint16(v))
		case *array.Uint32Builder:
			b.Append(uint32(v) * 3_000_000)
		case *array.Int32Builder:
			b.Append(int32(v) - 50)
		case *array.Int64Builder:
			b.Append(int64(v) << (v % 50))
		case *array.Uint64Builder:
			b.Append(uint64(v) << (v % 60))
		case *array.Float32Builder:
			b.Append(float32(v) / 3)
		case *array.Float64Builder:
			b.Append(float64(v) / 3)
		case *array.StringBuilder:
			b.Append(fmt.Sprintf("%0*dé", v%40, v))
		case *array.BinaryBuilder:
			b.Append(bytes.Repeat([]byte{byte(v), 0xff}, v%9))
		case *array.FixedSizeBinaryBuilder:
			b.Append([]byte{byte(v), byte(v >> 8), 7})
		case *array.Date32Builder:
			b.Append(arrow.Date32(v))
		case *array.TimestampBuilder:
			b.Append(arrow.Timestamp(int64(v) * 1e9))
		case *array.Decimal128Builder:
			b.Append(decimal128.FromI64(int64(v) - 70).Mul(decimal128.FromI64(1 << (v % 40))))
		default:
			panic(fmt.Sprintf("no values of %T", b))
		}
	}
	return b.NewRecord()
}

func written(t testing.TB, rec arrow.Record, groupRows int64, settings ...arrowparquet.WriterProperty) []byte {
	t.Helper()
	var out bytes.Buffer
	settings = append(settings, arrowparquet.WithStats(false), arrowparquet.WithMaxRowGroupLength(groupRows))
	w, err := pqarrow.NewFileWriter(rec.Schema(), &out, arrowparquet.NewWriterProperties(settings...), pqarrow.DefaultWriterProps())
	if err == nil {
		err = w.Write(rec)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestTypes writes each type by Arrow's writer in each of its encodings, and reads it in arrays of any length.
func TestTypes(t *testing.T) {
	encodings := arrowparquet.Encodings
	numbers := []arrowparquet.Encoding{encodings.Plain, encodings.DeltaBinaryPacked}
	plain := numbers[:1]
	for _, c := range []struct {
		typ       arrow.DataType
		encodings []arrowparquet.Encoding
	}{
		{arrow.FixedWidthTypes.Boolean, plain},
		{arrow.PrimitiveTypes.Int8, numbers},
		{arrow.PrimitiveTypes.Uint16, numbers},
		{arrow.PrimitiveTypes.Uint32, plain},
		{arrow.PrimitiveTypes.Int32, numbers},
		{arrow.PrimitiveTypes.Int64, numbers},
		{arrow.PrimitiveTypes.Uint64, numbers},
		{arrow.PrimitiveTypes.Float32, plain},
		{arrow.PrimitiveTypes.Float64, plain},
		{arrow.BinaryTypes.String, []arrowparquet.Encoding{encodings.Plain, encodings.DeltaLengthByteArray, encodings.DeltaByteArray}},
		{arrow.BinaryTypes.Binary, []arrowparquet.Encoding{encodings.Plain, encodings.DeltaLengthByteArray, encodings.DeltaByteArray}},
		{&arrow.FixedSizeBinaryType{ByteWidth: 3}, plain},
		{arrow.FixedWidthTypes.Date32, numbers},
		{&arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"}, numbers},
		{&arrow.Decimal128Type{Precision: 8, Scale: 2}, plain},
		{&arrow.Decimal128Type{Precision: 30, Scale: 2}, plain},
	} {
		for _, encoding := range c.encodings {
			for _, nulls := range []int{0, 1, 9, 10} {
				for _, dictionary := range []bool{false, true} {
					t.Run(fmt.Sprintf("%s/%s/%d/%t", c.typ, encoding, nulls, dictionary), func(t *testing.T) {
						r := rand.New(rand.NewPCG(uint64(nulls), 7))
						version := arrowparquet.DataPageV1
						if r.IntN(2) == 0 {
							version = arrowparquet.DataPageV2
						}
						settings := []arrowparquet.WriterProperty{
							arrowparquet.WithDictionaryDefault(dictionary), arrowparquet.WithEncoding(encoding), arrowparquet.WithDataPageVersion(version),
							arrowparquet.WithDataPageSize(300), arrowparquet.WithDictionaryPageSizeLimit(200),
						}
						checkRead(t, r, c.typ, nulls, settings)
					})
				}
			}
		}
	}
}

func checkRead(t *testing.T, r *rand.Rand, typ arrow.DataType, nulls int, settings []arrowparquet.WriterProperty) {
	t.Helper()
	mem := checked(t)
	rec := oneColumn(mem, r, typ, 3000, nulls, []int{1, 2, 100}[r.IntN(3)])
	defer rec.Release()
	canonical, err := batch.ToCanonical(mem, rec)
	if err != nil {
		t.Fatal(err)
	}
	defer canonical.Release()
	want := texted(canonical.Column(0))
	data := written(t, rec, 1100, settings...)
	for _, rows := range []int{13, 500, 5000} {
		if got := valuesOf(t, mem, data, 0, typ, rows); !slices.Equal(got, want) {
			t.Fatalf("in arrays of %d rows:\n got %q\nwant %q", rows, got, want)
		}
	}
}

func TestCodecs(t *testing.T) {
	for _, codec := range []compress.Compression{compress.Codecs.Uncompressed, compress.Codecs.Snappy, compress.Codecs.Gzip, compress.Codecs.Brotli, compress.Codecs.Zstd} {
		for _, version := range []arrowparquet.DataPageVersion{arrowparquet.DataPageV1, arrowparquet.DataPageV2} {
			t.Run(fmt.Sprint(codec, version), func(t *testing.T) {
				settings := []arrowparquet.WriterProperty{arrowparquet.WithCompression(codec), arrowparquet.WithDataPageVersion(version), arrowparquet.WithDictionaryDefault(false)}
				checkRead(t, rand.New(rand.NewPCG(1, 1)), arrow.BinaryTypes.String, 2, settings)
				checkRead(t, rand.New(rand.NewPCG(2, 1)), arrow.PrimitiveTypes.Int64, 0, settings)
			})
		}
	}
}

// TestLongTexts says that an array ends once it has enough text, and that all rows come.
func TestLongTexts(t *testing.T) {
	mem := checked(t)
	b := array.NewRecordBuilder(mem, arrow.NewSchema([]arrow.Field{{Name: "c", Type: arrow.BinaryTypes.String}}, nil))
	defer b.Release()
	word := bytes.Repeat([]byte("long "), 200_000)
	for i := range 60 {
		b.Field(0).(*array.StringBuilder).Append(string(word[i:]))
	}
	rec := b.NewRecord()
	defer rec.Release()
	for _, dictionary := range []bool{true, false} {
		data := written(t, rec, 1000, arrowparquet.WithDictionaryDefault(dictionary), arrowparquet.WithDictionaryPageSizeLimit(1<<30), arrowparquet.WithCompression(compress.Codecs.Zstd))
		file, err := Open(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			t.Fatal(err)
		}
		at := 0
		err = readField(mem, file, data, 0, arrow.BinaryTypes.String, 1000, func(arr arrow.Array) {
			if n := len(arr.Data().Buffers()[2].Bytes()); n > 3*textBytes {
				t.Errorf("an array of %d bytes", n)
			}
			for i := range arr.Len() {
				if got := arr.(*array.String).Value(i); got != string(word[at:]) {
					t.Fatalf("row %d has %d bytes", at, len(got))
				}
				at++
			}
		})
		if err != nil || at != 60 {
			t.Fatalf("%d rows: %v", at, err)
		}
	}
}

func TestDecodesOnlyFlatColumns(t *testing.T) {
	mem := checked(t)
	list := arrow.ListOf(arrow.PrimitiveTypes.Int64)
	group := arrow.StructOf(arrow.Field{Name: "x", Type: arrow.PrimitiveTypes.Int64}, arrow.Field{Name: "y", Type: arrow.BinaryTypes.String})
	schema := arrow.NewSchema([]arrow.Field{{Name: "l", Type: list}, {Name: "g", Type: group}, {Name: "n", Type: arrow.PrimitiveTypes.Int64}}, nil)
	b := array.NewRecordBuilder(mem, schema)
	defer b.Release()
	for i := range 3 {
		b.Field(0).(*array.ListBuilder).Append(true)
		b.Field(0).(*array.ListBuilder).ValueBuilder().(*array.Int64Builder).AppendValues([]int64{1, 2}, nil)
		b.Field(1).(*array.StructBuilder).Append(true)
		b.Field(1).(*array.StructBuilder).FieldBuilder(0).(*array.Int64Builder).Append(5)
		b.Field(1).(*array.StructBuilder).FieldBuilder(1).(*array.StringBuilder).Append("z")
		b.Field(2).(*array.Int64Builder).Append(int64(i))
	}
	rec := b.NewRecord()
	defer rec.Release()
	data := written(t, rec, 10)
	file, err := Open(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []bool{false, false, true} {
		if got := file.Decodes(i, schema.Field(i).Type); got != want {
			t.Errorf("%s: %t", file.Fields[i].Name, got)
		}
	}
	if file.Decodes(2, arrow.BinaryTypes.String) {
		t.Error("a number is decoded as text")
	}
	if got := valuesOf(t, mem, data, 2, arrow.PrimitiveTypes.Int64, 10); !slices.Equal(got, []string{"0", "1", "2"}) {
		t.Error(got)
	}
}
