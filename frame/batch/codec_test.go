package batch

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/decimal128"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// codecColumn is a column of so many rows of a type, whose values are less than a span apart.
func codecColumn(mem memory.Allocator, rng *rand.Rand, dt arrow.DataType, rows int, span uint64, nulls bool) arrow.Array {
	b := array.NewBuilder(mem, dt)
	defer b.Release()
	for range rows {
		if nulls && rng.IntN(5) == 0 {
			b.AppendNull()
			continue
		}
		n := rng.Uint64() >> 1
		if span > 0 {
			n = rng.Uint64N(span)
		}
		switch b := b.(type) {
		case *array.Int64Builder:
			b.Append(int64(n) - int64(span/3))
		case *array.Uint64Builder:
			b.Append(math.MaxUint64 - n)
		case *array.Int32Builder:
			b.Append(int32(n) + math.MinInt32)
		case *array.Date32Builder:
			b.Append(arrow.Date32(n))
		case *array.TimestampBuilder:
			b.Append(arrow.Timestamp(n))
		case *array.Int8Builder:
			b.Append(int8(n))
		case *array.Float64Builder:
			b.Append(math.Float64frombits(n))
		case *array.BooleanBuilder:
			b.Append(n%2 == 0)
		case *array.Decimal128Builder:
			b.Append(decimal128.New(int64(n), n))
		case *array.StringBuilder:
			b.Append(fmt.Sprintf("id%0*d", n%13, n))
		case *array.BinaryBuilder:
			b.Append([]byte(strings.Repeat("\xff", int(n%40))))
		case *array.ListBuilder:
			b.Append(true)
			for range n % 4 {
				b.ValueBuilder().(*array.Int64Builder).Append(int64(n))
			}
		default:
			panic(dt.String())
		}
	}
	return b.NewArray()
}

var codecTypes = []arrow.DataType{
	arrow.PrimitiveTypes.Int64, arrow.PrimitiveTypes.Uint64, arrow.PrimitiveTypes.Int32, arrow.PrimitiveTypes.Date32, arrow.PrimitiveTypes.Int8,
	&arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"}, arrow.PrimitiveTypes.Float64, arrow.FixedWidthTypes.Boolean,
	&arrow.Decimal128Type{Precision: 38, Scale: 2}, arrow.BinaryTypes.String, arrow.BinaryTypes.Binary, arrow.ListOf(arrow.PrimitiveTypes.Int64),
}

func codecRecord(mem memory.Allocator, rng *rand.Rand, rows int, span uint64, nulls bool) arrow.Record {
	var fields []arrow.Field
	var columns []arrow.Array
	for i, dt := range codecTypes {
		fields = append(fields, arrow.Field{Name: fmt.Sprint("c", i), Type: dt, Nullable: true, Metadata: arrow.NewMetadata([]string{"k"}, []string{dt.String()})})
		columns = append(columns, codecColumn(mem, rng, dt, rows, span, nulls))
		defer columns[i].Release()
	}
	return array.NewRecord(arrow.NewSchema(fields, nil), columns, int64(rows))
}

// What was encoded comes back, whatever the types, spans and nulls, of slices too; a shorter buffer is told so.
func TestCodec(t *testing.T) {
	mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
	defer mem.AssertSize(t, 0)
	rng := rand.New(rand.NewPCG(1, 2))
	for _, rows := range []int{0, 1, 7, 64, 1000} {
		for _, span := range []uint64{1, 2, 200, 256, 257, 1 << 16, 1<<16 + 1, 1 << 32, 1<<32 + 1, 0} {
			for _, nulls := range []bool{false, true} {
				whole := codecRecord(mem, rng, rows, span, nulls)
				from := rng.IntN(rows + 1)
				rec := whole.NewSlice(int64(from), int64(from+rng.IntN(rows-from+1)))
				whole.Release()
				data, err := Encode(rec)
				if err != nil {
					t.Fatal(err)
				}
				back, err := Decode(mem, data)
				if err != nil {
					t.Fatal(err)
				}
				if !array.RecordEqual(back, rec) || !back.Schema().Equal(rec.Schema()) {
					t.Fatalf("%d rows, span %d, nulls %v:\n%v\n%v", rows, span, nulls, back, rec)
				}
				if n, err := EncodeTo(data[:len(data)-1], rec); err == nil {
					t.Errorf("%d bytes in %d", n, len(data)-1)
				}
				back.Release()
				rec.Release()
			}
		}
	}
}

// Numbers take the bytes of their span, texts of few words one byte each.
func TestCodecSizes(t *testing.T) {
	mem := memory.NewGoAllocator()
	rng := rand.New(rand.NewPCG(1, 2))
	const rows = 10_000
	for _, c := range []struct {
		dt   arrow.DataType
		span uint64
		want float64 // bytes of a row
	}{
		{arrow.PrimitiveTypes.Int64, 1, 0},
		{arrow.PrimitiveTypes.Int64, 256, 1},
		{arrow.PrimitiveTypes.Int64, 1 << 16, 2},
		{arrow.PrimitiveTypes.Int64, 1 << 32, 4},
		{arrow.PrimitiveTypes.Int64, 0, 8},
		{arrow.PrimitiveTypes.Date32, 200, 1},
		{arrow.PrimitiveTypes.Float64, 3, 8},
		{arrow.FixedWidthTypes.Boolean, 2, 0.125},
		{arrow.BinaryTypes.String, 100, 1},
	} {
		column := codecColumn(mem, rng, c.dt, rows, c.span, false)
		rec := array.NewRecord(arrow.NewSchema([]arrow.Field{{Name: "c", Type: c.dt}}, nil), []arrow.Array{column}, rows)
		data, err := Encode(rec)
		if err != nil {
			t.Fatal(err)
		}
		if got := float64(len(data)-4000) / rows; got > c.want {
			t.Errorf("%s of span %d: %d bytes", c.dt, c.span, len(data))
		}
	}
}

// What all texts of a column begin with takes no room, up to eight bytes of it.
func TestCodecPrefix(t *testing.T) {
	mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
	defer mem.AssertSize(t, 0)
	const rows = 2000
	number := func(i int) int { return i * 4_999_999 % 10_000_000 } // from another digit on
	for _, c := range []struct {
		before string
		digits func(i int) int
		saved  int
	}{
		{"", func(int) int { return 1 }, 0},
		{"a", func(int) int { return 7 }, 0},
		{"ab", func(int) int { return 7 }, 2},
		{"abcdefg", func(int) int { return 7 }, 7},
		{"abcdefgh", func(int) int { return 7 }, 8},
		{"abcdefghijklmnopqrst", func(int) int { return 7 }, 8},
		{"abcd", func(i int) int { return i % 7 }, 4}, // and nothing more for 0
	} {
		b := array.NewStringBuilder(mem)
		bytes := 0
		for i := range rows {
			text := fmt.Sprintf("%s%.*d", c.before, c.digits(i), number(i))
			b.Append(text)
			bytes += len(text)
		}
		column := b.NewArray()
		b.Release()
		rec := array.NewRecord(arrow.NewSchema([]arrow.Field{{Name: "c", Type: arrow.BinaryTypes.String}}, nil), []arrow.Array{column}, rows)
		column.Release()
		for _, slice := range []arrow.Record{rec.NewSlice(0, rows), rec.NewSlice(300, rows), rec.NewSlice(rows-1, rows)} {
			data, err := Encode(slice)
			if err != nil {
				t.Fatal(err)
			}
			back, err := Decode(mem, data)
			if err != nil {
				t.Fatal(err)
			}
			if !array.RecordEqual(back, slice) {
				t.Errorf("%q: %v, want %v", c.before, back, slice)
			}
			back.Release()
			slice.Release()
		}
		data, err := Encode(rec)
		if err != nil {
			t.Fatal(err)
		}
		if got, most := len(data), bytes-c.saved*rows+rows+1000; got > most || got < most-1000-rows {
			t.Errorf("%q: %d bytes for %d of text", c.before, got, bytes)
		}
		rec.Release()
	}
}

// Damaged bytes of flat columns are refused, or decode to some record; nothing panics or leaks. Arrow's reader, which reads schemas and nested
// columns, trusts lengths.
func TestCodecDamage(t *testing.T) {
	mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
	defer mem.AssertSize(t, 0)
	rng := rand.New(rand.NewPCG(3, 4))
	damage(t, mem, rng, 200, true)
	damage(t, mem, rng, 1<<40, false) // texts that begin alike
}

func damage(t *testing.T, mem memory.Allocator, rng *rand.Rand, span uint64, nulls bool) {
	t.Helper()
	rec := codecRecord(mem, rng, 300, span, nulls)
	defer rec.Release()
	rec = array.NewRecord(arrow.NewSchema(rec.Schema().Fields()[:len(codecTypes)-1], nil), rec.Columns()[:len(codecTypes)-1], 300)
	defer rec.Release()
	data, err := Encode(rec)
	if err != nil {
		t.Fatal(err)
	}
	empty := rec.NewSlice(0, 0)
	defer empty.Release()
	none, err := Encode(empty)
	if err != nil {
		t.Fatal(err)
	}
	schema := len(none)
	for range 500 {
		bad := append([]byte(nil), data...)
		for range 1 + rng.IntN(4) {
			bad[schema+rng.IntN(len(bad)-schema)] ^= byte(1 << rng.IntN(8))
		}
		if back, err := Decode(mem, bad); err == nil {
			for _, c := range back.Columns() {
				_ = fmt.Sprint(c) // reads every value
			}
			back.Release()
		}
	}
	for n := len(data) - 1; n >= schema; n -= 3 {
		if back, err := Decode(mem, data[:n]); err == nil {
			back.Release()
			t.Fatalf("%d of %d bytes decode", n, len(data))
		}
	}
}
