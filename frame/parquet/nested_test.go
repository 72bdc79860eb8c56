package parquet

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/decimal128"
	"github.com/apache/arrow/go/v17/arrow/memory"
	arrowparquet "github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/compress"
	"github.com/apache/arrow/go/v17/parquet/pqarrow"
)

var leafTypes = []arrow.DataType{
	arrow.FixedWidthTypes.Boolean, arrow.PrimitiveTypes.Int8, arrow.PrimitiveTypes.Int32, arrow.PrimitiveTypes.Int64, arrow.PrimitiveTypes.Uint16,
	arrow.PrimitiveTypes.Uint64, arrow.PrimitiveTypes.Float32, arrow.PrimitiveTypes.Float64, arrow.BinaryTypes.String, arrow.BinaryTypes.LargeString,
	arrow.BinaryTypes.Binary, arrow.FixedWidthTypes.Date32, arrow.FixedWidthTypes.Timestamp_us, &arrow.Decimal128Type{Precision: 20, Scale: 2},
	&arrow.FixedSizeBinaryType{ByteWidth: 3},
}

// randomNested is a type of lists and structs, at most so deep.
func randomNested(r *rand.Rand, depth int) arrow.DataType {
	if depth == 0 || r.IntN(4) == 0 {
		return leafTypes[r.IntN(len(leafTypes))]
	}
	if r.IntN(2) == 0 {
		return arrow.ListOfField(arrow.Field{Name: "element", Type: randomNested(r, depth-1), Nullable: r.IntN(4) > 0})
	}
	var fields []arrow.Field
	for i := range 1 + r.IntN(3) {
		fields = append(fields, arrow.Field{Name: fmt.Sprint("f", i), Type: randomNested(r, depth-1), Nullable: r.IntN(4) > 0})
	}
	return arrow.StructOf(fields...)
}

// appendRandom appends a value to b, null at times where it may be.
func appendRandom(r *rand.Rand, b array.Builder, nullable bool) {
	if nullable && r.IntN(6) == 0 {
		b.AppendNull()
		return
	}
	switch b := b.(type) {
	case *array.ListBuilder:
		b.Append(true)
		n := r.IntN(4)
		if r.IntN(50) == 0 {
			n = r.IntN(300)
		}
		for range n {
			appendRandom(r, b.ValueBuilder(), b.Type().(*arrow.ListType).ElemField().Nullable)
		}
	case *array.StructBuilder:
		b.Append(true)
		for i, f := range b.Type().(*arrow.StructType).Fields() {
			appendRandom(r, b.FieldBuilder(i), f.Nullable)
		}
	case *array.BooleanBuilder:
		b.Append(r.IntN(2) == 0)
	case *array.Int8Builder:
		b.Append(int8(r.Uint32()))
	case *array.Int32Builder:
		b.Append(int32(r.Uint32N(100)) - 50)
	case *array.Int64Builder:
		b.Append(int64(r.Uint64()))
	case *array.Uint16Builder:
		b.Append(uint16(r.Uint32()))
	case *array.Uint64Builder:
		b.Append(r.Uint64())
	case *array.Float32Builder:
		b.Append(r.Float32())
	case *array.Float64Builder:
		b.Append(r.Float64())
	case *array.StringBuilder:
		b.Append(fmt.Sprint("é", r.IntN(40)))
	case *array.LargeStringBuilder:
		b.Append(fmt.Sprint("large ", r.IntN(1000)))
	case *array.BinaryBuilder:
		b.Append([]byte{byte(r.Uint32()), 0xff})
	case *array.FixedSizeBinaryBuilder:
		b.Append([]byte{byte(r.Uint32()), 0, 1})
	case *array.Date32Builder:
		b.Append(arrow.Date32(r.IntN(20000)))
	case *array.TimestampBuilder:
		b.Append(arrow.Timestamp(r.Int64N(1 << 50)))
	case *array.Decimal128Builder:
		b.Append(decimal128.FromI64(int64(r.Uint64() >> 8)))
	default:
		panic(b.Type())
	}
}

// nestedFile writes rows of a random type by Arrow's writer.
func nestedFile(t *testing.T, r *rand.Rand, rows int) (data []byte, want arrow.Array) {
	t.Helper()
	typ := randomNested(r, 3)
	for len(leavesOf(typ)) == 0 {
		typ = randomNested(r, 3)
	}
	b := array.NewBuilder(memory.DefaultAllocator, typ)
	defer b.Release()
	for range rows {
		appendRandom(r, b, true)
	}
	want = b.NewArray()
	rec := array.NewRecord(arrow.NewSchema([]arrow.Field{{Name: "v", Type: typ, Nullable: true}}, nil), []arrow.Array{want}, int64(rows))
	defer rec.Release()
	settings := []arrowparquet.WriterProperty{
		arrowparquet.WithDictionaryDefault(r.IntN(2) == 0), arrowparquet.WithDataPageSize(int64(100 + r.IntN(5000))),
		arrowparquet.WithCompression([]compress.Compression{compress.Codecs.Uncompressed, compress.Codecs.Snappy, compress.Codecs.Zstd}[r.IntN(3)]),
	}
	if r.IntN(2) == 0 {
		settings = append(settings, arrowparquet.WithDataPageVersion(arrowparquet.DataPageV2))
	}
	var out bytes.Buffer
	w, err := pqarrow.NewFileWriter(rec.Schema(), &out, arrowparquet.NewWriterProperties(settings...), pqarrow.NewArrowWriterProperties(pqarrow.WithStoreSchema()))
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(rec); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes(), want
}

// leavesOf is nil where t is a leaf itself.
func leavesOf(t arrow.DataType) (fields []arrow.Field) {
	if n, ok := t.(arrow.NestedType); ok {
		return n.Fields()
	}
	return nil
}

// TestNested reads what Arrow's writer makes of random lists and structs, in batches of any length.
func TestNested(t *testing.T) {
	for seed := range uint64(150) {
		r := rand.New(rand.NewPCG(seed, 1))
		data, want := nestedFile(t, r, r.IntN(600))
		defer want.Release()
		f, err := Open(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			t.Fatal(err)
		}
		if !f.DecodesNested(0, want.DataType()) {
			t.Fatalf("seed %d: %s is not read", seed, want.DataType())
		}
		at := int64(0)
		for group := range f.Groups {
			n, err := f.Nested(bytes.NewReader(data), memory.DefaultAllocator, group, 0, want.DataType())
			if err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
			for {
				got, err := n.Next(1 + r.IntN(300))
				if errors.Is(err, io.EOF) {
					break
				}
				if err != nil {
					t.Fatalf("seed %d, %s, row %d: %v", seed, want.DataType(), at, err)
				}
				part := array.NewSlice(want, at, at+int64(got.Len()))
				if !array.Equal(got, part) {
					t.Fatalf("seed %d, %s, from row %d on:\n%s\nwanted\n%s", seed, want.DataType(), at, got, part)
				}
				at += int64(got.Len())
				part.Release()
				got.Release()
			}
			n.Close()
		}
		if at != int64(want.Len()) {
			t.Errorf("seed %d: %d rows of %d", seed, at, want.Len())
		}
	}
}
