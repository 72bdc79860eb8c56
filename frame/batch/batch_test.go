package batch

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/decimal128"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var everyType = []arrow.DataType{
	arrow.FixedWidthTypes.Boolean, arrow.PrimitiveTypes.Int8, arrow.PrimitiveTypes.Int16, arrow.PrimitiveTypes.Int32, arrow.PrimitiveTypes.Int64,
	arrow.PrimitiveTypes.Uint64, arrow.PrimitiveTypes.Float64, arrow.BinaryTypes.String, arrow.BinaryTypes.Binary, arrow.BinaryTypes.LargeString,
	arrow.FixedWidthTypes.Date32, &arrow.TimestampType{Unit: arrow.Second, TimeZone: "UTC"}, &arrow.DurationType{Unit: arrow.Nanosecond},
	&arrow.Decimal128Type{Precision: 20, Scale: 2}, &arrow.FixedSizeBinaryType{ByteWidth: 3},
	arrow.ListOf(arrow.PrimitiveTypes.Int64),
	arrow.StructOf(arrow.Field{Name: "k", Type: arrow.BinaryTypes.String, Nullable: true}, arrow.Field{Name: "v", Type: arrow.PrimitiveTypes.Float64, Nullable: true}),
}

// randomArray is a column of a type with nulls, sliced so that it has an offset.
func randomArray(t *testing.T, mem memory.Allocator, r *rand.Rand, dt arrow.DataType, rows int, nulls bool) arrow.Array {
	t.Helper()
	b := array.NewBuilder(mem, dt)
	defer b.Release()
	skip := r.IntN(11)
	for range rows + skip + 3 {
		if nulls && r.IntN(4) == 0 {
			b.AppendNull()
			continue
		}
		appendRandom(b, r)
	}
	whole := b.NewArray()
	defer whole.Release()
	return array.NewSlice(whole, int64(skip), int64(skip+rows))
}

func appendRandom(b array.Builder, r *rand.Rand) {
	text := strings.Repeat("ab", r.IntN(14)) + "z"[:r.IntN(2)]
	switch b := b.(type) {
	case *array.BooleanBuilder:
		b.Append(r.IntN(2) == 0)
	case *array.Int8Builder:
		b.Append(int8(r.Int()))
	case *array.Int16Builder:
		b.Append(int16(r.Int()))
	case *array.Int32Builder:
		b.Append(int32(r.Int()))
	case *array.Int64Builder:
		b.Append(r.Int64())
	case *array.Uint64Builder:
		b.Append(r.Uint64())
	case *array.Float64Builder:
		b.Append(r.NormFloat64())
	case *array.StringBuilder:
		b.Append(text)
	case *array.LargeStringBuilder:
		b.Append(text)
	case *array.BinaryBuilder:
		b.Append([]byte(text))
	case *array.Date32Builder:
		b.Append(arrow.Date32(r.Int32()))
	case *array.TimestampBuilder:
		b.Append(arrow.Timestamp(r.Int64()))
	case *array.DurationBuilder:
		b.Append(arrow.Duration(r.Int64()))
	case *array.Decimal128Builder:
		b.Append(decimal128.New(r.Int64(), r.Uint64()))
	case *array.FixedSizeBinaryBuilder:
		b.Append([]byte{byte(r.Int()), 2, byte(r.Int())})
	case *array.ListBuilder:
		b.Append(true)
		for range r.IntN(4) {
			appendRandom(b.ValueBuilder(), r)
		}
	case *array.StructBuilder:
		b.Append(true)
		for i := range b.NumField() {
			appendRandom(b.FieldBuilder(i), r)
		}
	default:
		panic("no such builder")
	}
}

// values is a column as text, the way an independent accessor gives it.
func texts(a arrow.Array) []string {
	out := make([]string, a.Len())
	for i := range out {
		out[i] = "<null>"
		if a.IsValid(i) {
			out[i] = a.ValueStr(i)
		}
	}
	return out
}

func TestTakeAndFilter(t *testing.T) {
	mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
	defer mem.AssertSize(t, 0)
	for _, dt := range everyType {
		for seed := range uint64(12) {
			r := rand.New(rand.NewPCG(seed, 2))
			rows := r.IntN(200)
			arr := randomArray(t, mem, r, dt, rows, seed%3 > 0)
			in := texts(arr)
			var idx []int32
			var want []string
			for range r.IntN(300) {
				switch i := r.IntN(rows+1) - 1; {
				case i >= 0 && seed%4 == 1: // runs, which are copied whole
					for k := i; k < min(i+20, rows); k++ {
						idx, want = append(idx, int32(k)), append(want, in[k])
					}
				case i >= 0:
					idx, want = append(idx, int32(i)), append(want, in[i])
				case seed%2 == 0:
					idx, want = append(idx, -1), append(want, "<null>")
				}
			}
			got, err := TakeArray(mem, arr, idx)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(texts(got), want) || !arrow.TypeEqual(got.DataType(), dt) {
				t.Fatalf("%s, seed %d: take\n%q\nwant\n%q", dt, seed, texts(got), want)
			}
			got.Release()
			checkFilter(t, mem, r, arr)
			arr.Release()
		}
	}
}

func checkFilter(t *testing.T, mem memory.Allocator, r *rand.Rand, arr arrow.Array) {
	t.Helper()
	rows := arr.Len()
	b := array.NewBooleanBuilder(mem)
	defer b.Release()
	share, shift := r.Float64(), r.IntN(70)
	var want []string
	for i := range rows + shift {
		switch keep := r.Float64() < share; {
		case r.IntN(8) == 0:
			b.AppendNull()
		default:
			b.Append(keep)
			if keep && i >= shift {
				want = append(want, texts(arr)[i-shift])
			}
		}
	}
	whole := b.NewBooleanArray()
	defer whole.Release()
	mask := array.NewSlice(whole, int64(shift), int64(shift+rows)).(*array.Boolean)
	defer mask.Release()
	rec := array.NewRecord(arrow.NewSchema([]arrow.Field{{Name: "x", Type: arr.DataType(), Nullable: true}}, nil), []arrow.Array{arr}, int64(rows))
	defer rec.Release()
	out, err := FilterRows(mem, rec, mask)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Release()
	if got := texts(out.Column(0)); !slices.Equal(got, want) {
		t.Fatalf("%s: filter\n%q\nwant\n%q", arr.DataType(), got, want)
	}
}

func TestFilterLength(t *testing.T) {
	mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
	defer mem.AssertSize(t, 0)
	rec := record(t, mem, `[{"a":1}]`)
	defer rec.Release()
	b := array.NewBooleanBuilder(mem)
	defer b.Release()
	mask := b.NewBooleanArray()
	defer mask.Release()
	if _, err := FilterRows(mem, rec, mask); err == nil {
		t.Fatal("a mask of another length is no error")
	}
}

func TestTakeDictionaryAndNull(t *testing.T) {
	mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
	defer mem.AssertSize(t, 0)
	b := array.NewDictionaryBuilder(mem, &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int8, ValueType: arrow.BinaryTypes.String}).(*array.BinaryDictionaryBuilder)
	defer b.Release()
	for _, s := range []string{"x", "y", "x"} {
		if err := b.AppendString(s); err != nil {
			t.Fatal(err)
		}
	}
	b.AppendNull()
	words := b.NewArray()
	defer words.Release()
	got, err := TakeArray(mem, words, []int32{2, 1, 3, -1})
	if err != nil {
		t.Fatal(err)
	}
	defer got.Release()
	if !slices.Equal(texts(got), []string{"x", "y", "<null>", "<null>"}) {
		t.Fatalf("%q", texts(got))
	}
	nothing := array.NewNull(5)
	defer nothing.Release()
	taken, err := TakeArray(mem, nothing, []int32{1, -1})
	if err != nil || taken.Len() != 2 || taken.NullN() != 2 {
		t.Fatalf("%v, %v", taken, err)
	}
	taken.Release()
}

func record(t *testing.T, mem memory.Allocator, json string) arrow.Record {
	t.Helper()
	schema := arrow.NewSchema([]arrow.Field{{Name: "a", Type: arrow.PrimitiveTypes.Int64, Nullable: true}}, nil)
	rec, _, err := array.RecordFromJSON(mem, schema, strings.NewReader(json))
	if err != nil {
		t.Fatal(err)
	}
	return rec
}

func TestStreams(t *testing.T) {
	mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
	defer mem.AssertSize(t, 0)
	recs := func() []arrow.Record {
		return []arrow.Record{record(t, mem, `[{"a":1}]`), record(t, mem, `[{"a":2},{"a":3}]`), record(t, mem, `[]`)}
	}
	all, err := Collect(FromRecords(recs()...))
	if err != nil || len(all) != 3 {
		t.Fatalf("%d, %v", len(all), err)
	}
	one, err := Concat(mem, all[0].Schema(), all)
	if err != nil || !slices.Equal(one.Column(0).(*array.Int64).Int64Values(), []int64{1, 2, 3}) {
		t.Fatalf("%v, %v", one, err)
	}
	data, err := Encode(one)
	if err != nil {
		t.Fatal(err)
	}
	back, err := Decode(mem, data)
	if err != nil || !array.RecordEqual(back, one) {
		t.Fatalf("%v, %v", back, err)
	}
	for _, n := range []int{0, 5, len(data) / 2} {
		if _, err := Decode(mem, data[:n]); err == nil {
			t.Errorf("%d of %d bytes decode", n, len(data))
		}
	}
	if got := Bytes(one); got != 3*8+1 && got != 3*8 {
		t.Errorf("%d bytes", got)
	}
	back.Release()
	one.Release()
	for _, r := range all {
		r.Release()
	}
	for rec := range FromRecords(recs()...) { // a break releases the rest
		rec.Release()
		break
	}
	failure := errors.New("bad")
	if _, err := Collect(Fail(failure)); !errors.Is(err, failure) {
		t.Fatal(err)
	}
	var order []string
	op := func(name string) Op {
		return func(_ context.Context, s Stream) Stream {
			order = append(order, name)
			return s
		}
	}
	if _, err := Collect(Chain(op("a"), op("b"))(t.Context(), FromRecords())); err != nil || !slices.Equal(order, []string{"a", "b"}) {
		t.Fatalf("%v, %v", order, err)
	}
	empty, err := Concat(mem, spanSchema, nil)
	if err != nil || empty.NumRows() != 0 {
		t.Fatal(err)
	}
	empty.Release()
}

var spanSchema = arrow.NewSchema([]arrow.Field{{Name: "s", Type: arrow.BinaryTypes.String}}, nil)

func TestToCanonical(t *testing.T) {
	mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
	defer mem.AssertSize(t, 0)
	schema := arrow.NewSchema([]arrow.Field{
		{Name: "i8", Type: arrow.PrimitiveTypes.Int8, Nullable: true},
		{Name: "u16", Type: arrow.PrimitiveTypes.Uint16, Nullable: true},
		{Name: "f32", Type: arrow.PrimitiveTypes.Float32, Nullable: true},
		{Name: "d64", Type: arrow.FixedWidthTypes.Date64, Nullable: true},
		{Name: "large", Type: arrow.BinaryTypes.LargeString, Nullable: true},
		{Name: "none", Type: arrow.Null, Nullable: true},
		{Name: "i64", Type: arrow.PrimitiveTypes.Int64, Nullable: true},
		{Name: "dict", Type: &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: arrow.BinaryTypes.String}, Nullable: true},
	}, nil)
	rec, _, err := array.RecordFromJSON(mem, schema, strings.NewReader(`[
		{"i8":1,"u16":1,"f32":1,"d64":"2020-01-01","large":"skip","i64":0,"dict":"w"},
		{"i8":-128,"u16":65535,"f32":0.25,"d64":"1969-12-31","large":"x","i64":5,"dict":"v"},
		{"i8":null,"u16":null,"f32":null,"d64":null,"large":null,"i64":null,"dict":null},
		{"i8":3,"u16":2,"f32":-1.5,"d64":"2024-02-29","large":"","i64":6,"dict":"w"}]`))
	if err != nil {
		t.Fatal(err)
	}
	defer rec.Release()
	slice := rec.NewSlice(1, 4) // offsets and shifted null bitmaps
	defer slice.Release()
	got, err := ToCanonical(mem, slice)
	if err != nil {
		t.Fatal(err)
	}
	defer got.Release()
	for name, want := range map[string]string{
		"i8": "-128,<null>,3", "u16": "65535,<null>,2", "f32": "0.25,<null>,-1.5", "d64": "1969-12-31,<null>,2024-02-29",
		"large": "x,<null>,", "none": "<null>,<null>,<null>", "i64": "5,<null>,6", "dict": "v,<null>,w",
	} {
		col := got.Column(got.Schema().FieldIndices(name)[0])
		if text := strings.Join(texts(col), ","); text != want {
			t.Errorf("%s is %s, want %s", name, text, want)
		}
		if canonical, ok := Canonical(col.DataType()); !ok || !arrow.TypeEqual(canonical, col.DataType()) {
			t.Errorf("%s stays %s", name, col.DataType())
		}
	}
	if _, err := CanonicalSchema(arrow.NewSchema([]arrow.Field{{Name: "m", Type: arrow.MapOf(arrow.BinaryTypes.String, arrow.PrimitiveTypes.Int64)}}, nil)); err == nil {
		t.Error("a map is canonical")
	}
}
