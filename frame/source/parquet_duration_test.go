package source

import (
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

func TestParquetDurations(t *testing.T) {
	checked(t)
	schema := arrow.NewSchema([]arrow.Field{
		{Name: "s", Type: arrow.FixedWidthTypes.Duration_s, Nullable: true},
		{Name: "n", Type: arrow.PrimitiveTypes.Int64, Nullable: true},
		{Name: "ns", Type: arrow.FixedWidthTypes.Duration_ns, Nullable: true},
	}, nil)
	b := array.NewRecordBuilder(memory.NewGoAllocator(), schema)
	defer b.Release()
	for i := range 100 {
		b.Field(0).(*array.DurationBuilder).Append(arrow.Duration(i - 50))
		b.Field(1).(*array.Int64Builder).Append(int64(i))
		if i%7 == 0 {
			b.Field(2).AppendNull()
		} else {
			b.Field(2).(*array.DurationBuilder).Append(arrow.Duration(i) << 40)
		}
	}
	whole := b.NewRecord()
	defer whole.Release()
	want := whole.NewSlice(9, 90)
	defer want.Release()
	s, err := Open(t.Context(), []string{writeFile(t, "d.parquet", written(t, "d.parquet", want))}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := s.Schema(t.Context()); !got.Equal(schema) {
		t.Fatalf("schema %s", got)
	}
	at := int64(0)
	err = eachBatch(t.Context(), s, 64, []string{"ns", "s"}, func(rec arrow.Record) {
		for c, from := range []int{2, 0} {
			part := array.NewSlice(want.Column(from), at, at+rec.NumRows())
			defer part.Release()
			if !array.Equal(rec.Column(c), part) {
				t.Errorf("column %d is %v, want %v", c, rec.Column(c), part)
			}
		}
		at += rec.NumRows()
	})
	if err != nil || at != want.NumRows() {
		t.Fatalf("%d rows: %v", at, err)
	}
}
