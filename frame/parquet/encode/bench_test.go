package encode

import (
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// benchRecord has columns like those of H2O's benchmark: text and numbers of few and of many values, floats.
func benchRecord(rows, many int) arrow.Record {
	schema := arrow.NewSchema([]arrow.Field{
		{Name: "few", Type: arrow.BinaryTypes.String},
		{Name: "many", Type: arrow.BinaryTypes.String},
		{Name: "n", Type: arrow.PrimitiveTypes.Int64},
		{Name: "m", Type: arrow.PrimitiveTypes.Int64},
		{Name: "f", Type: arrow.PrimitiveTypes.Float64, Nullable: true},
	}, nil)
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	defer b.Release()
	r := rand.New(rand.NewPCG(1, 1))
	for range rows {
		b.Field(0).(*array.StringBuilder).Append(fmt.Sprintf("id%03d", r.IntN(100)))
		b.Field(1).(*array.StringBuilder).Append(fmt.Sprintf("id%010d", r.IntN(many)))
		b.Field(2).(*array.Int64Builder).Append(r.Int64N(100))
		b.Field(3).(*array.Int64Builder).Append(r.Int64N(int64(many)))
		if r.IntN(50) == 0 {
			b.Field(4).AppendNull()
		} else {
			b.Field(4).(*array.Float64Builder).Append(math.Round(r.Float64()*1e8) / 1e6)
		}
	}
	return b.NewRecord()
}

func BenchmarkWrite(b *testing.B) {
	const rows = 1 << 16
	rec := benchRecord(rows, 100_000)
	defer rec.Release()
	for i, name := range append(rec.Schema().Fields(), arrow.Field{Name: "all"}) {
		b.Run(name.Name, func(b *testing.B) {
			part := rec
			if i < int(rec.NumCols()) {
				part = array.NewRecord(arrow.NewSchema([]arrow.Field{name}, nil), []arrow.Array{rec.Column(i)}, rows)
			}
			b.ReportAllocs()
			w, err := NewWriter(io.Discard, part.Schema(), Options{Serial: true})
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if err := w.Write(part); err != nil {
					b.Fatal(err)
				}
			}
			if err := w.Close(b.Context()); err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/rows, "ns/row")
		})
	}
}
