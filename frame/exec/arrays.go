package exec

import (
	"math"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	arrowmemory "github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/memory"
)

type allocator = arrowmemory.Allocator

// newBuffer is a buffer of size bytes that hold garbage.
func newBuffer(mem arrowmemory.Allocator, size int) *arrowmemory.Buffer {
	b := arrowmemory.NewResizableBuffer(mem)
	b.Resize(size)
	return b
}

// unfilled is newBuffer for who writes every byte: recycled memory is not zeroed first.
func unfilled(mem arrowmemory.Allocator, size int) *arrowmemory.Buffer {
	dirty, ok := mem.(memory.DirtyAllocator)
	if !ok || size == 0 {
		return newBuffer(mem, size)
	}
	return arrowmemory.NewBufferWithAllocator(dirty.AllocateDirty(size), mem)
}

// makeArray is an array over buffers; the caller keeps its own references to them.
func makeArray(dt arrow.DataType, rows, nulls int, buffers ...*arrowmemory.Buffer) arrow.Array {
	data := array.NewData(dt, rows, buffers, nil, nulls, 0)
	defer data.Release()
	return array.MakeFromData(data)
}

func wordFloat(w uint64) float64 { return math.Float64frombits(w) }

// makeArrays makes n arrays, all or, where one fails, none.
func makeArrays(n int, one func(int) (arrow.Array, error)) (arrays []arrow.Array, err error) {
	arrays = make([]arrow.Array, 0, n)
	defer func() {
		if len(arrays) < n { // an error or a panic
			releaseArrays(arrays)
			arrays = nil
		}
	}()
	for i := range n {
		arr, err := one(i)
		if err != nil {
			return arrays, err
		}
		arrays = append(arrays, arr)
	}
	return arrays, nil
}

func releaseArrays(arrays []arrow.Array) {
	for _, a := range arrays {
		if a != nil {
			a.Release()
		}
	}
}

func releaseRecords(records []arrow.Record) {
	for _, r := range records {
		if r != nil {
			r.Release()
		}
	}
}

// newRecord makes a record and drops the caller's references to the columns.
func newRecord(schema *arrow.Schema, columns []arrow.Array, rows int) arrow.Record {
	defer releaseArrays(columns)
	return batch.NewRecord(schema, columns, int64(rows))
}

func fieldTypes(schema *arrow.Schema, indices []int) []arrow.DataType {
	types := make([]arrow.DataType, len(indices))
	for i, c := range indices {
		types[i] = schema.Field(c).Type
	}
	return types
}

func columnsAt(rec arrow.Record, indices []int) []arrow.Array {
	columns := make([]arrow.Array, len(indices))
	for i, c := range indices {
		columns[i] = rec.Column(c)
	}
	return columns
}
