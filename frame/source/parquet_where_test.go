package source

import (
	"fmt"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/rivulet-go/rivulet/frame/expr"
)

// TestLongTextsThatAreLeft filters rows with long texts, most of which are left: few of them are held at a time.
func TestLongTextsThatAreLeft(t *testing.T) {
	const rows, bytes = 24_000, 3000
	b := array.NewRecordBuilder(memory.NewGoAllocator(), arrow.NewSchema([]arrow.Field{
		{Name: "n", Type: arrow.PrimitiveTypes.Int64}, {Name: "long", Type: arrow.BinaryTypes.String},
	}, nil))
	defer b.Release()
	long := strings.Repeat("x", bytes)
	for i := range rows {
		b.Field(0).(*array.Int64Builder).Append(int64(i * 7919 % rows))
		b.Field(1).(*array.StringBuilder).Append(long)
	}
	rec := b.NewRecord()
	defer rec.Release()
	path := writeFile(t, "long.parquet", plainParquet(t, rec, rows))
	mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
	SetAllocator(mem)
	defer SetAllocator(memory.DefaultAllocator)
	defer mem.AssertSize(t, 0)
	s, err := Open(t.Context(), []string{path}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	e, err := expr.Parse(fmt.Sprint("n >= ", rows/10))
	if err != nil {
		t.Fatal(err)
	}
	filter, ok := Filtered(s, e)
	if !ok {
		t.Fatal("the filter is not taken")
	}
	most, left := 0, int64(0)
	if err := eachBatch(t.Context(), filter, 0, nil, func(got arrow.Record) {
		most, left = max(most, mem.CurrentAlloc()), left+got.NumRows()
	}); err != nil {
		t.Fatal(err)
	}
	if left != rows-rows/10 || most > rows*bytes/2 {
		t.Errorf("%d rows are left; %d bytes were held", left, most)
	}
}
