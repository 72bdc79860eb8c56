package parquet

import (
	"bytes"
	"os"
	"slices"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
)

// TestADictionaryIsReadForPagesThatReferToIt jumps to pages of columns whose dictionary became too large for the rows behind.
func TestADictionaryIsReadForPagesThatReferToIt(t *testing.T) {
	data, err := os.ReadFile("testdata/overflowing.parquet")
	if err != nil {
		t.Fatal(err)
	}
	r := bytes.NewReader(data)
	file, err := Open(r, int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	for field, typ := range []arrow.DataType{arrow.BinaryTypes.String, arrow.PrimitiveTypes.Int64} {
		mem := checked(t)
		var want []string
		if err := readColumn(mem, file, data, 0, field, typ, 1000, func(a arrow.Array) { want = append(want, texted(a)...) }); err != nil {
			t.Fatal(err)
		}
		pages := file.Pages(r, mem, 0, field, typ, false)
		for page, coded := range map[int]bool{1: true, len(pages.places) - 1: false} {
			c, err := file.Column(r, mem, 0, field, typ)
			if err != nil {
				t.Fatal(err)
			}
			c.Locate(pages)
			at := int(pages.Rows[page]) + 3
			c.Skip(at)
			arr, err := c.Next(10)
			if err != nil {
				t.Fatal(err)
			}
			if got := texted(arr); !slices.Equal(got, want[at:at+10]) {
				t.Errorf("field %d, page %d: %q, not %q", field, page, got, want[at:at+10])
			}
			arr.Release()
			if c.coded != coded {
				t.Errorf("field %d, page %d: the dictionary was read: %v", field, page, c.coded)
			}
			c.Close()
		}
	}
}
