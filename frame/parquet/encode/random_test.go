package encode

import (
	"math"
	"math/rand/v2"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/decimal128"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// source makes random values; few has it choose among few.
type source struct {
	*rand.Rand
	few   bool
	nulls float64
}

func (s source) word() uint64 {
	if s.few {
		return uint64(s.IntN(5)) * 0x0123456789abcdef
	}
	return s.Uint64() >> s.IntN(64)
}

func (s source) text() string {
	pieces := []string{"", "a", "é", "€", "😀", "\x00", "zz", "long text that fills words ", "\U0010ffff"}
	text := ""
	for range s.IntN(4) {
		text += pieces[s.IntN(len(pieces))]
	}
	if !s.few && s.IntN(30) == 0 {
		text = strings.Repeat(pieces[1+s.IntN(8)], 1+s.IntN(80)) + text
	}
	return text
}

func (s source) float() float64 {
	return []float64{s.NormFloat64(), math.Float64frombits(s.Uint64()), 0, math.Copysign(0, -1), math.Inf(1), math.Inf(-1), math.NaN(), 3}[s.IntN(8)]
}

// append appends a random value, or a null where the type may have one.
func (s source) append(b array.Builder, nullable bool) {
	if nullable && s.Float64() < s.nulls {
		b.AppendNull()
		return
	}
	switch b := b.(type) {
	case *array.BooleanBuilder:
		b.Append(s.word()&1 != 0)
	case *array.Int8Builder:
		b.Append(int8(s.word()))
	case *array.Int16Builder:
		b.Append(int16(s.word()))
	case *array.Int32Builder:
		b.Append(int32(s.word()))
	case *array.Int64Builder:
		b.Append(int64(s.word()))
	case *array.Uint8Builder:
		b.Append(uint8(s.word()))
	case *array.Uint16Builder:
		b.Append(uint16(s.word()))
	case *array.Uint32Builder:
		b.Append(uint32(s.word()))
	case *array.Uint64Builder:
		b.Append(s.word())
	case *array.Float32Builder:
		b.Append(float32(s.float()))
	case *array.Float64Builder:
		b.Append(s.float())
	case *array.StringBuilder:
		b.Append(s.text())
	case *array.BinaryBuilder:
		b.Append([]byte(s.text()))
	case *array.FixedSizeBinaryBuilder:
		b.Append([]byte{byte(s.word()), byte(s.word()), byte(s.word()), 255, 0})
	case *array.Date32Builder:
		b.Append(arrow.Date32(s.word()))
	case *array.Time32Builder:
		b.Append(arrow.Time32(s.word() % 86_400_000))
	case *array.Time64Builder:
		b.Append(arrow.Time64(s.word() % 86_400_000_000))
	case *array.TimestampBuilder:
		b.Append(arrow.Timestamp(s.word()))
	case *array.Decimal128Builder:
		digits := uint64(math.Pow10(int(min(b.Type().(*arrow.Decimal128Type).Precision, 18))))
		v := decimal128.FromU64(s.word() % digits)
		if b.Type().(*arrow.Decimal128Type).Precision > 18 {
			v = v.Mul(decimal128.FromU64(1e18)).Add(decimal128.FromU64(s.word()))
		}
		if s.IntN(2) == 0 {
			v = v.Negate()
		}
		b.Append(v)
	case *array.MapBuilder: // before ListBuilder, which it is like
		b.Append(true)
		for range s.IntN(3) {
			s.append(b.KeyBuilder(), false)
			s.append(b.ItemBuilder(), true)
		}
	case *array.ListBuilder:
		b.Append(true)
		for range s.IntN(4) {
			s.append(b.ValueBuilder(), true)
		}
	case *array.StructBuilder:
		b.Append(true)
		for i := range b.NumField() {
			s.append(b.FieldBuilder(i), b.Type().(*arrow.StructType).Field(i).Nullable)
		}
	default:
		panic(b.Type().String())
	}
}

func list(t arrow.DataType) arrow.DataType {
	return arrow.ListOfField(arrow.Field{Name: "element", Type: t, Nullable: true})
}

func structOf(fields ...arrow.DataType) arrow.DataType {
	out := make([]arrow.Field, len(fields))
	for i, f := range fields {
		out[i] = arrow.Field{Name: string(rune('a' + i)), Type: f, Nullable: i != 1}
	}
	return arrow.StructOf(out...)
}

// flatTypes are those that a page has the values of one below the other.
var flatTypes = []arrow.DataType{
	arrow.FixedWidthTypes.Boolean,
	arrow.PrimitiveTypes.Int8, arrow.PrimitiveTypes.Int16, arrow.PrimitiveTypes.Int32, arrow.PrimitiveTypes.Int64,
	arrow.PrimitiveTypes.Uint8, arrow.PrimitiveTypes.Uint16, arrow.PrimitiveTypes.Uint32, arrow.PrimitiveTypes.Uint64,
	arrow.PrimitiveTypes.Float32, arrow.PrimitiveTypes.Float64,
	arrow.BinaryTypes.String, arrow.BinaryTypes.Binary, &arrow.FixedSizeBinaryType{ByteWidth: 5},
	arrow.FixedWidthTypes.Date32, arrow.FixedWidthTypes.Time32ms, arrow.FixedWidthTypes.Time64us,
	&arrow.TimestampType{Unit: arrow.Millisecond}, &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"}, &arrow.TimestampType{Unit: arrow.Nanosecond},
	&arrow.Decimal128Type{Precision: 5, Scale: 2}, &arrow.Decimal128Type{Precision: 15, Scale: 3}, &arrow.Decimal128Type{Precision: 38, Scale: 4},
}

var nestedTypes = []arrow.DataType{
	list(arrow.PrimitiveTypes.Int64), list(arrow.BinaryTypes.String), list(list(arrow.PrimitiveTypes.Float64)),
	structOf(arrow.PrimitiveTypes.Int64, arrow.BinaryTypes.String, arrow.FixedWidthTypes.Boolean),
	structOf(list(arrow.BinaryTypes.String), structOf(arrow.PrimitiveTypes.Float64)),
	list(structOf(arrow.BinaryTypes.String, arrow.PrimitiveTypes.Int32)),
	list(structOf(list(arrow.PrimitiveTypes.Int16), arrow.FixedWidthTypes.Date32)),
}

func randomSchema(r *rand.Rand, types []arrow.DataType) *arrow.Schema {
	fields := make([]arrow.Field, 1+r.IntN(5))
	for i := range fields {
		fields[i] = arrow.Field{Name: string(rune('a' + i)), Type: types[r.IntN(len(types))], Nullable: r.IntN(4) > 0}
	}
	return arrow.NewSchema(fields, nil)
}

func randomRecord(mem memory.Allocator, r *rand.Rand, schema *arrow.Schema, rows int) arrow.Record {
	b := array.NewRecordBuilder(mem, schema)
	defer b.Release()
	for i, f := range schema.Fields() {
		s := source{Rand: r, few: r.IntN(2) == 0, nulls: []float64{0, 0.03, 0.5, 1}[r.IntN(4)]}
		for range rows {
			s.append(b.Field(i), f.Nullable)
		}
	}
	return b.NewRecord()
}

func randomOptions(r *rand.Rand) Options {
	o := Options{
		Codec:      []string{"", "snappy", "zstd", "gzip", "brotli", "lz4", "none"}[r.IntN(7)],
		GroupRows:  []int64{0, 1, 100, 3000}[r.IntN(4)],
		GroupBytes: []int64{0, 5000}[r.IntN(2)],
		PageBytes:  []int{0, 100, 3000}[r.IntN(3)],
		Serial:     r.IntN(3) == 0, NoDictionary: r.IntN(4) == 0,
		Metadata: map[string]string{"key": "value", "other": ""},
	}
	if o.Codec == "zstd" || o.Codec == "gzip" || o.Codec == "brotli" {
		level := 1 + r.IntN(5)
		o.Level = &level
	}
	return o
}
