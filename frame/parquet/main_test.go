package parquet

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// checked is an allocator that fails the test where something is not released.
func checked(t testing.TB) memory.Allocator {
	t.Helper()
	mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
	t.Cleanup(func() { mem.AssertSize(t, 0) })
	return mem
}

// readField reads a field of all row groups in arrays of at most rows rows, and calls f with each.
func readField(mem memory.Allocator, file *File, data []byte, field int, t arrow.DataType, rows int, f func(arrow.Array)) error {
	for g := range file.Groups {
		if err := readColumn(mem, file, data, g, field, t, rows, f); err != nil {
			return err
		}
	}
	return nil
}

func readColumn(mem memory.Allocator, file *File, data []byte, group, field int, t arrow.DataType, rows int, f func(arrow.Array)) error {
	c, err := file.Column(bytes.NewReader(data), mem, group, field, t)
	if err != nil {
		return err
	}
	defer c.Close()
	for {
		arr, err := c.Next(rows)
		if errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return nil
		}
		if err != nil {
			return err
		}
		f(arr)
		arr.Release()
	}
}

// valuesOf are a field's values as text, with "(null)" for nulls.
func valuesOf(t testing.TB, mem memory.Allocator, data []byte, field int, typ arrow.DataType, rows int) (out []string) {
	t.Helper()
	file, err := Open(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	if !file.Decodes(field, typ) {
		t.Fatalf("field %d is not decoded as %s", field, typ)
	}
	err = readField(mem, file, data, field, typ, rows, func(arr arrow.Array) { out = append(out, texted(arr)...) })
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func texted(arr arrow.Array) (out []string) {
	for i := range arr.Len() {
		if arr.IsNull(i) {
			out = append(out, array.NullValueStr)
			continue
		}
		out = append(out, arr.ValueStr(i))
	}
	return out
}
